//! What the server answers about deals: to listers, to investors under their agreement, to the operators.

use engine::Role;
use proto::kiban::{
    deal_flow::v1::{
        Deal as Teased, DealFilter, GetFunnelRequest, GetFunnelResponse, ListForumEventsRequest,
        ListInvestmentsRequest, SearchDealsRequest, WatchRequest, watch_response::Message,
    },
    venture::v1::{DevelopmentStage, ForumEvent, GetVentureRequest, Investment, Venture},
};

use crate::demo::{
    actors::Part,
    client::{granted, part},
    contracts::Deal,
    error::DemoError,
    stage::Stage,
    world::World,
};

/// The deals as the year has left them.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Deals {
    /// With their funnels, in the order of their listing.
    pub(in crate::demo) ventures: Vec<Venture>,
    /// What an investor finds who looks for what is not yet in people.
    pub(in crate::demo) early: Vec<Teased>,
    /// Of how many listings an investor hears who watches for small molecules.
    pub(in crate::demo) alerts: usize,
    pub(in crate::demo) funnel: GetFunnelResponse,
    /// Oldest first.
    pub(in crate::demo) investments: Vec<Investment>,
    /// With their pitches, as an investor sees them.
    pub(in crate::demo) events: Vec<ForumEvent>,
}

/// Asks for all of it.
pub(in crate::demo) async fn deals(stage: &Stage, world: &World) -> Result<Deals, DemoError> {
    let promoter = world.cast.session(stage, Part::Promoter, Role::Contracts);
    let (sakura, contract_id) = world.under(stage, Deal::Sakura);
    let min_position = stage.position.clone();
    let mut ventures = Vec::new();
    for venture_id in world.market.ventures.iter().cloned() {
        let reply = promoter.ventures().get_venture(GetVentureRequest { venture_id }).await;
        let step = "reading a venture";
        ventures.push(part(step, "a venture", granted(step, reply)?.venture)?);
    }
    let request = GetFunnelRequest { min_position: min_position.clone(), ..Default::default() };
    let funnel = granted("reading the deal flow", promoter.deal_flow().get_funnel(request).await)?;
    let request = ListInvestmentsRequest { min_position: min_position.clone(), ..Default::default() };
    let invested = granted("listing investments", promoter.deal_flow().list_investments(request).await)?;
    let request = ListForumEventsRequest { contract_id, min_position, ..Default::default() };
    let events = granted("listing forum events", sakura.deal_flow().list_forum_events(request).await)?;
    let early = DealFilter { stages: vec![DevelopmentStage::Preclinical.into()], ..Default::default() };
    Ok(Deals {
        ventures,
        early: browse(stage, world, early).await?,
        alerts: alerts(stage, world).await?,
        funnel,
        investments: invested.investments,
        events: events.forum_events,
    })
}

/// The teasers that an investor under contract finds.
pub(in crate::demo) async fn browse(
    stage: &Stage,
    world: &World,
    filter: DealFilter,
) -> Result<Vec<Teased>, DemoError> {
    let (session, contract_id) = world.under(stage, Deal::Sakura);
    let request = SearchDealsRequest {
        contract_id,
        filter: Some(filter),
        min_position: stage.position.clone(),
        ..Default::default()
    };
    Ok(granted("browsing teasers", session.deal_flow().search_deals(request).await)?.deals)
}

/// Watches from the beginning to the end of what the demo has written.
async fn alerts(stage: &Stage, world: &World) -> Result<usize, DemoError> {
    let (session, contract_id) = world.under(stage, Deal::Sakura);
    let filter = DealFilter { modality: "small-molecule".into(), ..Default::default() };
    let request = WatchRequest { contract_id, filter: Some(filter), after_position: String::new() };
    let step = "watching deals";
    let mut stream = granted(step, session.deal_flow().watch(request).await)?;
    let until = stage.position.parse::<u64>().ok();
    let mut alerts = 0;
    while let Some(reply) = granted(step, stream.message().await.map(tonic::Response::new))? {
        match reply.message {
            Some(Message::Change(_)) => alerts += 1,
            Some(Message::ExaminedPosition(examined)) if until <= examined.parse().ok() => break,
            _ => {}
        }
    }
    Ok(alerts)
}
