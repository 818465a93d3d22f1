//! Quotes: asked for in May, given or declined in June, ordered from while they hold.

use domain::time::Timestamp;
use proto::kiban::order::v1::{
    DeclineQuoteRequestRequest, Milestone, RequestQuoteRequest, SubmitQuoteRequest,
};
use tonic::Code;

use crate::demo::{
    calendar::{day, wire},
    contracts::Deal,
    error::DemoError,
    offers::Offer,
    prices::yen,
    stage::{Expected, Stage},
    tally::step,
    world::World,
};

/// A milestone as it is agreed on: what is delivered, and yen.
pub(super) type Planned = (&'static str, i64);

/// The milestones of the quote that is ordered, and of the one that nobody takes in time.
pub(super) const ORDERED: [Planned; 2] = [("検体受領", 800_000), ("解析結果", 1_600_000)];
const TOO_DEAR: [Planned; 1] = [("解析結果", 2_600_000)];

pub(super) async fn of_month(stage: &mut Stage, world: &mut World, index: i32) -> Result<(), DemoError> {
    stage.now(day(index, 21));
    match index {
        1 => ask(stage, world).await,
        2 => answer(stage, world).await,
        5 => ask_too_late(stage, world).await,
        _ => Ok(()),
    }
}

/// Milestones as requests carry them.
pub(super) fn milestones(parts: &[Planned]) -> Vec<Milestone> {
    parts
        .iter()
        .map(|(name, amount)| Milestone { name: (*name).into(), amount: Some(yen(*amount)) })
        .collect()
}

fn request(world: &World, deal: Deal, offer: Offer, quantity: u32) -> RequestQuoteRequest {
    RequestQuoteRequest {
        command_id: format!("quote-{offer:?}"),
        contract_id: world.contracts.of(deal).id.clone(),
        listing_id: world.market.listing(offer),
        quantity,
        requirements: "膵癌の血漿検体。盲検化された対照を含む。".into(),
        ..Default::default()
    }
}

/// May: two members ask.
async fn ask(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let (hokuto, _) = world.under(stage, Deal::Hokuto);
    let proteome = RequestQuoteRequest {
        required_credentials: vec!["iso-15189".into()],
        dataset_id: world.holding("TCGA-PAAD")?.id.clone(),
        ..request(world, Deal::Hokuto, Offer::Proteome, 48)
    };
    let asked = stage.done("asking for a quote", hokuto.listings().request_quote(proteome).await)?;
    world.market.quote_request = asked.quote_request_id;
    world.tally.stepped(Offer::Proteome, stage.time(), step::REQUESTED);
    Ok(())
}

/// June: one vendor quotes twice, another declines.
async fn answer(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let (mitsuba, _) = world.under(stage, Deal::Mitsuba);
    let short =
        SubmitQuoteRequest { price: Some(yen(2_500_000)), ..quote(world, "short", &ORDERED, day(4, 28)) };
    let outcome = mitsuba.listings().submit_quote(short).await;
    let expected = Expected::new(Code::InvalidArgument, "MILESTONES_MISS_PRICE");
    let name = world.contracts.of(Deal::Mitsuba).name;
    stage.refused(name, "quote milestones that do not sum to the price", expected, outcome);
    for (key, parts, until) in [("first", &TOO_DEAR[..], day(2, 28)), ("second", &ORDERED[..], day(4, 28))] {
        let request = quote(world, key, parts, until);
        stage.done("quoting", mitsuba.listings().submit_quote(request).await)?;
        world.tally.stepped(Offer::Proteome, stage.time(), step::QUOTED);
    }

    let (minato, _) = world.under(stage, Deal::Minato);
    let wanted = request(world, Deal::Minato, Offer::Recruiting, 1);
    let asked = stage.done("asking for a quote", minato.listings().request_quote(wanted).await)?;
    world.tally.stepped(Offer::Recruiting, stage.time(), step::REQUESTED);
    let (hikari, _) = world.under(stage, Deal::Hikari);
    let decline = DeclineQuoteRequestRequest {
        command_id: "decline-quote".into(),
        quote_request_id: asked.quote_request_id,
        reason: "担当者の不足".into(),
        ..Default::default()
    };
    stage.done("declining to quote", hikari.listings().decline_quote_request(decline).await)?;
    Ok(())
}

fn quote(world: &World, key: &str, parts: &[Planned], valid_until: Timestamp) -> SubmitQuoteRequest {
    SubmitQuoteRequest {
        command_id: format!("quote-{key}"),
        quote_request_id: world.market.quote_request.clone(),
        contract_id: world.contracts.of(Deal::Mitsuba).id.clone(),
        price: Some(yen(parts.iter().map(|(_, amount)| amount).sum())),
        milestones: milestones(parts),
        turnaround_days: 45,
        valid_until: wire(valid_until),
        ..Default::default()
    }
}

/// September: nothing can be asked for that is not offered any more.
async fn ask_too_late(stage: &mut Stage, world: &World) -> Result<(), DemoError> {
    let (aozora, _) = world.under(stage, Deal::Aozora);
    let wanted = request(world, Deal::Aozora, Offer::Wearables, 60);
    let outcome = aozora.listings().request_quote(wanted).await;
    let expected = Expected::new(Code::FailedPrecondition, "LISTING_WITHDRAWN").naming("listing_id");
    let name = world.contracts.of(Deal::Aozora).name;
    stage.refused(name, "ask for a quote for a withdrawn service", expected, outcome);
    Ok(())
}
