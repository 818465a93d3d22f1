//! What has happened to a funding.

use money::{Money, allocate};

use crate::{
    id::{FundingId, OrganisationId},
    text::{Name, Reason},
    time::{Month, Timestamp},
};

/// An event of one funding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was agreed.
    FundingAgreed(FundingAgreed),
}

/// A funding was agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundingAgreed {
    /// Its id.
    pub id: FundingId,
    /// Who pays.
    pub funder: Name,
    /// Whose income it is.
    pub recipient: OrganisationId,
    /// The whole of it; above zero.
    pub amount: Money,
    /// The first month.
    pub start: Month,
    /// The first month after it.
    pub end: Month,
    /// For what.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}

impl FundingAgreed {
    /// What is recognised in each of its months, in order: the amount by the days of the months, by largest
    /// remainder, so that the months sum to the amount.
    pub fn recognised(&self) -> Vec<(Month, Money)> {
        let months = (self.start.index()..self.end.index()).filter_map(Month::from_index);
        let days: Vec<_> = months.map(|month| (month, month.days())).collect();
        // A funding has a month, and a month has days.
        allocate(self.amount, &days).unwrap_or_default()
    }

    /// What is recognised in a month; nothing outside its months.
    pub fn recognised_in(&self, month: Month) -> Money {
        let months = self.recognised();
        let found = months.iter().find(|(other, _)| *other == month);
        found.map_or(Money::zero(self.amount.currency()), |(_, amount)| *amount)
    }
}
