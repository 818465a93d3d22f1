//! Why a command to a recruitment was refused: one variant per rule.

use crate::{
    id::{OrganisationId, RecruitmentId},
    listing::ServiceKind,
    recruitment::Status,
    time::Timestamp,
    under_contract::NotCovered,
};

/// The most participants of one request. With [`MOST_INSTITUTIONS`] it keeps what is shown of it within the
/// 4 MiB of a message that clients take.
pub const MOST_PARTICIPANTS: u32 = 25_000;
/// The most patients that one institution contacts for one request.
pub const MOST_CONTACTED: u32 = 1_000_000;
/// The most institutions of one request.
pub const MOST_INSTITUTIONS: usize = 500;

/// Why a command to a recruitment was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nobody, or more than one request holds, would be recruited.
    #[error("{participants} participants are not 1 to {MOST_PARTICIPANTS}")]
    ParticipantsOutOfRange {
        /// How many.
        participants: u32,
    },
    /// A member asks itself.
    #[error("{organisation} cannot ask itself to recruit")]
    OwnExecutor {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The request stands, with other particulars.
    #[error("recruitment {id} has already been requested with other particulars")]
    AlreadyRequested {
        /// The recruitment.
        id: RecruitmentId,
    },
    /// The member's contract does not cover the act.
    #[error(transparent)]
    NotCovered(NotCovered),
    /// The executing vendor's contract does not cover the act.
    #[error(transparent)]
    ExecutorNotCovered(NotCovered),
    /// The institution's supply contract does not cover the act.
    #[error(transparent)]
    InstitutionNotCovered(NotCovered),
    /// Only vendors and the promoter recruit.
    #[error("{organisation} does not recruit: it is neither vendor nor promoter today")]
    NotAnExecutor {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// A vendor recruits under its participation contract alone.
    #[error("{organisation} recruits as a vendor: its participation contract must be named")]
    ExecutorContractMissing {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The operators admit other vendors to recruiting.
    #[error("{organisation} is not admitted to services of the kind {}", ServiceKind::PatientRecruiting)]
    NotAdmitted {
        /// The executing vendor.
        organisation: OrganisationId,
    },
    /// The recruitment has not come so far, or is past it.
    #[error("this needs a recruitment that is {needed}, this one is {status}")]
    WrongStage {
        /// What it would have to be.
        needed: Status,
        /// What it is.
        status: Status,
    },
    /// A person must look at a request that does not hang on a diagnosis.
    #[error("participants without a diagnosis may fit the criteria: a person must triage the request first")]
    TriageRequired,
    /// A request that hangs on a diagnosis, or was triaged, needs no triage.
    #[error("the request needs no triage any more")]
    TriageNotNeeded,
    /// Whoever asks for a recruitment or carries it out does not decide on it.
    #[error("{organisation} cannot decide on a recruitment of which it is member or executor")]
    ConflictOfInterest {
        /// The reviewer's organisation.
        organisation: OrganisationId,
    },
    /// The reviewer is of no organisation that runs the forum.
    #[error("{organisation} may not decide: it does not run the forum")]
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
    /// The approval has ended: nobody is invited or enrolled any more.
    #[error("the approval lapsed at {valid_until}")]
    ApprovalLapsed {
        /// Its end.
        valid_until: Timestamp,
    },
    /// Only the executor and the operators invite.
    #[error("{organisation} cannot invite institutions: it is neither executor nor operator")]
    MayNotInvite {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The institution was invited under another contract.
    #[error("{institution} has already been invited under another contract")]
    AlreadyInvited {
        /// The institution.
        institution: OrganisationId,
    },
    /// As many institutions were invited as one request holds.
    #[error("no more than {MOST_INSTITUTIONS} institutions can be invited")]
    TooManyInstitutions,
    /// The institution was not invited.
    #[error("{institution} was not invited")]
    NotInvited {
        /// The institution.
        institution: OrganisationId,
    },
    /// The institution answered otherwise before.
    #[error("{institution} has already answered the invitation")]
    AlreadyResponded {
        /// The institution.
        institution: OrganisationId,
    },
    /// The institution has not accepted its invitation.
    #[error("{institution} has not accepted the invitation")]
    NotAccepted {
        /// The institution.
        institution: OrganisationId,
    },
    /// Nobody was contacted, or more than one institution can.
    #[error("{number} more are not 1 or more that make at most {MOST_CONTACTED} in all")]
    ContactedOutOfRange {
        /// How many.
        number: u32,
    },
    /// The pseudonym is another participant's. Whose it is, is not said.
    #[error("the pseudonym is taken in this recruitment")]
    PseudonymTaken,
    /// An institution enrols whom it has contacted.
    #[error("nobody is left to enrol: {contacted} were contacted, and as many are enrolled")]
    NobodyLeftToEnrol {
        /// How many the institution has contacted.
        contacted: u32,
    },
    /// As many are enrolled as were wanted.
    #[error("nobody more is wanted: {wanted} participants were, and as many are enrolled")]
    Full {
        /// How many were wanted.
        wanted: u32,
    },
    /// Only the member, the executor and the operators end it.
    #[error("{organisation} cannot close the recruitment: it is neither member, executor nor operator")]
    MayNotClose {
        /// The organisation.
        organisation: OrganisationId,
    },
}
