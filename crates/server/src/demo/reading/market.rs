//! What the server answers about the market when the year is over: orders, the catalogue, recruitment; and, beside
//! this, deals, pages and lists.

use std::time::Duration;

use engine::Role;
use proto::kiban::{
    finance::v1::{Funding, GetFundingRequest},
    order::v1::{GetOrderRequest, GetSpecimenRequest, Order, Specimen},
    recruitment::v1::{GetRecruitmentRequest, Recruitment},
    service_catalogue::v1::{
        FunnelMonth, GetVendorFunnelRequest, SearchServicesRequest, SearchServicesResponse,
    },
};

use crate::demo::{
    actors::Part,
    calendar::month,
    client::{granted, part},
    error::DemoError,
    reading::{
        deals::{Deals, deals},
        lists::{Listing, lists},
        pages::{Pages, pages},
    },
    stage::Stage,
    world::World,
};

/// What members search the catalogue for: in Japanese and in English, in any width and case.
pub(in crate::demo) const QUERIES: [&str; 6] =
    ["オミックス", "薬剤", "ゼノグラフト", "ｾﾞﾉｸﾞﾗﾌﾄ", "rna-SEQ", "血漿 プロテオーム"];

/// The market as the year has left it.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Scene {
    /// In the order of their placing.
    pub(in crate::demo) orders: Vec<Order>,
    pub(in crate::demo) specimen: Specimen,
    /// Everything that is offered, with its facets.
    pub(in crate::demo) catalogue: SearchServicesResponse,
    /// What each of [`QUERIES`] finds.
    pub(in crate::demo) found: Vec<SearchServicesResponse>,
    /// Of all vendors.
    pub(in crate::demo) funnels: Vec<FunnelMonth>,
    /// As its executor sees it, and as its member does.
    pub(in crate::demo) recruitment: Recruitment,
    pub(in crate::demo) recruitment_of_member: Recruitment,
    pub(in crate::demo) deals: Deals,
    pub(in crate::demo) pages: Pages,
    pub(in crate::demo) lists: Vec<Listing>,
    pub(in crate::demo) funding: Funding,
}

/// Asks for all of it.
pub(in crate::demo) async fn scene(stage: &Stage, world: &World) -> Result<Scene, DemoError> {
    let mut found = Vec::with_capacity(QUERIES.len());
    for query in QUERIES {
        found.push(search_services(stage, world, query).await?);
    }
    Ok(Scene {
        orders: orders(stage, world).await?,
        specimen: specimen(stage, world).await?,
        catalogue: search_services(stage, world, "").await?,
        found,
        funnels: funnels(stage, world).await?,
        recruitment: recruitment(stage, world, Part::Hikari).await?,
        recruitment_of_member: recruitment(stage, world, Part::Hokuto).await?,
        deals: deals(stage, world).await?,
        pages: pages(stage, world).await?,
        lists: lists(stage, world).await?,
        funding: funding(stage, world).await?,
    })
}

async fn orders(stage: &Stage, world: &World) -> Result<Vec<Order>, DemoError> {
    let session = world.cast.session(stage, Part::Promoter, Role::Contracts);
    let mut orders = Vec::with_capacity(world.market.orders.len());
    for ordered in &world.market.orders {
        let request = GetOrderRequest { order_id: ordered.id.clone() };
        let step = format!("reading the order {}", ordered.key);
        let reply = granted(&step, session.orders().get_order(request).await)?;
        orders.push(part(&step, "an order", reply.order)?);
    }
    Ok(orders)
}

/// The specimen, once the policy has released what the cancelled order held: it looks every second.
async fn specimen(stage: &Stage, world: &World) -> Result<Specimen, DemoError> {
    const TRIES: u32 = 1_200;
    let session = world.cast.session(stage, Part::Base, Role::Administrator);
    let step = "reading the specimen";
    let mut tries = 0;
    loop {
        let request = GetSpecimenRequest { specimen_id: world.market.specimen.clone() };
        let reply = granted(step, session.specimens().get_specimen(request).await)?;
        let specimen = part(step, "a specimen", reply.specimen)?;
        tries += 1;
        if specimen.reservations.len() == 1 || tries == TRIES {
            return Ok(specimen);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What a researcher finds in the catalogue.
pub(in crate::demo) async fn search_services(
    stage: &Stage,
    world: &World,
    query: &str,
) -> Result<SearchServicesResponse, DemoError> {
    let session = world.cast.session(stage, Part::Aozora, Role::Researcher);
    let request = SearchServicesRequest {
        query: query.to_owned(),
        min_position: stage.position.clone(),
        ..Default::default()
    };
    granted("searching the catalogue", session.catalogue().search_services(request).await)
}

async fn funnels(stage: &Stage, world: &World) -> Result<Vec<FunnelMonth>, DemoError> {
    let mut months = Vec::new();
    for vendor in [Part::Mitsuba, Part::Hikari, Part::Tsubaki, Part::Nagisa, Part::Yukishiro, Part::Kohaku] {
        months.extend(funnel(stage, world, vendor).await?);
    }
    months.extend(funnel(stage, world, Part::Hokurei).await?);
    Ok(months)
}

/// As the vendor itself sees it.
async fn funnel(stage: &Stage, world: &World, vendor: Part) -> Result<Vec<FunnelMonth>, DemoError> {
    let session = world.cast.session(stage, vendor, Role::Contracts);
    let request = GetVendorFunnelRequest {
        first_month: month(0).to_string(),
        last_month: month(11).to_string(),
        vendor_id: String::new(),
        min_position: stage.position.clone(),
    };
    let step = format!("the funnel of {}", world.cast.of(vendor).name);
    Ok(granted(&step, session.catalogue().get_vendor_funnel(request).await)?.months)
}

async fn recruitment(stage: &Stage, world: &World, by: Part) -> Result<Recruitment, DemoError> {
    let session = world.cast.session(stage, by, Role::Contracts);
    let request = GetRecruitmentRequest { recruitment_id: world.market.recruitment.clone() };
    let step = "reading the recruitment";
    let reply = granted(step, session.recruitment().get_recruitment(request).await)?;
    part(step, "a recruitment", reply.recruitment)
}

async fn funding(stage: &Stage, world: &World) -> Result<Funding, DemoError> {
    let session = world.cast.session(stage, Part::Base, Role::Finance);
    let step = "reading the funding";
    let request = GetFundingRequest { funding_id: world.market.funding.clone() };
    part(step, "a funding", granted(step, session.finance().get_funding(request).await)?.funding)
}
