//! The ledger through its public door: folding, history, snapshots, statements.

mod credit;
mod fixture;
mod history;
mod statement;
