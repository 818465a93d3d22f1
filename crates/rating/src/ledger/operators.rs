//! Who runs the forum.

use domain::{
    Decider,
    id::OrganisationId,
    organisation::{Capacity, Organisation},
    time::{Month, Timestamp},
};

use crate::ledger::{Fact, View};

/// Who runs the forum in a month, for what an issuer charges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operators {
    /// The base operator; `None`: nobody holds the capacity.
    pub base_operator: Option<OrganisationId>,
    /// The promoter; the issuer, if nobody holds the capacity.
    pub promoter: OrganisationId,
}

impl<const BLOCK: u64, const COPY: usize> View<'_, BLOCK, COPY> {
    /// Who runs the forum in a month, for what an issuer charges.
    pub fn operators(&self, issuer: OrganisationId, month: Month, now: Timestamp) -> Operators {
        let base_operator = self.base_operator(month, now);
        Operators { base_operator, promoter: self.promoter(issuer, month, now) }
    }

    /// Who is the base operator of a month: the holder of the capacity at its end; of a month in which it
    /// ended, the holder at its start; else the holder now.
    pub fn base_operator(&self, month: Month, now: Timestamp) -> Option<OrganisationId> {
        instants(month, now).into_iter().find_map(|at| self.operator(Capacity::BaseOperator, at))
    }

    /// Who is the promoter for what an issuer charges in a month: the issuer, if it is a promoter; if the base
    /// operator charges, whoever is found like the base operator of the month.
    pub fn promoter(&self, issuer: OrganisationId, month: Month, now: Timestamp) -> OrganisationId {
        let instants = instants(month, now);
        if instants.iter().any(|at| self.operates_as(issuer, Capacity::Promoter, *at)) {
            return issuer;
        }
        instants.into_iter().find_map(|at| self.operator(Capacity::Promoter, at)).unwrap_or(issuer)
    }

    /// Who holds a capacity of those that run the forum (base operator, promoter) at an instant, as it was
    /// known: of several the one that was registered first.
    pub fn operator(&self, capacity: Capacity, instant: Timestamp) -> Option<OrganisationId> {
        let operators = self.ledger.facts.operators.keys();
        let holders = operators.filter_map(|id| {
            let (first, organisation) = self.operator_as_known(*id)?;
            organisation.holds(capacity, instant).then_some((first, *id))
        });
        holders.min().map(|(_, id)| id)
    }

    /// Whether an organisation holds a capacity of those that run the forum at an instant, as it was known.
    pub fn operates_as(&self, id: OrganisationId, capacity: Capacity, instant: Timestamp) -> bool {
        self.operator_as_known(id).is_some_and(|(_, organisation)| organisation.holds(capacity, instant))
    }

    /// One of those who ever ran the forum, and the position of its registration.
    fn operator_as_known(&self, id: OrganisationId) -> Option<(u64, Organisation)> {
        let facts = &self.ledger.facts;
        let mut known: Option<(u64, Organisation)> = None;
        for (at, fact) in facts.at(facts.operators.get(&id)?, self.position) {
            if let Fact::Organisation(_, event) = fact {
                let (first, organisation) = known.unwrap_or((at.position, Organisation::Vacant));
                known = Some((first, Organisation::evolve(organisation, event)));
            }
        }
        known
    }
}

/// The instants at which it is asked, in this order, who runs the forum in a month.
fn instants(month: Month, now: Timestamp) -> [Timestamp; 3] {
    let end = Timestamp::from_micros(month.end().as_micros() - 1).unwrap_or(month.start());
    [end, month.start(), now]
}
