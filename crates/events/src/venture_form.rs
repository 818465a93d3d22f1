//! Deal cards and gifts in kind as messages and back.
//!
//! The API and the log have these messages in common, so this is the one place that is used by both: the events
//! of ventures and investments, and the reading of requests in the venture service.

use domain::{
    forum_event::ForumEventKind,
    investment::InKind,
    venture::{DealCard, DevelopmentStage, FullCard, Teaser},
};
use proto::kiban::venture::v1 as form;

use crate::{
    field::amount_form,
    form::{FormError, amount, optional_text, required, text},
};

/// Reads a deal card; an error names the field from the message that holds both parts.
pub fn deal_card(
    teaser: Option<&form::Teaser>,
    full: Option<&form::FullCard>,
) -> Result<DealCard, FormError> {
    Ok(DealCard {
        teaser: self::teaser(required("teaser", teaser)?).map_err(|error| error.within("teaser"))?,
        full: full_card(required("full_card", full)?).map_err(|error| error.within("full_card"))?,
    })
}

/// A teaser as a message.
pub fn teaser_form(teaser: &Teaser) -> form::Teaser {
    form::Teaser {
        title: teaser.title.as_str().into(),
        summary: teaser.summary.as_str().into(),
        stage: stage_form(teaser.stage).into(),
        indication: teaser.indication.as_str().into(),
        modality: teaser.modality.to_string(),
        round: teaser.round.to_string(),
        amount_sought: Some(amount_form(teaser.amount_sought)),
    }
}

/// Reads a teaser.
pub fn teaser(message: &form::Teaser) -> Result<Teaser, FormError> {
    let stage = stage(message.stage).ok_or_else(|| FormError::new("stage", "is no stage of development"))?;
    Ok(Teaser {
        title: text("title", &message.title)?,
        summary: text("summary", &message.summary)?,
        stage,
        indication: text("indication", &message.indication)?,
        modality: text("modality", &message.modality)?,
        round: text("round", &message.round)?,
        amount_sought: amount("amount_sought", required("amount_sought", message.amount_sought.as_ref())?)?,
    })
}

/// A full card as a message.
pub fn full_card_form(full: &FullCard) -> form::FullCard {
    form::FullCard {
        asset: full.asset.as_str().into(),
        mechanism: written(full.mechanism.as_ref()),
        unmet_need: written(full.unmet_need.as_ref()),
        novelty: written(full.novelty.as_ref()),
        intellectual_property: written(full.intellectual_property.as_ref()),
        team: written(full.team.as_ref()),
        market_size: written(full.market_size.as_ref()),
        plan: written(full.plan.as_ref()),
        use_of_proceeds: written(full.use_of_proceeds.as_ref()),
        in_kind_wanted: full.in_kind_wanted.iter().map(ToString::to_string).collect(),
    }
}

/// What is given in kind as a message.
pub fn in_kind_form(given: &InKind) -> form::InKind {
    form::InKind {
        kind: given.kind.to_string(),
        description: given.description.as_str().into(),
        estimated_value: given.estimated_value.map(amount_form),
    }
}

/// Reads what is given in kind.
pub fn in_kind(message: &form::InKind) -> Result<InKind, FormError> {
    Ok(InKind {
        kind: text("kind", &message.kind)?,
        description: text("description", &message.description)?,
        estimated_value: message
            .estimated_value
            .as_ref()
            .map(|value| amount("estimated_value", value))
            .transpose()?,
    })
}

/// A stage of development as the API and the log number it.
pub const fn stage_form(stage: DevelopmentStage) -> form::DevelopmentStage {
    match stage {
        DevelopmentStage::Discovery => form::DevelopmentStage::Discovery,
        DevelopmentStage::Preclinical => form::DevelopmentStage::Preclinical,
        DevelopmentStage::Phase1 => form::DevelopmentStage::Phase1,
        DevelopmentStage::Phase2 => form::DevelopmentStage::Phase2,
        DevelopmentStage::Phase3 => form::DevelopmentStage::Phase3,
        DevelopmentStage::Marketed => form::DevelopmentStage::Marketed,
        DevelopmentStage::Platform => form::DevelopmentStage::Platform,
    }
}

/// The stage of development with a number; `None` if there is none.
pub fn stage(number: i32) -> Option<DevelopmentStage> {
    DevelopmentStage::ALL.iter().copied().find(|known| stage_form(*known) as i32 == number)
}

/// A kind of forum event as the API and the log number it.
pub const fn forum_event_kind_form(kind: ForumEventKind) -> form::ForumEventKind {
    match kind {
        ForumEventKind::Matching => form::ForumEventKind::Matching,
        ForumEventKind::Results => form::ForumEventKind::Results,
        ForumEventKind::PitchContest => form::ForumEventKind::PitchContest,
    }
}

/// The kind of forum event with a number; `None` if there is none.
pub fn forum_event_kind(number: i32) -> Option<ForumEventKind> {
    ForumEventKind::ALL.iter().copied().find(|known| forum_event_kind_form(*known) as i32 == number)
}

fn full_card(message: &form::FullCard) -> Result<FullCard, FormError> {
    let wanted = message.in_kind_wanted.iter().enumerate();
    let wanted = wanted.map(|(index, form)| text(&format!("in_kind_wanted[{index}]"), form));
    Ok(FullCard {
        asset: text("asset", &message.asset)?,
        mechanism: optional_text("mechanism", &message.mechanism)?,
        unmet_need: optional_text("unmet_need", &message.unmet_need)?,
        novelty: optional_text("novelty", &message.novelty)?,
        intellectual_property: optional_text("intellectual_property", &message.intellectual_property)?,
        team: optional_text("team", &message.team)?,
        market_size: optional_text("market_size", &message.market_size)?,
        plan: optional_text("plan", &message.plan)?,
        use_of_proceeds: optional_text("use_of_proceeds", &message.use_of_proceeds)?,
        in_kind_wanted: wanted.collect::<Result<_, _>>()?,
    })
}

fn written(passage: Option<&domain::venture::Passage>) -> String {
    passage.map(|passage| passage.as_str().to_owned()).unwrap_or_default()
}
