//! The form of the snapshot: neither on a wire nor in the log, so its messages stand here and not in the schema.

use std::collections::BTreeMap;

use domain::{
    id::OrganisationId,
    time::{Month, Timestamp},
};
use event_log::Position;
use events::{
    Defect, Histories,
    venture_form::{teaser, teaser_form},
};
use prost::Message;
use proto::kiban::venture::v1 as form;

use crate::{CardShown, DealFlowFold, Steps, VentureRow};

/// Canonical bytes.
pub(crate) fn encode(fold: &DealFlowFold) -> Vec<u8> {
    StoredDealFlow {
        ventures: fold.ventures.iter().map(|(id, row)| store(id, row)).collect(),
        investments: fold.investments.encode(),
        forum_events: fold.forum_events.encode(),
    }
    .encode_to_vec()
}

/// Reads them back.
pub(crate) fn decode(bytes: &[u8]) -> Result<DealFlowFold, Defect> {
    let stored = StoredDealFlow::decode(bytes)?;
    Ok(DealFlowFold {
        ventures: stored.ventures.into_iter().map(read).collect::<Result<_, _>>()?,
        investments: Histories::decode(&stored.investments)?,
        forum_events: Histories::decode(&stored.forum_events)?,
    })
}

fn store(id: &str, row: &VentureRow) -> StoredVenture {
    let card = |card: &CardShown| StoredCard {
        position: card.position.0,
        at_us: card.at.as_micros(),
        teaser: Some(teaser_form(&card.teaser)),
    };
    let investor = |(id, steps): (&OrganisationId, &Steps)| StoredInvestor {
        id: id.to_bytes().to_vec(),
        viewed_at_us: steps.viewed.map(Timestamp::as_micros),
        interested_at_us: steps.interested.map(Timestamp::as_micros),
        let_in_at_us: steps.let_in.map(Timestamp::as_micros),
    };
    let views = |(month, views): (&Month, &u64)| StoredViews { month: month.index(), views: *views };
    StoredVenture {
        id: id.to_owned(),
        lister: row.lister.to_bytes().to_vec(),
        cards: row.cards.iter().map(card).collect(),
        withdrawn_position: row.withdrawn.map(|(position, _)| position.0),
        withdrawn_at_us: row.withdrawn.map_or(0, |(_, at)| at.as_micros()),
        investors: row.investors.iter().map(investor).collect(),
        views: row.views.iter().map(views).collect(),
    }
}

fn read(stored: StoredVenture) -> Result<(String, VentureRow), Defect> {
    let card = |card: &StoredCard| -> Result<CardShown, Defect> {
        let form = card.teaser.as_ref().ok_or_else(|| defect("teaser", "missing"))?;
        Ok(CardShown {
            position: Position(card.position),
            at: instant(card.at_us)?,
            teaser: teaser(form).map_err(|error| defect("teaser", error))?,
        })
    };
    let investor = |stored: &StoredInvestor| -> Result<(OrganisationId, Steps), Defect> {
        let steps = Steps {
            viewed: stored.viewed_at_us.map(instant).transpose()?,
            interested: stored.interested_at_us.map(instant).transpose()?,
            let_in: stored.let_in_at_us.map(instant).transpose()?,
        };
        Ok((organisation(&stored.id)?, steps))
    };
    let views = |stored: &StoredViews| {
        let month = Month::from_index(stored.month).ok_or_else(|| defect("month", "out of range"))?;
        Ok((month, stored.views))
    };
    let withdrawn = stored
        .withdrawn_position
        .map(|position| Ok::<_, Defect>((Position(position), instant(stored.withdrawn_at_us)?)));
    let row = VentureRow {
        lister: organisation(&stored.lister)?,
        cards: stored.cards.iter().map(card).collect::<Result<_, _>>()?,
        withdrawn: withdrawn.transpose()?,
        investors: stored.investors.iter().map(investor).collect::<Result<BTreeMap<_, _>, _>>()?,
        views: stored.views.iter().map(views).collect::<Result<BTreeMap<_, _>, Defect>>()?,
    };
    Ok((stored.id, row))
}

fn organisation(bytes: &[u8]) -> Result<OrganisationId, Defect> {
    let bytes = bytes.try_into().map_err(|_| defect("id", "is no id"))?;
    Ok(OrganisationId::from_bytes(bytes))
}

fn instant(micros: i64) -> Result<Timestamp, Defect> {
    Timestamp::from_micros(micros).ok_or_else(|| defect("at_us", "out of range"))
}

fn defect(field: &'static str, what: impl ToString) -> Defect {
    Defect::Field { field, what: what.to_string() }
}

#[derive(Clone, PartialEq, Message)]
struct StoredDealFlow {
    /// In order of ids.
    #[prost(message, repeated, tag = "1")]
    ventures: Vec<StoredVenture>,
    #[prost(bytes = "vec", tag = "2")]
    investments: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    forum_events: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredVenture {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(bytes = "vec", tag = "2")]
    lister: Vec<u8>,
    #[prost(message, repeated, tag = "3")]
    cards: Vec<StoredCard>,
    #[prost(uint64, optional, tag = "4")]
    withdrawn_position: Option<u64>,
    #[prost(int64, tag = "5")]
    withdrawn_at_us: i64,
    /// In order of ids.
    #[prost(message, repeated, tag = "6")]
    investors: Vec<StoredInvestor>,
    /// In order of months.
    #[prost(message, repeated, tag = "7")]
    views: Vec<StoredViews>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredCard {
    #[prost(uint64, tag = "1")]
    position: u64,
    #[prost(int64, tag = "2")]
    at_us: i64,
    #[prost(message, optional, tag = "3")]
    teaser: Option<form::Teaser>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredInvestor {
    #[prost(bytes = "vec", tag = "1")]
    id: Vec<u8>,
    #[prost(int64, optional, tag = "2")]
    viewed_at_us: Option<i64>,
    #[prost(int64, optional, tag = "3")]
    interested_at_us: Option<i64>,
    #[prost(int64, optional, tag = "4")]
    let_in_at_us: Option<i64>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredViews {
    #[prost(int32, tag = "1")]
    month: i32,
    #[prost(uint64, tag = "2")]
    views: u64,
}
