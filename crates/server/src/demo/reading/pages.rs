//! The pages of a vendor and of a medical institution, as they themselves see them.

use engine::Role;
use proto::kiban::revenue_share::v1::{
    GetInstitutionPageRequest, GetInstitutionPageResponse, GetVendorPageRequest, GetVendorPageResponse,
};

use crate::demo::{
    actors::Part, calendar::month, client::granted, error::DemoError, stage::Stage, world::World,
};

/// Whose pages are shown.
pub(in crate::demo) const VENDOR: Part = Part::Mitsuba;
/// Whose pages are shown.
pub(in crate::demo) const INSTITUTION: Part = Part::Aoba;

/// Both pages.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Pages {
    pub(in crate::demo) vendor: GetVendorPageResponse,
    /// Of the whole year.
    pub(in crate::demo) institution: GetInstitutionPageResponse,
}

/// Asks for both.
pub(in crate::demo) async fn pages(stage: &Stage, world: &World) -> Result<Pages, DemoError> {
    let min_position = stage.position.clone();
    let session = world.cast.session(stage, VENDOR, Role::Finance);
    let request = GetVendorPageRequest { min_position, ..Default::default() };
    let vendor = granted("a vendor's page", session.revenue_share().get_vendor_page(request).await)?;
    let session = world.cast.session(stage, INSTITUTION, Role::Finance);
    let request = GetInstitutionPageRequest {
        start_month: month(0).to_string(),
        end_month: month(12).to_string(),
        min_position: stage.position.clone(),
        ..Default::default()
    };
    let reply = session.revenue_share().get_institution_page(request).await;
    Ok(Pages { vendor, institution: granted("an institution's page", reply)? })
}
