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
