//! Why a command to a contract was refused: one variant per rule.

use money::Money;

use crate::{
    contract::{ContractKind, ProhibitedUse, Stage},
    id::{ContractId, OrganisationId},
    organisation::Capacity,
    terms::{ChargeKind, MOST_AMOUNT, Purpose, Tier},
    time::Timestamp,
};

/// As what an organisation must be a party.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// It asked for the contract.
    Applicant,
    /// It offers the contract.
    Issuer,
}

impl Role {
    /// The name in texts for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applicant => "applicant",
            Self::Issuer => "issuer",
        }
    }
}

/// Why a command to a contract was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Terms name no purpose.
    #[error("the terms name no purpose")]
    NoPurpose,
    /// Terms of a contract for the use of data name no class of datasets.
    #[error("the terms name no dataset class")]
    NoDatasetClass,
    /// A commitment to pay nothing, or less.
    #[error("a minimum commitment of {amount} is none: it must be above zero")]
    CommitmentToNothing {
        /// The amount.
        amount: Money,
    },
    /// A commitment to pay more than one commitment is about.
    #[error("a minimum commitment of {amount} is more than {MOST_AMOUNT}")]
    CommitmentTooHigh {
        /// The amount.
        amount: Money,
    },
    /// A commitment towards which no charge counts.
    #[error("the minimum commitment names no charge kind that counts towards it")]
    NothingCountsTowardsCommitment,
    /// What makes a commitment up, or is no charge, cannot count towards it.
    #[error("{charge_kind} cannot count towards a minimum commitment")]
    CannotCountTowardsCommitment {
        /// The charge kind.
        charge_kind: ChargeKind,
    },
    /// Terms name no country.
    #[error("the terms name no country")]
    NoCountry,
    /// A list is longer than is kept.
    #[error("{entries} {what} are more than {most}")]
    TooManyEntries {
        /// What is listed.
        what: &'static str,
        /// How many there are.
        entries: usize,
        /// How many there may be.
        most: usize,
    },
    /// A version was pinned that cannot exist.
    #[error("a {what} is pinned to version 0, but versions count from 1")]
    PinnedToNoVersion {
        /// What is pinned.
        what: &'static str,
    },
    /// A purpose that no contract can cover.
    #[error("purpose {purpose} is prohibited: {rule}")]
    ProhibitedPurpose {
        /// The purpose.
        purpose: Purpose,
        /// The rule that forbids it.
        rule: ProhibitedUse,
    },
    /// The term is already over.
    #[error("the term ended at {ends_at}, it is {now}")]
    TermOver {
        /// The end of the term.
        ends_at: Timestamp,
        /// The instant of the question.
        now: Timestamp,
    },
    /// An organisation asks itself.
    #[error("{organisation} cannot make a contract with itself")]
    OwnIssuer {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The applicant does not hold the capacity that the kind asks for.
    #[error("a contract of the kind {kind} needs the capacity {}, which {applicant} does not hold", needed.as_str())]
    ApplicantLacksCapacity {
        /// The applicant.
        applicant: OrganisationId,
        /// The kind of contract.
        kind: ContractKind,
        /// The capacity.
        needed: Capacity,
    },
    /// The issuer is neither promoter nor base operator.
    #[error("{issuer} issues no contracts: it is neither promoter nor base operator")]
    IssuerMayNotIssue {
        /// The issuer.
        issuer: OrganisationId,
    },
    /// The contract has been applied for, with other particulars.
    #[error("contract {id} has already been applied for with other particulars")]
    AlreadyApplied {
        /// The contract.
        id: ContractId,
    },
    /// Approval and rejection need an application that nobody has decided.
    #[error("only an application can be decided, the contract is {stage}")]
    NotApplied {
        /// What it is.
        stage: Stage,
    },
    /// An applicant cannot decide its own application.
    #[error("{organisation} cannot decide its own application")]
    OwnApplication {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The reviewer is for neither the issuer nor a base operator.
    #[error("{organisation} may not decide: it is neither the issuer nor a base operator")]
    ReviewerMayNotDecide {
        /// The reviewer's organisation.
        organisation: OrganisationId,
    },
    /// An approval would end before it starts.
    #[error("an approval until {valid_until} would have lapsed already at {now}")]
    ApprovalEndsAtOnce {
        /// Its end.
        valid_until: Timestamp,
        /// The instant of the question.
        now: Timestamp,
    },
    /// An offer needs an approval, and is made once.
    #[error("only an approved contract can be offered, this one is {stage}")]
    NotApproved {
        /// What it is.
        stage: Stage,
    },
    /// The approval has lapsed: nothing can be offered or signed on it.
    #[error("the approval lapsed at {valid_until}")]
    ApprovalLapsed {
        /// Its end.
        valid_until: Timestamp,
    },
    /// Somebody else than the issuer whom the applicant asked.
    #[error("{organisation} cannot offer a contract that was asked of {issuer}")]
    NotTheIssuer {
        /// Who offers.
        organisation: OrganisationId,
        /// Who was asked.
        issuer: OrganisationId,
    },
    /// The applicant or the issuer is not among the parties.
    #[error("the {} {organisation} is not among the parties", role.as_str())]
    PartyMissing {
        /// As what it must be a party.
        role: Role,
        /// The organisation.
        organisation: OrganisationId,
    },
    /// Terms go beyond what was reviewed.
    #[error("purpose {purpose} was not part of the approved application")]
    PurposeNotApproved {
        /// The purpose.
        purpose: Purpose,
    },
    /// A signature needs an offer.
    #[error("only an offered contract can be signed, this one is {stage}")]
    NotOffered {
        /// What it is.
        stage: Stage,
    },
    /// Somebody signs who is no party.
    #[error("{organisation} is no party of the contract")]
    NotAParty {
        /// Who signs.
        organisation: OrganisationId,
    },
    /// The command is for contracts that every party has signed.
    #[error("not every party has signed, the contract is {stage}")]
    NotSigned {
        /// What it is.
        stage: Stage,
    },
    /// The contract is not in force yet.
    #[error("the contract comes into force at {starts_at}")]
    NotYetInForce {
        /// When it does.
        starts_at: Timestamp,
    },
    /// The term of the contract is over.
    #[error("the contract expired at {since}")]
    Expired {
        /// The end of its term.
        since: Timestamp,
    },
    /// The contract has been terminated, perhaps with effect later on.
    #[error("the contract is terminated with effect at {effective_at}")]
    AlreadyTerminated {
        /// When that takes effect.
        effective_at: Timestamp,
    },
    /// A change would take effect before it is decided.
    #[error("{effective_at} is past, it is {now}: nothing takes effect in retrospect")]
    EffectiveInThePast {
        /// When it would take effect.
        effective_at: Timestamp,
        /// The instant of the question.
        now: Timestamp,
    },
    /// A change would take effect before the contract does.
    #[error("{effective_at} is before the contract comes into force at {starts_at}")]
    EffectiveBeforeStart {
        /// When it would take effect.
        effective_at: Timestamp,
        /// When the contract does.
        starts_at: Timestamp,
    },
    /// A change would take effect when the contract has ended.
    #[error("{effective_at} is not before the end of the contract at {ends_at}")]
    EffectiveAfterEnd {
        /// When it would take effect.
        effective_at: Timestamp,
        /// The end.
        ends_at: Timestamp,
    },
    /// A change of tier that changes none: other quotas for the same tier come with a renewal.
    #[error("the tier is {tier} already; its quotas change with a renewal")]
    SameTier {
        /// The tier.
        tier: Tier,
    },
    /// A change that takes effect no earlier has been agreed before, a renewal included.
    #[error("terms that start at {starts_at} stand already: {effective_at} must be later")]
    LaterTermsStand {
        /// When they start.
        starts_at: Timestamp,
        /// When the change would take effect.
        effective_at: Timestamp,
    },
    /// A renewal that does not extend the term.
    #[error("a renewal until {ends_at} does not extend the term, which ends at {term_ends_at}")]
    RenewalEndsTooEarly {
        /// The end of the renewal.
        ends_at: Timestamp,
        /// The end of the term.
        term_ends_at: Timestamp,
    },
    /// A renewal that leaves a gap or overlaps the term.
    #[error("a renewal starts at the end of the term, {term_ends_at}, and not at {starts_at}")]
    RenewalIsNotAdjacent {
        /// The start of the renewal.
        starts_at: Timestamp,
        /// The end of the term.
        term_ends_at: Timestamp,
    },
    /// The term is not over.
    #[error("the contract expires at {ends_at} only, it is {now}")]
    NotYetExpired {
        /// The end of the term.
        ends_at: Timestamp,
        /// The instant of the question.
        now: Timestamp,
    },
}
