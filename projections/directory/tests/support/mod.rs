//! A forum in memory: events appended by hand, the projection fed, the service asked through its trait.

#![allow(dead_code, unused_imports, reason = "each test file uses its part")]

use std::ops::Deref;

use directory::{Directory, DirectoryFold};
use domain::{
    contract::{self, ContractKind, Limit, Quota, Quotas, Terms},
    dataset::{self, ComposedCases, Description},
    id::{ContractId, DatasetId, OrganisationId, ShareRuleId},
    organisation::{Capacity, CapacityGrant},
    terms::{ShareRuleChoice, Tier},
    time::Timestamp,
};
use engine::{RunningFolds, Store};
use event_log::Appended;
use jiff::civil::{Date, date};
use tokio::sync::watch;
use world::{Agreement, terms};
pub(crate) use world::{Past, message, reason as refused, roleless as by};

pub(crate) const PROMOTER: OrganisationId = OrganisationId::from_u128(1);
pub(crate) const BASE: OrganisationId = OrganisationId::from_u128(2);
pub(crate) const PHARMA: OrganisationId = OrganisationId::from_u128(3);
pub(crate) const RIVAL: OrganisationId = OrganisationId::from_u128(4);
pub(crate) const BIOBANK: OrganisationId = OrganisationId::from_u128(5);

/// What stands in the log, and the service over it.
pub(crate) struct World {
    past: Past,
    pub(crate) directory: Directory,
    pub(crate) stop: watch::Sender<bool>,
    _folds: RunningFolds,
}

impl Deref for World {
    type Target = Past;

    fn deref(&self) -> &Past {
        &self.past
    }
}

pub(crate) fn on(date: Date) -> Timestamp {
    Timestamp::start_of_tokyo_date(date)
}

pub(crate) fn today() -> Timestamp {
    on(date(2026, 6, 1))
}

impl World {
    /// A log without an event, and the service over it.
    pub(crate) fn empty() -> Self {
        let past = Past::at(today(), PROMOTER);
        let (projection, folds) = past.folded::<DirectoryFold>(Store::in_memory().unwrap());
        let (stop, stopped) = watch::channel(false);
        let directory =
            Directory::new(projection, past.log.clone(), past.log.clone(), past.gate.clone(), stopped);
        Self { past, directory, stop, _folds: folds }
    }

    /// The promoter, the base operator, two members and a data provider.
    pub(crate) async fn forum() -> Self {
        let world = Self::empty();
        world.organisation(PROMOTER, "活用促進機関 Forum", Capacity::Promoter).await;
        world.organisation(BASE, "Base Operator", Capacity::BaseOperator).await;
        world.organisation(PHARMA, "Asahi Pharma", Capacity::Member).await;
        world.organisation(RIVAL, "Rival PHARMA Ltd", Capacity::Member).await;
        world.organisation(BIOBANK, "Northern Biobank", Capacity::DataProvider).await;
        world
    }

    pub(crate) async fn organisation(&self, id: OrganisationId, name: &str, capacity: Capacity) -> Appended {
        let grant = CapacityGrant { capacity, from: date(2026, 4, 1), until: Some(date(2027, 4, 1)) };
        self.past.organisation(id, name, grant).await
    }

    /// A contract between a member, the promoter and the base operator, in force from 2026-04-01 to
    /// 2027-04-01.
    pub(crate) async fn contract(&self, id: ContractId, member: OrganisationId, tier: &str) -> Appended {
        let audience = [member, PROMOTER, BASE];
        self.append(id, &[applied(id, member)], &[member, PROMOTER]).await;
        self.append(id, &agreed(member, tier), &audience).await
    }

    pub(crate) async fn dataset(&self, id: DatasetId, description: Description) -> Appended {
        let provider = description.provider;
        let registered = dataset::DatasetRegistered { id, description, at: today() };
        let freeze = dataset::FreezeReleased {
            number: 1,
            composition: vec![ComposedCases { institution: OrganisationId::from_u128(70), cases: 12 }],
            consent: Default::default(),
            at: today(),
        };
        let events = [dataset::Event::DatasetRegistered(registered), dataset::Event::FreezeReleased(freeze)];
        self.append(id, &events, &[provider]).await
    }
}

pub(crate) fn applied(id: ContractId, member: OrganisationId) -> contract::Event {
    agreement(id, member, "basic").applied()
}

pub(crate) fn agreed(member: OrganisationId, tier: &str) -> Vec<contract::Event> {
    agreement(ContractId::from_u128(1), member, tier).agreed()
}

fn agreement(id: ContractId, member: OrganisationId, tier: &str) -> Agreement {
    Agreement {
        id,
        kind: ContractKind::Member,
        applicant: member,
        issuer: PROMOTER,
        parties: [member, PROMOTER, BASE].into(),
        at: on(date(2026, 3, 2)),
        terms: Terms {
            dataset_classes: ["wgs".parse().unwrap()].into(),
            quotas: quotas(),
            share_rule: ShareRuleChoice::Pin(ShareRuleId::from_u128(1), 1),
            ..terms(tier, on(date(2026, 4, 1)))
        },
    }
}

pub(crate) fn quotas() -> Quotas {
    let quota = Quota { cases_per_year: Limit::Cases(100), max_cases_per_run: Limit::Unlimited };
    Quotas { simple_analysis: quota, detailed_analysis: Quota::NONE }
}

pub(crate) fn tier(name: &str) -> Tier {
    Tier::new(name).unwrap()
}

pub(crate) fn description(code: &str, provider: OrganisationId) -> Description {
    world::description(code, "wgs", provider)
}

pub(crate) fn texts<T: ToString>(ids: impl IntoIterator<Item = T>) -> Vec<String> {
    ids.into_iter().map(|id| id.to_string()).collect()
}
