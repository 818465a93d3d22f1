//! What the year came to: one value, shown as tables for people or as JSON for programs.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use domain::time::Month;
use proto::kiban::{
    access::v1::GetSourceResponse, billing::v1::Statement, contract::v1::Contract,
    revenue_share::v1::GetRevenueSharesResponse,
};

use crate::demo::{
    actors::{Actor, Part},
    checks,
    contracts::Signed,
    reading::{Books, Explained, market::Scene},
    stage::{Attempt, Check, Stage},
    tally::Reported,
    world::World,
    year::Year,
};

mod deals;
pub(super) mod format;
mod json;
mod market;
mod market_json;
mod pages;
mod tables;

/// The whole report.
pub(super) struct Report {
    pub(super) seed: u64,
    pub(super) address: SocketAddr,
    pub(super) elapsed: Duration,
    /// Where the data lie, if they are kept.
    pub(super) kept: Option<PathBuf>,
    pub(super) forum: Forum,
    /// A member's statement of one month, as the member sees it.
    pub(super) statement: Statement,
    /// Lines of each sort, with what is behind them.
    pub(super) explained: Vec<Explained>,
    /// What is owed of that month.
    pub(super) month: (Month, GetRevenueSharesResponse),
    /// What is owed of the year, by organisation, the base operator first.
    pub(super) year: Vec<Owed>,
    /// What was charged in each month.
    pub(super) charged: Vec<(Month, i64)>,
    pub(super) refusals: Vec<Attempt>,
    pub(super) meters: Vec<Metered>,
    pub(super) late: u64,
    /// What each party earned in the year, by charge kind and organisation.
    pub(super) earned: Vec<Earned>,
    /// The market as the year has left it.
    pub(super) scene: Scene,
    pub(super) checks: Vec<Check>,
}

/// Who takes part, and what was agreed on.
pub(super) struct Forum {
    pub(super) organisations: Vec<Actor>,
    /// As the promoter has them when the year is over.
    pub(super) contracts: Vec<Contract>,
    names: Vec<Signed>,
    /// TCGA projects, all datasets, and the cases of all.
    pub(super) projects: usize,
    pub(super) datasets: usize,
    pub(super) cases: u64,
}

/// What an organisation is owed of a year.
pub(super) struct Owed {
    pub(super) organisation: String,
    pub(super) name: String,
    pub(super) amount: i64,
}

/// What an organisation earned of one kind of charge.
pub(super) struct Earned {
    pub(super) charge_kind: String,
    pub(super) name: &'static str,
    pub(super) amount: i64,
}

/// What became of what one meter reported.
pub(super) struct Metered {
    pub(super) name: &'static str,
    pub(super) contract: &'static str,
    pub(super) reported: Reported,
    /// Its first epoch.
    pub(super) source: GetSourceResponse,
}

/// What the report is made of besides the stage and the world.
pub(super) struct Answers {
    pub(super) books: Books,
    pub(super) scene: Scene,
    pub(super) year: Year,
    pub(super) sources: Vec<GetSourceResponse>,
    /// As the promoter has them.
    pub(super) contracts: Vec<Contract>,
    pub(super) statement: Statement,
    pub(super) explained: Vec<Explained>,
    /// The month that is shown.
    pub(super) shown: Month,
}

impl Report {
    /// Puts the report together.
    pub(super) fn new(seed: u64, address: SocketAddr, stage: &Stage, world: World, answers: Answers) -> Self {
        let Answers { books, scene, year, sources, contracts, statement, explained, shown } = answers;
        let charged = |shares: &GetRevenueSharesResponse| checks::amount(shares.charged.as_ref());
        let meters = world.meters.iter().zip(sources).enumerate();
        let earned = earned(&world, &books);
        Self {
            seed,
            address,
            elapsed: stage.progress.elapsed(),
            kept: None,
            year: owed(&world, &books),
            charged: books.months.iter().map(|(month, shares)| (*month, charged(shares))).collect(),
            month: books
                .months
                .into_iter()
                .find(|(month, _)| *month == shown)
                .unwrap_or((shown, Default::default())),
            refusals: stage.refusals.clone(),
            late: year.late,
            earned,
            scene,
            checks: stage.checks.clone(),
            meters: meters
                .map(|(place, (meter, source))| Metered {
                    name: meter.name,
                    contract: world.contracts.of(meter.deal).name,
                    reported: world.tally.meters.get(&place).cloned().unwrap_or_default(),
                    source,
                })
                .collect(),
            forum: Forum {
                organisations: world.cast.all().to_vec(),
                contracts,
                names: world.contracts.all().to_vec(),
                projects: world.holdings.projects,
                datasets: world.holdings.all.len(),
                cases: world.holdings.all.iter().map(|holding| holding.cases).sum(),
            },
            statement,
            explained,
        }
    }

    /// Whether everything holds that must hold.
    pub(super) fn is_sound(&self) -> bool {
        self.checks.iter().all(|check| check.holds)
    }

    /// For people.
    pub(super) fn for_people(&self) -> String {
        tables::render(self)
    }

    /// For programs: one JSON document with stable keys.
    pub(super) fn for_programs(&self) -> serde_json::Value {
        json::render(self)
    }

    /// What people call an organisation.
    pub(super) fn name_of<'n>(&'n self, id: &'n str) -> &'n str {
        self.forum.organisations.iter().find(|actor| actor.id == id).map_or(id, |actor| actor.name)
    }

    /// What people call a contract.
    pub(super) fn contract_of<'n>(&'n self, id: &'n str) -> &'n str {
        self.forum.names.iter().find(|contract| contract.id == id).map_or(id, |contract| contract.name)
    }

    /// How many records came out as each outcome.
    pub(super) fn outcomes(&self) -> [u64; 4] {
        let mut sum = [0; 4];
        for metered in &self.meters {
            for (total, count) in sum.iter_mut().zip(metered.reported.outcomes) {
                *total += count;
            }
        }
        sum
    }
}

/// The year's sums by charge kind and organisation.
fn earned(world: &World, books: &Books) -> Vec<Earned> {
    let by_kind = checks::charges::by_kind(world, books);
    let earned = |((charge_kind, part), amount): ((String, Option<Part>), i64)| {
        let name = part.map_or("?", |part| world.cast.of(part).name);
        Earned { charge_kind, name, amount }
    };
    by_kind.into_iter().map(earned).collect()
}

/// The year's sums by organisation: the base operator, then by amount.
fn owed(world: &World, books: &Books) -> Vec<Owed> {
    let base = &world.cast.of(Part::Base).id;
    let mut year: Vec<Owed> = Vec::new();
    for party in books.months.iter().flat_map(|(_, shares)| &shares.parties) {
        let amount = checks::amount(party.amount.as_ref());
        match year.iter_mut().find(|owed| owed.organisation == party.organisation_id) {
            Some(owed) => owed.amount += amount,
            None => year.push(Owed {
                organisation: party.organisation_id.clone(),
                name: world.cast.name_of(&party.organisation_id).to_owned(),
                amount,
            }),
        }
    }
    year.sort_by_key(|owed| (owed.organisation != *base, -owed.amount, owed.organisation.clone()));
    year
}
