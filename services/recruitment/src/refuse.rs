//! Rejections of the domain as refusals on the wire, in one exhaustive match.

use domain::{listing::ServiceKind, recruitment::Rejection, under_contract::NotCovered};
use engine::{Failure, Reason, Refusal, not_covered};

/// What a failure means to a caller. `named` are the contracts that the request names, by their fields: of any
/// other it is not the caller's to know more than that it does not cover the act.
pub(crate) fn refuse(named: &[&str], failure: Failure<Rejection>) -> Refusal {
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    let invalid = |field: &str| Refusal::field(Reason::InvalidField, field, &message);
    match rejection {
        Rejection::ParticipantsOutOfRange { .. } => invalid("participants_wanted"),
        Rejection::OwnExecutor { .. } => invalid("executor_id"),
        // The request's id follows from the command id.
        Rejection::AlreadyRequested { .. } => Refusal::field(Reason::CommandIdReused, "command_id", message),
        Rejection::NotCovered(refused) => of_contract(named, "contract_id", "the member's", &refused),
        Rejection::ExecutorNotCovered(refused) => {
            of_contract(named, "executor_contract_id", "the executor's", &refused)
        }
        Rejection::InstitutionNotCovered(refused) => {
            of_contract(named, "supply_contract_id", "the institution's supply", &refused)
        }
        Rejection::NotAnExecutor { .. } => {
            Refusal::field(Reason::CounterpartyLacksCapacity, "executor_id", message)
                .with("capacity", "vendor or promoter")
        }
        Rejection::NotAdmitted { .. } => {
            // Whoever approves names the recruitment, and only so its executor.
            let field =
                if named.contains(&"executor_contract_id") { "executor_id" } else { "recruitment_id" };
            Refusal::field(Reason::VendorNotAdmitted, field, message)
                .with("kind", ServiceKind::PatientRecruiting)
        }
        Rejection::ExecutorContractMissing { .. } => invalid("executor_contract_id"),
        Rejection::WrongStage { status, .. } => {
            Refusal::new(Reason::WrongStage, message).with("stage", status)
        }
        Rejection::TriageRequired => Refusal::new(Reason::TriageRequired, message),
        Rejection::TriageNotNeeded => Refusal::new(Reason::TriageNotNeeded, message),
        Rejection::ConflictOfInterest { .. } => Refusal::new(Reason::ConflictOfInterest, message),
        Rejection::ReviewerMayNotDecide { .. }
        | Rejection::MayNotInvite { .. }
        | Rejection::MayNotClose { .. }
        | Rejection::NotInvited { .. } => Refusal::new(Reason::NotYours, message),
        Rejection::ApprovalEndsAtOnce { .. } => invalid("valid_until"),
        Rejection::ApprovalLapsed { .. } => Refusal::new(Reason::ApprovalLapsed, message),
        Rejection::AlreadyInvited { .. } => Refusal::field(Reason::AlreadyInvited, "institution_id", message),
        Rejection::TooManyInstitutions => Refusal::new(Reason::TooManyInstitutions, message),
        Rejection::AlreadyResponded { .. } => Refusal::new(Reason::AlreadyResponded, message),
        Rejection::NotAccepted { .. } => Refusal::new(Reason::InvitationNotAccepted, message),
        Rejection::ContactedOutOfRange { .. } => invalid("number"),
        Rejection::PseudonymTaken => Refusal::field(Reason::KeyTaken, "pseudonym", message),
        Rejection::NobodyLeftToEnrol { contacted } => {
            Refusal::new(Reason::NobodyLeftToEnrol, message).with("contacted", contacted)
        }
        Rejection::Full { wanted } => Refusal::new(Reason::RecruitmentFull, message).with("wanted", wanted),
    }
}

fn of_contract(named: &[&str], field: &str, whose: &str, refused: &NotCovered) -> Refusal {
    if named.contains(&field) {
        return not_covered(field, refused);
    }
    // Neither text nor values say whether it is paused or has ended.
    Refusal::new(Reason::ContractNotInForce, format!("{whose} contract does not cover this now"))
}
