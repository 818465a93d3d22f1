//! What the log says besides use: few events, kept as they are with their positions, so that what was known
//! at any position is found by leaving out what came later.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Decider,
    contract::{self, Lane, Timeline},
    credit,
    dataset::{self, Dataset},
    funding,
    id::{ContractId, DatasetId, OrderId, OrganisationId, PriceBookId, RecruitmentId, ShareRuleId},
    order::{self, PlacedOrder, charged_by},
    organisation::{self, Capacity, Organisation},
    period, price_book, recruitment, share_rule,
    time::Month,
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
    Order(OrderId, order::Event),
    /// Of a recruitment.
    Recruitment(RecruitmentId, recruitment::Event),
    /// Of a credit to a member.
    Credit(credit::Event),
    /// Of public funding.
    Funding(funding::Event),
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
    /// The events of each dataset.
    pub(super) dataset_facts: BTreeMap<DatasetId, Vec<usize>>,
    pub(super) price_books: BTreeMap<PriceBookId, Vec<usize>>,
    pub(super) share_rules: BTreeMap<ShareRuleId, Vec<usize>>,
    pub(super) periods: BTreeMap<OrganisationId, Vec<usize>>,
    /// The events of each order, the placing one first.
    pub(super) orders: BTreeMap<OrderId, Vec<usize>>,
    /// The orders in whose price a vendor has a part, by itself or in a consortium, as they were placed.
    pub(super) sold: BTreeMap<OrganisationId, Vec<OrderId>>,
    /// The events of each recruitment, the request first.
    pub(super) recruitments: BTreeMap<RecruitmentId, Vec<usize>>,
    /// The recruitments that somebody carries out, as they were requested.
    pub(super) executed: BTreeMap<OrganisationId, Vec<RecruitmentId>>,
    /// What falls due without being use or fee, by the contract that pays and the month.
    pub(super) due: BTreeMap<(ContractId, Month), Vec<usize>>,
    pub(super) fundings: Vec<usize>,
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
            Fact::Organisation(id, event) => self.learn_organisation(*id, event, index),
            Fact::Contract(id, event) => self.learn_contract(*id, event, index),
            Fact::Dataset(id, event) => {
                let known = self.datasets.entry(*id).or_default();
                *known = Dataset::evolve(std::mem::take(known), event);
                self.dataset_facts.entry(*id).or_default().push(index);
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
            Fact::Order(id, event) => self.learn_order(*id, event, index),
            Fact::Recruitment(id, event) => self.learn_recruitment(*id, event, index),
            Fact::Credit(credit::Event::CreditGranted(event)) => {
                self.due.entry((event.contract, event.month)).or_default().push(index);
            }
            Fact::Funding(funding::Event::FundingAgreed(_)) => self.fundings.push(index),
        }
        self.all.push((at, fact));
    }

    fn learn_organisation(&mut self, id: OrganisationId, event: &organisation::Event, index: usize) {
        let known = self.organisations.entry(id).or_default();
        *known = Organisation::evolve(std::mem::take(known), event);
        let events = self.organisation_facts.entry(id).or_default();
        events.push(index);
        let ran = |profile: &organisation::Profile| {
            let runs = [Capacity::BaseOperator, Capacity::Promoter];
            profile.capacities.iter().any(|grant| runs.contains(&grant.capacity))
        };
        if known.profile().is_some_and(ran) {
            self.operators.insert(id, events.clone());
        }
    }

    fn learn_contract(&mut self, id: ContractId, event: &contract::Event, index: usize) {
        let contract = self.contracts.entry(id).or_default();
        contract.events.push(index);
        contract.timeline.apply(event);
        if let contract::Event::ContractApplied(event) = event
            && event.lane == Lane::Expedited
        {
            self.due.entry((id, Month::of(event.at))).or_default().push(index);
        }
    }

    fn learn_order(&mut self, id: OrderId, event: &order::Event, index: usize) {
        self.orders.entry(id).or_default().push(index);
        if let Some(placed) = event.placed() {
            let sellers: BTreeSet<_> =
                placed.concerned().filter(|organisation| placed.sells(*organisation)).collect();
            for seller in sellers {
                self.sold.entry(seller).or_default().push(id);
            }
        }
        if !charged_by(event).is_empty()
            && let Some(contract) = self.placed(id).map(|(_, placed)| placed.contract)
        {
            self.due.entry((contract, Month::of(event.at()))).or_default().push(index);
        }
    }

    fn learn_recruitment(&mut self, id: RecruitmentId, event: &recruitment::Event, index: usize) {
        self.recruitments.entry(id).or_default().push(index);
        if let recruitment::Event::PatientRecruitmentRequested(event) = event {
            self.executed.entry(event.request.executor).or_default().push(id);
        }
        let due_at = match event {
            recruitment::Event::RecruitmentApproved(event) => event.at,
            recruitment::Event::ParticipantEnrolled(event) => event.at,
            recruitment::Event::PatientRecruitmentRequested(_)
            | recruitment::Event::RecruitmentTriaged(_)
            | recruitment::Event::RecruitmentRejected(_)
            | recruitment::Event::InstitutionInvited(_)
            | recruitment::Event::InstitutionResponded(_)
            | recruitment::Event::ParticipantsContacted(_)
            | recruitment::Event::RecruitmentClosed(_) => return,
        };
        if let Some(contract) = self.requested(id).map(|(_, request)| request.contract) {
            self.due.entry((contract, Month::of(due_at))).or_default().push(index);
        }
    }

    /// An order as it was placed, and where; nothing of it changes later.
    pub(super) fn placed(&self, order: OrderId) -> Option<(At, &PlacedOrder)> {
        match self.all.get(*self.orders.get(&order)?.first()?)? {
            (at, Fact::Order(_, event)) => Some((*at, event.placed()?)),
            _ => None,
        }
    }

    /// A recruitment as it was requested, and where.
    pub(super) fn requested(
        &self,
        recruitment: RecruitmentId,
    ) -> Option<(At, &recruitment::PatientRecruitmentRequested)> {
        match self.all.get(*self.recruitments.get(&recruitment)?.first()?)? {
            (at, Fact::Recruitment(_, recruitment::Event::PatientRecruitmentRequested(request))) => {
                Some((*at, request))
            }
            _ => None,
        }
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
