//! Given, when, then: through `decide`, `fold` and what is public.

mod admission;
mod batch;
mod denial;
mod fixture;
mod metering;
mod properties;
mod reversal;
mod settlement;
