//! Statements as the wire has them.

use domain::terms::Verdict;
use engine::wire_time;
use events::{
    Event, Recorded,
    finance_form::treatment_form,
    wire::{money, right, verdict},
};
use proto::kiban::{billing::v1 as wire, common::v1 as common};
use rating::{
    BandUse,
    ledger::Ledger,
    statement::{Behind, Dealt, Origin, Statement, StatementLine},
};

/// `dealt` says of each line how it is dealt with.
pub(crate) fn statement(statement: &Statement, dealt: &[Dealt]) -> wire::Statement {
    wire::Statement {
        contract_id: statement.contract.to_string(),
        member_id: statement.member.to_string(),
        month: statement.month.to_string(),
        lines: statement.lines.iter().zip(dealt).map(|(found, dealt)| line(found, dealt)).collect(),
        total: Some(money(statement.total)),
        closed: statement.closed,
        conflicts: statement.conflicts,
    }
}

pub(crate) fn line(line: &StatementLine, dealt: &Dealt) -> wire::StatementLine {
    let flagged = |(flagged, cases): &(Verdict, u64)| wire::FlaggedQuantity {
        verdict: verdict(*flagged).into(),
        quantity: cases.to_string(),
    };
    wire::StatementLine {
        line_id: line.id.clone(),
        charge_kind: line.charge_kind.to_string(),
        segment: line.segment,
        tier: line.tier.as_ref().map(ToString::to_string).unwrap_or_default(),
        right: line.right.map_or(common::Right::Unspecified, right).into(),
        dataset_class: line.class.as_ref().map(ToString::to_string).unwrap_or_default(),
        order_id: line.order.map(|order| order.to_string()).unwrap_or_default(),
        quantity: line.quantity.to_string(),
        flagged: line.flagged.iter().map(flagged).collect(),
        bands: line.bands.iter().map(band).collect(),
        amount: Some(money(line.amount)),
        price_book_id: line.price_book.map(|(id, _)| id.to_string()).unwrap_or_default(),
        price_book_version: line.price_book.map_or(0, |(_, version)| version),
        description: line.description.clone(),
        unpriced: line.unpriced,
        recruitment_id: line.recruitment.map(|recruitment| recruitment.to_string()).unwrap_or_default(),
        issuer_id: dealt.issuer.map(|issuer| issuer.to_string()).unwrap_or_default(),
        collector_id: dealt.collector.map(|collector| collector.to_string()).unwrap_or_default(),
        payout_treatment: treatment_form(dealt.treatment).into(),
    }
}

/// What an event did to a line; `None` if it did nothing to it. `facts` are the events behind the line if it is
/// of no use, in order.
pub(crate) fn line_event(
    ledger: &Ledger,
    line: &StatementLine,
    facts: &[Behind],
    recorded: &Recorded,
) -> Option<wire::LineEvent> {
    let (quantity, records) = match (&line.origin, &recorded.event) {
        (Origin::Usage { key, billed, .. }, Event::Access(event)) => {
            let delta = ledger.delta(key, recorded.position.0, event)?;
            let cases = delta.change.cases(|verdict| billed.contains(&verdict));
            (cases.to_string(), u32::try_from(delta.records).unwrap_or(u32::MAX))
        }
        _ => {
            let found = facts.binary_search_by_key(&recorded.position.0, |fact| fact.at.position).ok()?;
            let quantity = facts.get(found)?.quantity;
            (quantity.map(|quantity| quantity.to_string()).unwrap_or_default(), 0)
        }
    };
    Some(wire::LineEvent {
        frame_position: recorded.frame.to_string(),
        position: recorded.position.to_string(),
        event_id: uuid_text(recorded.id),
        event_type: recorded.event.event_type().to_owned(),
        recorded_at: Some(wire_time(recorded.recorded_at)),
        quantity,
        records,
    })
}

/// The text form of RFC 9562.
fn uuid_text(id: [u8; 16]) -> String {
    let hex = format!("{:032x}", u128::from_be_bytes(id));
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32))
}

fn band(used: &BandUse) -> wire::BandCharge {
    wire::BandCharge {
        from: used.from.to_string(),
        to: used.to.map(|to| to.to_string()).unwrap_or_default(),
        quantity: used.quantity.to_string(),
        unit_price: used.unit_price.to_string(),
        amount: used.amount.to_string(),
        flat: used.flat.map(money),
    }
}
