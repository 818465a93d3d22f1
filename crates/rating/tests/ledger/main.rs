//! The ledger through its public door: folding, history, snapshots, statements.

mod commitment;
mod credit;
mod dealings;
mod estimate;
mod fixture;
mod history;
mod once;
mod orders;
mod pauses;
mod recruitments;
mod statement;
mod what_if;
