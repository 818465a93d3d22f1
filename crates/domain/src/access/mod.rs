//! All use under one contract: views, admissions, refusals, metered records, reversals (requirements §2.3).
//!
//! Stream `access-<contract>`. One contract, one aggregate: so quota is exact at any concurrency.
//!
//! Admission comes before use and may be refused; a refusal is an event. Metering comes after use and is never
//! refused for a business reason: each record bears a verdict instead. Malformed input refuses a whole call.
//!
//! ## What counts against a quota
//! Cases of simple and of detailed analyses, each by itself, for each segment and contract year: admissions
//! until a record settles them, then the settling record; metered records whose verdict is in scope or over
//! quota; less what was reversed. A right whose quota is zero is not covered at all.
//!
//! A metered record is over quota if the cases of its period with it are more than the year's, or its own more
//! than one run may have. One that settles an admission can only be so for what goes beyond the admission.

mod admit;
mod batch;
mod change;
mod command;
mod content;
mod decide;
mod denial;
mod earlier;
mod event;
mod evolve;
mod interval_set;
mod judge;
mod outcome;
mod reason;
mod report;
mod state;
#[cfg(test)]
mod tests;
mod usage;

pub use batch::{
    Batch, BatchError, BatchHeader, CountRule, Counts, Dictionary, InstitutionCases, MOST_COUNTS,
    MOST_ENTRIES, MOST_RECORDS, RecordRule, ReportedCount, ReportedRecord,
};
pub use change::{Change, Sign, StandingUse};
pub use command::{
    Applicant, Command, ContractNow, RegisterSource, ReportUsage, ReverseUsage, RunAnalysis, ViewDataset,
};
pub use content::Content;
pub use decide::Rejection;
pub use denial::{Denial, Values};
pub use earlier::{Earlier, Found, Repeats};
pub use event::{
    AccessDenied, AdmittedUse, Event, Period, RecordKey, ReversalTarget, SourceRegistered, UsageReversed,
};
pub use interval_set::{IntervalSet, Run};
pub use outcome::{Outcome, outcomes};
pub use reason::{ConflictReason, DenialReason};
pub use state::{Access, Meter, OpenAdmission, QuotaKey, RemainingQuota, Source};
pub use usage::{
    DatasetEntry, Inconsistent, NamedAdmission, ReplacedUse, UsageParts, UsageRecorded, UsageRow,
};

use crate::Decider;

impl Decider for Access {
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
