//! Versions that nobody has published (requirements §4): what would be charged and shared under them is the same
//! arithmetic over the same quantities.

use domain::{price_book::PriceList, share_rule::SplitTable, time::Month};

/// Versions in the place of those in force. Each takes it from its start on, whichever price book or share rule a
/// contract names, whether or not it pins a version, and whether or not the month is closed; in the months before
/// its start what is in force stays.
///
/// Nothing else changes. Verdicts stay as they were recorded, though prices say which of them are billed: a
/// verdict follows from the terms of a contract, and those are the same.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct WhatIf {
    /// In the place of price books.
    pub prices: Option<PriceList>,
    /// In the place of share rules.
    pub shares: Option<SplitTable>,
}

impl WhatIf {
    /// The prices of a month; `None`: those in force.
    pub(super) fn prices_in(&self, month: Month) -> Option<&PriceList> {
        self.prices.as_ref().filter(|prices| prices.start <= month)
    }

    /// The splits of a month; `None`: those in force.
    pub(super) fn shares_in(&self, month: Month) -> Option<&SplitTable> {
        self.shares.as_ref().filter(|shares| shares.start <= month)
    }
}
