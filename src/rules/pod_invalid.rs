mod affinity;
mod containers;
mod env;
mod ports;
mod scheduling;
mod security;
mod system;
mod volumes;

use crate::finding::Report;
use crate::graph::{Graph, PodReview};
use crate::resource::Container;
use crate::yaml::NodeRef;

/// `ValidatePodSpec` and `ValidatePodSpecificAnnotations` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>, but for what other rules tell: probes,
/// resources, selectors, spread, tolerations.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    graph.review_pods(report, |review| {
        let mut seen = Seen::default();
        for field in review.pod.node().entries().filter(|field| !field.value.is_null()) {
            seen.check_pod_field(review, field.key.text(), field.value);
        }
        for container in review.pod.all_containers() {
            for field in container.node().entries().filter(|field| !field.value.is_null()) {
                seen.check_container_field(review, &container, field.key.text(), field.value);
            }
        }
        seen.check_together(review);
    });
}

/// What a pod has, so that what must fit together is looked for only where there is any of it. Each field is looked at once, by its key:
/// most pods have few of those that there are.
#[derive(Default)]
struct Seen {
    ports: bool,
    claims: bool,
    windows_options: bool,
}

impl Seen {
    fn check_pod_field<'t>(&mut self, review: &mut PodReview<'_, 't>, key: &str, value: NodeRef<'t>) {
        match key {
            "activeDeadlineSeconds" => scheduling::check_deadline(review),
            "affinity" => affinity::check(review, value),
            "dnsConfig" => system::check_dns_config(review, value),
            "dnsPolicy" => system::check_dns_policy(review, value),
            "ephemeralContainers" => containers::check_ephemeral(review, value),
            "hostAliases" => system::check_host_aliases(review, value),
            "hostUsers" => system::check_host_users(review, value),
            "nodeSelector" => affinity::check_node_selector(review, value),
            "os" => system::check_system(review, value),
            "readinessGates" | "schedulingGates" => scheduling::check_gates(review, key, value),
            "resourceClaims" => {
                scheduling::check_claims(review, value);
                self.claims = true;
            }
            "restartPolicy" => scheduling::check_restart_policy(review, value),
            "securityContext" => {
                security::check_pod(review, value);
                self.windows_options |= value.get("windowsOptions").is_some();
            }
            "shareProcessNamespace" => system::check_shared_processes(review, value),
            "volumes" => {
                volumes::check(review, value);
                env::check_files(review, value);
            }
            _ => system::check_name(review, key, value),
        }
    }

    fn check_container_field<'t>(&mut self, review: &mut PodReview<'_, 't>, container: &Container<'t>, key: &str, value: NodeRef<'t>) {
        match key {
            "env" => env::check_variables(review, value),
            "envFrom" => env::check_sources(review, value),
            "image" => containers::check_image(review, value),
            "lifecycle" => containers::check_lifecycle(review, container, value),
            "ports" => {
                ports::check(review, value);
                self.ports = true;
            }
            "resizePolicy" => containers::check_resize_policy(review, value),
            "resources" => self.claims |= value.get("claims").is_some(),
            "restartPolicy" => containers::check_restart_policy(review, container, value),
            "restartPolicyRules" => containers::check_restart_rules(review, container, value),
            "securityContext" => {
                security::check_container(review, value);
                self.windows_options |= value.get("windowsOptions").is_some();
            }
            "volumeMounts" | "volumeDevices" => volumes::check_mounts(review, container, key == "volumeDevices"),
            _ => {}
        }
    }

    fn check_together(&self, review: &mut PodReview<'_, '_>) {
        containers::check_names(review);
        security::check_app_armor_annotations(review);
        system::check_deletion_cost(review);
        if self.ports && review.is_whole {
            ports::check_host_ports(review);
        }
        if self.claims && review.is_whole {
            scheduling::check_claim_uses(review);
        }
        if self.windows_options && review.is_whole {
            security::check_host_process(review);
        }
    }
}
