use proptest::prelude::*;

use super::*;

const V1: Template = Template { revision: 1, works: true };
const V2: Template = Template { revision: 2, works: true };
const BROKEN: Template = Template { revision: 3, works: false };

fn method() -> impl Strategy<Value = Method> {
    let small = || 0..12usize;
    prop_oneof![
        (small(), small()).prop_filter_map("both are 0", |(surge, unavailable)| {
            (surge + unavailable > 0).then_some(Method::Rolling { surge, unavailable })
        }),
        Just(Method::Recreate),
        Just(Method::Paused),
        (any::<bool>(), small(), 1..6usize).prop_map(|(ordered, partition, unavailable)| Method::Ordinals {
            ordered,
            partition,
            unavailable
        }),
        (1..12usize).prop_map(|surge| Method::Nodes { surge, unavailable: 0 }),
        (1..12usize).prop_map(|unavailable| Method::Nodes { surge: 0, unavailable }),
        any::<bool>().prop_map(|ordered| Method::Kept { ordered }),
    ]
}

fn controller() -> impl Strategy<Value = Controller> {
    (method(), 0..15usize).prop_map(|(method, pods)| Controller { method, pods })
}

fn started(controller: Controller) -> Simulation {
    let mut simulation = Simulation::new(controller, V1);
    simulation.run(V1);
    simulation
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn formulas_say_what_the_simulation_shows(controller in controller()) {
        prop_assert_eq!(controller.formulas(), controller.simulated());
    }

    #[test]
    fn an_update_never_goes_beyond_its_bounds_and_ends(controller in controller()) {
        let mut simulation = started(controller);
        let course = simulation.run(V2);
        let bounds = controller.formulas();
        for pods in &course.steps {
            let there = pods.iter().filter(|pod| pod.phase != Phase::Stopping).count();
            let ready = pods.iter().filter(|pod| pod.phase == Phase::Ready).count();
            prop_assert!(ready >= bounds.ready_min && there <= bounds.pods_max, "{pods:?}");
        }
        let replaces = !matches!(controller.method, Method::Kept { .. } | Method::Paused);
        let kept = if let Method::Ordinals { partition, .. } = controller.method { partition.min(controller.pods) } else { 0 };
        let updated = simulation.pods().iter().filter(|pod| pod.template == V2).count();
        prop_assert_eq!(updated, if replaces { controller.pods - kept } else { 0 });
    }

    #[test]
    fn ordinals_are_replaced_from_the_highest_down_and_a_broken_one_stops_it(ordered: bool, pods in 1..12usize, partition in 0..12usize) {
        let mut simulation = started(Controller { method: Method::Ordinals { ordered, partition, unavailable: 1 }, pods });
        let expected: Vec<usize> = (partition.min(pods)..pods).rev().collect();
        prop_assert_eq!(&simulation.run(V2).stopped, &expected);
        simulation.run(BROKEN);
        let down: Vec<usize> = expected.first().copied().into_iter().collect();
        prop_assert_eq!(simulation.down(), down.clone());
        simulation.run(V2);
        prop_assert_eq!(simulation.down(), if ordered { down } else { Vec::new() });
        simulation.delete_not_ready();
        simulation.run(V2);
        prop_assert!(simulation.is_whole());
    }

    #[test]
    fn scaling_up_and_down_ends_with_the_wanted_pods(controller in controller(), pods in 0..15usize) {
        let mut simulation = started(controller);
        simulation.scale(pods);
        simulation.run(V1);
        prop_assert_eq!(simulation.is_whole(), controller.method != Method::Paused || (pods == 0));
    }
}

#[test]
fn an_ordered_set_whose_two_highest_pods_are_replaced_at_once_lacks_the_highest_when_they_break() {
    let mut simulation = started(Controller { method: Method::Ordinals { ordered: true, partition: 0, unavailable: 2 }, pods: 3 });
    simulation.run(BROKEN);
    assert_eq!((simulation.ready(), simulation.down(), simulation.missing()), (1, vec![1], vec![2]));
}

#[test]
fn pods_that_are_not_ready_are_replaced_without_waiting_for_their_turn_where_they_need_not_wait_for_each_other() {
    for method in [Method::Ordinals { ordered: false, partition: 0, unavailable: 1 }, Method::Nodes { surge: 0, unavailable: 1 }] {
        let mut simulation = Simulation::new(Controller { method, pods: 3 }, BROKEN);
        simulation.run(BROKEN);
        assert_eq!(simulation.down().len(), 3);
        let course = simulation.run(V2);
        assert!(simulation.is_whole() && course.stopped.len() == 3, "{method:?}");
    }
}

#[test]
fn a_set_that_was_broken_from_its_first_rollout_stays_so() {
    let controller = Controller { method: Method::Ordinals { ordered: true, partition: 0, unavailable: 1 }, pods: 3 };
    let mut simulation = Simulation::new(controller, BROKEN);
    simulation.run(BROKEN);
    simulation.run(V2);
    assert_eq!((simulation.down(), simulation.missing()), (vec![0], vec![1, 2]));
}

/// A workload's history through a good update, a broken one and an undo: the revisions after each, as number and template.
fn revisions_through(kind: WorkloadKind, method: Method, limit: usize) -> [Vec<(u32, u32)>; 3] {
    let mut simulation = started(Controller { method, pods: 3 });
    let mut history = History::new(kind, limit);
    history.record(V1, &simulation);
    [V2, BROKEN, V2].map(|template| {
        simulation.run(template);
        history.record(template, &simulation);
        assert!(template != BROKEN || history.undo_target() == Some(V2), "a hanging update can be undone whatever the limit");
        history.revisions().iter().map(|(number, template)| (*number, template.revision)).collect()
    })
}

/// What the real controllers kept, in 1.37.
#[test]
fn old_revisions_are_thrown_away_as_each_controller_does() {
    use WorkloadKind::{DaemonSet, Deployment, StatefulSet};
    let rolling = Method::Rolling { surge: 1, unavailable: 0 };
    let parallel = Method::Ordinals { ordered: false, partition: 0, unavailable: 1 };
    let ordered = Method::Ordinals { ordered: true, partition: 0, unavailable: 1 };
    let nodes = Method::Nodes { surge: 0, unavailable: 1 };
    let all = |kind, method, limit| revisions_through(kind, method, limit);
    let unlimited = [vec![(1, 1), (2, 2)], vec![(1, 1), (2, 2), (3, 3)], vec![(1, 1), (3, 3), (4, 2)]];
    for (kind, method) in [(Deployment, rolling), (StatefulSet, parallel), (StatefulSet, ordered), (DaemonSet, nodes)] {
        assert_eq!(all(kind, method, 10), unlimited, "{kind:?}");
        assert_eq!(all(kind, method, 0)[..2], [vec![(2, 2)], vec![(2, 2), (3, 3)]], "{kind:?}");
    }
    assert_eq!(all(Deployment, rolling, 1), [vec![(1, 1), (2, 2)], vec![(1, 1), (2, 2), (3, 3)], vec![(3, 3), (4, 2)]]);
    assert_eq!(all(Deployment, Method::Recreate, 0)[2], [(4, 2)]);
    assert_eq!(all(StatefulSet, parallel, 1), [vec![(1, 1), (2, 2)], vec![(1, 1), (2, 2), (3, 3)], vec![(3, 3), (4, 2)]]);
    assert_eq!(all(StatefulSet, ordered, 0)[2], [(3, 3), (4, 2)]);
    assert_eq!(all(StatefulSet, ordered, 1)[2], [(1, 1), (3, 3), (4, 2)]);
    assert_eq!(all(DaemonSet, nodes, 1), [vec![(1, 1), (2, 2)], vec![(2, 2), (3, 3)], vec![(3, 3), (4, 2)]]);
}

/// (tricky case D.4.20)
#[test]
fn undo_gives_the_old_template_a_new_number_and_its_old_number_is_gone() {
    let mut simulation = started(Controller { method: Method::Recreate, pods: 1 });
    let mut history = History::new(WorkloadKind::Deployment, 10);
    history.record(V1, &simulation);
    simulation.run(V2);
    history.record(V2, &simulation);
    let target = history.undo_target().expect("there is a revision to go back to");
    simulation.run(target);
    history.record(target, &simulation);
    assert_eq!(history.revisions(), [(2, V2), (3, V1)]);
}

#[test]
fn after_two_failed_updates_undo_goes_back_to_the_first_failed_one() {
    let second = Template { revision: 4, works: false };
    let mut simulation = started(Controller { method: Method::Rolling { surge: 1, unavailable: 0 }, pods: 3 });
    let mut history = History::new(WorkloadKind::Deployment, 10);
    for template in [V1, BROKEN, second] {
        simulation.run(template);
        history.record(template, &simulation);
    }
    assert_eq!(history.undo_target(), Some(BROKEN));
}

/// (tricky case D.4.1)
#[test]
fn undo_of_a_deployment_restores_annotations_too_and_labels_never() {
    let restored = |kind: &str| {
        let text = format!(
            "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: a, labels: {{a: b}}, annotations: {{c: d}}}}\nspec: {{selector: {{matchLabels: {{a: b}}}}, \
             template: {{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{{name: a, image: \"a:1\"}}]}}}}}}\n"
        );
        let tree = crate::yaml::parse(crate::source::SourceId(0), text.as_str().into());
        let world = crate::graph::World::default();
        let graph = Graph::new(&[crate::graph::File { tree: &tree, path: "a.yaml", alone: true }], &world);
        outlooks(&graph, None, None)[0].restored()
    };
    assert_eq!(restored("Deployment"), ["spec.template", "metadata.annotations"]);
    assert_eq!((restored("StatefulSet"), restored("DaemonSet")), (vec!["spec.template"], vec!["spec.template"]));
}
