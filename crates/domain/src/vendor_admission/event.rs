//! What has happened to the admission to a kind of service.

use crate::{listing::ServiceKind, time::Timestamp, vendor_admission::AdmissionMode};

/// An event of the admission to one kind of service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The operators said who is admitted.
    VendorAdmissionSet(VendorAdmissionSet),
}

/// The operators said who is admitted from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorAdmissionSet {
    /// To which kind.
    pub kind: ServiceKind,
    /// Who.
    pub mode: AdmissionMode,
    /// When.
    pub at: Timestamp,
}
