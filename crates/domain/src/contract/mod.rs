//! Blanket contracts: applied for, approved, offered, signed, in force, ended (requirements §3.2).
//!
//! Stream `contract-<id>`. One contract covers a term and purposes; nothing is applied for per use.
//!
//! ```text
//! Vacant → Applied → Approved → Offered → Signed: not yet ─ in force ⇄ paused ─ expired | terminated
//!                  ↘ Rejected
//! ```
//!
//! What stands right of `Signed` is no stage but a question of the instant: expiry, the start of a term, a
//! tier change agreed in advance and a termination with notice all come to pass by the clock, whether or not
//! an event is ever recorded. [`Timeline`] answers for any instant, and [`Contract::standing_at`] asks it.

mod command;
mod decide;
mod event;
mod evolve;
mod fee;
mod life;
mod prohibited;
mod rejection;
mod state;
mod stretch;
mod terms;
#[cfg(test)]
mod tests;
mod timeline;
mod years;

pub use command::{
    ApplyForContract, ApproveContract, ChangeTier, Command, ExpireContract, OfferContract, PauseContract,
    RejectContract, RenewContract, Renewal, ResumeContract, SignContract, TerminateContract,
};
pub use event::{
    ContractActivated, ContractApplied, ContractApproved, ContractExpired, ContractOffered, ContractPaused,
    ContractRejected, ContractRenewed, ContractResumed, ContractSigned, ContractTerminated, Event,
    TierChanged,
};
pub use fee::{FeeInstalment, Occasion, Sign};
pub use prohibited::ProhibitedUse;
pub use rejection::{Rejection, Role};
pub use state::{Agreement, Application, Approval, Contract, Refusal, Signature, Stage, Status};
pub use stretch::Stretch;
pub use terms::{
    Commitment, ContractKind, InvalidTerm, Lane, Limit, PausedFees, Quota, Quotas, Reviewer, Term, Terms,
    UnknownKind,
};
pub use timeline::{NotActive, Pause, Phase, QuotaPeriod, Standing, Timeline};
pub use years::ContractYear;

use crate::Decider;

impl Decider for Contract {
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
