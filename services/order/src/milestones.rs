//! Milestones of requests, and what is wrong with them: quotes and orders have them in common.

use domain::milestone::{InvalidMilestones, Milestone};
use engine::{
    Reason, Refusal,
    parse::{amount, text},
};
use proto::kiban::order::v1 as wire;

/// The milestones of a request; `field` names their list.
pub(crate) fn parse(field: &str, milestones: &[wire::Milestone]) -> Result<Vec<Milestone>, Refusal> {
    let milestone = |(index, milestone): (usize, &wire::Milestone)| {
        Ok(Milestone {
            name: text(&format!("{field}[{index}].name"), &milestone.name)?,
            amount: amount(&format!("{field}[{index}].amount"), milestone.amount.as_ref())?,
        })
    };
    milestones.iter().enumerate().map(milestone).collect()
}

/// What it means to a caller that milestones are not the parts of a price; `price` and `field` name the price and the
/// list of milestones in the request.
pub(crate) fn refuse(price: &str, field: &str, invalid: &InvalidMilestones) -> Refusal {
    let message = invalid.to_string();
    let field = match invalid {
        InvalidMilestones::PriceNotPositive { .. } => price.to_owned(),
        InvalidMilestones::PriceTooHigh { .. } => {
            return Refusal::field(Reason::AmountOutOfRange, price, message);
        }
        InvalidMilestones::OutOfRange { .. } => field.to_owned(),
        InvalidMilestones::NotPositive { index, .. } => format!("{field}[{index}].amount"),
        InvalidMilestones::Twice { index, .. } => format!("{field}[{index}].name"),
        InvalidMilestones::MissPrice { .. } => {
            return Refusal::field(Reason::MilestonesMissPrice, field, message);
        }
    };
    Refusal::field(Reason::InvalidField, field, message)
}
