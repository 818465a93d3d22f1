//! Which teasers are asked for.

use std::{fmt::Display, str::FromStr};

use domain::{
    terms::{Modality, Round},
    venture::{DevelopmentStage, Teaser},
};
use engine::{
    Needle, Refusal,
    parse::{amount, text},
};
use events::venture_form;
use money::Money;
use proto::kiban::deal_flow::v1::DealFilter;

/// The most stages that a filter may name: there are no more.
const MOST_STAGES: usize = DevelopmentStage::ALL.len();

/// Which teasers.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    stages: Vec<DevelopmentStage>,
    indication: Needle,
    modality: Option<Modality>,
    round: Option<Round>,
    least: Option<Money>,
    most: Option<Money>,
}

impl Filter {
    pub(crate) fn asked(asked: Option<&DealFilter>) -> Result<Self, Refusal> {
        let nothing = DealFilter::default();
        let asked = asked.unwrap_or(&nothing);
        if asked.stages.len() > MOST_STAGES {
            return Err(Refusal::invalid("filter.stages", format!("are more than {MOST_STAGES}")));
        }
        let stage = |(index, number): (usize, &i32)| {
            let field = format!("filter.stages[{index}]");
            venture_form::stage(*number).ok_or_else(|| Refusal::invalid(field, "is no stage of development"))
        };
        let bound = |field: &str, bound: &Option<_>| {
            bound.as_ref().map(|bound| amount(field, Some(bound))).transpose()
        };
        let (least, most) =
            (bound("filter.min_amount", &asked.min_amount)?, bound("filter.max_amount", &asked.max_amount)?);
        if let (Some(least), Some(most)) = (least, most)
            && least.currency() == most.currency()
            && least > most
        {
            let what = format!("must not be more than filter.max_amount, which is {most}");
            return Err(Refusal::invalid("filter.min_amount", what));
        }
        Ok(Self {
            stages: asked.stages.iter().enumerate().map(stage).collect::<Result<_, _>>()?,
            indication: Needle::new("filter.indication_contains", &asked.indication_contains)?,
            modality: optional("filter.modality", &asked.modality)?,
            round: optional("filter.round", &asked.round)?,
            least,
            most,
        })
    }

    pub(crate) fn lets_pass(&self, teaser: &Teaser) -> bool {
        let sought = teaser.amount_sought;
        let same_currency = |bound: Money| bound.currency() == sought.currency();
        (self.stages.is_empty() || self.stages.contains(&teaser.stage))
            && self.indication.is_in([teaser.indication.as_str()])
            && self.modality.as_ref().is_none_or(|asked| teaser.modality == *asked)
            && self.round.as_ref().is_none_or(|asked| teaser.round == *asked)
            && self.least.is_none_or(|least| same_currency(least) && least <= sought)
            && self.most.is_none_or(|most| same_currency(most) && sought <= most)
    }
}

/// A text of a strict form; an empty one asks for any.
fn optional<T: FromStr<Err: Display>>(field: &str, value: &str) -> Result<Option<T>, Refusal> {
    if value.is_empty() { Ok(None) } else { text(field, value).map(Some) }
}
