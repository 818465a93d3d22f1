//! What every command replies: a receipt, by which its events are found.

use proto::kiban::{
    access::v1 as access, common::v1::Receipt, contract::v1 as contract, finance::v1 as finance,
    membership::v1 as membership, order::v1 as order, recruitment::v1 as recruitment, venture::v1 as venture,
};

/// The reply of a command.
pub(super) trait Reply {
    /// Where its events stand.
    fn receipt(&self) -> Option<&Receipt>;
}

macro_rules! replies {
    ($($reply:ty),* $(,)?) => {$(
        impl Reply for $reply {
            fn receipt(&self) -> Option<&Receipt> {
                self.receipt.as_ref()
            }
        }
    )*};
}

replies! {
    membership::RegisterOrganisationResponse,
    membership::AttestCredentialResponse,
    contract::ApplyForContractResponse,
    contract::ApproveContractResponse,
    contract::RejectContractResponse,
    contract::OfferContractResponse,
    contract::SignContractResponse,
    contract::ChangeTierResponse,
    contract::PauseContractResponse,
    contract::ResumeContractResponse,
    contract::RenewContractResponse,
    contract::TerminateContractResponse,
    finance::CreatePriceBookResponse,
    finance::RevisePriceBookResponse,
    finance::CreateShareRuleResponse,
    finance::ReviseShareRuleResponse,
    finance::ClosePeriodResponse,
    finance::GrantCreditResponse,
    finance::AgreeFundingResponse,
    access::RegisterDatasetResponse,
    access::ReleaseFreezeResponse,
    access::RegisterSourceResponse,
    access::ReverseUsageResponse,
    order::ListServiceResponse,
    order::ReviseServiceResponse,
    order::WithdrawServiceResponse,
    order::ViewServiceResponse,
    order::RequestQuoteResponse,
    order::SubmitQuoteResponse,
    order::DeclineQuoteRequestResponse,
    order::ProposeConsortiumResponse,
    order::JoinConsortiumResponse,
    order::SetVendorAdmissionResponse,
    order::PlaceOrderResponse,
    order::AcceptOrderResponse,
    order::DeclineOrderResponse,
    order::DeliverMilestoneResponse,
    order::AcceptDeliveryResponse,
    order::DisputeDeliveryResponse,
    order::CancelOrderResponse,
    order::DepositResultResponse,
    order::RegisterSpecimenResponse,
    order::ReserveSpecimenResponse,
    order::ReleaseSpecimenResponse,
    recruitment::RequestRecruitmentResponse,
    recruitment::TriageRecruitmentResponse,
    recruitment::ApproveRecruitmentResponse,
    recruitment::RejectRecruitmentResponse,
    recruitment::InviteInstitutionResponse,
    recruitment::RespondToInvitationResponse,
    recruitment::ReportContactedResponse,
    recruitment::EnrolParticipantResponse,
    recruitment::CloseRecruitmentResponse,
    venture::ListVentureResponse,
    venture::ViewDealResponse,
    venture::ExpressInterestResponse,
    venture::OpenDataRoomResponse,
    venture::EnterDataRoomResponse,
    venture::FormJointVentureResponse,
    venture::RecordInvestmentResponse,
    venture::WithdrawInvestmentResponse,
    venture::ScheduleForumEventResponse,
    venture::SubmitPitchResponse,
}
