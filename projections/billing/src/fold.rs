//! The fold: a ledger, and nothing besides.

use domain::id::ContractId;
use engine::{
    Fold, HistoryRow,
    ledger::{LedgerFold, take_history},
};
use events::{Category, Defect, Recorded, ledger};
use rating::ledger::Ledger;

/// Quantities and versions of all contracts, never yen.
#[derive(Default)]
pub struct BillingFold(Ledger);

impl Fold for BillingFold {
    const NAME: &'static str = "billing";
    const VERSION: u32 = ledger::VERSION;
    const CATEGORIES: &'static [Category] = ledger::CATEGORIES;

    fn partition(event: &Recorded) -> Option<ContractId> {
        ledger::partition(event)
    }

    fn apply(&mut self, event: &Recorded) {
        ledger::apply(&mut self.0, event);
    }

    fn encode(&self) -> Vec<u8> {
        ledger::encode(&self.0)
    }

    fn decode(bytes: &[u8]) -> Result<Self, Defect> {
        ledger::decode(bytes).map(Self)
    }

    fn take_history(&mut self) -> Vec<HistoryRow> {
        take_history(&mut self.0)
    }
}

impl LedgerFold for BillingFold {
    fn ledger(&self) -> &Ledger {
        &self.0
    }
}
