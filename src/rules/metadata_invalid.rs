use crate::finding::Report;
use crate::graph::{Graph, Versions};
use crate::resource::{Form, Kind, Refusals, Resource, is_qualified_name, looks_replaced, repeated, text};
use crate::yaml::NodeRef;

/// All annotations of an object together: keys and values, in bytes.
const MOST_ANNOTATION_BYTES: usize = 256 * 1024;
/// The first minor version that lets a Service's name begin with a digit.
const DIGIT_FIRST_SINCE: u32 = 36;
/// Finalizers of the core that need no domain.
const CORE_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];
/// Groups whose files look like Kubernetes objects and are read by a program, not by an API server.
const CLIENT_GROUPS: &str = include_str!("../resource/data/client-groups.txt");

/// `ValidateObjectMeta` in
/// <https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let versions = graph.world().versions;
    for resource in graph.resources().iter().filter(|resource| is_served(resource)) {
        let Some(metadata) = resource.metadata().filter(|metadata| metadata.is_mapping()) else { continue };
        let mut refusals = Refusals::new(report, resource);
        check_name(&mut refusals, metadata, versions);
        check_labels(&mut refusals, metadata);
        check_annotations(&mut refusals, metadata);
        check_finalizers(&mut refusals, metadata);
        check_owners(&mut refusals, metadata);
        let template = resource.workload().and_then(|workload| workload.template()).and_then(|template| template.get("metadata"));
        if let Some(template) = template.filter(|template| *template != metadata) {
            check_labels(&mut refusals, template);
            check_annotations(&mut refusals, template);
        }
    }
}

/// Whether an API server stores such objects by the rules of its own kinds or of custom resources. The API servers of `OpenShift` have others.
fn is_served(resource: &Resource<'_>) -> bool {
    match resource.kind() {
        Kind::Kustomization => false,
        Kind::Other => {
            let group = resource.group();
            group.contains('.') && !group.ends_with("openshift.io") && !CLIENT_GROUPS.lines().any(|line| line == group)
        }
        _ => true,
    }
}

/// A text must have its form; what looks like it is replaced first is left alone. A label needs no word for `what` it is.
fn check_form<'t>(refusals: &mut Refusals<'_, 't>, node: NodeRef<'t>, what: &str, form: &Form) {
    // Nearly every text is as it should be, which is told sooner than what scalar it is.
    if (form.holds)(node.text()) {
        return;
    }
    let Some(text) = node.str().filter(|text| !looks_replaced(text) && !is_capitals(text)) else { return };
    if let Some(fault) = form.fault(text) {
        refusals.at(node, format!("{what}`{}` {fault}", shortened(text))).help(form.help);
    }
}

fn check_name<'t>(refusals: &mut Refusals<'_, 't>, metadata: NodeRef<'t>, versions: Versions) {
    let kind = refusals.object().kind();
    if let Some((node, namespace)) = text(metadata, "namespace")
        && !namespace.is_empty()
        && !kind.is_cluster_scoped()
    {
        check_form(refusals, node, "namespace ", &Form::DNS_LABEL);
    }
    let Some(form) = name_form(refusals.object(), versions) else { return };
    if let Some((node, name)) = text(metadata, "name") {
        // What is too long here is told by statefulset-name-too-long.
        let is_left = kind == Kind::StatefulSet && name.len() > 63;
        if !name.is_empty() && !is_left {
            check_form(refusals, node, "name ", form);
        }
    }
    if let Some((node, prefix)) = text(metadata, "generateName").filter(|(_, prefix)| !prefix.is_empty() && !looks_replaced(prefix))
        && let Some(fault) = form.fault(&format!("{}a", prefix.trim_end_matches('-')))
    {
        refusals.at(node, format!("a name that begins with `{}` {fault}", shortened(prefix))).help(form.help);
    }
}

fn check_labels<'t>(refusals: &mut Refusals<'_, 't>, metadata: NodeRef<'t>) {
    for label in metadata.get("labels").into_iter().flat_map(NodeRef::entries) {
        check_form(refusals, label.key, "", &Form::LABEL_KEY);
        check_form(refusals, label.value, "", &Form::LABEL_VALUE);
    }
}

fn check_annotations<'t>(refusals: &mut Refusals<'_, 't>, metadata: NodeRef<'t>) {
    let Some(annotations) = metadata.get("annotations") else { return };
    let mut size = 0;
    for annotation in annotations.entries() {
        let key = annotation.key.text();
        size += key.len() + annotation.value.text().len();
        // Upper-case letters are allowed in a domain here.
        let is_wrong = !is_qualified_name(key) && !is_qualified_name(&key.to_ascii_lowercase());
        if is_wrong && !annotation.key.is_unknown() && !looks_replaced(key) {
            let reason = format!("`{}` is not the key of an annotation", shortened(key));
            refusals.at(annotation, reason).help(Form::LABEL_KEY.help);
        }
    }
    if size > MOST_ANNOTATION_BYTES {
        refusals.at(annotations, format!("the annotations have {size} bytes, {MOST_ANNOTATION_BYTES} are the most")).help(
            "keep large texts in a ConfigMap; `kubectl apply` needs room for a copy of the object in an annotation, too, which \
             `kubectl apply --server-side` doesn't",
        );
    }
}

fn check_finalizers<'t>(refusals: &mut Refusals<'_, 't>, metadata: NodeRef<'t>) {
    for finalizer in metadata.get("finalizers").into_iter().flat_map(NodeRef::items) {
        let Some(name) = finalizer.str().filter(|name| !looks_replaced(name)) else { continue };
        let is_bare = is_qualified_name(name) && !name.contains('/');
        if is_bare && !CORE_FINALIZERS.contains(&name) && refusals.object().kind() != Kind::Other {
            refusals
                .at(finalizer, format!("finalizer `{name}` has no domain"))
                .help("write it as domain/name, such as example.com/cleanup");
        }
        check_form(refusals, finalizer, "finalizer ", &Form::QUALIFIED_NAME);
    }
}

fn check_owners<'t>(refusals: &mut Refusals<'_, 't>, metadata: NodeRef<'t>) {
    let owners = || metadata.get("ownerReferences").into_iter().flat_map(NodeRef::items);
    for owner in owners() {
        for key in ["apiVersion", "kind", "name", "uid"] {
            if let Some((node, "")) = text(owner, key) {
                refusals
                    .at(node, format!("an owner's {key} is empty"))
                    .help("owners are known by the uid that the cluster gave them: leave ownerReferences to controllers");
            }
        }
    }
    let controllers = owners().filter_map(|owner| owner.field("controller")).filter(|node| node.bool() == Some(true));
    for (second, _) in repeated(controllers.map(|node| ((), node))) {
        refusals.at(second, "a second owner is the controller").help("only one owner can be");
    }
}

/// The form of an object's name; none where it has rules of its own.
fn name_form(resource: &Resource<'_>, versions: Versions) -> Option<&'static Form> {
    Some(match (resource.kind(), resource.group(), resource.kind_name()) {
        (Kind::Service, ..) if versions.oldest < DIGIT_FIRST_SINCE => &Form::DNS_1035_LABEL,
        (Kind::Service | Kind::Namespace | Kind::StatefulSet, ..) => &Form::DNS_LABEL,
        (Kind::Role | Kind::ClusterRole | Kind::RoleBinding | Kind::ClusterRoleBinding | Kind::ApiService, ..) => &Form::PATH_SEGMENT,
        // Addresses, domains before a colon.
        (_, "networking.k8s.io", "IPAddress") | (_, "certificates.k8s.io", "ClusterTrustBundle") => return None,
        _ => &Form::DNS_SUBDOMAIN,
    })
}

/// Whether a text is written in capitals, such as `NAMESPACE`, as what a script replaces often is.
fn is_capitals(text: &str) -> bool {
    text.len() > 2 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A text that may be long, for a message of one line.
fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    let line: String = text.chars().take(MOST).map(|next| if next.is_control() { ' ' } else { next }).collect();
    if line.len() < text.len() { format!("{line}…") } else { line }
}
