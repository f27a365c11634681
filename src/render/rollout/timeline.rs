//! The steps of a failed update and its undo, a row a pod.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::render::{Look, printable};
use crate::rollout::{Outlook, Phase, Pod};

/// Steps that fit beside a pod's name on most terminals.
const MOST_STEPS: usize = 60;
/// Columns that the heading of the update takes, a blank behind it included.
const MOST_HEADING: usize = 14;

/// Pods that are drawn.
const MOST_ROWS: usize = 40;

/// A mark for each state, on terminals with and without line drawings.
const MARKS: [(char, char); 5] = [('█', '#'), ('▓', '='), ('▒', '?'), ('▁', '_'), ('·', '.')];

pub(super) fn write(outlook: &Outlook<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let Some((steps, undone_from)) = outlook.timeline() else { return Ok(()) };
    let steps_shown = steps.len().min(MOST_STEPS);
    let rows = rows(&steps[..steps_shown]);
    let name = |slot: usize| {
        outlook
            .pod_name(slot)
            .unwrap_or_else(|| if outlook.is_per_node { format!("node {}", slot + 1) } else { format!("pod {}", slot + 1) })
    };
    let width = rows.keys().map(|(slot, _)| name(*slot).chars().count()).max().unwrap_or(0).max(4);
    let mark = |index: usize| if look.unicode { MARKS[index].0 } else { MARKS[index].1 };
    let (heading, undone) = ("failed update", undone_from.min(steps_shown).max(MOST_HEADING));
    writeln!(out, "  {:<width$}  {heading:<undone$}undo", "pods")?;
    for (&(slot, generation), states) in rows.iter().take(MOST_ROWS) {
        let claims = if generation == 0 { claims(outlook, slot) } else { String::new() };
        let stretch = undone - undone_from.min(steps_shown);
        let line: String = states
            .iter()
            .enumerate()
            .flat_map(|(step, &state)| {
                let repeat = if step + 1 == undone_from { stretch + 1 } else { 1 };
                std::iter::repeat_n(mark(state), repeat)
            })
            .collect();
        writeln!(out, "  {:<width$}  {line}  {claims}", printable(&name(slot)))?;
    }
    if rows.len() > MOST_ROWS {
        writeln!(out, "  {:<width$}  and {} more", "", rows.len() - MOST_ROWS)?;
    }
    let legend = ["old, ready", "new, ready", "new, never ready", "stopping", "none"];
    let legend: Vec<String> = legend.iter().enumerate().map(|(index, text)| format!("{} {text}", mark(index))).collect();
    writeln!(out, "  {:<width$}  {}", "", legend.join("   "))
}

/// By slot, and by generation where two pods share a slot: the state in each step.
fn rows(steps: &[Vec<Pod>]) -> BTreeMap<(usize, u32), Vec<usize>> {
    let mut rows: BTreeMap<(usize, u32), Vec<usize>> = BTreeMap::new();
    let shares_slots = steps.iter().any(|pods| {
        let mut slots: Vec<usize> = pods.iter().map(|pod| pod.slot).collect();
        slots.sort_unstable();
        slots.windows(2).any(|pair| pair[0] == pair[1])
    });
    let key = |pod: &Pod| (pod.slot, u32::from(shares_slots && !pod.template.works));
    for pods in steps {
        for pod in pods {
            rows.entry(key(pod)).or_default();
        }
    }
    for pods in steps {
        for (row, states) in &mut rows {
            let pod = pods.iter().find(|pod| key(pod) == *row);
            states.push(pod.map_or(4, state));
        }
    }
    rows
}

fn state(pod: &Pod) -> usize {
    match pod.phase {
        Phase::Stopping => 3,
        Phase::Ready => 0,
        Phase::Started if pod.template.works => 1,
        Phase::Started => 2,
    }
}

/// The claims that a pod holds.
fn claims(outlook: &Outlook<'_>, slot: usize) -> String {
    let own = outlook.pod_name(slot);
    let is_of_pod = |name: &str| own.as_ref().is_some_and(|pod| name.ends_with(&format!("-{pod}")));
    let held =
        outlook.claims.iter().filter(|claim| claim.is_shared || is_of_pod(&claim.name)).map(|claim| printable(&claim.name).into_owned());
    held.collect::<Vec<_>>().join(", ")
}
