//! How events change what is known of an admission.

use crate::vendor_admission::{Event, VendorAdmission};

pub(super) fn evolve(_: VendorAdmission, event: &Event) -> VendorAdmission {
    let Event::VendorAdmissionSet(event) = event;
    VendorAdmission::Set { mode: event.mode.clone(), since: event.at }
}
