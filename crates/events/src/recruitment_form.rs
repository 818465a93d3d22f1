//! Criteria as messages and back.
//!
//! The API and the log have these messages in common, so this is the one place that is used by both: the events
//! of recruitment, and `parse.rs` of the recruitment service.

use domain::recruitment::{
    AgeRange, Answer, Code, CodeSystem, Criteria, Criterion, InvalidCriteria, MOST_DEPTH, Sex, Variant,
};
use proto::kiban::recruitment::v1 as form;

use crate::form::FormError;

use form::criterion::Criterion as Node;

/// Criteria as a message.
pub fn criteria_form(criteria: &Criteria) -> form::Criterion {
    node_form(criteria.root())
}

/// Criteria from a message.
pub fn criteria(message: &form::Criterion) -> Result<Criteria, FormError> {
    let root = node(message, 1)?;
    Criteria::new(root).map_err(|error| FormError::new("criterion", error))
}

/// An institution's answer as the API and the log number it.
pub const fn answer_form(answer: Answer) -> form::Answer {
    match answer {
        Answer::Accepted => form::Answer::Accepted,
        Answer::Declined => form::Answer::Declined,
    }
}

/// An institution's answer, or none if the number is none's.
pub fn answer(number: i32) -> Option<Answer> {
    [Answer::Accepted, Answer::Declined].into_iter().find(|known| answer_form(*known) as i32 == number)
}

fn node_form(criterion: &Criterion) -> form::Criterion {
    let list = |parts: &[Criterion]| form::CriterionList { criteria: parts.iter().map(node_form).collect() };
    let node = match criterion {
        Criterion::All(parts) => Node::All(list(parts)),
        Criterion::Any(parts) => Node::Any(list(parts)),
        Criterion::Not(part) => Node::Not(Box::new(node_form(part))),
        Criterion::Diagnosis(code) => Node::Diagnosis(code_form(code)),
        Criterion::Age(range) => Node::Age(form::AgeRange { min: range.min(), max: range.max() }),
        Criterion::Sex(sex) => Node::Sex(sex_form(*sex) as i32),
        Criterion::Stage(code) => Node::Stage(code_form(code)),
        Criterion::Variant(variant) => Node::Variant(form::Variant {
            gene: variant.gene.as_str().into(),
            hgvs: variant.hgvs.as_ref().map(|hgvs| hgvs.as_str().into()).unwrap_or_default(),
        }),
        Criterion::PriorTherapy(code) => Node::PriorTherapy(code_form(code)),
    };
    form::Criterion { criterion: Some(node) }
}

/// A node at its depth: one that is too deep is not read, so that no message makes the reader run out of stack.
fn node(message: &form::Criterion, depth: usize) -> Result<Criterion, FormError> {
    let at = |field: &'static str| move |error: FormError| error.within(field);
    if depth > MOST_DEPTH {
        return Err(FormError::new("criterion", format!("is more than {MOST_DEPTH} levels deep")));
    }
    let node_of = message.criterion.as_ref();
    Ok(match node_of.ok_or_else(|| FormError::new("criterion", "is missing"))? {
        Node::All(parts) => Criterion::All(list("all", parts, depth)?),
        Node::Any(parts) => Criterion::Any(list("any", parts, depth)?),
        Node::Not(part) => Criterion::Not(Box::new(node(part, depth + 1).map_err(at("not"))?)),
        Node::Diagnosis(written) => Criterion::Diagnosis(code(written).map_err(at("diagnosis"))?),
        Node::Age(range) => {
            Criterion::Age(AgeRange::new(range.min, range.max).map_err(|error| FormError::new("age", error))?)
        }
        Node::Sex(number) => Criterion::Sex(sex(*number)?),
        Node::Stage(written) => Criterion::Stage(code(written).map_err(at("stage"))?),
        Node::Variant(written) => Criterion::Variant(variant(written).map_err(at("variant"))?),
        Node::PriorTherapy(written) => Criterion::PriorTherapy(code(written).map_err(at("prior_therapy"))?),
    })
}

/// The parts of the node `field`: at least one, for all or any of nothing says nothing.
fn list(field: &'static str, list: &form::CriterionList, depth: usize) -> Result<Vec<Criterion>, FormError> {
    if list.criteria.is_empty() {
        return Err(FormError::new(field, InvalidCriteria::Empty));
    }
    let parts = list.criteria.iter().enumerate();
    parts
        .map(|(index, part)| {
            node(part, depth + 1).map_err(|error| error.within(&format!("{field}.criteria[{index}]")))
        })
        .collect()
}

fn code_form(code: &Code) -> form::Code {
    form::Code {
        system: system_form(code.system()) as i32,
        code: code.code().into(),
        label: code.label().map(|label| label.as_str().into()).unwrap_or_default(),
    }
}

fn code(message: &form::Code) -> Result<Code, FormError> {
    let known = |system: &CodeSystem| system_form(*system) as i32 == message.system;
    let system = CodeSystem::ALL.into_iter().find(known);
    let system = system.ok_or_else(|| FormError::new("system", "is no system of codes"))?;
    let label = match message.label.as_str() {
        "" => None,
        label => Some(label.parse().map_err(|error| FormError::new("label", error))?),
    };
    Code::new(system, &message.code, label).map_err(|error| FormError::new("code", error))
}

fn variant(message: &form::Variant) -> Result<Variant, FormError> {
    let hgvs = match message.hgvs.as_str() {
        "" => None,
        hgvs => Some(hgvs.parse().map_err(|error| FormError::new("hgvs", error))?),
    };
    let gene = message.gene.parse().map_err(|error| FormError::new("gene", error))?;
    Ok(Variant { gene, hgvs })
}

fn sex(number: i32) -> Result<Sex, FormError> {
    let known = Sex::ALL.into_iter().find(|sex| sex_form(*sex) as i32 == number);
    known.ok_or_else(|| FormError::new("sex", "is none that is known here"))
}

const fn sex_form(sex: Sex) -> form::Sex {
    match sex {
        Sex::Female => form::Sex::Female,
        Sex::Male => form::Sex::Male,
        Sex::Other => form::Sex::Other,
    }
}

const fn system_form(system: CodeSystem) -> form::CodeSystem {
    match system {
        CodeSystem::IcdO3 => form::CodeSystem::IcdO3,
        CodeSystem::Icd10 => form::CodeSystem::Icd10,
        CodeSystem::Ncit => form::CodeSystem::Ncit,
        CodeSystem::Hpo => form::CodeSystem::Hpo,
        CodeSystem::Omim => form::CodeSystem::Omim,
        CodeSystem::Mondo => form::CodeSystem::Mondo,
        CodeSystem::Orphanet => form::CodeSystem::Orphanet,
        CodeSystem::Atc => form::CodeSystem::Atc,
        CodeSystem::RxNorm => form::CodeSystem::RxNorm,
    }
}
