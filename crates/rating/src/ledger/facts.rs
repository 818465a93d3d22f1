//! What the log says besides use: few events, kept as they are with their positions, so that what was known
//! at any position is found by leaving out what came later.

use std::collections::BTreeMap;

use domain::{
    Decider, contract,
    contract::Timeline,
    dataset::{self, Dataset},
    id::{ContractId, DatasetId, OrderId, OrganisationId, PriceBookId, ShareRuleId},
    order,
    organisation::{self, Capacity, Organisation},
    period, price_book, share_rule,
};

/// Where an event stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct At {
    /// Its position.
    pub position: u64,
    /// The position of its frame's first event.
    pub frame: u64,
}

/// An event that is no use, and of what.
#[derive(Clone, PartialEq, Debug)]
pub enum Fact {
    /// Of an organisation.
    Organisation(OrganisationId, organisation::Event),
    /// Of a contract.
    Contract(ContractId, contract::Event),
    /// Of a dataset.
    Dataset(DatasetId, dataset::Event),
    /// Of a price book.
    PriceBook(price_book::Event),
    /// Of a share rule.
    ShareRule(share_rule::Event),
    /// Of an issuer's periods.
    Period(period::Event),
    /// Of an order.
    Order(order::Event),
}

/// The facts in the order of the log, and where to find them.
#[derive(Clone, Default, Debug)]
pub(super) struct Facts {
    pub(super) all: Vec<(At, Fact)>,
    pub(super) organisations: BTreeMap<OrganisationId, Organisation>,
    /// Who ever ran the forum.
    pub(super) operators: BTreeMap<OrganisationId, Vec<usize>>,
    pub(super) contracts: BTreeMap<ContractId, ContractFacts>,
    pub(super) datasets: BTreeMap<DatasetId, Dataset>,
    pub(super) price_books: BTreeMap<PriceBookId, Vec<usize>>,
    pub(super) share_rules: BTreeMap<ShareRuleId, Vec<usize>>,
    pub(super) periods: BTreeMap<OrganisationId, Vec<usize>>,
    pub(super) orders: BTreeMap<OrderId, (u64, OrganisationId)>,
    organisation_facts: BTreeMap<OrganisationId, Vec<usize>>,
}

/// A contract: where its events are, and its terms as they are known now.
#[derive(Clone, Default, Debug)]
pub(super) struct ContractFacts {
    pub(super) events: Vec<usize>,
    pub(super) timeline: Timeline,
}

impl Facts {
    /// Takes in a fact. Facts come in the order of their positions.
    pub(super) fn learn(&mut self, at: At, fact: Fact) {
        let index = self.all.len();
        match &fact {
            Fact::Organisation(id, event) => {
                let known = self.organisations.entry(*id).or_default();
                *known = Organisation::evolve(std::mem::take(known), event);
                let events = self.organisation_facts.entry(*id).or_default();
                events.push(index);
                let ran = |profile: &organisation::Profile| {
                    let runs = [Capacity::BaseOperator, Capacity::Promoter];
                    profile.capacities.iter().any(|grant| runs.contains(&grant.capacity))
                };
                if known.profile().is_some_and(ran) {
                    self.operators.insert(*id, events.clone());
                }
            }
            Fact::Contract(id, event) => {
                let contract = self.contracts.entry(*id).or_default();
                contract.events.push(index);
                contract.timeline.apply(event);
            }
            Fact::Dataset(id, event) => {
                let known = self.datasets.entry(*id).or_default();
                *known = Dataset::evolve(std::mem::take(known), event);
            }
            Fact::PriceBook(price_book::Event::PriceBookPublished(event)) => {
                self.price_books.entry(event.id).or_default().push(index);
            }
            Fact::ShareRule(share_rule::Event::ShareRulePublished(event)) => {
                self.share_rules.entry(event.id).or_default().push(index);
            }
            Fact::Period(period::Event::PeriodClosed(event)) => {
                self.periods.entry(event.issuer).or_default().push(index);
            }
            Fact::Order(order::Event::OmicsAnalysisOrdered(event)) => {
                self.orders.entry(event.id).or_insert((at.position, event.analysis.vendor));
            }
        }
        self.all.push((at, fact));
    }

    /// The facts at these places up to a position, in order.
    pub(super) fn at<'f>(
        &'f self,
        places: &'f [usize],
        position: u64,
    ) -> impl DoubleEndedIterator<Item = (At, &'f Fact)> {
        let facts = places.iter().filter_map(|place| self.all.get(*place));
        facts.map(|(at, fact)| (*at, fact)).filter(move |(at, _)| at.position <= position)
    }

    /// The terms of a contract as they were known at a position.
    pub(super) fn timeline(&self, contract: ContractId, position: u64) -> Timeline {
        let mut timeline = Timeline::default();
        let events = self.contracts.get(&contract).map_or(&[][..], |contract| &contract.events);
        for (_, fact) in self.at(events, position) {
            if let Fact::Contract(_, event) = fact {
                timeline.apply(event);
            }
        }
        timeline
    }
}
