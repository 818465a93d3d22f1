//! Verdicts, outcomes and reasons as the wire has them.

use domain::{
    access::{DenialReason, Outcome},
    terms::Verdict,
};
use proto::kiban::{access::v1 as wire, common::v1 as common};

/// A verdict.
pub const fn verdict(verdict: Verdict) -> common::Verdict {
    match verdict {
        Verdict::InScope => common::Verdict::InScope,
        Verdict::OverQuota => common::Verdict::OverQuota,
        Verdict::OutsideContract => common::Verdict::OutsideContract,
        Verdict::AfterExpiry => common::Verdict::AfterExpiry,
    }
}

/// What became of a record.
pub const fn outcome(outcome: Outcome) -> wire::Outcome {
    match outcome {
        Outcome::New => wire::Outcome::New,
        Outcome::Known => wire::Outcome::Known,
        Outcome::KnownAtAnotherTime => wire::Outcome::KnownAtAnotherTime,
        Outcome::Conflicting => wire::Outcome::Conflicting,
    }
}

/// Why use was refused.
pub const fn denial_reason(reason: DenialReason) -> wire::DenialReason {
    match reason {
        DenialReason::ContractNotActive => wire::DenialReason::ContractNotActive,
        DenialReason::ContractPaused => wire::DenialReason::ContractPaused,
        DenialReason::ContractExpired => wire::DenialReason::ContractExpired,
        DenialReason::ContractTerminated => wire::DenialReason::ContractTerminated,
        DenialReason::DatasetClassNotCovered => wire::DenialReason::DatasetClassNotCovered,
        DenialReason::PurposeNotCovered => wire::DenialReason::PurposeNotCovered,
        DenialReason::CountryNotCovered => wire::DenialReason::CountryNotCovered,
        DenialReason::RightNotCovered => wire::DenialReason::RightNotCovered,
        DenialReason::QuotaExceeded => wire::DenialReason::QuotaExceeded,
        DenialReason::RunTooLarge => wire::DenialReason::RunTooLarge,
        DenialReason::NoFreeze => wire::DenialReason::NoFreeze,
        DenialReason::MoreCasesThanDataset => wire::DenialReason::MoreCasesThanDataset,
    }
}
