use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::Quantity;
use crate::yaml::{Entry, NodeRef};

/// More cores than nodes have.
const MANY_CORES: &str = "256";
/// Less memory or disk than any process needs, in bytes.
const FEW_BYTES: &str = "1Mi";

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let [cores, bytes] = [MANY_CORES, FEW_BYTES].map(|text| Quantity::parse(text).expect("constants are quantities"));
    for workload in graph.all_workloads() {
        let Some(pod) = workload.pod() else { continue };
        let all = pod.all_containers().filter_map(|container| container.field("resources")).chain(pod.field("resources"));
        let lists = all.flat_map(|resources| ["limits", "requests"].into_iter().filter_map(move |key| resources.field(key)));
        for amount in lists.flat_map(NodeRef::entries) {
            let (resource, Some(quantity)) = (amount.key.text(), Quantity::read(amount.value)) else { continue };
            match resource {
                "memory" | "ephemeral-storage" if quantity.is_positive() && quantity < bytes => report_small(report, amount),
                "cpu" if quantity > cores => report_large(report, amount),
                _ => {}
            }
        }
    }
}

fn report_small(report: &mut Report, amount: Entry<'_>) {
    let (resource, written) = (amount.key.text(), amount.value.text());
    let digits = written.trim_end_matches(|next: char| next.is_ascii_alphabetic());
    let unit = &written[digits.len()..];
    let meaning = if unit == "m" { "m is a thousandth, not a megabyte" } else { "what has no unit is bytes" };
    let meaning = if matches!(unit, "" | "m") { meaning } else { "too little for any process" };
    let finding = report.at(amount.value, format!("{resource} {written} is less than a mebibyte: {meaning}"));
    finding.help(format!("write {digits}Mi if that is meant"));
    if matches!(unit, "" | "m") {
        finding.replace(format!("Write {digits}Mi"), Safety::Unsafe, amount.value, &format!("{digits}Mi"));
    }
}

fn report_large(report: &mut Report, amount: Entry<'_>) {
    let written = amount.value.text();
    let digits = written.trim_end_matches(|next: char| next.is_ascii_alphabetic());
    let message = match &written[digits.len()..] {
        "" => format!("cpu {written} means {written} whole cores, more than a node has"),
        "m" => format!("cpu {written} is more cores than a node has"),
        unit => format!("cpu {written} is more cores than a node has: {unit} multiplies whole cores"),
    };
    let help =
        if written.ends_with('m') { "write fewer".to_owned() } else { format!("write {digits}m if thousandths of a core are meant") };
    let finding = report.at(amount.value, message).help(help);
    if digits == written {
        finding.replace(format!("Write {digits}m"), Safety::Unsafe, amount.value, &format!("{digits}m"));
    }
}
