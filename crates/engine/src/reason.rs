//! The closed catalogue of reasons for which a request is refused, each of one kind and so of one gRPC code.

use tonic::Code;

/// What a gRPC code means here: each reason is of exactly one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// The request can never be right as it is.
    Invalid,
    /// Nobody knows who calls.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// There is no such thing, or none that the caller may see.
    Missing,
    /// The key or the id is taken.
    Taken,
    /// The state of things does not allow it.
    Precondition,
    /// Somebody else was faster.
    Aborted,
    /// A limit is reached.
    Exhausted,
    /// Try again later, with the same id.
    Unavailable,
    /// Kiban has no such method.
    Unimplemented,
    /// What the log holds cannot be read.
    DataLoss,
}

impl ErrorKind {
    /// Its code.
    pub const fn code(self) -> Code {
        match self {
            Self::Invalid => Code::InvalidArgument,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::Forbidden => Code::PermissionDenied,
            Self::Missing => Code::NotFound,
            Self::Taken => Code::AlreadyExists,
            Self::Precondition => Code::FailedPrecondition,
            Self::Aborted => Code::Aborted,
            Self::Exhausted => Code::ResourceExhausted,
            Self::Unavailable => Code::Unavailable,
            Self::Unimplemented => Code::Unimplemented,
            Self::DataLoss => Code::DataLoss,
        }
    }
}

/// Declares the catalogue of reasons: name, text on the wire, kind.
macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $name:ident $text:literal $kind:ident,)*) => {
        /// Why a request was refused. Clients may switch on the text of it; it never changes.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Reason {
            $($(#[doc = $doc])* $name,)*
        }

        impl Reason {
            /// The whole catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its text on the wire, SCREAMING_SNAKE.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// What it means, in a sentence: the text of its documentation.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),*).trim_ascii_start(),)*
                }
            }

            /// Its kind, and so its code.
            pub const fn kind(self) -> ErrorKind {
                match self {
                    $(Self::$name => ErrorKind::$kind,)*
                }
            }
        }
    };
}

reasons! {
    // Every request.
    /// The bytes are not the protobuf message that the method takes.
    MalformedMessage "MALFORMED_MESSAGE" Invalid,
    /// The message is larger than any may be.
    MessageTooLarge "MESSAGE_TOO_LARGE" Exhausted,
    /// There is no such method.
    UnknownMethod "UNKNOWN_METHOD" Unimplemented,
    /// A field holds no value of its kind.
    InvalidField "INVALID_FIELD" Invalid,
    /// The command id is missing or malformed.
    InvalidCommandId "INVALID_COMMAND_ID" Invalid,
    /// The command id was used before for something else.
    CommandIdReused "COMMAND_ID_REUSED" Taken,
    /// The thing is not at the revision that the caller expected.
    RevisionMismatch "REVISION_MISMATCH" Aborted,
    /// Others changed what the decision stood on, again and again; try again.
    Contention "CONTENTION" Aborted,
    /// Nobody knows who calls.
    Unauthenticated "UNAUTHENTICATED" Unauthenticated,
    /// The caller lacks a role.
    RoleRequired "ROLE_REQUIRED" Forbidden,
    /// The caller's organisation lacks a capacity.
    CapacityRequired "CAPACITY_REQUIRED" Forbidden,
    /// The caller must be a person.
    PersonRequired "PERSON_REQUIRED" Forbidden,
    /// The caller is not concerned.
    NotYours "NOT_YOURS" Forbidden,
    /// There is no such thing.
    NotFound "NOT_FOUND" Missing,
    /// The writer's queue is full; try again soon.
    Overloaded "OVERLOADED" Unavailable,
    /// The process that answers this kind of request cannot be reached; try again, a command with the same id.
    RoleUnavailable "ROLE_UNAVAILABLE" Unavailable,
    /// Whether it was written is not known: retry with the same id.
    OutcomeUnknown "OUTCOME_UNKNOWN" Unavailable,
    /// The log takes no writes, or cannot be read.
    LogUnavailable "LOG_UNAVAILABLE" Unavailable,
    /// What the log holds cannot be read.
    LogCorrupt "LOG_CORRUPT" DataLoss,
    /// The projection has not come to the asked-for position in time.
    NotYetThere "NOT_YET_THERE" Unavailable,
    /// A projection has stopped, because it could not read an event or keep its table; the log goes on.
    ProjectionStopped "PROJECTION_STOPPED" Unavailable,
    /// The asked-for position lies after the end of the log.
    PositionAhead "POSITION_AHEAD" Invalid,
    /// The page token was not made by this list, or with other filters.
    InvalidPageToken "INVALID_PAGE_TOKEN" Invalid,
    /// The unique key belongs to another.
    KeyTaken "KEY_TAKEN" Taken,
    // Membership.
    /// The kind and number are known as a credential that another issuer gave.
    CredentialOfAnotherIssuer "CREDENTIAL_OF_ANOTHER_ISSUER" Precondition,
    /// The organisation has as many credentials as are kept.
    TooManyCredentials "TOO_MANY_CREDENTIALS" Exhausted,

    // Access.
    /// The contract or the dataset does not allow the use; the refusal is on record.
    AccessDenied "ACCESS_DENIED" Forbidden,
    /// A dataset's freeze must be later than the one before.
    FreezeNotLater "FREEZE_NOT_LATER" Precondition,
    /// The source is none of the contract's.
    UnknownSource "UNKNOWN_SOURCE" Missing,
    /// A record says that it happens in the future.
    OccurredInFuture "OCCURRED_IN_FUTURE" Invalid,
    /// The named admission was never given.
    UnknownAdmission "UNKNOWN_ADMISSION" Missing,
    /// There is no record with the key.
    UnknownRecord "UNKNOWN_RECORD" Missing,
    /// The record was stored as a conflict and never stood.
    RecordIsConflict "RECORD_IS_CONFLICT" Precondition,
    /// A record stands in the admission's place.
    AdmissionSettled "ADMISSION_SETTLED" Precondition,
    /// It was reversed before.
    AlreadyReversed "ALREADY_REVERSED" Precondition,
    /// A call repeats records of too many old reports.
    TooManyRepeats "TOO_MANY_REPEATS" Exhausted,
    /// A call is larger than any may be.
    BatchTooLarge "BATCH_TOO_LARGE" Exhausted,

    // Contracts.
    /// Kiban serves no such purpose, whoever agrees; the metadata name the rule.
    PurposeProhibited "PURPOSE_PROHIBITED" Invalid,
    /// The purpose was not part of the approved application.
    PurposeNotApproved "PURPOSE_NOT_APPROVED" Precondition,
    /// The organisation issues no contracts: it is neither promoter nor base operator.
    NotAnIssuer "NOT_AN_ISSUER" Precondition,
    /// Nobody decides on what is their own: an application, or a recruitment that they asked for or carry out.
    ConflictOfInterest "CONFLICT_OF_INTEREST" Forbidden,
    /// The thing has not come so far, or is past it; the metadata name its stage.
    WrongStage "WRONG_STAGE" Precondition,
    /// The approval has ended: nothing can be done on it any more.
    ApprovalLapsed "APPROVAL_LAPSED" Precondition,
    /// The term is over.
    TermOver "TERM_OVER" Precondition,
    /// The contract is not in force yet, or paused.
    ContractNotInForce "CONTRACT_NOT_IN_FORCE" Precondition,
    /// The contract has expired or is terminated.
    ContractEnded "CONTRACT_ENDED" Precondition,
    /// The change cannot take effect at this time.
    EffectiveTimeNotAllowed "EFFECTIVE_TIME_NOT_ALLOWED" Precondition,
    /// The contract has this tier.
    TierUnchanged "TIER_UNCHANGED" Precondition,
    /// The renewal does not go on where the term ends.
    RenewalTermNotAllowed "RENEWAL_TERM_NOT_ALLOWED" Precondition,

    // Orders, recruitment, investments.
    /// The contract is of another kind than this needs; the metadata name the kind.
    WrongContractKind "WRONG_CONTRACT_KIND" Precondition,
    /// The organisation that is asked to do something lacks the capacity for it.
    CounterpartyLacksCapacity "COUNTERPARTY_LACKS_CAPACITY" Precondition,
    /// The milestones do not sum to the price.
    MilestonesMissPrice "MILESTONES_MISS_PRICE" Invalid,
    /// The platform is never a party of a deal.
    PlatformIsNoParty "PLATFORM_IS_NO_PARTY" Precondition,

    // Delivery.
    /// The quote has expired; the metadata say when.
    QuoteExpired "QUOTE_EXPIRED" Precondition,
    /// An order has been placed from the request for quote, and one comes of each.
    QuoteAlreadyUsed "QUOTE_ALREADY_USED" Taken,
    /// The service is sold by quote only.
    NoListPrice "NO_LIST_PRICE" Precondition,
    /// The vendor's participation contract is not in force; the metadata name its stage.
    VendorNotParticipating "VENDOR_NOT_PARTICIPATING" Precondition,
    /// The vendor holds no unexpired credential of a kind that the order requires; the metadata name it.
    CredentialMissing "CREDENTIAL_MISSING" Precondition,
    /// The order or its request for quote is about another dataset; the metadata name it.
    OtherDataset "OTHER_DATASET" Precondition,
    /// The order names no dataset of whose specimens its vendor may reserve.
    NoDatasetOrdered "NO_DATASET_ORDERED" Precondition,
    /// The consent of the dataset's participants does not cover what is ordered; the metadata name what is missing.
    ConsentMissing "CONSENT_MISSING" Precondition,
    /// Derived material needs the approval of an ethics committee.
    EthicsApprovalMissing "ETHICS_APPROVAL_MISSING" Precondition,
    /// A delivery awaits the member's answer, so the vendor cannot cancel.
    DeliveryUnanswered "DELIVERY_UNANSWERED" Precondition,
    /// The order has as many results as are kept.
    TooManyResults "TOO_MANY_RESULTS" Exhausted,
    /// Another number of aliquots is reserved for the order; the metadata name it.
    AlreadyReserved "ALREADY_RESERVED" Precondition,
    /// The specimen has not so many free aliquots; the metadata name how many it has.
    StockExceeded "STOCK_EXCEEDED" Precondition,

    // Ventures and events of the forum.
    /// The venture's card was taken back: nothing more can be done with it.
    VentureWithdrawn "VENTURE_WITHDRAWN" Precondition,
    /// A venture has had as many cards, or joint ventures, as are kept.
    VentureFull "VENTURE_FULL" Exhausted,
    /// An interest is told, and an investment made, after the deal was viewed.
    DealNotViewed "DEAL_NOT_VIEWED" Precondition,
    /// A data room is opened for an investor who has told of an interest.
    NoInterestExpressed "NO_INTEREST_EXPRESSED" Precondition,
    /// No data room was opened for the investor.
    NoDataRoom "NO_DATA_ROOM" Precondition,
    /// The time of the data room is over.
    DataRoomClosed "DATA_ROOM_CLOSED" Precondition,
    /// A party of a joint venture has neither told of an interest in it nor invested; the metadata name the party.
    PartyNotInvolved "PARTY_NOT_INVOLVED" Precondition,
    /// The venture has a joint venture of that name, with other particulars.
    JointVentureStands "JOINT_VENTURE_STANDS" Taken,
    /// The record of the investment was taken back before, for another reason.
    InvestmentWithdrawn "INVESTMENT_WITHDRAWN" Precondition,
    /// The event of the forum was called off.
    ForumEventCancelled "FORUM_EVENT_CANCELLED" Precondition,
    /// The event of the forum has begun.
    ForumEventBegun "FORUM_EVENT_BEGUN" Precondition,
    /// The deadline for pitches is over.
    SubmissionsClosed "SUBMISSIONS_CLOSED" Precondition,
    /// The venture is entered with another pitch; that must be withdrawn first.
    PitchStands "PITCH_STANDS" Taken,
    /// As many ventures as may be are entered.
    TooManyPitches "TOO_MANY_PITCHES" Exhausted,
    /// The venture is not entered.
    NoPitch "NO_PITCH" Missing,

    // Selling.
    /// The operators admit other vendors to this kind of service; the metadata name the kind.
    VendorNotAdmitted "VENDOR_NOT_ADMITTED" Precondition,
    /// Not every member of the consortium has joined it.
    ConsortiumNotFormed "CONSORTIUM_NOT_FORMED" Precondition,
    /// The member has joined the consortium under another contract.
    AlreadyJoined "ALREADY_JOINED" Precondition,
    /// The service is not offered any more.
    ListingWithdrawn "LISTING_WITHDRAWN" Precondition,
    /// What identifies a thing never changes.
    NeverChanges "NEVER_CHANGES" Precondition,
    /// The vendor has declined to quote.
    QuoteRequestDeclined "QUOTE_REQUEST_DECLINED" Precondition,
    /// The vendor has quoted, and a quote binds.
    QuoteBinds "QUOTE_BINDS" Precondition,
    /// The request is answered by as many quotes as are kept.
    TooManyQuotes "TOO_MANY_QUOTES" Exhausted,

    // Recruitment.
    /// Participants without a diagnosis may fit the criteria: a person must triage the request first.
    TriageRequired "TRIAGE_REQUIRED" Precondition,
    /// The request hangs on a diagnosis, or a person has triaged it.
    TriageNotNeeded "TRIAGE_NOT_NEEDED" Precondition,
    /// The institution was invited under another contract.
    AlreadyInvited "ALREADY_INVITED" Taken,
    /// The recruitment has as many institutions as one may have.
    TooManyInstitutions "TOO_MANY_INSTITUTIONS" Exhausted,
    /// The institution has answered its invitation otherwise.
    AlreadyResponded "ALREADY_RESPONDED" Precondition,
    /// The institution has not accepted its invitation.
    InvitationNotAccepted "INVITATION_NOT_ACCEPTED" Precondition,
    /// The institution has enrolled as many as it has contacted.
    NobodyLeftToEnrol "NOBODY_LEFT_TO_ENROL" Precondition,
    /// As many participants are enrolled as were wanted.
    RecruitmentFull "RECRUITMENT_FULL" Precondition,

    // Finance.
    /// An amount is more than one thing may cost or give, or does not fit the 64 bits that it has.
    AmountOutOfRange "AMOUNT_OUT_OF_RANGE" Precondition,
    /// The month is closed, so nothing can start in it or be added to it.
    PeriodClosed "PERIOD_CLOSED" Precondition,
    /// The month has not ended, so it cannot be closed.
    PeriodNotEnded "PERIOD_NOT_ENDED" Precondition,
    /// Months are closed in order; the metadata name the one that is next.
    PeriodOutOfOrder "PERIOD_OUT_OF_ORDER" Precondition,
    /// The price book or share rule has as many versions as are kept.
    TooManyVersions "TOO_MANY_VERSIONS" Exhausted,
    /// Two entries of a list apply to the same.
    DuplicateEntry "DUPLICATE_ENTRY" Invalid,
    /// The amounts are in different currencies.
    CurrencyMismatch "CURRENCY_MISMATCH" Invalid,
    /// A price or an amount is less than nothing.
    NegativeAmount "NEGATIVE_AMOUNT" Invalid,
    /// An amount that must be above zero is not.
    AmountNotPositive "AMOUNT_NOT_POSITIVE" Invalid,
    /// The charge kind is none of those that are credited.
    NotACredit "NOT_A_CREDIT" Invalid,
    /// The month has not begun, or the contract was not in force yet.
    MonthNotAllowed "MONTH_NOT_ALLOWED" Precondition,
    /// A package holds nothing, or less.
    InvalidPackage "INVALID_PACKAGE" Invalid,
    /// The vendor issues or collects a charge behind which there is none.
    NoVendor "NO_VENDOR" Invalid,
    /// The bands of a graduated or volume price do not hold every quantity exactly once.
    InvalidBands "INVALID_BANDS" Invalid,
    /// A percentage is not above 0 and at most 100.
    InvalidPercentage "INVALID_PERCENTAGE" Invalid,
    /// The percentages of a split do not sum to exactly 100.
    PercentagesNotHundred "PERCENTAGES_NOT_HUNDRED" Invalid,
    /// A minimum or a cap cannot hold beside the rest of its split.
    InvalidBound "INVALID_BOUND" Invalid,
    /// A data fee cannot be taken where the split takes it.
    InvalidDataFee "INVALID_DATA_FEE" Invalid,
    /// The split names the data provider, but also applies where there is none.
    NoDataProvider "NO_DATA_PROVIDER" Invalid,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_distinct_and_screaming() {
        let mut texts: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        assert!(texts.iter().all(|text| text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')));
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Reason::ALL.len());
    }
}
