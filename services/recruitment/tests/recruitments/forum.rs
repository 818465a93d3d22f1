//! A forum with a recruitment: a member, an executing vendor, two hospitals, and those who run it.

use std::sync::Arc;

use domain::{
    contract::ContractKind,
    id::{ContractId, OrganisationId},
    organisation::Capacity,
};
use engine::wire_time;
use proto::kiban::recruitment::v1::{
    Answer, ApproveRecruitmentRequest, CloseRecruitmentRequest, Code, CodeSystem, Criterion,
    EnrolParticipantRequest, GetRecruitmentRequest, GetRecruitmentResponse, InviteInstitutionRequest,
    Recruitment, ReportContactedRequest, RequestRecruitmentRequest, RespondToInvitationRequest, Sex,
    TriageRecruitmentRequest, criterion::Criterion as Node, recruitment_service_server::RecruitmentService,
};
use recruitment::Recruitments;
use tonic::{Response, Status};
use world::{Race, World, by, day};

pub(crate) struct Forum {
    pub(crate) world: World,
    pub(crate) race: Arc<Race>,
    pub(crate) recruitments: Recruitments,
    pub(crate) contract: ContractId,
    pub(crate) base: OrganisationId,
    pub(crate) promoter: OrganisationId,
    pub(crate) member: OrganisationId,
    pub(crate) rival: OrganisationId,
    pub(crate) vendor: OrganisationId,
    pub(crate) north: OrganisationId,
    pub(crate) south: OrganisationId,
}

impl Forum {
    /// Everybody is registered and has a contract; the rival has none.
    pub(crate) async fn new() -> Self {
        let world = World::new();
        let promoter = world.register(1, Capacity::Promoter).await;
        let member = world.register(2, Capacity::Member).await;
        let rival = world.register(3, Capacity::Member).await;
        let vendor = world.register(4, Capacity::Vendor).await;
        let base = world.register(5, Capacity::BaseOperator).await;
        let north = world.register(6, Capacity::MedicalInstitution).await;
        let south = world.register(7, Capacity::MedicalInstitution).await;
        let contract = world.contract(member, promoter).await;
        world.contract_of(ContractKind::VendorParticipation, vendor, promoter).await;
        for institution in [north, south] {
            world.contract_of(ContractKind::Supply, institution, promoter).await;
        }
        let race = Race::on(world.log.clone());
        let recruitments = Recruitments::new(race.clone(), world.gate.clone());
        Self { world, race, recruitments, contract, base, promoter, member, rival, vendor, north, south }
    }

    pub(crate) fn request(&self) -> RequestRecruitmentRequest {
        RequestRecruitmentRequest {
            command_id: "request".into(),
            validate_only: false,
            contract_id: self.contract.to_string(),
            executor_id: self.vendor.to_string(),
            executor_contract_id: contract_of(self.vendor),
            study_title: "Second line in lung adenocarcinoma".into(),
            criteria: Some(adenocarcinoma()),
            participants_wanted: 3,
        }
    }

    /// The id of a recruitment that has been asked for.
    pub(crate) async fn requested(&self) -> String {
        let asked = self.recruitments.request_recruitment(by(self.member, self.request())).await;
        asked.unwrap().into_inner().recruitment_id
    }

    /// One that has been approved until 1 September 2026.
    pub(crate) async fn approved(&self) -> String {
        let id = self.requested().await;
        self.recruitments.approve_recruitment(by(self.base, approval(&id))).await.unwrap();
        id
    }

    /// One in which the northern hospital takes part and has contacted two; the southern one is invited.
    pub(crate) async fn under_way(&self) -> String {
        let id = self.approved().await;
        for institution in [self.north, self.south] {
            let request = invitation(&id, institution);
            self.recruitments.invite_institution(by(self.vendor, request)).await.unwrap();
        }
        self.recruitments.respond_to_invitation(by(self.north, acceptance(&id))).await.unwrap();
        self.recruitments.report_contacted(by(self.north, contacts(&id, 2))).await.unwrap();
        id
    }

    pub(crate) async fn get(
        &self,
        by_whom: OrganisationId,
        id: &str,
    ) -> Result<GetRecruitmentResponse, Status> {
        let request = GetRecruitmentRequest { recruitment_id: id.into() };
        self.recruitments.get_recruitment(by(by_whom, request)).await.map(Response::into_inner)
    }

    pub(crate) async fn seen(&self, by_whom: OrganisationId, id: &str) -> Recruitment {
        self.get(by_whom, id).await.unwrap().recruitment.unwrap()
    }
}

/// The world gives a contract its applicant's number.
pub(crate) fn contract_of(organisation: OrganisationId) -> String {
    World::contract_id(organisation).to_string()
}

pub(crate) fn adenocarcinoma() -> Criterion {
    node(Node::Diagnosis(Code {
        system: CodeSystem::IcdO3.into(),
        code: "8140/3".into(),
        label: "Adenocarcinoma, NOS".into(),
    }))
}

pub(crate) fn female() -> Criterion {
    node(Node::Sex(Sex::Female.into()))
}

pub(crate) fn node(node: Node) -> Criterion {
    Criterion { criterion: Some(node) }
}

pub(crate) fn triage(id: &str) -> TriageRecruitmentRequest {
    TriageRecruitmentRequest {
        command_id: "triage".into(),
        recruitment_id: id.into(),
        finding: "healthy volunteers are meant".into(),
        ..Default::default()
    }
}

pub(crate) fn approval(id: &str) -> ApproveRecruitmentRequest {
    ApproveRecruitmentRequest {
        command_id: "approve".into(),
        recruitment_id: id.into(),
        ethics_approval: "2026-117".into(),
        valid_until: Some(wire_time(day(2026, 9, 1))),
        ..Default::default()
    }
}

pub(crate) fn invitation(id: &str, institution: OrganisationId) -> InviteInstitutionRequest {
    InviteInstitutionRequest {
        command_id: format!("invite {institution}"),
        recruitment_id: id.into(),
        institution_id: institution.to_string(),
        supply_contract_id: contract_of(institution),
        ..Default::default()
    }
}

pub(crate) fn acceptance(id: &str) -> RespondToInvitationRequest {
    RespondToInvitationRequest {
        command_id: "respond".into(),
        recruitment_id: id.into(),
        answer: Answer::Accepted.into(),
        ..Default::default()
    }
}

pub(crate) fn contacts(id: &str, number: u32) -> ReportContactedRequest {
    ReportContactedRequest {
        command_id: "contacted".into(),
        recruitment_id: id.into(),
        number,
        ..Default::default()
    }
}

pub(crate) fn enrolment(id: &str, pseudonym: &str) -> EnrolParticipantRequest {
    EnrolParticipantRequest {
        command_id: format!("enrol {pseudonym}"),
        recruitment_id: id.into(),
        pseudonym: pseudonym.into(),
        ..Default::default()
    }
}

pub(crate) fn closing(id: &str) -> CloseRecruitmentRequest {
    CloseRecruitmentRequest {
        command_id: "close".into(),
        recruitment_id: id.into(),
        reason: "enough".into(),
        ..Default::default()
    }
}
