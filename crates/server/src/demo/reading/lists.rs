//! What the directory lists to whom: their own orders, requests for quotes, recruitments, ventures, entries.

use std::collections::BTreeSet;

use engine::Role;
use proto::kiban::directory::v1::{
    ListForumEventsRequest, ListOrdersRequest, ListQuotesRequest, ListRecruitmentsRequest,
    ListVenturesRequest,
};

use crate::demo::{
    actors::Part, client::granted, error::DemoError, offers::Offer, stage::Stage, world::World,
};

/// A list that somebody asked for, and what it must hold.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Listing {
    pub(in crate::demo) who: &'static str,
    pub(in crate::demo) what: &'static str,
    pub(in crate::demo) found: BTreeSet<String>,
    pub(in crate::demo) expected: BTreeSet<String>,
}

/// Those who have orders: members, vendors, and who sells in a consortium alone.
const WITH_ORDERS: [Part; 6] =
    [Part::Hokuto, Part::Aozora, Part::Minato, Part::Mitsuba, Part::Nagisa, Part::Hokurei];

/// Asks for lists of every kind.
pub(in crate::demo) async fn lists(stage: &Stage, world: &World) -> Result<Vec<Listing>, DemoError> {
    let mut lists = Vec::new();
    for who in WITH_ORDERS {
        lists.push(orders(stage, world, who).await?);
    }
    for (who, expected) in [
        (Part::Aoba, vec![&world.market.recruitment]),
        (Part::Hokuto, vec![&world.market.recruitment]),
        (Part::Minato, vec![&world.market.triaged]),
        (Part::Minori, vec![]),
    ] {
        lists.push(recruitments(stage, world, who, &expected).await?);
    }
    lists.push(quotes(stage, world).await?);
    lists.push(ventures(stage, world).await?);
    lists.push(entries(stage, world).await?);
    Ok(lists)
}

fn listing<'i>(
    world: &World,
    who: Part,
    what: &'static str,
    found: impl Iterator<Item = String>,
    expected: impl Iterator<Item = &'i String>,
) -> Listing {
    let who = world.cast.of(who).name;
    Listing { who, what, found: found.collect(), expected: expected.cloned().collect() }
}

async fn orders(stage: &Stage, world: &World, who: Part) -> Result<Listing, DemoError> {
    let session = world.cast.session(stage, who, Role::Contracts);
    let request = ListOrdersRequest { min_position: stage.position.clone(), ..Default::default() };
    let page = granted("listing orders", session.directory().list_orders(request).await)?;
    let sells = |offer: Offer| {
        let vendor = world.contracts.of(offer.sheet().deal).applicant;
        offer.sellers(vendor).iter().any(|(seller, _)| *seller == who)
    };
    let own = world
        .market
        .orders
        .iter()
        .filter(|ordered| world.contracts.of(ordered.by).applicant == who || sells(ordered.offer));
    let found = page.orders.into_iter().map(|order| order.id);
    Ok(listing(world, who, "orders", found, own.map(|ordered| &ordered.id)))
}

async fn recruitments(
    stage: &Stage,
    world: &World,
    who: Part,
    expected: &[&String],
) -> Result<Listing, DemoError> {
    let session = world.cast.session(stage, who, Role::Contracts);
    let request = ListRecruitmentsRequest { min_position: stage.position.clone(), ..Default::default() };
    let page = granted("listing recruitments", session.directory().list_recruitments(request).await)?;
    let found = page.recruitments.into_iter().map(|recruitment| recruitment.id);
    Ok(listing(world, who, "recruitments", found, expected.iter().copied()))
}

async fn quotes(stage: &Stage, world: &World) -> Result<Listing, DemoError> {
    let session = world.cast.session(stage, Part::Mitsuba, Role::Contracts);
    let request = ListQuotesRequest { min_position: stage.position.clone(), ..Default::default() };
    let page = granted("listing quotes", session.directory().list_quotes(request).await)?;
    let found = page.quote_requests.into_iter().map(|request| request.id);
    Ok(listing(world, Part::Mitsuba, "requests for quotes", found, [&world.market.quote_request].into_iter()))
}

async fn ventures(stage: &Stage, world: &World) -> Result<Listing, DemoError> {
    let session = world.cast.session(stage, Part::Neogenome, Role::Contracts);
    let request = ListVenturesRequest { min_position: stage.position.clone(), ..Default::default() };
    let page = granted("listing ventures", session.directory().list_ventures(request).await)?;
    let found = page.ventures.into_iter().map(|venture| venture.id);
    Ok(listing(world, Part::Neogenome, "ventures", found, world.market.ventures.first().into_iter()))
}

async fn entries(stage: &Stage, world: &World) -> Result<Listing, DemoError> {
    let session = world.cast.session(stage, Part::Neogenome, Role::Contracts);
    let request = ListForumEventsRequest {
        include_past: true,
        own_pitches_only: true,
        min_position: stage.position.clone(),
        ..Default::default()
    };
    let page = granted("listing forum events", session.directory().list_forum_events(request).await)?;
    let found = page.forum_events.into_iter().map(|event| event.id);
    let expected = world.market.forum_events.first().into_iter();
    Ok(listing(world, Part::Neogenome, "contests entered", found, expected))
}
