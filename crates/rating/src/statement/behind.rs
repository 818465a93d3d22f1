//! From which events a line follows that is no use: facts, of which there are few.

use domain::{contract, id::ContractId, order::charged_by, time::Month};

use crate::{
    ledger::{At, Fact, View},
    statement::{Origin, StatementLine, is_fee_event, recruitment::falls_due},
};

/// An event behind a line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Behind {
    /// Where it stands.
    pub at: At,
    /// What it added to the line's quantity; `None` where the quantity follows from the terms.
    pub quantity: Option<u64>,
}

/// The events from which a line of a contract and month follows, in the order of the log; for use none, since
/// those are looked up by [`touched`](crate::ledger::LedgerOf::touched).
pub fn behind<const BLOCK: u64, const COPY: usize>(
    view: &View<'_, BLOCK, COPY>,
    contract: ContractId,
    month: Month,
    line: &StatementLine,
) -> Vec<Behind> {
    let of_contract = |counts: fn(&contract::Event) -> bool| -> Vec<Behind> {
        let events = view.contract_events(contract).filter(|(_, event)| counts(event));
        events.map(|(at, _)| Behind { at, quantity: None }).collect()
    };
    match &line.origin {
        Origin::Usage { .. } => Vec::new(),
        Origin::Fee { paused: false } => of_contract(is_fee_event),
        Origin::Fee { paused: true } => of_contract(is_pause_event),
        Origin::Review => of_contract(is_review_event),
        // The lines that count are explained by themselves; the arithmetic names them.
        Origin::Commitment { .. } => of_contract(is_term_event),
        Origin::Order { order } => {
            let events = view.order_events(*order).filter_map(|(at, event)| {
                let charged = charged_by(event).len() as u64;
                let falls_due = charged > 0 && Month::of(event.at()) == month;
                (event.placed().is_some() || falls_due)
                    .then_some(Behind { at, quantity: falls_due.then_some(charged) })
            });
            events.collect()
        }
        Origin::Recruitment { recruitment, fee, .. } => {
            let segment = |at| view.contract(contract).map(|contract| super::segment_at(&contract, at));
            let events = view.recruitment_events(*recruitment).filter_map(|(at, event)| {
                let due = falls_due(event);
                if due.is_none() {
                    let is_request =
                        matches!(event, domain::recruitment::Event::PatientRecruitmentRequested(_));
                    return is_request.then_some(Behind { at, quantity: None });
                }
                let (of, instant) = due?;
                let counts =
                    of == *fee && Month::of(instant) == month && segment(instant) == Some(line.segment);
                counts.then_some(Behind { at, quantity: Some(1) })
            });
            events.collect()
        }
        Origin::Credit { credit, .. } => {
            let granted = view.due(contract, month).filter(|(_, fact)| {
                let Fact::Credit(domain::credit::Event::CreditGranted(event)) = fact else { return false };
                event.id == *credit
            });
            granted.map(|(at, _)| Behind { at, quantity: Some(1) }).collect()
        }
    }
}

/// Whether an event of a contract bears on what pauses give back of its fees.
const fn is_pause_event(event: &contract::Event) -> bool {
    let pauses = matches!(event, contract::Event::ContractPaused(_) | contract::Event::ContractResumed(_));
    pauses || is_fee_event(event)
}

/// Whether an event of a contract bears on the fee of the expedited lane.
const fn is_review_event(event: &contract::Event) -> bool {
    matches!(event, contract::Event::ContractApplied(_) | contract::Event::ContractOffered(_))
}

/// Whether an event of a contract bears on what it commits to, and when its years end.
const fn is_term_event(event: &contract::Event) -> bool {
    matches!(event, contract::Event::ContractOffered(_)) || is_fee_event(event)
}
