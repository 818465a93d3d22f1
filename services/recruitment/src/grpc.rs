//! The methods: authorise, carry out, reply.

use domain::organisation::Capacity;
use engine::{Need, OPERATORS, Role, receipt};
use proto::kiban::recruitment::v1::{
    ApproveRecruitmentRequest, ApproveRecruitmentResponse, CloseRecruitmentRequest, CloseRecruitmentResponse,
    EnrolParticipantRequest, EnrolParticipantResponse, GetRecruitmentRequest, GetRecruitmentResponse,
    InviteInstitutionRequest, InviteInstitutionResponse, RejectRecruitmentRequest, RejectRecruitmentResponse,
    ReportContactedRequest, ReportContactedResponse, RequestRecruitmentRequest, RequestRecruitmentResponse,
    RespondToInvitationRequest, RespondToInvitationResponse, TriageRecruitmentRequest,
    TriageRecruitmentResponse, recruitment_service_server::RecruitmentService,
};
use tonic::{Request, Response, Status};

use crate::recruitments::Recruitments;

/// A person of those who run the forum decides; whether of the right one, says the domain.
const REVIEWS: Need = Need::role_in(Role::Reviewer, OPERATORS);
const NEGOTIATES: Need = Need::role(Role::Contracts);

#[tonic::async_trait]
impl RecruitmentService for Recruitments {
    async fn request_recruitment(
        &self,
        request: Request<RequestRecruitmentRequest>,
    ) -> Result<Response<RequestRecruitmentResponse>, Status> {
        let need = Need::role_in(Role::Contracts, &[Capacity::Member]);
        let request = self.gate.authorise(request, need).await?;
        Ok(Response::new(self.request(&request).await?))
    }

    async fn triage_recruitment(
        &self,
        request: Request<TriageRecruitmentRequest>,
    ) -> Result<Response<TriageRecruitmentResponse>, Status> {
        let request = self.gate.authorise(request, REVIEWS).await?;
        let executed = self.triage(&request).await?;
        Ok(Response::new(TriageRecruitmentResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn approve_recruitment(
        &self,
        request: Request<ApproveRecruitmentRequest>,
    ) -> Result<Response<ApproveRecruitmentResponse>, Status> {
        let request = self.gate.authorise(request, REVIEWS).await?;
        let executed = self.approve(&request).await?;
        Ok(Response::new(ApproveRecruitmentResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn reject_recruitment(
        &self,
        request: Request<RejectRecruitmentRequest>,
    ) -> Result<Response<RejectRecruitmentResponse>, Status> {
        let request = self.gate.authorise(request, REVIEWS).await?;
        let executed = self.reject(&request).await?;
        Ok(Response::new(RejectRecruitmentResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn invite_institution(
        &self,
        request: Request<InviteInstitutionRequest>,
    ) -> Result<Response<InviteInstitutionResponse>, Status> {
        let request = self.gate.authorise(request, NEGOTIATES).await?;
        let executed = self.invite(&request).await?;
        Ok(Response::new(InviteInstitutionResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn respond_to_invitation(
        &self,
        request: Request<RespondToInvitationRequest>,
    ) -> Result<Response<RespondToInvitationResponse>, Status> {
        let request = self.gate.authorise(request, NEGOTIATES).await?;
        let executed = self.respond(&request).await?;
        Ok(Response::new(RespondToInvitationResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn report_contacted(
        &self,
        request: Request<ReportContactedRequest>,
    ) -> Result<Response<ReportContactedResponse>, Status> {
        let request = self.gate.authorise(request, NEGOTIATES).await?;
        let executed = self.contacted(&request).await?;
        Ok(Response::new(ReportContactedResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn enrol_participant(
        &self,
        request: Request<EnrolParticipantRequest>,
    ) -> Result<Response<EnrolParticipantResponse>, Status> {
        let request = self.gate.authorise(request, NEGOTIATES).await?;
        let executed = self.enrol(&request).await?;
        Ok(Response::new(EnrolParticipantResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn close_recruitment(
        &self,
        request: Request<CloseRecruitmentRequest>,
    ) -> Result<Response<CloseRecruitmentResponse>, Status> {
        let request = self.gate.authorise(request, NEGOTIATES).await?;
        let executed = self.close(&request).await?;
        Ok(Response::new(CloseRecruitmentResponse { receipt: Some(receipt(&executed)) }))
    }

    async fn get_recruitment(
        &self,
        request: Request<GetRecruitmentRequest>,
    ) -> Result<Response<GetRecruitmentResponse>, Status> {
        let request = self.gate.authorise(request, Need::REGISTERED).await?;
        Ok(Response::new(self.get(&request).await?))
    }
}
