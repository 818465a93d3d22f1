//! What a relay promises: nothing lost, one at a time, and a cursor that is never ahead of what was acknowledged.

mod failing;
mod leasing;
mod publishing;
mod stage;
