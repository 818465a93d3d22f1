//! Patient recruitment (患者リクルーティング, requirements §3.5): from the request to the last enrolment.
//!
//! Stream `recruitment-<id>`. A member asks a vendor or the promoter to find participants for a study, under its
//! own contract. A reviewer who is neither's lets it begin on an ethics committee's approval, which has an end; a
//! request that somebody without a diagnosis may fit is looked at by a person before that. Institutions are
//! invited under their supply contracts, contact their patients and enrol those who want, under pseudonyms. No
//! identity ever reaches the member, and none stands in the log.

mod code;
mod command;
mod course;
mod criteria;
mod decide;
mod diagnosis;
mod event;
mod evolve;
mod pseudonym;
mod rejection;
mod state;
#[cfg(test)]
mod tests;

pub use code::{Code, CodeSystem, Concept, InvalidCode, Label};
pub use command::{
    ApproveRecruitment, CloseRecruitment, Command, EnrolParticipant, InviteInstitution, RejectRecruitment,
    ReportContacted, RequestRecruitment, RespondToInvitation, TriageRecruitment,
};
pub use criteria::{
    AgeRange, Criteria, Criterion, GeneSymbol, Hgvs, InvalidCriteria, InvalidVariant, MOST_AGE, MOST_DEPTH,
    MOST_NODES, Sex, Variant, requires_a_diagnosis,
};
pub use diagnosis::{Diagnosis, InvalidDiagnosis};
pub use event::{
    Event, InstitutionInvited, InstitutionResponded, ParticipantEnrolled, ParticipantsContacted,
    PatientRecruitmentRequested, RecruitmentApproved, RecruitmentClosed, RecruitmentRejected,
    RecruitmentTriaged,
};
pub use pseudonym::{InvalidPseudonym, Pseudonym};
pub use rejection::{MOST_CONTACTED, MOST_INSTITUTIONS, MOST_PARTICIPANTS, Rejection};
pub use state::{
    Answer, Approval, Asked, Closing, Course, EthicsApproval, Finding, Participation, Recruitment, Refusal,
    RequestedRecruitment, Response, Sight, Sought, Status, Triage,
};

use crate::Decider;

impl Decider for Recruitment {
    type Command = Command;
    type Event = Event;
    type State = Self;
    type Rejection = Rejection;

    fn decide(state: &Self, command: Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(state: Self, event: &Event) -> Self {
        evolve::evolve(state, event)
    }
}
