//! The contract service through its public door: the generated methods, a header that says who calls, a log.

mod expiry;
mod life;
mod making;
mod support;
mod terms;
