//! How events change what is known of a recruitment.

use crate::recruitment::{Event, Recruitment};

pub(super) fn evolve(_: Recruitment, event: &Event) -> Recruitment {
    let Event::PatientRecruitmentRequested(event) = event;
    Recruitment::Requested {
        id: event.id,
        contract: event.contract,
        request: Box::new(event.request.clone()),
        requested_at: event.at,
    }
}
