//! What may not be published as a share rule.

use money::Decimal;

use crate::{
    id::OrganisationId,
    share_rule::{
        Command, Event, List, Party, PublishShareRule, ShareRule, ShareRulePublished, check::check,
    },
    time::Month,
    version::MOST_VERSIONS,
};

/// Why a command to a share rule was refused. Splits and their parts are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nothing has been published that could be revised.
    #[error("the share rule does not exist")]
    NotPublished,
    /// Another organisation published the share rule.
    #[error("the share rule is published by {owner}")]
    NotOwner {
        /// Who may publish versions.
        owner: OrganisationId,
    },
    /// The start lies in a closed period.
    #[error("a version cannot start in {start}: periods are closed through {closed_through}")]
    StartInClosedPeriod {
        /// The start that was asked for.
        start: Month,
        /// The last closed month.
        closed_through: Month,
    },
    /// The share rule has more versions than are kept.
    #[error("the share rule has {most} versions already, which is the most")]
    TooManyVersions {
        /// How many there may be.
        most: u32,
    },
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
    #[error("splits[{split}] applies to the same as splits[{first}]")]
    DuplicateSplit {
        /// The second one.
        split: usize,
        /// The first one.
        first: usize,
    },
    /// A list of a split is longer than is kept.
    #[error("splits[{split}].{list} has {parts} parts, more than {most}")]
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
    #[error("splits[{split}].{list}[{part}] names the {party} again")]
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
    #[error("splits[{split}] names the data provider, but does not apply only to data of one")]
    NoProviderToShareWith {
        /// The split.
        split: usize,
    },
    /// An amount is negative.
    #[error("splits[{split}].{list}[{part}] is negative")]
    NegativeAmount {
        /// The split.
        split: usize,
        /// The list.
        list: List,
        /// The place of the amount.
        part: usize,
    },
    /// A percentage is not above 0 and at most 100.
    #[error("splits[{split}].percentages[{part}] is {percent}, not above 0 and at most 100")]
    PercentageOutOfRange {
        /// The split.
        split: usize,
        /// The place of the percentage.
        part: usize,
        /// The percentage.
        percent: Decimal,
    },
    /// The percentages do not share out exactly what is left.
    #[error("splits[{split}].percentages sum to {sum}, not to exactly 100")]
    PercentagesNotHundred {
        /// The split.
        split: usize,
        /// Their sum.
        sum: Decimal,
    },
    /// A minimum or cap is given to a party that gets nothing by the split.
    #[error("splits[{split}].{list}[{part}] names the {party}, which has no part in the split")]
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
    #[error("splits[{split}].{list}[{part}] bounds the residual party")]
    BoundOfResidual {
        /// The split.
        split: usize,
        /// The list.
        list: List,
        /// The place of the bound.
        part: usize,
    },
    /// A party's minimum is above its cap.
    #[error("splits[{split}].minimums[{part}] is above the cap of the {party}")]
    MinimumAboveCap {
        /// The split.
        split: usize,
        /// The place of the minimum.
        part: usize,
        /// The party.
        party: Party,
    },
    /// The data fee is not above 0 and at most 100.
    #[error("splits[{split}].data_fee is {percent}, not above 0 and at most 100")]
    DataFeeOutOfRange {
        /// The split.
        split: usize,
        /// The percentage.
        percent: Decimal,
    },
    /// A data fee is taken out of a vendor's part that does not exist.
    #[error("splits[{split}].data_fee is taken out of the vendor's part, but the vendor has none")]
    DataFeeWithoutVendor {
        /// The split.
        split: usize,
    },
    /// A data fee is taken out of a data fee.
    #[error("splits[{split}].data_fee is taken out of a data fee")]
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
    #[error("charges[{charge}] is about the same charge kind as charges[{first}]")]
    DuplicateCharge {
        /// The second one.
        charge: usize,
        /// The first one.
        first: usize,
    },
    /// A vendor issues or collects what no vendor stands behind.
    #[error("charges[{charge}] is issued or collected by the vendor, but there is none behind such a charge")]
    NoVendorToDealWith {
        /// The entry.
        charge: usize,
    },
    /// There is no split by which the data fee would be shared.
    #[error("splits[{split}].data_fee needs a split for \"data-fee\" that applies wherever it does")]
    DataFeeNotSplit {
        /// The split.
        split: usize,
    },
}

pub(super) fn decide(state: &ShareRule, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::PublishShareRule(command) => publish(state, command),
        Command::ReviseShareRule(_) if state.owner().is_none() => Err(Rejection::NotPublished),
        Command::ReviseShareRule(command) => publish(state, command),
    }
}

fn publish(state: &ShareRule, command: PublishShareRule) -> Result<Vec<Event>, Rejection> {
    if let Some(owner) = state.owner().filter(|owner| *owner != command.published_by) {
        return Err(Rejection::NotOwner { owner });
    }
    let newest = state.latest();
    if newest.is_some_and(|newest| newest.table == command.table) {
        return Ok(vec![]);
    }
    let start = command.table.start;
    if let Some(closed_through) = command.closed_through.filter(|closed| start <= *closed) {
        return Err(Rejection::StartInClosedPeriod { start, closed_through });
    }
    let version = newest.map_or(0, |newest| newest.number).saturating_add(1);
    if version > MOST_VERSIONS {
        return Err(Rejection::TooManyVersions { most: MOST_VERSIONS });
    }
    check(&command.table)?;
    Ok(vec![Event::ShareRulePublished(ShareRulePublished {
        id: command.id,
        version,
        table: command.table,
        published_by: command.published_by,
        at: command.at,
    })])
}
