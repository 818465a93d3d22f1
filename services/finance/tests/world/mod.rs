//! A finance service over a log in memory, with two operators and a member, and a clock that is set by hand.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

pub mod contract;

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    country::Country,
    id::OrganisationId,
    organisation::{
        Capacity, CapacityGrant, Command, Organisation, RegisterOrganisation, RegistrationNumber,
    },
    time::{Month, Timestamp},
};
use engine::{
    Aggregates, CALLER_HEADER, Caller, Clock, Envelope, Gate, ManualClock, PLATFORM, Prepared, Role,
};
use event_log::{EventLog, MemoryLog};
use events::Category;
use finance::Finance;
use proto::kiban::{common::v1::Money, finance::v1::*};
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;

pub const PROMOTER: OrganisationId = OrganisationId::from_u128(1);
pub const BASE: OrganisationId = OrganisationId::from_u128(2);
pub const MEMBER: OrganisationId = OrganisationId::from_u128(3);
pub const VENDOR: OrganisationId = OrganisationId::from_u128(4);

/// The service, and the time that it sees.
pub struct World {
    pub finance: Finance,
    pub clock: Arc<ManualClock>,
    pub log: Arc<dyn EventLog>,
}

/// On 15 April 2026.
pub async fn world() -> World {
    let now = month("2026-04").start().plus_days(14);
    let clock = Arc::new(ManualClock::at(now));
    let ticking = clock.clone();
    let log: Arc<dyn EventLog> = MemoryLog::new(Arc::new(move || ticking.now().as_micros()));
    let organisations = [
        (VENDOR, Capacity::Vendor, "6"),
        (PROMOTER, Capacity::Promoter, "9"),
        (BASE, Capacity::BaseOperator, "8"),
        (MEMBER, Capacity::Member, "7"),
    ];
    for (id, capacity, number) in organisations {
        register(log.clone(), id, capacity, number, now).await;
    }
    let gate = Arc::new(Gate::new(log.clone(), clock.clone()));
    World { finance: Finance::new(log.clone(), gate), clock, log }
}

async fn register(
    log: Arc<dyn EventLog>,
    id: OrganisationId,
    capacity: Capacity,
    number: &str,
    at: Timestamp,
) {
    let country: Country = "US".parse().unwrap();
    let command = Command::RegisterOrganisation(RegisterOrganisation {
        id,
        name: capacity.as_str().parse().unwrap(),
        country,
        sector: None,
        registration_number: RegistrationNumber::new(country, number).unwrap(),
        capacities: vec![CapacityGrant { capacity, from: month("2026-01").first_date(), until: None }],
        at,
    });
    let envelope = envelope(at);
    let organisations: Aggregates<Organisation> = Aggregates::new(log, NonZeroUsize::MIN);
    let stream = Category::Organisation.stream(id);
    let prepare = || -> engine::Preparation<'_, Organisation> {
        let command = command.clone();
        Box::pin(async { Ok(Prepared::new(command)) })
    };
    assert!(organisations.execute(&stream, &envelope, prepare).await.is_ok());
}

fn envelope(at: Timestamp) -> Envelope {
    Envelope {
        caller: Caller { organisation: PLATFORM, person: None, roles: vec![] },
        command: None,
        expected_revision: None,
        validate_only: false,
        at,
        traceparent: String::new(),
    }
}

pub fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// A request of an organisation's finance people.
pub fn by<T>(organisation: OrganisationId, request: T) -> Request<T> {
    as_role(organisation, Role::Finance, request)
}

pub fn as_role<T>(organisation: OrganisationId, role: Role, request: T) -> Request<T> {
    let caller = Caller { organisation, person: None, roles: vec![role] };
    let mut request = Request::new(request);
    request.metadata_mut().insert(CALLER_HEADER, caller.to_string().parse().unwrap());
    request
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
