//! The only generic code: run a decider, run a fold, run a policy.

#![forbid(unsafe_code)]

mod aggregate;
mod caller;
mod clock;
mod command;
mod envelope;
mod error;
mod fold;
mod fold_view;
mod gate;
mod investors;
pub mod ledger;
mod lookup;
mod needle;
mod page;
mod paged;
pub mod parse;
mod read;
mod reason;
mod rebuild;
mod reply;
mod reserve;
mod snapshot;
mod store;
mod trace;
mod under_contract;
pub mod versions;
mod watch;
mod what_if;

pub use aggregate::{Aggregate, Aggregates, Executed, Failure, Preparation};
pub use caller::{CALLER_HEADER, Caller, InvalidCaller, PLATFORM, Role};
pub use clock::{Clock, ManualClock, Stopwatch, SystemClock};
pub use command::{CommandIdentity, MAX_COMMAND_ID};
pub use envelope::{Envelope, Prepared, RecordKey};
pub use error::{ERROR_DOMAIN, Refusal};
pub use fold::{Fold, Folds, Projection, RunningFolds, come_to, come_to_min_position, refuse_ahead};
pub use fold_view::{FoldsView, Standing};
pub use gate::{Authorised, Gate, Need, OPERATORS};
pub use investors::{Investors, no_investor};
pub use lookup::{Known, Lookup};
pub use needle::Needle;
pub use page::{Page, invalid_token};
pub use paged::Paged;
pub use read::{decode, read_events, refusal_of_decode, refusal_of_read};
pub use reason::{ErrorKind, Reason};
pub use rebuild::{FoldCheck, check_fold, check_snapshots};
pub use reply::{receipt, wire_time};
pub use reserve::Reservations;
pub use snapshot::{KeptSnapshot, SnapshotStore, Snapshots};
pub use store::{HistoryRow, Store, StoreError, StoredFold};
pub use trace::{Observer, SPANS};
pub use under_contract::{Contracts, UnderContract, not_covered, not_in_force};
pub use watch::{Watched, watch};
pub use what_if::{may_suppose, what_if};
