//! Whom a study seeks: a tree of all, any and not over what is known of a participant (requirements §3.5).

use std::{fmt, str::FromStr};

use crate::recruitment::{Code, CodeSystem, Concept};

/// The deepest tree, the root counted.
pub const MOST_DEPTH: usize = 8;
/// The most nodes of a tree.
pub const MOST_NODES: usize = 200;
/// The greatest age, in completed years.
pub const MOST_AGE: u32 = 150;

/// A condition on one participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Criterion {
    /// Every one of these, at least one of them named.
    All(Vec<Criterion>),
    /// At least one of these.
    Any(Vec<Criterion>),
    /// Not this.
    Not(Box<Criterion>),
    /// The participant has it.
    Diagnosis(Code),
    /// The participant is so old.
    Age(AgeRange),
    /// The participant's sex.
    Sex(Sex),
    /// How far the disease has spread.
    Stage(Code),
    /// A variant was found.
    Variant(Variant),
    /// The participant was given it before.
    PriorTherapy(Code),
}

/// A tree within the limits, whose codes are of systems that name what they are used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criteria(Criterion);

/// Completed years, both ends included; at least one end is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeRange {
    min: Option<u32>,
    max: Option<u32>,
}

/// Sex, as Phenopackets v2 names it; whoever states none fits no criterion on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Neither of the two.
    Other,
}

/// A variant: any in a gene, or this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// In which gene.
    pub gene: GeneSymbol,
    /// Which; none: any.
    pub hgvs: Option<Hgvs>,
}

/// A gene's symbol as the HGNC gives it, such as `EGFR` or `C9orf72`: a capital letter, then up to 29 of A-Z, a-z,
/// 0-9 and `-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GeneSymbol(String);

/// A variant in the nomenclature of the HGVS, such as `p.Leu858Arg` or `NM_005228.5:c.2573T>G`: perhaps an accession
/// and a colon, the kind of sequence, a point and the change; 3 to 200 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Hgvs(String);

impl Criteria {
    /// Checks and takes a tree.
    pub fn new(root: Criterion) -> Result<Self, InvalidCriteria> {
        let mut nodes = 0;
        check(&root, 1, &mut nodes)?;
        Ok(Self(root))
    }

    /// The tree.
    pub const fn root(&self) -> &Criterion {
        &self.0
    }
}

/// Whether nobody without a diagnosis can satisfy the tree: every way to satisfy it needs at least one diagnosis.
///
/// Conditions on other things are taken as independent of each other, so a tree that contradicts itself may be
/// said to need none; such a one goes to a person, who will see it.
pub fn requires_a_diagnosis(criterion: &Criterion) -> bool {
    !without_diagnosis(criterion).can_hold
}

/// What a condition can be of a participant without any diagnosis.
#[derive(Clone, Copy)]
struct Outcomes {
    can_hold: bool,
    can_fail: bool,
}

fn without_diagnosis(criterion: &Criterion) -> Outcomes {
    match criterion {
        Criterion::All(parts) => Outcomes {
            can_hold: parts.iter().all(|part| without_diagnosis(part).can_hold),
            can_fail: parts.iter().any(|part| without_diagnosis(part).can_fail),
        },
        Criterion::Any(parts) => Outcomes {
            can_hold: parts.iter().any(|part| without_diagnosis(part).can_hold),
            can_fail: parts.iter().all(|part| without_diagnosis(part).can_fail),
        },
        Criterion::Not(part) => {
            let Outcomes { can_hold, can_fail } = without_diagnosis(part);
            Outcomes { can_hold: can_fail, can_fail: can_hold }
        }
        Criterion::Diagnosis(_) => Outcomes { can_hold: false, can_fail: true },
        Criterion::Age(_)
        | Criterion::Sex(_)
        | Criterion::Stage(_)
        | Criterion::Variant(_)
        | Criterion::PriorTherapy(_) => Outcomes { can_hold: true, can_fail: true },
    }
}

fn check(criterion: &Criterion, depth: usize, nodes: &mut usize) -> Result<(), InvalidCriteria> {
    if depth > MOST_DEPTH {
        return Err(InvalidCriteria::TooDeep);
    }
    *nodes += 1;
    if *nodes > MOST_NODES {
        return Err(InvalidCriteria::TooManyNodes);
    }
    match criterion {
        Criterion::All(parts) | Criterion::Any(parts) => {
            if parts.is_empty() {
                return Err(InvalidCriteria::Empty);
            }
            parts.iter().try_for_each(|part| check(part, depth + 1, nodes))
        }
        Criterion::Not(part) => check(part, depth + 1, nodes),
        Criterion::Diagnosis(code) => named_by(code, Concept::Diagnosis),
        Criterion::Stage(code) => named_by(code, Concept::Stage),
        Criterion::PriorTherapy(code) => named_by(code, Concept::PriorTherapy),
        Criterion::Age(_) | Criterion::Sex(_) | Criterion::Variant(_) => Ok(()),
    }
}

fn named_by(code: &Code, concept: Concept) -> Result<(), InvalidCriteria> {
    let system = code.system();
    if system.names(concept) { Ok(()) } else { Err(InvalidCriteria::OtherConcept { system, concept }) }
}

impl AgeRange {
    /// From `min` to `max` completed years, or no bound at one end.
    pub fn new(min: Option<u32>, max: Option<u32>) -> Result<Self, InvalidCriteria> {
        let bounds = [min, max].into_iter().flatten();
        let least = min.unwrap_or(0);
        let valid = bounds.clone().count() > 0
            && bounds.clone().all(|age| age <= MOST_AGE)
            && max.is_none_or(|max| least <= max);
        if valid { Ok(Self { min, max }) } else { Err(InvalidCriteria::AgeRange) }
    }

    /// The least age, if there is one.
    pub const fn min(self) -> Option<u32> {
        self.min
    }

    /// The greatest age, if there is one.
    pub const fn max(self) -> Option<u32> {
        self.max
    }
}

impl Sex {
    /// Every sex.
    pub const ALL: [Self; 3] = [Self::Female, Self::Male, Self::Other];
}

impl GeneSymbol {
    /// The symbol.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Hgvs {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for GeneSymbol {
    type Err = InvalidVariant;

    fn from_str(text: &str) -> Result<Self, InvalidVariant> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let valid = text.len() <= 30
            && text.starts_with(|first: char| first.is_ascii_uppercase())
            && text.bytes().all(allowed);
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidVariant::Gene { text: shown(text) }) }
    }
}

impl FromStr for Hgvs {
    type Err = InvalidVariant;

    fn from_str(text: &str) -> Result<Self, InvalidVariant> {
        let change = text.split_once(':').map_or(Some(text), |(accession, change)| {
            let first = accession.starts_with(|first: char| first.is_ascii_uppercase());
            first.then_some(change)
        });
        let valid = text.len() <= 200
            && text.bytes().all(|byte| byte.is_ascii_graphic())
            && change.is_some_and(|change| {
                let kind = change.starts_with(['c', 'g', 'm', 'n', 'p', 'r']);
                kind && change.get(1..2) == Some(".") && change.len() > 2
            });
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidVariant::Hgvs { text: shown(text) }) }
    }
}

impl fmt::Display for GeneSymbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Hgvs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}

/// What is wrong with criteria.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCriteria {
    /// More levels than are kept.
    #[error("the criteria are more than {MOST_DEPTH} levels deep")]
    TooDeep,
    /// More nodes than are kept.
    #[error("the criteria have more than {MOST_NODES} nodes")]
    TooManyNodes,
    /// All or any of nothing.
    #[error("all or any of nothing is no criterion")]
    Empty,
    /// A code of a system that names other things.
    #[error("a code of {system} names no {}", concept.as_str())]
    OtherConcept {
        /// The system.
        system: CodeSystem,
        /// What it was used for.
        concept: Concept,
    },
    /// Ages without an end, the wrong way round, or greater than anybody's.
    #[error("an age has a least or a greatest number of years, in this order and at most {MOST_AGE}")]
    AgeRange,
}

/// What is wrong with a variant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVariant {
    /// No gene's symbol.
    #[error("{text:?} is no gene symbol of the HGNC, such as \"EGFR\"")]
    Gene {
        /// The text, cut to 64 characters.
        text: String,
    },
    /// No variant in the HGVS nomenclature.
    #[error("{text:?} is no variant in the HGVS nomenclature, such as \"p.Leu858Arg\"")]
    Hgvs {
        /// The text, cut to 64 characters.
        text: String,
    },
}
