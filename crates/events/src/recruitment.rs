//! Events of recruitments as bytes and back.

#[cfg(test)]
mod tests;

use domain::recruitment::{
    Event, InstitutionInvited, InstitutionResponded, ParticipantEnrolled, ParticipantsContacted,
    PatientRecruitmentRequested, RecruitmentApproved, RecruitmentClosed, RecruitmentRejected,
    RecruitmentTriaged, RequestedRecruitment, Sought, Triage,
};
use prost::Message;
use proto::kiban::recruitment::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{defect, id, id_bytes, instant, optional_id, optional_text, text},
    recruitment_form::{answer, answer_form, criteria, criteria_form},
};

const REQUESTED: &str = "kiban.recruitment.v1.PatientRecruitmentRequested";
const TRIAGED: &str = "kiban.recruitment.v1.RecruitmentTriaged";
const APPROVED: &str = "kiban.recruitment.v1.RecruitmentApproved";
const REJECTED: &str = "kiban.recruitment.v1.RecruitmentRejected";
const INVITED: &str = "kiban.recruitment.v1.InstitutionInvited";
const RESPONDED: &str = "kiban.recruitment.v1.InstitutionResponded";
const CONTACTED: &str = "kiban.recruitment.v1.ParticipantsContacted";
const ENROLLED: &str = "kiban.recruitment.v1.ParticipantEnrolled";
const CLOSED: &str = "kiban.recruitment.v1.RecruitmentClosed";

impl Recordable for Event {
    const CATEGORY: Category = Category::Recruitment;

    fn event_type(&self) -> &'static str {
        match self {
            Self::PatientRecruitmentRequested(_) => REQUESTED,
            Self::RecruitmentTriaged(_) => TRIAGED,
            Self::RecruitmentApproved(_) => APPROVED,
            Self::RecruitmentRejected(_) => REJECTED,
            Self::InstitutionInvited(_) => INVITED,
            Self::InstitutionResponded(_) => RESPONDED,
            Self::ParticipantsContacted(_) => CONTACTED,
            Self::ParticipantEnrolled(_) => ENROLLED,
            Self::RecruitmentClosed(_) => CLOSED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::PatientRecruitmentRequested(event) => requested_form(event).encode_to_vec(),
            Self::RecruitmentTriaged(event) => form::RecruitmentTriaged {
                by: id_bytes(event.by),
                finding: event.finding.as_str().into(),
                triaged_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::RecruitmentApproved(event) => form::RecruitmentApproved {
                by: id_bytes(event.by),
                ethics_approval: event.ethics_approval.as_str().into(),
                valid_until_us: event.valid_until.as_micros(),
                approved_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::RecruitmentRejected(event) => form::RecruitmentRejected {
                by: id_bytes(event.by),
                reason: event.reason.as_str().into(),
                rejected_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::RecruitmentClosed(event) => form::RecruitmentClosed {
                by: id_bytes(event.by),
                reason: event.reason.as_str().into(),
                closed_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::InstitutionInvited(_)
            | Self::InstitutionResponded(_)
            | Self::ParticipantsContacted(_)
            | Self::ParticipantEnrolled(_) => encode_institutions(self),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        Ok(match event_type {
            REQUESTED => Self::PatientRecruitmentRequested(requested(payload)?),
            TRIAGED => {
                let message = form::RecruitmentTriaged::decode(payload)?;
                Self::RecruitmentTriaged(RecruitmentTriaged {
                    by: id("by", &message.by)?,
                    finding: text("finding", &message.finding)?,
                    at: instant("triaged_at_us", message.triaged_at_us)?,
                })
            }
            APPROVED => {
                let message = form::RecruitmentApproved::decode(payload)?;
                Self::RecruitmentApproved(RecruitmentApproved {
                    by: id("by", &message.by)?,
                    ethics_approval: text("ethics_approval", &message.ethics_approval)?,
                    valid_until: instant("valid_until_us", message.valid_until_us)?,
                    at: instant("approved_at_us", message.approved_at_us)?,
                })
            }
            REJECTED => {
                let message = form::RecruitmentRejected::decode(payload)?;
                Self::RecruitmentRejected(RecruitmentRejected {
                    by: id("by", &message.by)?,
                    reason: text("reason", &message.reason)?,
                    at: instant("rejected_at_us", message.rejected_at_us)?,
                })
            }
            CLOSED => {
                let message = form::RecruitmentClosed::decode(payload)?;
                Self::RecruitmentClosed(RecruitmentClosed {
                    by: id("by", &message.by)?,
                    reason: text("reason", &message.reason)?,
                    at: instant("closed_at_us", message.closed_at_us)?,
                })
            }
            other => return decode_institutions(other, payload),
        })
    }
}

/// What institutions do, or what is asked of them.
fn encode_institutions(event: &Event) -> Vec<u8> {
    match event {
        Event::InstitutionInvited(event) => form::InstitutionInvited {
            institution: id_bytes(event.institution),
            supply_contract: id_bytes(event.supply_contract),
            contract_revision: event.contract_revision,
            by: id_bytes(event.by),
            invited_at_us: event.at.as_micros(),
        }
        .encode_to_vec(),
        Event::InstitutionResponded(event) => form::InstitutionResponded {
            institution: id_bytes(event.institution),
            answer: answer_form(event.answer) as i32,
            reason: event.reason.as_ref().map(|reason| reason.as_str().into()).unwrap_or_default(),
            responded_at_us: event.at.as_micros(),
        }
        .encode_to_vec(),
        Event::ParticipantsContacted(event) => form::ParticipantsContacted {
            institution: id_bytes(event.institution),
            number: event.number,
            reported_at_us: event.at.as_micros(),
        }
        .encode_to_vec(),
        Event::ParticipantEnrolled(event) => form::ParticipantEnrolled {
            institution: id_bytes(event.institution),
            pseudonym: event.pseudonym.as_str().into(),
            contract_revision: event.contract_revision,
            enrolled_at_us: event.at.as_micros(),
        }
        .encode_to_vec(),
        Event::PatientRecruitmentRequested(_)
        | Event::RecruitmentTriaged(_)
        | Event::RecruitmentApproved(_)
        | Event::RecruitmentRejected(_)
        | Event::RecruitmentClosed(_) => Vec::new(),
    }
}

fn decode_institutions(event_type: &str, payload: &[u8]) -> Result<Event, Defect> {
    Ok(match event_type {
        INVITED => {
            let message = form::InstitutionInvited::decode(payload)?;
            Event::InstitutionInvited(InstitutionInvited {
                institution: id("institution", &message.institution)?,
                supply_contract: id("supply_contract", &message.supply_contract)?,
                contract_revision: message.contract_revision,
                by: id("by", &message.by)?,
                at: instant("invited_at_us", message.invited_at_us)?,
            })
        }
        RESPONDED => {
            let message = form::InstitutionResponded::decode(payload)?;
            let unknown = || defect("answer", format!("{} is no answer", message.answer));
            Event::InstitutionResponded(InstitutionResponded {
                institution: id("institution", &message.institution)?,
                answer: answer(message.answer).ok_or_else(unknown)?,
                reason: optional_text("reason", &message.reason)?,
                at: instant("responded_at_us", message.responded_at_us)?,
            })
        }
        CONTACTED => {
            let message = form::ParticipantsContacted::decode(payload)?;
            Event::ParticipantsContacted(ParticipantsContacted {
                institution: id("institution", &message.institution)?,
                number: message.number,
                at: instant("reported_at_us", message.reported_at_us)?,
            })
        }
        ENROLLED => {
            let message = form::ParticipantEnrolled::decode(payload)?;
            Event::ParticipantEnrolled(ParticipantEnrolled {
                institution: id("institution", &message.institution)?,
                pseudonym: text("pseudonym", &message.pseudonym)?,
                contract_revision: message.contract_revision,
                at: instant("enrolled_at_us", message.enrolled_at_us)?,
            })
        }
        unknown => return Err(Defect::UnknownType(unknown.into())),
    })
}

fn requested_form(event: &PatientRecruitmentRequested) -> form::PatientRecruitmentRequested {
    let PatientRecruitmentRequested { id, contract, contract_revision, request, triage, at } = event;
    let (diagnosis, sought) = match &request.sought {
        Sought::Diagnosis(diagnosis) => (diagnosis.as_str().into(), None),
        Sought::Criteria(criteria) => (String::new(), Some(criteria_form(criteria))),
    };
    form::PatientRecruitmentRequested {
        recruitment: id_bytes(*id),
        contract: id_bytes(*contract),
        contract_revision: *contract_revision,
        member: id_bytes(request.member),
        executor: id_bytes(request.executor),
        study_title: request.study_title.as_str().into(),
        diagnosis,
        participants_wanted: request.participants_wanted,
        requested_at_us: at.as_micros(),
        criteria: sought,
        executor_contract: request.executor_contract.map(id_bytes).unwrap_or_default(),
        triage_by_person: *triage == Triage::Person,
    }
}

fn requested(payload: &[u8]) -> Result<PatientRecruitmentRequested, Defect> {
    let message = form::PatientRecruitmentRequested::decode(payload)?;
    let sought = match &message.criteria {
        None => Sought::Diagnosis(text("diagnosis", &message.diagnosis)?),
        Some(_) if !message.diagnosis.is_empty() => {
            return Err(defect("diagnosis", "stands beside criteria"));
        }
        Some(written) => Sought::Criteria(criteria(written).map_err(|error| defect("criteria", error))?),
    };
    Ok(PatientRecruitmentRequested {
        id: id("recruitment", &message.recruitment)?,
        contract: id("contract", &message.contract)?,
        contract_revision: message.contract_revision,
        request: RequestedRecruitment {
            member: id("member", &message.member)?,
            executor: id("executor", &message.executor)?,
            executor_contract: optional_id("executor_contract", &message.executor_contract)?,
            study_title: text("study_title", &message.study_title)?,
            sought,
            participants_wanted: message.participants_wanted,
        },
        triage: if message.triage_by_person { Triage::Person } else { Triage::NotNeeded },
        at: instant("requested_at_us", message.requested_at_us)?,
    })
}
