//! Events of the use under contracts as bytes and back, and the snapshot of its state.

mod columns;
mod snapshot;
mod usage;

use domain::{
    access::{
        AccessDenied, AdmittedUse, ConflictReason, DenialReason, Event, InstitutionCases, Period, RecordKey,
        ReplacedUse, ReversalTarget, SourceRegistered, UsageReversed,
    },
    contract::QuotaPeriod,
    terms::{Right, Verdict},
};
use prost::Message;
use proto::kiban::access::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{defect, id, id_bytes, instant, optional_id, required, text},
    wire,
};

const SOURCE_REGISTERED: &str = "kiban.access.v1.SourceRegistered";
const DATASET_VIEWED: &str = "kiban.access.v1.DatasetViewed";
const ANALYSIS_ADMITTED: &str = "kiban.access.v1.AnalysisAdmitted";
const ACCESS_DENIED: &str = "kiban.access.v1.AccessDenied";
const USAGE_RECORDED: &str = "kiban.access.v1.UsageRecorded";
const USAGE_REVERSED: &str = "kiban.access.v1.UsageReversed";

impl Recordable for Event {
    const CATEGORY: Category = Category::Access;

    fn event_type(&self) -> &'static str {
        match self {
            Self::SourceRegistered(_) => SOURCE_REGISTERED,
            Self::DatasetViewed(_) => DATASET_VIEWED,
            Self::AnalysisAdmitted(_) => ANALYSIS_ADMITTED,
            Self::AccessDenied(_) => ACCESS_DENIED,
            Self::UsageRecorded(_) => USAGE_RECORDED,
            Self::UsageReversed(_) => USAGE_REVERSED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::SourceRegistered(event) => form::SourceRegistered {
                source: id_bytes(event.source),
                name: event.name.as_str().into(),
                registered_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::DatasetViewed(admitted) => {
                form::DatasetViewed { r#use: Some(encode_admitted(admitted)) }.encode_to_vec()
            }
            Self::AnalysisAdmitted(admitted) => {
                form::AnalysisAdmitted { r#use: Some(encode_admitted(admitted)) }.encode_to_vec()
            }
            Self::AccessDenied(event) => encode_denied(event).encode_to_vec(),
            Self::UsageRecorded(event) => usage::encode(event),
            Self::UsageReversed(event) => encode_reversed(event).encode_to_vec(),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        match event_type {
            SOURCE_REGISTERED => decode_source(payload).map(Self::SourceRegistered),
            DATASET_VIEWED => {
                decode_admitted(form::DatasetViewed::decode(payload)?.r#use).map(Self::DatasetViewed)
            }
            ANALYSIS_ADMITTED => {
                decode_admitted(form::AnalysisAdmitted::decode(payload)?.r#use).map(Self::AnalysisAdmitted)
            }
            ACCESS_DENIED => decode_denied(payload).map(Self::AccessDenied),
            USAGE_RECORDED => usage::decode(payload).map(Self::UsageRecorded),
            USAGE_REVERSED => decode_reversed(payload).map(Self::UsageReversed),
            unknown => Err(Defect::UnknownType(unknown.into())),
        }
    }
}

fn decode_source(payload: &[u8]) -> Result<SourceRegistered, Defect> {
    let message = form::SourceRegistered::decode(payload)?;
    Ok(SourceRegistered {
        source: id("source", &message.source)?,
        name: text("name", &message.name)?,
        at: instant("registered_at_us", message.registered_at_us)?,
    })
}

fn encode_admitted(admitted: &AdmittedUse) -> form::AdmittedUse {
    form::AdmittedUse {
        number: admitted.number,
        contract_revision: admitted.contract_revision,
        tier: admitted.period.tier.as_str().into(),
        segment: admitted.period.quota_period.segment,
        contract_year: admitted.period.quota_period.contract_year,
        dataset: id_bytes(admitted.dataset),
        dataset_class: admitted.class.as_str().into(),
        freeze: admitted.freeze.unwrap_or_default(),
        right: right_number(admitted.right),
        cases: admitted.cases,
        viewer: id_bytes(admitted.viewer),
        purpose: admitted.purpose.as_str().into(),
        country: admitted.country.as_str().into(),
        order: admitted.order.map(id_bytes).unwrap_or_default(),
        admitted_at_us: admitted.at.as_micros(),
        settle_until_us: admitted.settle_until.as_micros(),
        remaining: admitted.remaining,
    }
}

fn decode_admitted(message: Option<form::AdmittedUse>) -> Result<AdmittedUse, Defect> {
    let message = required("use", message)?;
    if message.number == 0 || message.cases == 0 {
        return Err(defect("use", "admissions count from 1, and so do their cases"));
    }
    Ok(AdmittedUse {
        number: message.number,
        contract_revision: message.contract_revision,
        period: period(message.segment, message.contract_year, &message.tier)?,
        dataset: id("use.dataset", &message.dataset)?,
        class: text("use.dataset_class", &message.dataset_class)?,
        freeze: freeze(message.freeze),
        right: right(message.right)?,
        cases: message.cases,
        viewer: id("use.viewer", &message.viewer)?,
        purpose: text("use.purpose", &message.purpose)?,
        country: text("use.country", &message.country)?,
        order: optional_id("use.order", &message.order)?,
        at: instant("use.admitted_at_us", message.admitted_at_us)?,
        settle_until: instant("use.settle_until_us", message.settle_until_us)?,
        remaining: message.remaining,
    })
}

fn encode_denied(event: &AccessDenied) -> form::AccessDenied {
    form::AccessDenied {
        reasons: event.reasons.iter().map(|reason| wire::denial_reason(*reason) as u32).collect(),
        contract_revision: event.contract_revision,
        dataset: id_bytes(event.dataset),
        right: right_number(event.right),
        cases: event.cases,
        viewer: id_bytes(event.viewer),
        purpose: event.purpose.as_str().into(),
        country: event.country.as_str().into(),
        denied_at_us: event.at.as_micros(),
    }
}

fn decode_denied(payload: &[u8]) -> Result<AccessDenied, Defect> {
    let message = form::AccessDenied::decode(payload)?;
    let reason = |number: &u32| {
        let known =
            DenialReason::ALL.iter().copied().find(|known| wire::denial_reason(*known) as u32 == *number);
        known.ok_or_else(|| defect("reasons", format!("{number} is no reason")))
    };
    let reasons: Vec<_> = message.reasons.iter().map(reason).collect::<Result<_, _>>()?;
    if reasons.is_empty() || !reasons.windows(2).all(|pair| pair[0] < pair[1]) {
        return Err(defect("reasons", "none, or not sorted"));
    }
    Ok(AccessDenied {
        reasons,
        contract_revision: message.contract_revision,
        dataset: id("dataset", &message.dataset)?,
        right: right(message.right)?,
        cases: message.cases,
        viewer: id("viewer", &message.viewer)?,
        purpose: text("purpose", &message.purpose)?,
        country: text("country", &message.country)?,
        at: instant("denied_at_us", message.denied_at_us)?,
    })
}

fn encode_reversed(event: &UsageReversed) -> form::UsageReversed {
    let mut message = form::UsageReversed {
        reason: event.reason.as_str().into(),
        reversed: Some(encode_replaced(&event.reversed)),
        reversed_at_us: event.at.as_micros(),
        ..Default::default()
    };
    match event.target {
        ReversalTarget::Admission(number) => message.admission = number,
        ReversalTarget::Record(key) => {
            message.source = id_bytes(key.source);
            message.epoch = key.epoch;
            message.sequence = key.sequence;
        }
    }
    message
}

fn decode_reversed(payload: &[u8]) -> Result<UsageReversed, Defect> {
    let message = form::UsageReversed::decode(payload)?;
    let target = match (optional_id("source", &message.source)?, message.admission) {
        (Some(source), 0) if message.epoch > 0 && message.sequence > 0 => {
            ReversalTarget::Record(RecordKey { source, epoch: message.epoch, sequence: message.sequence })
        }
        (None, number) if number > 0 && message.epoch == 0 && message.sequence == 0 => {
            ReversalTarget::Admission(number)
        }
        _ => return Err(defect("admission", "neither one record nor one admission is named")),
    };
    Ok(UsageReversed {
        target,
        reason: text("reason", &message.reason)?,
        reversed: decode_replaced("reversed", &required("reversed", message.reversed)?)?,
        at: instant("reversed_at_us", message.reversed_at_us)?,
    })
}

fn encode_replaced(replaced: &ReplacedUse) -> form::ReplacedUse {
    let period = replaced.period.as_ref();
    let institution = |part: &InstitutionCases| form::ComposedCases {
        institution: id_bytes(part.institution),
        cases: part.cases.into(),
    };
    form::ReplacedUse {
        right: right_number(replaced.right),
        dataset: id_bytes(replaced.dataset),
        dataset_class: replaced.class.as_str().into(),
        freeze: replaced.freeze.unwrap_or_default(),
        cases: replaced.cases,
        segment: period.map_or(0, |period| period.quota_period.segment),
        contract_year: period.map_or(0, |period| period.quota_period.contract_year),
        tier: period.map(|period| period.tier.as_str().into()).unwrap_or_default(),
        verdict: verdict_number(replaced.verdict),
        occurred_at_us: replaced.occurred_at.as_micros(),
        order: replaced.order.map(id_bytes).unwrap_or_default(),
        institutions: replaced.institutions.iter().map(institution).collect(),
        outside_terms: period.is_none(),
    }
}

fn decode_replaced(field: &'static str, message: &form::ReplacedUse) -> Result<ReplacedUse, Defect> {
    let period = match message.outside_terms {
        true => None,
        false => Some(period(message.segment, message.contract_year, &message.tier)?),
    };
    if message.cases == 0 {
        return Err(defect(field, "a use is of at least one case"));
    }
    let institution = |part: &form::ComposedCases| {
        let cases = u32::try_from(part.cases).map_err(|error| defect(field, error))?;
        Ok(InstitutionCases { institution: id(field, &part.institution)?, cases })
    };
    Ok(ReplacedUse {
        right: right(message.right)?,
        dataset: id(field, &message.dataset)?,
        class: text(field, &message.dataset_class)?,
        freeze: freeze(message.freeze),
        cases: message.cases,
        period,
        verdict: verdict(message.verdict)?,
        occurred_at: instant(field, message.occurred_at_us)?,
        order: optional_id(field, &message.order)?,
        institutions: message.institutions.iter().map(institution).collect::<Result<_, Defect>>()?,
    })
}

fn period(segment: u32, contract_year: u32, tier: &str) -> Result<Period, Defect> {
    Ok(Period { quota_period: QuotaPeriod { segment, contract_year }, tier: text("tier", tier)? })
}

/// The number of a freeze; 0 before the first.
fn freeze(number: u32) -> Option<u32> {
    (number > 0).then_some(number)
}

/// The number of `kiban.common.v1.Right`.
const fn right_number(right: Right) -> u32 {
    wire::right(right) as u32
}

fn right(number: u32) -> Result<Right, Defect> {
    let known = Right::ALL.iter().copied().find(|known| right_number(*known) == number);
    known.ok_or_else(|| defect("right", format!("{number} is no right")))
}

/// The number of `kiban.common.v1.Verdict`.
const fn verdict_number(verdict: Verdict) -> u32 {
    wire::verdict(verdict) as u32
}

fn verdict(number: u32) -> Result<Verdict, Defect> {
    let known = Verdict::ALL.iter().copied().find(|known| verdict_number(*known) == number);
    known.ok_or_else(|| defect("verdict", format!("{number} is no verdict")))
}

const fn conflict_number(reason: ConflictReason) -> u32 {
    match reason {
        ConflictReason::Content => 1,
        ConflictReason::AlreadySettled => 2,
        ConflictReason::SettlementLate => 3,
        ConflictReason::AdmissionReversed => 4,
    }
}

fn conflict(number: u32) -> Result<ConflictReason, Defect> {
    let known = ConflictReason::ALL.iter().copied().find(|known| conflict_number(*known) == number);
    known.ok_or_else(|| defect("conflicts", format!("{number} is no reason")))
}
