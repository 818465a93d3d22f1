//! What was known of orders, recruitments, credits and funding at a position.

use std::collections::BTreeMap;

use domain::{
    Decider,
    dataset::{Dataset, RegisteredDataset},
    funding::{self, FundingAgreed},
    id::{ContractId, DatasetId, OrderId, OrganisationId, RecruitmentId},
    order::{self, Order, PlacedOrder},
    recruitment::{self, Answer, PatientRecruitmentRequested},
    time::Month,
};

use crate::ledger::{At, Fact, View};

impl<'l, const BLOCK: u64, const COPY: usize> View<'l, BLOCK, COPY> {
    /// An order as it was placed; nothing of it changes later.
    pub fn placed(&self, order: OrderId) -> Option<&'l PlacedOrder> {
        let (at, placed) = self.ledger.facts.placed(order)?;
        (at.position <= self.position).then_some(placed)
    }

    /// The events of an order in order.
    pub fn order_events(&self, order: OrderId) -> impl Iterator<Item = (At, &'l order::Event)> {
        let facts = &self.ledger.facts;
        let places = facts.orders.get(&order).map_or(&[][..], Vec::as_slice);
        facts.at(places, self.position).filter_map(|(at, fact)| match fact {
            Fact::Order(_, event) => Some((at, event)),
            _ => None,
        })
    }

    /// How far an order had come.
    pub fn order(&self, order: OrderId) -> Order {
        self.order_events(order).fold(Order::Vacant, |state, (_, event)| Order::evolve(state, event))
    }

    /// The orders in whose price a vendor has a part, by itself or in a consortium, as they were placed.
    pub fn sold_by(
        &self,
        vendor: OrganisationId,
    ) -> impl Iterator<Item = &'l PlacedOrder> + use<'l, BLOCK, COPY> {
        let view = *self;
        let orders = self.ledger.facts.sold.get(&vendor).into_iter().flatten();
        orders.filter_map(move |order| view.placed(*order))
    }

    /// A recruitment as it was requested.
    pub fn requested(&self, recruitment: RecruitmentId) -> Option<&'l PatientRecruitmentRequested> {
        let (at, request) = self.ledger.facts.requested(recruitment)?;
        (at.position <= self.position).then_some(request)
    }

    /// The recruitments that somebody carries out, in the order of their requests.
    pub fn executed_by(
        &self,
        executor: OrganisationId,
    ) -> impl Iterator<Item = &'l PatientRecruitmentRequested> + use<'l, BLOCK, COPY> {
        let view = *self;
        let recruitments = self.ledger.facts.executed.get(&executor).into_iter().flatten();
        recruitments.filter_map(move |recruitment| view.requested(*recruitment))
    }

    /// The events of a recruitment in order, as far as they bear on money.
    pub fn recruitment_events(
        &self,
        recruitment: RecruitmentId,
    ) -> impl Iterator<Item = (At, &'l recruitment::Event)> {
        let facts = &self.ledger.facts;
        let places = facts.recruitments.get(&recruitment).map_or(&[][..], Vec::as_slice);
        facts.at(places, self.position).filter_map(|(at, fact)| match fact {
            Fact::Recruitment(_, event) => Some((at, event)),
            _ => None,
        })
    }

    /// The institutions that had agreed to take part in a recruitment, in order.
    pub fn participating(&self, recruitment: RecruitmentId) -> Vec<OrganisationId> {
        let mut answers = BTreeMap::new();
        for (_, event) in self.recruitment_events(recruitment) {
            if let recruitment::Event::InstitutionResponded(event) = event {
                answers.insert(event.institution, event.answer);
            }
        }
        answers.retain(|_, answer| *answer == Answer::Accepted);
        answers.into_keys().collect()
    }

    /// What of a contract falls due in a month without being use or the contract fee, in the order of the log:
    /// applications in the expedited lane, accepted milestones, approved recruitments and enrolments, credits.
    pub fn due(&self, contract: ContractId, month: Month) -> impl Iterator<Item = (At, &'l Fact)> {
        let facts = &self.ledger.facts;
        let places = facts.due.get(&(contract, month)).map_or(&[][..], Vec::as_slice);
        facts.at(places, self.position)
    }

    /// The public funding that had been agreed, in the order of the log.
    pub fn fundings(&self) -> impl Iterator<Item = &'l FundingAgreed> {
        let facts = &self.ledger.facts;
        facts.at(&facts.fundings, self.position).filter_map(|(_, fact)| match fact {
            Fact::Funding(funding::Event::FundingAgreed(event)) => Some(event),
            _ => None,
        })
    }

    /// The datasets that had been entered, each with the freezes that had been released, in order.
    pub fn datasets(&self) -> impl Iterator<Item = (DatasetId, Box<RegisteredDataset>)> {
        let facts = &self.ledger.facts;
        facts.dataset_facts.iter().filter_map(|(id, places)| {
            let known =
                facts.at(places, self.position).fold(Dataset::Vacant, |known, (_, fact)| match fact {
                    Fact::Dataset(_, event) => Dataset::evolve(known, event),
                    _ => known,
                });
            match known {
                Dataset::Vacant => None,
                Dataset::Registered(dataset) => Some((*id, dataset)),
            }
        })
    }

    /// The contracts that ever bore a minimum commitment, in order; by what is known now, so that none is
    /// missing whenever it was.
    pub fn committed(&self) -> impl Iterator<Item = ContractId> {
        let contracts = self.ledger.facts.contracts.iter();
        let commits = contracts.filter(|(_, contract)| {
            contract.timeline.phases().iter().any(|phase| phase.terms.minimum_commitment.is_some())
        });
        commits.map(|(contract, _)| *contract)
    }
}
