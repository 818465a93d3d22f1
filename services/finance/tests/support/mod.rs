//! A finance service over a log in memory, with two operators and a member, and a clock that is set by hand.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::sync::Arc;

use domain::{
    contract::{Command, Contract, ContractKind},
    id::{ContractId, OrganisationId},
    organisation::Capacity,
    time::{Month, Timestamp},
};
use engine::{ManualClock, Role};
use event_log::EventLog;
use events::Category;
use finance::Finance;
use proto::kiban::{common::v1::Money, finance::v1::*};
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;
use world::{Agreement, terms, with_roles};

pub const PROMOTER: OrganisationId = OrganisationId::from_u128(1);
pub const BASE: OrganisationId = OrganisationId::from_u128(2);
pub const MEMBER: OrganisationId = OrganisationId::from_u128(3);
pub const VENDOR: OrganisationId = OrganisationId::from_u128(4);

/// The service, and the time that it sees.
pub struct World {
    pub finance: Finance,
    pub clock: Arc<ManualClock>,
    pub log: Arc<dyn EventLog>,
    forum: world::World,
}

/// On 15 April 2026.
pub async fn world() -> World {
    let now = month("2026-04").start().plus_days(14);
    let forum = world::World::at(now);
    for (number, capacity) in
        [(4, Capacity::Vendor), (1, Capacity::Promoter), (2, Capacity::BaseOperator), (3, Capacity::Member)]
    {
        forum.register(number, capacity).await;
    }
    let (log, clock) = (forum.log.clone(), forum.clock.clone());
    World { finance: Finance::new(log.clone(), forum.gate.clone()), clock, log, forum }
}

impl World {
    /// A contract between an applicant and the promoter, in force for a year from an instant on.
    pub async fn contract(
        &self,
        id: ContractId,
        kind: ContractKind,
        applicant: OrganisationId,
        at: Timestamp,
    ) {
        self.run(id, agreement(id, kind, applicant, at).commands()).await;
    }

    /// The same of a member, of which the last signature is missing.
    pub async fn unsigned(&self, id: ContractId, at: Timestamp) {
        let mut commands = agreement(id, ContractKind::Member, MEMBER, at).commands();
        commands.pop();
        self.run(id, commands).await;
    }

    async fn run(&self, id: ContractId, commands: Vec<Command>) {
        for command in commands {
            self.forum.run::<Contract>(&Category::Contract.stream(id), command).await;
        }
    }
}

fn agreement(id: ContractId, kind: ContractKind, applicant: OrganisationId, at: Timestamp) -> Agreement {
    let parties = [applicant, PROMOTER].into();
    Agreement { id, kind, applicant, issuer: PROMOTER, parties, at, terms: terms("standard", at) }
}

pub fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// A request of an organisation's finance people.
pub fn by<T>(organisation: OrganisationId, request: T) -> Request<T> {
    as_role(organisation, Role::Finance, request)
}

pub fn as_role<T>(organisation: OrganisationId, role: Role, request: T) -> Request<T> {
    with_roles(organisation, &[role], request)
}

/// Code, reason and the fields of a refusal, whose texts name no path a second time.
pub fn refused<T>(answer: Result<Response<T>, Status>) -> (Code, String, Vec<String>) {
    let status = answer.map(|_| ()).unwrap_err();
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
    let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    for violation in &violations {
        let path = violation.field.strip_prefix("version.").unwrap_or(&violation.field);
        let repeats = path.contains('[') && violation.description.contains(path);
        assert!(!repeats, "{}: {}", violation.field, violation.description);
    }
    (status.code(), reason, violations.into_iter().map(|violation| violation.field).collect())
}

pub fn yen(minor_units: i64) -> Money {
    Money { currency_code: "JPY".into(), minor_units }
}

pub fn flat(yen: i64) -> Option<PriceModel> {
    Some(PriceModel { model: Some(price_model::Model::Flat(self::yen(yen))) })
}

/// A graduated price: where each band ends, and its price.
pub fn graduated(bands: &[(&str, &str)]) -> Option<PriceModel> {
    let band = |(up_to, unit_price): &(&str, &str)| Band {
        up_to: (*up_to).into(),
        unit_price: (*unit_price).into(),
        flat: None,
    };
    let bands = bands.iter().map(band).collect();
    Some(PriceModel { model: Some(price_model::Model::Graduated(Graduated { bands })) })
}

/// A volume price, its bands written like those of a graduated one.
pub fn volume(bands: &[(&str, &str)]) -> Option<PriceModel> {
    let model = match graduated(bands)?.model? {
        price_model::Model::Graduated(Graduated { bands }) => price_model::Model::Volume(Volume { bands }),
        other => other,
    };
    Some(PriceModel { model: Some(model) })
}

pub fn package(size: &str, yen: i64) -> Option<PriceModel> {
    let package = Package { size: size.into(), price: Some(self::yen(yen)) };
    Some(PriceModel { model: Some(price_model::Model::Package(package)) })
}

/// A fee per tier and a graduated price per case.
pub fn prices(start: &str) -> PriceBookVersion {
    let item = |charge_kind: &str, tier: &str, model| PriceItem {
        charge_kind: charge_kind.into(),
        tier: tier.into(),
        model,
        ..Default::default()
    };
    PriceBookVersion {
        version: 0,
        name: "Prices of 2026".into(),
        currency_code: "JPY".into(),
        start: start.into(),
        items: vec![
            item("contract-fee", "basic", flat(1_000_000)),
            item("data-usage", "", graduated(&[("100", "50"), ("1000.5", "42.5"), ("", "40")])),
        ],
        billed_verdicts: vec![1],
    }
}

pub fn role(role: PartyRole) -> Option<Party> {
    Some(Party { party: Some(party::Party::Role(role.into())) })
}

pub fn percent(party: PartyRole, percentage: &str) -> PartyPercentage {
    PartyPercentage { party: role(party), percentage: percentage.into() }
}

pub fn amount(party: PartyRole, amount: i64) -> PartyAmount {
    PartyAmount { party: role(party), amount: Some(yen(amount)) }
}

fn split(charge_kind: &str, percentages: Vec<PartyPercentage>) -> Split {
    Split {
        charge_kind: charge_kind.into(),
        provider_scope: ProviderScope::Any.into(),
        percentages,
        residual: role(PartyRole::BaseOperator),
        ..Default::default()
    }
}

/// The splits of data fees and of service orders, the latter with a data fee, a minimum and a cap.
pub fn shares(start: &str) -> ShareRuleVersion {
    let data_fee = split(
        "data-fee",
        vec![percent(PartyRole::BaseOperator, "70"), percent(PartyRole::InstitutionsPool, "30")],
    );
    let order = Split {
        fixed: vec![amount(PartyRole::Promoter, 500)],
        minimums: vec![amount(PartyRole::Vendor, 10)],
        caps: vec![amount(PartyRole::Vendor, 1_000_000)],
        data_fee_percentage: "5".into(),
        ..split(
            "service-order",
            vec![percent(PartyRole::Vendor, "87.5"), percent(PartyRole::BaseOperator, "12.5")],
        )
    };
    ShareRuleVersion {
        version: 0,
        name: "Shares".into(),
        start: start.into(),
        splits: vec![data_fee, order],
        charges: vec![],
    }
}

pub fn create_book(command_id: &str, version: PriceBookVersion) -> CreatePriceBookRequest {
    CreatePriceBookRequest { command_id: command_id.into(), validate_only: false, version: Some(version) }
}

pub fn create_rule(command_id: &str, version: ShareRuleVersion) -> CreateShareRuleRequest {
    CreateShareRuleRequest { command_id: command_id.into(), validate_only: false, version: Some(version) }
}

pub fn close(command_id: &str, month: &str) -> ClosePeriodRequest {
    ClosePeriodRequest {
        command_id: command_id.into(),
        validate_only: false,
        expected_revision: None,
        month: month.into(),
    }
}
