//! What may not be published as a share rule.

use money::{Decimal, Money};

use crate::{
    share_rule::{Command, Event, List, Party, ShareRule, ShareRulePublished},
    terms::MOST_AMOUNT,
    version::{NotPublishable, Publication},
};

/// Why a command to a share rule was refused. Splits and their parts are counted from 0. What is wrong with a part
/// of a version reads as said of that part, whose place the fields hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No version may be published here and now, whatever it says.
    #[error(transparent)]
    NotPublishable(#[from] NotPublishable),
    /// There are no splits.
    #[error("a share rule needs at least one split")]
    NoSplits,
    /// There are more splits than fit an event.
    #[error("{splits} splits are more than {most}")]
    TooManySplits {
        /// How many there are.
        splits: usize,
        /// How many there may be.
        most: usize,
    },
    /// Two splits apply to the same.
    #[error("applies to the same as splits[{first}]")]
    DuplicateSplit {
        /// The second one.
        split: usize,
        /// The first one.
        first: usize,
    },
    /// A list of a split is longer than is kept.
    #[error("has {parts} parts, more than {most}")]
    TooManyParts {
        /// The split.
        split: usize,
        /// The list.
        list: List,
        /// How many parts it has.
        parts: usize,
        /// How many there may be.
        most: usize,
    },
    /// A party stands in a list twice.
    #[error("names the {party} again")]
    DuplicateParty {
        /// The split.
        split: usize,
        /// The list.
        list: List,
        /// The place of the second one.
        part: usize,
        /// The party.
        party: Party,
    },
    /// The data provider is named in a split that also applies where there is none.
    #[error("the split names the data provider, but does not apply only to data of one")]
    NoProviderToShareWith {
        /// The split.
        split: usize,
    },
    /// An amount is negative.
    #[error("is negative")]
    NegativeAmount {
        /// The split.
        split: usize,
        /// The list.
        list: List,
        /// The place of the amount.
        part: usize,
    },
    /// An amount is more than one may be: with it, shares might not be counted.
    #[error("is {amount}, more than {MOST_AMOUNT}")]
    AmountTooHigh {
        /// The split.
        split: usize,
        /// The list.
        list: List,
        /// The place of the amount.
        part: usize,
        /// The amount.
        amount: Money,
    },
    /// A percentage is not above 0 and at most 100.
    #[error("is {percent}, not above 0 and at most 100")]
    PercentageOutOfRange {
        /// The split.
        split: usize,
        /// The place of the percentage.
        part: usize,
        /// The percentage.
        percent: Decimal,
    },
    /// The percentages do not share out exactly what is left.
    #[error("sum to {sum}, not to exactly 100")]
    PercentagesNotHundred {
        /// The split.
        split: usize,
        /// Their sum.
        sum: Decimal,
    },
    /// A minimum or cap is given to a party that gets nothing by the split.
    #[error("names the {party}, which has no part in the split")]
    BoundWithoutPart {
        /// The split.
        split: usize,
        /// The list.
        list: List,
        /// The place of the bound.
        part: usize,
        /// The party.
        party: Party,
    },
    /// A minimum or cap is given to the residual party, which must take what the bounds of others leave.
    #[error("bounds the residual party")]
    BoundOfResidual {
        /// The split.
        split: usize,
        /// The list.
        list: List,
        /// The place of the bound.
        part: usize,
    },
    /// A party's minimum is above its cap.
    #[error("is above the cap of the {party}")]
    MinimumAboveCap {
        /// The split.
        split: usize,
        /// The place of the minimum.
        part: usize,
        /// The party.
        party: Party,
    },
    /// The data fee is not above 0 and at most 100.
    #[error("is {percent}, not above 0 and at most 100")]
    DataFeeOutOfRange {
        /// The split.
        split: usize,
        /// The percentage.
        percent: Decimal,
    },
    /// A data fee is taken out of a vendor's part that does not exist.
    #[error("is taken out of the vendor's part, but the vendor has none")]
    DataFeeWithoutVendor {
        /// The split.
        split: usize,
    },
    /// A data fee is taken out of a data fee.
    #[error("is taken out of a data fee")]
    DataFeeOfDataFee {
        /// The split.
        split: usize,
    },
    /// There are more charge kinds than are kept.
    #[error("{charges} charge kinds are more than {most}")]
    TooManyCharges {
        /// How many there are.
        charges: usize,
        /// How many there may be.
        most: usize,
    },
    /// Two entries say how the same charge kind is dealt with.
    #[error("is about the same charge kind as charges[{first}]")]
    DuplicateCharge {
        /// The second one.
        charge: usize,
        /// The first one.
        first: usize,
    },
    /// A vendor issues or collects what no vendor stands behind.
    #[error("is issued or collected by the vendor, but there is none behind such a charge")]
    NoVendorToDealWith {
        /// The entry.
        charge: usize,
    },
    /// There is no split by which the data fee would be shared.
    #[error("needs a split for \"data-fee\" that applies wherever it does")]
    DataFeeNotSplit {
        /// The split.
        split: usize,
    },
}

pub(super) fn decide(state: &ShareRule, command: Command) -> Result<Vec<Event>, Rejection> {
    let (command, revises) = match command {
        Command::PublishShareRule(command) => (command, false),
        Command::ReviseShareRule(command) => (command, true),
    };
    let publication = Publication {
        content: &command.table,
        start: command.table.start,
        revises,
        closed_through: command.closed_through,
        published_by: command.published_by,
    };
    let newest = state.latest().map(|newest| (newest.number, &newest.table));
    let Some(version) = publication.number_after(state.owner(), newest)? else { return Ok(vec![]) };
    command.table.check()?;
    Ok(vec![Event::ShareRulePublished(ShareRulePublished {
        id: command.id,
        version,
        table: command.table,
        published_by: command.published_by,
        at: command.at,
    })])
}
