//! Given, when, then: through `decide`, `evolve` and the timeline's questions alone.

mod fees;
mod life;
mod making;
mod properties;
mod standing;
mod years;

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use money::Money;

use super::*;
use crate::{
    country::Country,
    id::{ContractId, OrganisationId, PersonId, PriceBookId, ShareRuleId},
    organisation::Capacity,
    terms::{ChargeKind, DatasetClass, PriceBookChoice, Purpose, ShareRuleChoice, Tier},
    text::Reason,
    time::Timestamp,
};

const DAY: i64 = 86_400_000_000;

fn on(date: Date) -> Timestamp {
    Timestamp::start_of_tokyo_date(date)
}

fn plus(instant: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_micros(instant.as_micros() + micros).unwrap()
}

/// Monday, when everything is decided unless a test says otherwise.
fn now() -> Timestamp {
    on(date(2026, 3, 2))
}

/// The start and the end of the term.
fn start() -> Timestamp {
    on(date(2026, 4, 1))
}
fn end() -> Timestamp {
    on(date(2028, 4, 1))
}

fn pharma() -> OrganisationId {
    OrganisationId::from_u128(1)
}
fn promoter() -> OrganisationId {
    OrganisationId::from_u128(2)
}
fn stranger() -> OrganisationId {
    OrganisationId::from_u128(3)
}
fn person() -> PersonId {
    PersonId::from_u128(9)
}
fn reviewer() -> Reviewer {
    Reviewer { organisation: promoter(), person: person() }
}
fn tier(name: &str) -> Tier {
    Tier::new(name).unwrap()
}
fn purposes(names: &[&str]) -> BTreeSet<Purpose> {
    names.iter().map(|name| Purpose::new(name).unwrap()).collect()
}
fn reason() -> Reason {
    Reason::new("as agreed").unwrap()
}

fn quotas(cases: u64) -> Quotas {
    let quota = Quota { cases_per_year: Limit::Cases(cases), max_cases_per_run: Limit::Unlimited };
    Quotas { simple_analysis: quota, detailed_analysis: Quota::NONE }
}

fn terms() -> Terms {
    Terms {
        tier: tier("basic"),
        term: Term::new(start(), end()).unwrap(),
        purposes: purposes(&["drug-discovery"]),
        dataset_classes: [DatasetClass::new("open").unwrap()].into(),
        countries: [Country::JAPAN].into(),
        quotas: quotas(100),
        price_book: PriceBookChoice::Follow(PriceBookId::from_u128(1)),
        share_rule: ShareRuleChoice::Pin(ShareRuleId::from_u128(1), 1),
        minimum_commitment: None,
        paused_fees: PausedFees::GoOn,
    }
}

fn application() -> ApplyForContract {
    ApplyForContract {
        id: ContractId::from_u128(7),
        kind: ContractKind::Member,
        applicant: pharma(),
        applicant_capacities: [Capacity::Member].into(),
        issuer: promoter(),
        issuer_capacities: [Capacity::Promoter].into(),
        purposes: purposes(&["drug-discovery", "biomarkers"]),
        lane: Lane::Standard,
        at: now(),
    }
}

fn apply() -> Command {
    Command::ApplyForContract(application())
}
fn approval() -> ApproveContract {
    let valid_until = on(date(2026, 6, 1));
    ApproveContract { by: reviewer(), reviewer_capacities: BTreeSet::new(), valid_until, at: now() }
}
fn approve() -> Command {
    Command::ApproveContract(approval())
}
fn rejection() -> RejectContract {
    RejectContract { by: reviewer(), reviewer_capacities: BTreeSet::new(), reason: reason(), at: now() }
}
fn reject() -> Command {
    Command::RejectContract(rejection())
}
fn offer_of(terms: Terms) -> OfferContract {
    OfferContract { issuer: promoter(), parties: [pharma(), promoter()].into(), terms, at: now() }
}
fn offer() -> Command {
    Command::OfferContract(offer_of(terms()))
}
fn sign(party: OrganisationId, at: Timestamp) -> Command {
    Command::SignContract(SignContract { party, person: person(), at })
}
fn change_tier(name: &str, effective_at: Timestamp, at: Timestamp) -> Command {
    Command::ChangeTier(ChangeTier { tier: tier(name), quotas: quotas(500), effective_at, at })
}
fn pause(at: Timestamp) -> Command {
    Command::PauseContract(PauseContract { reason: reason(), at })
}
fn resume(at: Timestamp) -> Command {
    Command::ResumeContract(ResumeContract { at })
}
fn renew(renewal: Renewal, at: Timestamp) -> Command {
    Command::RenewContract(RenewContract { renewal, at })
}
fn terminate(effective_at: Timestamp, at: Timestamp) -> Command {
    Command::TerminateContract(TerminateContract { by: pharma(), reason: reason(), effective_at, at })
}
fn expire(at: Timestamp) -> Command {
    Command::ExpireContract(ExpireContract { at })
}

/// The commands up to the last signature.
fn signed() -> Vec<Command> {
    vec![apply(), approve(), offer(), sign(pharma(), now()), sign(promoter(), now())]
}
fn signed_and(further: impl IntoIterator<Item = Command>) -> Vec<Command> {
    signed().into_iter().chain(further).collect()
}

/// The state after commands that must all be accepted.
fn given(commands: Vec<Command>) -> Contract {
    commands.into_iter().fold(Contract::default(), |state, command| {
        let events = Contract::decide(&state, command.clone());
        let events = events.unwrap_or_else(|rejection| panic!("{command:?} was refused: {rejection}"));
        events.iter().fold(state, Contract::evolve)
    })
}

/// Given commands, when another comes, then these events, or this refusal.
type Case = (Vec<Command>, Command, Result<Vec<Event>, Rejection>);

fn check(cases: impl IntoIterator<Item = Case>) {
    for (number, (before, command, expected)) in cases.into_iter().enumerate() {
        let state = given(before);
        assert_eq!(Contract::decide(&state, command.clone()), expected, "case {number}: {command:?}");
    }
}
