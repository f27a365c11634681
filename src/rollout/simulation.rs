//! The controllers' own loops over pods, in steps: what they create and delete, and what becomes ready meanwhile.
//!
//! A step is one turn of the controller, or, when it has nothing left to do, one of the kubelets: started pods become ready, stopped
//! ones go. That is the slowest that pods can be, and so the worst that an update can do; what a controller may do depends on which pods
//! are there and ready, not on how long it took.
//! Sources: `rolling.go`, `recreate.go` of the Deployment controller, `stateful_set_control.go`, and `update.go` of the `DaemonSet` controller in
//! <https://github.com/kubernetes/kubernetes/tree/master/pkg/controller>.

/// How a controller replaces pods, in numbers of pods.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// A Deployment's rolling update: so many pods above and below the wanted number.
    Rolling {
        /// Above it.
        surge: usize,
        /// Below it.
        unavailable: usize,
    },
    /// A Deployment that stops all old pods first.
    Recreate,
    /// A Deployment that is paused: templates stay where they are, and a new one has no pods.
    Paused,
    /// A `StatefulSet`'s rolling update, highest ordinal first.
    Ordinals {
        /// Whether each pod waits for those below it (`OrderedReady`).
        ordered: bool,
        /// Pods that keep the old template, counted from the first.
        partition: usize,
        /// How many may be down at once.
        unavailable: usize,
    },
    /// A `DaemonSet`'s rolling update, a slot being a node.
    Nodes {
        /// Nodes that may run two pods.
        surge: usize,
        /// Nodes that may run none.
        unavailable: usize,
    },
    /// What exists is replaced only when someone deletes it: `OnDelete`, and kinds without rollouts.
    Kept {
        /// Whether each pod waits for those below it to be created.
        ordered: bool,
    },
}

/// A controller with the number of pods it wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Controller {
    /// How it replaces them.
    pub method: Method,
    /// How many it wants.
    pub pods: usize,
}

/// A version of the pod template.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Template {
    /// Tells it from others.
    pub revision: u32,
    /// Whether pods made of it become ready.
    pub works: bool,
}

/// Where a pod is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Created, and not ready yet, or never.
    Started,
    /// Ready.
    Ready,
    /// Told to stop.
    Stopping,
}

/// A pod that exists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pod {
    /// Its ordinal or node; for a Deployment's pods, the order of their creation.
    pub slot: usize,
    /// What it was made of.
    pub template: Template,
    /// Where it is in its life.
    pub phase: Phase,
}

impl Pod {
    fn is_there(&self) -> bool {
        self.phase != Phase::Stopping
    }

    fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    fn is_of(&self, template: Template) -> bool {
        self.template.revision == template.revision
    }
}

/// The pods of one workload, and what its controller does to them.
#[derive(Clone, Debug)]
pub struct Simulation {
    controller: Controller,
    pods: Vec<Pod>,
    /// The last template that all pods had: what a `StatefulSet` gives the pods below its partition.
    current: Template,
    next_slot: usize,
    /// Whether stopped pods stay till the end: the longest grace period that there could be.
    is_slow_to_stop: bool,
}

/// What was seen between the first and the last step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Course {
    /// The fewest pods that were ready.
    pub ready_min: usize,
    /// The most pods at once, those that were stopping not counted.
    pub pods_max: usize,
    /// The most pods at once.
    pub pods_max_with_stopping: usize,
    /// The slots of pods that were told to stop, in that order.
    pub stopped: Vec<usize>,
    /// All pods after each step, the beginning first.
    pub steps: Vec<Vec<Pod>>,
}

impl Simulation {
    /// No pod yet, and a controller that has just been given its template.
    pub fn new(controller: Controller, template: Template) -> Self {
        Simulation { controller, pods: Vec::new(), current: template, next_slot: 0, is_slow_to_stop: false }
    }

    /// The same, with pods that stay as long as anything happens when they are told to stop.
    #[must_use]
    pub fn slow_to_stop(self) -> Self {
        Simulation { is_slow_to_stop: true, ..self }
    }

    /// The pods as they are.
    pub fn pods(&self) -> &[Pod] {
        &self.pods
    }

    /// How many are ready.
    pub fn ready(&self) -> usize {
        self.pods.iter().filter(|pod| pod.is_ready()).count()
    }

    /// Whether there are as many as wanted, all ready.
    pub fn is_whole(&self) -> bool {
        self.pods.len() == self.controller.pods && self.ready() == self.controller.pods
    }

    /// The slots without a ready pod that have one that isn't.
    pub fn down(&self) -> Vec<usize> {
        self.pods.iter().filter(|pod| pod.phase == Phase::Started).map(|pod| pod.slot).collect()
    }

    /// The slots that have no pod at all.
    pub fn missing(&self) -> Vec<usize> {
        (0..self.controller.pods).filter(|&slot| !self.has_pod(slot)).collect()
    }

    /// Someone changes the number of pods.
    pub fn scale(&mut self, pods: usize) {
        self.controller.pods = pods;
    }

    /// Someone deletes the pods that are not ready.
    pub fn delete_not_ready(&mut self) {
        self.pods.retain(Pod::is_ready);
    }

    /// Gives the controller a template and lets it work until nothing changes any more.
    pub fn run(&mut self, template: Template) -> Course {
        let mut course = Course::begin(self);
        loop {
            let before = self.pods.clone();
            self.control(template);
            if self.pods == before {
                self.kubelets();
            }
            if self.pods == before {
                break;
            }
            let is_told =
                |pod: &&Pod| !pod.is_there() && before.iter().any(|old| old.slot == pod.slot && old.is_there() && old.is_of(pod.template));
            course.stopped.extend(self.pods.iter().filter(is_told).map(|pod| pod.slot));
            course.see(self);
            course.steps.push(self.pods.clone());
        }
        self.pods.retain(Pod::is_there);
        if self.is_whole() && self.pods.iter().all(|pod| pod.is_of(template)) {
            self.current = template;
        }
        course
    }

    fn kubelets(&mut self) {
        if !self.is_slow_to_stop {
            self.pods.retain(Pod::is_there);
        }
        for pod in &mut self.pods {
            if pod.phase == Phase::Started && pod.template.works {
                pod.phase = Phase::Ready;
            }
        }
    }

    fn control(&mut self, template: Template) {
        match self.controller.method {
            Method::Rolling { surge, unavailable } => self.roll(template, surge, unavailable),
            Method::Recreate => self.recreate(template),
            Method::Paused => {}
            Method::Ordinals { ordered, partition, unavailable } => {
                if self.fill_ordinals(ordered, |slot, current| if slot < partition { current } else { template }) {
                    self.replace_ordinals(template, ordered, partition, unavailable);
                }
            }
            Method::Nodes { surge, unavailable } => self.roll_nodes(template, surge, unavailable),
            Method::Kept { ordered } => _ = self.fill_ordinals(ordered, |_, _| template),
        }
    }

    fn create(&mut self, slot: usize, template: Template) {
        self.pods.push(Pod { slot, template, phase: Phase::Started });
    }

    fn create_some(&mut self, number: usize, template: Template) {
        for _ in 0..number {
            self.create(self.next_slot, template);
            self.next_slot += 1;
        }
    }

    /// Tells the first pods that fit to stop; how many those were.
    fn stop(&mut self, most: usize, fits: impl Fn(&Pod) -> bool) -> usize {
        let doomed = self.pods.iter_mut().filter(|pod| pod.is_there() && fits(pod)).take(most);
        doomed.map(|pod| pod.phase = Phase::Stopping).count()
    }

    fn count(&self, fits: impl Fn(&Pod) -> bool) -> usize {
        self.pods.iter().filter(|pod| pod.is_there() && fits(pod)).count()
    }

    fn has_pod(&self, slot: usize) -> bool {
        self.pods.iter().any(|pod| pod.slot == slot)
    }

    /// `rolloutRolling`: scales the new `ReplicaSet` up, and in a turn in which that is not possible the old ones down.
    fn roll(&mut self, template: Template, surge: usize, unavailable: usize) {
        let wanted = self.controller.pods;
        let (all, new) = (self.count(|_| true), self.count(|pod| pod.is_of(template)));
        let room = (wanted + surge).saturating_sub(all).min(wanted.saturating_sub(new));
        if room > 0 {
            return self.create_some(room, template);
        }
        let least = wanted.saturating_sub(unavailable);
        let new_down = self.count(|pod| pod.is_of(template) && !pod.is_ready());
        let most = all.saturating_sub(least + new_down);
        let unhealthy = self.stop(most, |pod| !pod.is_of(template) && !pod.is_ready());
        let healthy = self.ready().saturating_sub(least).min(most - unhealthy);
        self.stop(healthy, |pod| !pod.is_of(template));
        self.stop(new.saturating_sub(wanted), |pod| pod.is_of(template));
    }

    /// `rolloutRecreate`.
    fn recreate(&mut self, template: Template) {
        if self.stop(usize::MAX, |pod| !pod.is_of(template)) > 0 || self.pods.iter().any(|pod| !pod.is_there()) {
            return;
        }
        let there = self.pods.len();
        self.create_some(self.controller.pods.saturating_sub(there), template);
        self.stop(there.saturating_sub(self.controller.pods), |_| true);
    }

    /// The first half of `updateStatefulSet`: what is missing is created, what is too much removed. Whether the turn goes on.
    fn fill_ordinals(&mut self, ordered: bool, template: impl Fn(usize, Template) -> Template) -> bool {
        for slot in 0..self.controller.pods {
            match self.pods.iter().find(|pod| pod.slot == slot) {
                None => {
                    self.create(slot, template(slot, self.current));
                    if ordered {
                        return false;
                    }
                }
                Some(pod) if ordered && !pod.is_ready() => return false,
                Some(_) => {}
            }
        }
        let wanted = self.controller.pods;
        let Some(highest) = self.pods.iter().filter(|pod| pod.slot >= wanted).map(|pod| pod.slot).max() else { return true };
        self.stop(if ordered { 1 } else { usize::MAX }, |pod| pod.slot >= wanted && (!ordered || pod.slot == highest));
        !ordered
    }

    /// The second half of `updateStatefulSet`: old pods at and above the partition are stopped, highest ordinal first. Pods that are not
    /// ready anyway don't wait for their turn; they are met here only where pods don't wait for each other.
    fn replace_ordinals(&mut self, template: Template, ordered: bool, partition: usize, unavailable: usize) {
        let mut down = self.controller.pods - self.ready().min(self.controller.pods);
        for slot in (partition..self.controller.pods).rev() {
            let Some(pod) = self.pods.iter_mut().find(|pod| pod.slot == slot && pod.is_there()) else { continue };
            let is_extra = pod.is_ready();
            if pod.is_of(template) || (is_extra && down >= unavailable) || (!is_extra && ordered) {
                continue;
            }
            pod.phase = Phase::Stopping;
            down += usize::from(is_extra);
        }
    }

    /// `manage` and `rollingUpdate` of the `DaemonSet` controller.
    fn roll_nodes(&mut self, template: Template, surge: usize, unavailable: usize) {
        for node in (0..self.controller.pods).filter(|&node| !self.has_pod(node)).collect::<Vec<_>>() {
            self.create(node, template);
        }
        let wanted = self.controller.pods;
        self.stop(usize::MAX, |pod| pod.slot >= wanted);
        if surge > 0 {
            self.surge_nodes(template, surge);
        } else {
            self.stop(usize::MAX, |pod| !pod.is_of(template) && !pod.is_ready());
            let down = wanted - self.ready().min(wanted);
            self.stop(unavailable.saturating_sub(down), |pod| !pod.is_of(template));
        }
    }

    /// A node's old pod is stopped when its new one is ready; so many nodes have both.
    fn surge_nodes(&mut self, template: Template, surge: usize) {
        let updated: Vec<(usize, bool)> =
            self.pods.iter().filter(|pod| pod.is_of(template) && pod.is_there()).map(|pod| (pod.slot, pod.is_ready())).collect();
        let is_updated = |slot: usize| updated.iter().any(|(node, _)| *node == slot);
        let has_ready = |slot: usize| updated.contains(&(slot, true));
        self.stop(usize::MAX, |pod| !pod.is_of(template) && has_ready(pod.slot));
        let is_old = |pod: &&Pod| pod.is_there() && !pod.is_of(template);
        let both = self.pods.iter().filter(is_old).filter(|pod| is_updated(pod.slot) && pod.is_ready()).count();
        let (mut free, mut down): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        for pod in self.pods.iter().filter(is_old).filter(|pod| !is_updated(pod.slot)) {
            if pod.is_ready() { free.push(pod.slot) } else { down.push(pod.slot) }
        }
        free.truncate(surge.saturating_sub(both));
        for node in down.into_iter().chain(free) {
            self.create(node, template);
        }
    }
}

impl Course {
    fn begin(simulation: &Simulation) -> Self {
        let mut course = Course {
            ready_min: usize::MAX,
            pods_max: 0,
            pods_max_with_stopping: 0,
            stopped: Vec::new(),
            steps: vec![simulation.pods.clone()],
        };
        course.see(simulation);
        course
    }

    fn see(&mut self, simulation: &Simulation) {
        self.ready_min = self.ready_min.min(simulation.ready());
        self.pods_max = self.pods_max.max(simulation.count(|_| true));
        self.pods_max_with_stopping = self.pods_max_with_stopping.max(simulation.pods.len());
    }
}
