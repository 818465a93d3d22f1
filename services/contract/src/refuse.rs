//! Rejections of the domain as refusals on the wire, in one exhaustive match.

use domain::contract::Rejection;
use engine::{Failure, Reason, Refusal};

/// What a failure means to a caller. `terms` is the path of the fields that belong to the terms, with its dot:
/// `terms.`, or empty for an application, whose purposes stand alone.
pub(crate) fn refuse(terms: &str, failure: Failure<Rejection>) -> Refusal {
    match failure {
        Failure::Refused(refusal) => refusal,
        Failure::Rejected(rejection) => refuse_rejection(terms, rejection),
    }
}

fn refuse_rejection(terms: &str, rejection: Rejection) -> Refusal {
    let message = rejection.to_string();
    let invalid = |field: &str| Refusal::field(Reason::InvalidField, field, &message);
    let of_terms = |name: &str| invalid(&format!("{terms}{name}"));
    match rejection {
        Rejection::NoPurpose => of_terms("purposes"),
        Rejection::NoDatasetClass => of_terms("dataset_classes"),
        Rejection::NoCountry => of_terms("countries"),
        Rejection::CommitmentToNothing { .. } => {
            Refusal::field(Reason::AmountNotPositive, format!("{terms}minimum_commitment.amount"), message)
        }
        Rejection::CommitmentTooHigh { .. } => {
            Refusal::field(Reason::AmountOutOfRange, format!("{terms}minimum_commitment.amount"), message)
        }
        Rejection::NothingCountsTowardsCommitment
        | Rejection::CannotCountTowardsCommitment { .. }
        | Rejection::TooManyEntries { what: "charge kinds", .. } => {
            of_terms("minimum_commitment.charge_kinds")
        }
        Rejection::TooManyEntries { what: "parties", .. } => invalid("further_party_ids"),
        Rejection::TooManyEntries { what, .. } => of_terms(&what.replace(' ', "_")),
        Rejection::PinnedToNoVersion { what } => {
            of_terms(&format!("{}.pinned_version", what.replace(' ', "_")))
        }
        Rejection::ProhibitedPurpose { purpose, rule } => {
            Refusal::field(Reason::PurposeProhibited, format!("{terms}purposes"), message)
                .with("purpose", purpose)
                .with("rule", "T6-2")
                .with("prohibited_use", rule.as_str())
        }
        Rejection::PurposeNotApproved { purpose } => {
            Refusal::field(Reason::PurposeNotApproved, format!("{terms}purposes"), message)
                .with("purpose", purpose)
        }
        Rejection::TermOver { .. } => Refusal::new(Reason::TermOver, message),
        Rejection::OwnIssuer { .. } => invalid("issuer_id"),
        Rejection::ApplicantLacksCapacity { needed, .. } => {
            Refusal::new(Reason::CapacityRequired, message).with("capacity", needed.as_str())
        }
        Rejection::IssuerMayNotIssue { .. } => Refusal::field(Reason::NotAnIssuer, "issuer_id", message),
        // The contract's id follows from the command id.
        Rejection::AlreadyApplied { .. } => Refusal::field(Reason::CommandIdReused, "command_id", message),
        Rejection::NotYetExpired { .. } => Refusal::new(Reason::WrongStage, message),
        Rejection::NotApplied { stage }
        | Rejection::NotApproved { stage }
        | Rejection::NotOffered { stage }
        | Rejection::NotSigned { stage } => Refusal::new(Reason::WrongStage, message).with("stage", stage),
        Rejection::OwnApplication { .. } => Refusal::new(Reason::ConflictOfInterest, message),
        Rejection::ReviewerMayNotDecide { .. }
        | Rejection::NotTheIssuer { .. }
        | Rejection::NotAParty { .. } => Refusal::new(Reason::NotYours, message),
        Rejection::ApprovalEndsAtOnce { .. } => invalid("valid_until"),
        Rejection::ApprovalLapsed { .. } => Refusal::new(Reason::ApprovalLapsed, message),
        Rejection::PartyMissing { .. } => invalid("further_party_ids"),
        Rejection::NotYetInForce { .. } => Refusal::new(Reason::ContractNotInForce, message),
        Rejection::Expired { .. } | Rejection::AlreadyTerminated { .. } => {
            Refusal::new(Reason::ContractEnded, message)
        }
        Rejection::EffectiveInThePast { .. }
        | Rejection::EffectiveBeforeStart { .. }
        | Rejection::EffectiveAfterEnd { .. }
        | Rejection::LaterTermsStand { .. } => {
            Refusal::field(Reason::EffectiveTimeNotAllowed, "effective_at", message)
        }
        Rejection::SameTier { .. } => Refusal::field(Reason::TierUnchanged, "tier", message),
        Rejection::RenewalEndsTooEarly { .. } => {
            Refusal::field(Reason::RenewalTermNotAllowed, "end", message)
        }
        Rejection::RenewalIsNotAdjacent { .. } => {
            Refusal::field(Reason::RenewalTermNotAllowed, format!("{terms}start"), message)
        }
    }
}
