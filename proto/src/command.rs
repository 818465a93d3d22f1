//! The requests that are commands, on one screen.

use prost::Message;

use crate::kiban::{access, contract, finance, membership, order, recruitment, venture};

/// A request that is a command: it bears an id of the caller's choosing.
pub trait CommandRequest: Message + Clone {
    /// The full name of the message: requests of different kinds may have the same bytes, and are not the same.
    const NAME: &'static str;
    /// The caller's id for the command, 1 to 64 characters, unique in the calling organisation.
    fn command_id(&self) -> &str;
    /// Whether it should only be checked.
    fn validate_only(&self) -> bool;
    /// The revision at which the caller saw the thing, if it said so.
    fn expected(&self) -> Option<u64>;
    /// The request without command id and `validate_only`: what the digest is over.
    fn content(&self) -> Self;
}

macro_rules! command_requests {
    ($revision:expr => $($context:ident::v1::$request:ident),* $(,)?) => {$(
        impl CommandRequest for $context::v1::$request {
            const NAME: &'static str = concat!("kiban.", stringify!($context), ".v1.", stringify!($request));

            fn command_id(&self) -> &str {
                &self.command_id
            }
            fn validate_only(&self) -> bool {
                self.validate_only
            }
            fn expected(&self) -> Option<u64> {
                let revision: fn(&Self) -> Option<u64> = $revision;
                revision(self)
            }
            fn content(&self) -> Self {
                Self { command_id: String::new(), validate_only: false, ..self.clone() }
            }
        }
    )*};
}

// What they create, or the stream they are decided on, has no revision that a caller could expect.
command_requests! { |_| None =>
    membership::v1::RegisterOrganisationRequest,
    contract::v1::ApplyForContractRequest,
    finance::v1::CreatePriceBookRequest,
    finance::v1::CreateShareRuleRequest,
    finance::v1::GrantCreditRequest,
    finance::v1::AgreeFundingRequest,
    access::v1::RegisterDatasetRequest,
    access::v1::RegisterSourceRequest,
    access::v1::ViewDatasetRequest,
    access::v1::RunAnalysisRequest,
    access::v1::ReverseUsageRequest,
    order::v1::PlaceOrderRequest,
    order::v1::RegisterSpecimenRequest,
    order::v1::ListServiceRequest,
    order::v1::ViewServiceRequest,
    order::v1::RequestQuoteRequest,
    order::v1::ProposeConsortiumRequest,
    recruitment::v1::RequestRecruitmentRequest,
    venture::v1::ListVentureRequest,
    venture::v1::ViewDealRequest,
    venture::v1::EnterDataRoomRequest,
    venture::v1::RecordInvestmentRequest,
    venture::v1::ScheduleForumEventRequest,
}

command_requests! { |request| request.expected_revision =>
    membership::v1::GrantCapacityRequest,
    membership::v1::AttestCredentialRequest,
    contract::v1::ApproveContractRequest,
    contract::v1::RejectContractRequest,
    contract::v1::OfferContractRequest,
    contract::v1::SignContractRequest,
    contract::v1::ChangeTierRequest,
    contract::v1::PauseContractRequest,
    contract::v1::ResumeContractRequest,
    contract::v1::RenewContractRequest,
    contract::v1::TerminateContractRequest,
    finance::v1::RevisePriceBookRequest,
    finance::v1::ReviseShareRuleRequest,
    finance::v1::ClosePeriodRequest,
    order::v1::AcceptOrderRequest,
    order::v1::DeclineOrderRequest,
    order::v1::DeliverMilestoneRequest,
    order::v1::AcceptDeliveryRequest,
    order::v1::DisputeDeliveryRequest,
    order::v1::CancelOrderRequest,
    order::v1::DepositResultRequest,
    order::v1::ReserveSpecimenRequest,
    order::v1::ReleaseSpecimenRequest,
    access::v1::ReleaseFreezeRequest,
    recruitment::v1::TriageRecruitmentRequest,
    recruitment::v1::ApproveRecruitmentRequest,
    recruitment::v1::RejectRecruitmentRequest,
    recruitment::v1::InviteInstitutionRequest,
    recruitment::v1::RespondToInvitationRequest,
    recruitment::v1::ReportContactedRequest,
    recruitment::v1::EnrolParticipantRequest,
    recruitment::v1::CloseRecruitmentRequest,
    order::v1::ReviseServiceRequest,
    order::v1::WithdrawServiceRequest,
    order::v1::SubmitQuoteRequest,
    order::v1::DeclineQuoteRequestRequest,
    order::v1::JoinConsortiumRequest,
    order::v1::SetVendorAdmissionRequest,
    venture::v1::ReviseVentureRequest,
    venture::v1::WithdrawVentureRequest,
    venture::v1::ExpressInterestRequest,
    venture::v1::OpenDataRoomRequest,
    venture::v1::FormJointVentureRequest,
    venture::v1::WithdrawInvestmentRequest,
    venture::v1::CancelForumEventRequest,
    venture::v1::SubmitPitchRequest,
    venture::v1::WithdrawPitchRequest,
}
