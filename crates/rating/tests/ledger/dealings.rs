//! Orders, recruitments and prices for what is no use, beside the [`fixture`](crate::fixture).

use domain::{
    contract::ContractKind,
    id::{OrderId, OrganisationId, PriceBookId, RecruitmentId, ShareRuleId},
    order::{self, DeliveryAccepted, OrderCancelled, OrderDeclined, PlacedOrder},
    price_book::{self, PriceBookPublished, PriceItem, PriceKey, PriceList, PriceModel},
    recruitment::{
        self, Answer, InstitutionResponded, ParticipantEnrolled, PatientRecruitmentRequested, Pseudonym,
        RecruitmentApproved, RequestedRecruitment, Sought, Triage,
    },
    share_rule::{self, ShareRulePublished, Split, SplitTable, default_splits},
    terms::ChargeKind,
    text::Name,
    time::{Month, Timestamp},
};
use money::{Currency, Decimal, Money};
use rating::{
    ledger::{Fact, LedgerOf},
    statement::{Statement, StatementLine, statement},
};

use crate::fixture::*;

pub(crate) type Tested = World<1_024, 64>;

pub(crate) const VENDOR: OrganisationId = OrganisationId::from_u128(41);
pub(crate) const RECRUITMENT: RecruitmentId = RecruitmentId::from_u128(60);

/// The statement as everything is known, at an instant.
pub(crate) fn stated(world: &Tested, month: Month, now: Timestamp) -> Statement {
    known(&world.ledger, u64::MAX, month, now)
}

/// The statement as it was known at a position, but for use.
pub(crate) fn known(ledger: &LedgerOf<1_024, 64>, position: u64, month: Month, now: Timestamp) -> Statement {
    let lines = |month| ledger.lines(CONTRACT, month);
    statement(&ledger.as_of(position), CONTRACT, month, now, lines).unwrap().unwrap()
}

/// Lines of a charge kind as: id, quantity, yen.
pub(crate) fn brief<'s>(statement: &'s Statement, kind: &str) -> Vec<(&'s str, String, i64)> {
    let lines = statement.lines.iter().filter(|line| line.charge_kind.as_str() == kind);
    lines.map(|line| (line.id.as_str(), line.quantity.to_string(), line.amount.minor_units())).collect()
}

pub(crate) fn of_kind<'s>(statement: &'s Statement, kind: &str) -> &'s StatementLine {
    statement.lines.iter().find(|line| line.charge_kind.as_str() == kind).unwrap()
}

/// An order from the vendor of two milestones, 600 and 400 yen.
pub(crate) fn of_vendor(id: OrderId, at: Timestamp) -> PlacedOrder {
    PlacedOrder {
        id,
        vendor: VENDOR,
        price: Money::jpy(1_000),
        milestones: vec![milestone("raw data", 600), milestone("report", 400)],
        at,
        ..placed()
    }
}

pub(crate) fn place(placed: PlacedOrder) -> Fact {
    Fact::Order(placed.id, order::Event::OrderPlaced(Box::new(placed)))
}

pub(crate) fn accept(id: OrderId, milestone: u32, at: Timestamp) -> Fact {
    Fact::Order(id, order::Event::DeliveryAccepted(DeliveryAccepted { milestone, at }))
}

pub(crate) fn cancel(id: OrderId, charged: Vec<u32>, at: Timestamp) -> Fact {
    let reason = "not needed".parse().unwrap();
    Fact::Order(id, order::Event::OrderCancelled(OrderCancelled { by: MEMBER, reason, charged, at }))
}

pub(crate) fn decline(id: OrderId, at: Timestamp) -> Fact {
    let reason = "no capacity".parse().unwrap();
    Fact::Order(id, order::Event::OrderDeclined(OrderDeclined { reason, at }))
}

pub(crate) fn request(executor: OrganisationId, at: Timestamp) -> Fact {
    let request = RequestedRecruitment {
        member: MEMBER,
        executor,
        executor_contract: None,
        study_title: Name::new("a study").unwrap(),
        sought: Sought::Diagnosis("ICD-O-3:8140/3".parse().unwrap()),
        participants_wanted: 10,
    };
    let (id, contract, contract_revision, triage) = (RECRUITMENT, CONTRACT, 2, Triage::NotNeeded);
    let event = PatientRecruitmentRequested { id, contract, contract_revision, request, triage, at };
    Fact::Recruitment(RECRUITMENT, recruitment::Event::PatientRecruitmentRequested(event))
}

pub(crate) fn approve(at: Timestamp) -> Fact {
    let event = RecruitmentApproved {
        by: domain::id::PersonId::from_u128(1),
        ethics_approval: "2026-17".parse().unwrap(),
        valid_until: at.plus_days(365),
        at,
    };
    Fact::Recruitment(RECRUITMENT, recruitment::Event::RecruitmentApproved(event))
}

pub(crate) fn respond(institution: usize, answer: Answer, at: Timestamp) -> Fact {
    let event = InstitutionResponded { institution: INSTITUTIONS[institution], answer, reason: None, at };
    Fact::Recruitment(RECRUITMENT, recruitment::Event::InstitutionResponded(event))
}

pub(crate) fn enrol(institution: usize, number: u32, at: Timestamp) -> Fact {
    let event = ParticipantEnrolled {
        institution: INSTITUTIONS[institution],
        pseudonym: Pseudonym::new(&format!("P-{number:08}")).unwrap(),
        contract_revision: 2,
        at,
    };
    Fact::Recruitment(RECRUITMENT, recruitment::Event::ParticipantEnrolled(event))
}

/// The next version of the price book: 5,000 yen for a recruitment request; 1,000 yen for an enrolment, 800 in
/// the tier premium; 20,000 yen for the expedited lane; 30 yen for a case of a data fee.
pub(crate) fn other_prices(version: u32) -> Fact {
    let price = |kind, tier_name: Option<&str>, model| PriceItem {
        key: PriceKey { tier: tier_name.map(tier), ..PriceKey::any(kind) },
        model,
    };
    let flat = |yen| PriceModel::Flat { amount: Money::jpy(yen) };
    let each = |yen: u32| PriceModel::PerUnit { price: Decimal::from(yen) };
    let prices = PriceList {
        name: Name::new("prices").unwrap(),
        currency: Currency::Jpy,
        start: month(1),
        items: vec![
            price(ChargeKind::recruitment_request(), None, flat(5_000)),
            price(ChargeKind::recruitment_enrolment(), None, each(1_000)),
            price(ChargeKind::recruitment_enrolment(), Some("premium"), each(800)),
            price(ChargeKind::expedited_review(), None, flat(20_000)),
            price(ChargeKind::data_fee(), None, each(30)),
            price(ChargeKind::data_usage(), None, each(100)),
        ],
        billed_verdicts: price_book::billed_by_default(),
    };
    Fact::PriceBook(price_book::Event::PriceBookPublished(PriceBookPublished {
        id: PriceBookId::from_u128(1),
        version,
        prices,
        published_by: PROMOTER,
        at: on(3, 1, 0),
    }))
}

/// A version of the share rule: the default splits with a change.
pub(crate) fn reshare(version: u32, start: Month, change: impl Fn(&mut Split)) -> Fact {
    let mut splits = default_splits();
    splits.iter_mut().for_each(change);
    Fact::ShareRule(share_rule::Event::ShareRulePublished(ShareRulePublished {
        id: ShareRuleId::from_u128(1),
        version,
        table: SplitTable { name: Name::new("shares").unwrap(), start, splits, charges: vec![] },
        published_by: PROMOTER,
        at: on(3, 1, 0),
    }))
}

/// A member's world with prices for everything.
pub(crate) fn priced() -> Tested {
    let mut world = Tested::new(ContractKind::Member);
    world.learn(other_prices(2));
    world
}
