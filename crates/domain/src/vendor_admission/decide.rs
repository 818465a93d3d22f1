//! What may not be said of the admission to a kind of service.

use crate::vendor_admission::{
    AdmissionMode, Command, Event, SetVendorAdmission, VendorAdmission, VendorAdmissionSet,
};

/// The most vendors of a limited admission.
pub const MOST_VENDORS: usize = 200;

/// Why a command to an admission was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A limited admission that admits nobody, or more than are kept.
    #[error("{vendors} vendors are not 1 to {MOST_VENDORS}")]
    VendorsOutOfRange {
        /// How many.
        vendors: usize,
    },
}

pub(super) fn decide(state: &VendorAdmission, command: Command) -> Result<Vec<Event>, Rejection> {
    let Command::SetVendorAdmission(SetVendorAdmission { kind, mode, at }) = command;
    if let AdmissionMode::Limited(vendors) = &mode
        && !(1..=MOST_VENDORS).contains(&vendors.len())
    {
        return Err(Rejection::VendorsOutOfRange { vendors: vendors.len() });
    }
    if *state.mode() == mode {
        return Ok(vec![]);
    }
    Ok(vec![Event::VendorAdmissionSet(VendorAdmissionSet { kind, mode, at })])
}
