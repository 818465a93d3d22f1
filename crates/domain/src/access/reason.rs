//! Why use is refused, and why a record is stored as a conflict.

/// Why use was refused before it began. All that apply are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DenialReason {
    /// Not every party has signed, or the term has not begun.
    ContractNotActive,
    /// Use is suspended.
    ContractPaused,
    /// The term is over.
    ContractExpired,
    /// The contract was ended before its term.
    ContractTerminated,
    /// The terms do not name the dataset's class.
    DatasetClassNotCovered,
    /// The terms do not name the purpose.
    PurposeNotCovered,
    /// The terms do not name the country.
    CountryNotCovered,
    /// The terms grant no case for the right.
    RightNotCovered,
    /// It would take more cases than are left in the contract year.
    QuotaExceeded,
    /// It would take more cases than one run may.
    RunTooLarge,
    /// The dataset has no freeze yet, so no cases to analyse.
    NoFreeze,
    /// It would take more cases than the dataset's freeze holds.
    MoreCasesThanDataset,
}

impl DenialReason {
    /// All of them, in order.
    pub const ALL: &'static [Self] = &[
        Self::ContractNotActive,
        Self::ContractPaused,
        Self::ContractExpired,
        Self::ContractTerminated,
        Self::DatasetClassNotCovered,
        Self::PurposeNotCovered,
        Self::CountryNotCovered,
        Self::RightNotCovered,
        Self::QuotaExceeded,
        Self::RunTooLarge,
        Self::NoFreeze,
        Self::MoreCasesThanDataset,
    ];

    /// The name in texts for people and programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ContractNotActive => "contract-not-active",
            Self::ContractPaused => "contract-paused",
            Self::ContractExpired => "contract-expired",
            Self::ContractTerminated => "contract-terminated",
            Self::DatasetClassNotCovered => "dataset-class-not-covered",
            Self::PurposeNotCovered => "purpose-not-covered",
            Self::CountryNotCovered => "country-not-covered",
            Self::RightNotCovered => "right-not-covered",
            Self::QuotaExceeded => "quota-exceeded",
            Self::RunTooLarge => "run-too-large",
            Self::NoFreeze => "no-freeze",
            Self::MoreCasesThanDataset => "more-cases-than-dataset",
        }
    }
}

/// Why a record is stored as a conflict: never billed, never counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConflictReason {
    /// Another content stands under its key.
    Content,
    /// The admission that it names has been settled.
    AlreadySettled,
    /// The admission that it names may be settled no more: it stands as admitted.
    SettlementLate,
    /// The admission that it names has been reversed.
    AdmissionReversed,
}

impl ConflictReason {
    /// All of them, in order.
    pub const ALL: &'static [Self] =
        &[Self::Content, Self::AlreadySettled, Self::SettlementLate, Self::AdmissionReversed];
}
