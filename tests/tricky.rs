//! The tricky cases, which naive checks get wrong: each stands as an example in a rule's document or its odd cases, marked in the prose
//! before it, as in `(tricky case A.3.1)`; what is no rule's, but the rollout model's, stands as a test beside that. The examples are run
//! by `tests/rules.rs`.
#![expect(clippy::disallowed_methods, reason = "the documents are files")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Each case by its mark, with what it is about.
const CASES: [(&str, &str); 91] = [
    ("A.3.1", "one replica is two pods in a rollout; without surge they overlap while the old one stops"),
    ("A.3.2", "maxSurge 0 and a maxUnavailable that rounds to 0 stop the old pod first"),
    ("A.3.3", "an autoscaler's maximum counts where replicas are not written, whatever API group it names"),
    ("A.3.4", "one read-only mount of two, and an init container that writes the root"),
    ("A.3.5", "a read-only claim is not written, and attaches all the same"),
    ("A.3.6", "a volume on one node holds its pods there: no deadlock, but two writers"),
    ("A.3.7", "a claim with two access modes has the wider one"),
    ("A.3.8", "ReadOnlyMany protects nothing"),
    ("A.3.9", "a claim template replaces the volume of its name"),
    ("A.3.10", "a claim template's ReadWriteMany claim is one pod's own"),
    ("A.3.11", "the node's name tells a DaemonSet's pods apart, unless they surge"),
    ("A.3.12", "a variable from a ConfigMap is the same for all pods"),
    ("A.3.13", "namespaces are compared as they are written"),
    ("A.3.14", "runs overlap by default; completions bound a Job's pods; parallelism 0 runs none"),
    ("A.3.15", "Recreate promises no more than that a rollout does not overlap"),
    ("A.3.16", "names of storage classes that mean different things, and a class of the set that decides"),
    ("A.3.17", "hooks that mount the application's claim do so on purpose"),
    ("B.2.1", "a toleration without key, and one without operator that matches the empty value"),
    ("B.2.2", "a value does not match the empty value of kubeadm's taint"),
    ("B.2.3", "NoExecute does not cover NoSchedule"),
    ("B.2.4", "Equal without key is refused, and no wildcard"),
    ("B.2.5", "an operating system is no intent to avoid the control plane"),
    ("B.2.6", "an affinity that excludes the control plane is"),
    ("B.2.7", "selecting the control plane without its toleration"),
    ("B.2.8", "a device plugin tolerates the taint of its own nodes"),
    ("B.2.9", "PreferNoSchedule needs no toleration"),
    ("B.2.10", "not-ready with NoSchedule is not tolerated automatically"),
    ("B.2.11", "network-unavailable is tolerated automatically on the host network only"),
    ("B.2.12", "maxSurge 0% is 0, and 1% is one node"),
    ("B.2.13", "host network without ports bypasses the scheduler's check"),
    ("B.2.14", "Windows nodes are rarely control-plane nodes"),
    ("B.2.15", "system priority classes are for any namespace"),
    ("B.2.16", "Gt and Lt of node affinities are no tolerations"),
    ("C.2.1", "no serviceName is no error"),
    ("C.2.2", "an empty serviceName is none, a domain name is invalid"),
    ("C.2.3", "the governing Service may come later in the file"),
    ("C.2.4", "ways to write None, and ways that are not"),
    ("C.2.5", "a selector of labels that the controller adds"),
    ("C.2.6", "only the Service that serviceName names must be headless"),
    ("C.2.7", "a single pod needs no Service"),
    ("C.2.8", "a name of 53 characters is accepted, and no pod comes up"),
    ("C.2.9", "a partition counts from the first ordinal, and equal to replicas it freezes the set"),
    ("C.2.10", "RollingUpdate without rollingUpdate has partition 0"),
    ("C.2.11", "whether Parallel gets an update unstuck depends on the version"),
    ("C.2.12", "a StatefulSet's template with a mount that does not exist"),
    ("C.2.13", "a claim template's labels and namespace are not what claims get"),
    ("C.2.14", "an ExternalName Service governs nothing"),
    ("C.2.15", "a governing Service in another namespace does not work"),
    ("C.2.16", "an autoscaler extends the ordinals that exist"),
    ("C.2.17", "addresses of pods that are not ready may be cached as absent for a while: nothing is promised"),
    ("D.4.1", "undo of a Deployment replaces its annotations, of other kinds not; labels never"),
    ("D.4.2", "without history undo still works while a rollout hangs"),
    ("D.4.3", "a paused Deployment refuses undo"),
    ("D.4.4", "OnDelete: undo reaches the template, not the pods"),
    ("D.4.5", "the progress deadline rolls nothing back"),
    ("D.4.6", "minReadySeconds 600 meets the default deadline"),
    ("D.4.7", "naming the default storage class is a change of a claim template, and none of an unbound claim"),
    ("D.4.8", "1Gi is 1024Mi, and 1G is less"),
    ("D.4.9", "writing a default is no change"),
    ("D.4.10", "a selector that means the same is another selector"),
    ("D.4.11", "a clusterIP that is not written stays"),
    ("D.4.12", "a mounted ConfigMap updates, variables and subPath don't, immutable ones never"),
    ("D.4.13", "pruned ConfigMaps with hashed names break undo"),
    ("D.4.14", "labels of a release in selectors and claim templates"),
    ("D.4.15", "replicas that are no longer written"),
    ("D.4.16", "a claim can't shrink though it never grew"),
    ("D.4.17", "what a Job lets change"),
    ("D.4.18", "another kind of the same name is another object"),
    ("D.4.19", "one refused field refuses the whole apply"),
    ("D.4.20", "undo renumbers revisions"),
    ("E.9.1", "a budget's percentages round up"),
    ("E.9.2", "a budget counts the autoscaler's minimum"),
    ("E.9.3", "a budget with an empty selector, and one without"),
    ("E.9.4", "numeric target ports need no declaration, named ones do in every pod, sidecars too"),
    ("E.9.5", "a Service that selects nothing in this file"),
    ("E.9.6", "canary pairs share labels"),
    ("E.9.7", "equal probes beside a startup probe or a longer window"),
    ("E.9.8", "a probe's named port in another container"),
    ("E.9.9", "a memory of 1000m is legal"),
    ("E.9.10", "requests default to limits"),
    ("E.9.11", "a Job without restartPolicy fails, a Deployment does not"),
    ("E.9.12", "a CronJob's long name fails when it is created only"),
    ("E.9.13", "replicas 0 switches an autoscaler off"),
    ("E.9.14", "minReplicas 0 with an external metric is valid from 1.37"),
    ("E.9.15", "overlapping autoscalers both stop, KEDA's too"),
    ("E.9.16", "an anti-affinity that tells generations apart does not deadlock"),
    ("E.9.17", "a spread constraint that counts other pods"),
    ("E.9.18", "an ExternalName Service has neither selector nor ports"),
    ("E.9.19", "keys of stringData and binaryData count, and base64 has to be right"),
    ("E.9.20", "ports on the host network are host ports"),
    ("E.9.21", "an empty selector keeps a budget's API version from being renamed"),
];

#[test]
fn every_tricky_case_is_an_example() {
    let marked = marked();
    let missing: Vec<_> = CASES.iter().filter(|(case, _)| !marked.contains_key(*case)).collect();
    assert!(missing.is_empty(), "no example is marked with {missing:#?}");
    let unknown: Vec<_> = marked.iter().filter(|(mark, _)| !CASES.iter().any(|(case, _)| case == mark)).collect();
    assert!(unknown.is_empty(), "there is no such case: {unknown:?}");
}

/// The marks, each with the documents that bear it. A mark is followed by an example or test.
fn marked() -> BTreeMap<String, Vec<String>> {
    let mut marked: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut read = |path: &Path, example: &str| {
        let text = fs::read_to_string(path).expect("documents are text");
        for (at, mark) in marks(&text) {
            assert!(text[at..].contains(example), "{}: no example follows the mark {mark}", path.display());
            marked.entry(mark.to_owned()).or_default().push(path.display().to_string());
        }
    };
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rollout/tests.rs"), "\n#[test]");
    for folder in ["rules", "testdata/rules"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in fs::read_dir(folder).expect("there are documents") {
            read(&entry.expect("it can be read").path(), "\n```yaml");
        }
    }
    marked
}

/// `A.3.1` and `A.3.2` of `(tricky cases A.3.1, A.3.2)`, with where they stand.
fn marks(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices("(tricky case").flat_map(move |(start, begin)| {
        let inner = text[start + begin.len()..].split(')').next().unwrap_or_default();
        let words = inner.trim_start_matches('s').split(|letter: char| letter == ',' || letter.is_whitespace());
        words.filter(|word| !word.is_empty() && *word != "and").map(move |mark| (start, mark))
    })
}
