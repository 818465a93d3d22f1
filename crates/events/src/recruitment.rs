//! Events of recruitments as bytes and back.

use domain::recruitment::{Event, PatientRecruitmentRequested, RequestedRecruitment};
use prost::Message;
use proto::kiban::recruitment::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{id, id_bytes, instant, text},
};

const REQUESTED: &str = "kiban.recruitment.v1.PatientRecruitmentRequested";

impl Recordable for Event {
    const CATEGORY: Category = Category::Recruitment;

    fn event_type(&self) -> &'static str {
        match self {
            Self::PatientRecruitmentRequested(_) => REQUESTED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        let Self::PatientRecruitmentRequested(event) = self;
        let PatientRecruitmentRequested { id, contract, contract_revision, request, at } = event;
        form::PatientRecruitmentRequested {
            recruitment: id_bytes(*id),
            contract: id_bytes(*contract),
            contract_revision: *contract_revision,
            member: id_bytes(request.member),
            executor: id_bytes(request.executor),
            study_title: request.study_title.as_str().into(),
            diagnosis: request.diagnosis.as_str().into(),
            participants_wanted: request.participants_wanted,
            requested_at_us: at.as_micros(),
        }
        .encode_to_vec()
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        if event_type != REQUESTED {
            return Err(Defect::UnknownType(event_type.into()));
        }
        let message = form::PatientRecruitmentRequested::decode(payload)?;
        Ok(Self::PatientRecruitmentRequested(PatientRecruitmentRequested {
            id: id("recruitment", &message.recruitment)?,
            contract: id("contract", &message.contract)?,
            contract_revision: message.contract_revision,
            request: RequestedRecruitment {
                member: id("member", &message.member)?,
                executor: id("executor", &message.executor)?,
                study_title: text("study_title", &message.study_title)?,
                diagnosis: text("diagnosis", &message.diagnosis)?,
                participants_wanted: message.participants_wanted,
            },
            at: instant("requested_at_us", message.requested_at_us)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        id::{ContractId, OrganisationId, RecruitmentId},
        time::Timestamp,
    };

    use super::*;

    fn sample() -> Event {
        Event::PatientRecruitmentRequested(PatientRecruitmentRequested {
            id: RecruitmentId::from_u128(1),
            contract: ContractId::from_u128(2),
            contract_revision: 5,
            request: RequestedRecruitment {
                member: OrganisationId::from_u128(3),
                executor: OrganisationId::from_u128(4),
                study_title: "Second line in lung adenocarcinoma".parse().unwrap(),
                diagnosis: "ICD-O-3:8140/3".parse().unwrap(),
                participants_wanted: 120,
            },
            at: Timestamp::from_micros(1_774_000_000_000_000).unwrap(),
        })
    }

    #[test]
    fn every_event_reads_back() {
        assert_eq!(Event::decode(sample().event_type(), &sample().encode()), Ok(sample()));
    }

    #[test]
    fn defects_name_the_field() {
        let mut message = form::PatientRecruitmentRequested::decode(sample().encode().as_slice()).unwrap();
        message.diagnosis = "lung cancer".into();
        let defect = Event::decode(REQUESTED, &message.encode_to_vec()).unwrap_err().to_string();
        assert!(defect.starts_with("field diagnosis: \"lung cancer\" is no diagnosis"), "{defect}");
        assert_eq!(Event::decode("Requested", &[]), Err(Defect::UnknownType("Requested".into())));
    }
}
