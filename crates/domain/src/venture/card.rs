//! What a deal card says: the teaser, which whoever invests under an agreement may browse, and the full card, which
//! is shown only to those whose look is on record (requirements §3.7).

use std::collections::BTreeSet;

use money::Money;

use crate::{
    terms::{InKindForm, Modality, Round, closed},
    text::{Name, Reason, Text},
};

/// A passage of a full card.
pub type Passage = Text<2000>;

closed! {
    /// How far what a venture develops has come.
    DevelopmentStage {
        /// Looking for what could work.
        Discovery "discovery",
        /// In cells and animals.
        Preclinical "preclinical",
        /// 第I相: first in people.
        Phase1 "phase-1",
        /// 第II相.
        Phase2 "phase-2",
        /// 第III相.
        Phase3 "phase-3",
        /// Sold.
        Marketed "marketed",
        /// No single product: a technology for many.
        Platform "platform",
    }
}

/// What investors may browse: enough to know whether a look is worth being recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Teaser {
    /// The card's title.
    pub title: Name,
    /// What it is about.
    pub summary: Reason,
    /// How far it has come.
    pub stage: DevelopmentStage,
    /// The disease or the use.
    pub indication: Name,
    /// Of what kind it is, such as `antibody`.
    pub modality: Modality,
    /// The round that is open.
    pub round: Round,
    /// How much is sought in it.
    pub amount_sought: Money,
}

/// What is confidential. Only what is developed must be said; the rest where it applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullCard {
    /// What is developed.
    pub asset: Passage,
    /// How it works.
    pub mechanism: Option<Passage>,
    /// What patients lack today.
    pub unmet_need: Option<Passage>,
    /// What is new in it.
    pub novelty: Option<Passage>,
    /// Patents and licences.
    pub intellectual_property: Option<Passage>,
    /// Who does it.
    pub team: Option<Passage>,
    /// How large the market is.
    pub market_size: Option<Passage>,
    /// What comes next.
    pub plan: Option<Passage>,
    /// For what the money is.
    pub use_of_proceeds: Option<Passage>,
    /// What would be welcome beside money, such as `space`.
    pub in_kind_wanted: BTreeSet<InKindForm>,
}

/// A deal card, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealCard {
    /// What investors may browse.
    pub teaser: Teaser,
    /// What is confidential.
    pub full: FullCard,
}
