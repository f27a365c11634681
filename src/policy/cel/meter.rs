//! What evaluation may cost, counted in the API server's unit: about one for each thing that is looked at or made.

use super::Stop;

/// What is left of a budget.
#[derive(Clone, Copy, Debug)]
pub(in crate::policy) struct Meter {
    left: u64,
}

impl Meter {
    /// What the API server grants one expression
    /// (<https://github.com/kubernetes/apiserver/blob/master/pkg/apis/cel/config.go>, `PerCallLimit`).
    pub(in crate::policy) const EXPRESSION: u64 = 1_000_000;

    pub(in crate::policy) fn new(budget: u64) -> Self {
        Meter { left: budget }
    }

    pub(in crate::policy) fn left(self) -> u64 {
        self.left
    }

    /// Takes some of it.
    pub(in crate::policy) fn take(&mut self, cost: u64) -> Result<(), Stop> {
        let left = self.left.checked_sub(cost);
        self.left = left.unwrap_or_default();
        left.map(|_| ()).ok_or(Stop::OverBudget)
    }

    /// Takes what it costs to go over so many bytes of text: a tenth for each.
    pub(in crate::policy) fn take_text(&mut self, bytes: usize) -> Result<(), Stop> {
        self.take(bytes as u64 / 10)
    }
}
