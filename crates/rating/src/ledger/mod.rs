//! The ledger: what the log says, as quantities and versions, never yen (requirements §4).
//!
//! Both finance projections fold it, each its own; rating and splitting run at the question, under the
//! versions known at the moment that is asked about.
//!
//! - [`Ledger::learn`] takes in a [`Fact`], an event that is no use; [`Ledger::apply`] takes in an event of
//!   use. Events come in the order of the log, in whatever groups.
//! - [`Ledger::as_of`] shows what was known at a position: [`View`]. Facts carry their positions, so nothing
//!   is folded again.
//! - [`View::under`] asks about the same under versions that nobody has published: [`WhatIf`].
//! - [`Ledger::lines_as_of`] says what the lines of a contract and month held at a position. Lines hold their
//!   totals now, and what happened to them in the current *block* of positions. What they held in earlier
//!   blocks lies in rows on disk, which [`Ledger::take_rows`] lets go of exactly when a line is first touched
//!   in a later block, so that rows follow from the history alone. A [`Lookup`] tells either the totals, or
//!   from which totals to go on and which frames to read, at most as many as lie between two copies.
//! - [`Ledger::touched`] lists the frames that touched a line.
//!
//! A settling record belongs to its admission's month, takes back the admission and adds its own cases; a
//! reversal takes back what it reverses; a conflict is counted apart. Use at a time for which no terms were
//! agreed goes to the nearest segment.

mod block;
mod dealings;
mod facts;
mod key;
mod lookup;
mod operators;
mod scan;
mod scratch;
mod state;
mod totals;
mod view;
mod what_if;

pub use block::InvalidHistory;
pub use facts::{At, Fact};
pub use key::{Entry, LineKey, Subject, UseKey, line_id};
pub use lookup::{Delta, Lookup};
pub use operators::Operators;
pub(crate) use scan::nearest_segment;
pub use state::{Ledger, LedgerOf, LineImage, Row};
pub use totals::{Cell, Totals};
pub use view::{ContractView, DatasetView, Version, View};
pub use what_if::WhatIf;

/// How many positions a block spans: a line has at most one row on disk for each (requirements §4).
pub const BLOCK_POSITIONS: u64 = 1_024;
/// How many frames lie between two copies of a line's totals within a block: as many are read at most to know
/// what the line held at a position.
pub const FRAMES_PER_COPY: usize = 64;
