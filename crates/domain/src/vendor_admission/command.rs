//! What somebody wants of the admission to a kind of service.

use crate::{listing::ServiceKind, time::Timestamp, vendor_admission::AdmissionMode};

/// A command to the admission to one kind of service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Say who is admitted.
    SetVendorAdmission(SetVendorAdmission),
}

/// Say who is admitted from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetVendorAdmission {
    /// To which kind.
    pub kind: ServiceKind,
    /// Who.
    pub mode: AdmissionMode,
    /// Now.
    pub at: Timestamp,
}
