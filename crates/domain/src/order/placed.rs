//! What an order is from its placing on: nothing of it changes later.

use std::collections::BTreeSet;

use money::{Decimal, Money};

use crate::{
    id::{ConsortiumId, ContractId, DatasetId, ListingId, OrderId, OrganisationId, QuoteRequestId},
    listing::{OmicsModality, ServiceKind},
    milestone::Milestone,
    terms::CredentialKind,
    text::Text,
    time::Timestamp,
};

/// The number of an ethics committee's approval, as the committee writes it.
pub type EthicsApproval = Text<100>;

/// The quote from which an order was placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuoteTaken {
    /// The request for quote, of which at most one order comes.
    pub request: QuoteRequestId,
    /// The quote's number in the request: 1, 2, 3…
    pub number: u32,
}

/// The consortium that sells, and how it parts what it earns. Copied from the consortium, so that an order is split
/// as was agreed when it was placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SellingConsortium {
    /// The consortium; its lead is the order's vendor.
    pub id: ConsortiumId,
    /// Each member's percentage of the vendor's part, sorted by organisation; they sum to 100.
    pub shares: Vec<(OrganisationId, Decimal)>,
}

/// What was ordered, by whom, from whom, and on what the decision stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedOrder {
    /// The order's id.
    pub id: OrderId,
    /// The member's contract under which it was ordered, and which pays.
    pub contract: ContractId,
    /// The revision of that contract on which the decision stood.
    pub contract_revision: u64,
    /// Who orders and pays.
    pub member: OrganisationId,
    /// Who carries it out; of a consortium the lead.
    pub vendor: OrganisationId,
    /// The vendor's participation contract under which the quote was made or, at a list price, the service is listed;
    /// none in orders from before there were listings.
    pub vendor_contract: Option<ContractId>,
    /// What kind of service it is.
    pub kind: ServiceKind,
    /// The listing; none in orders from before there were listings.
    pub listing: Option<ListingId>,
    /// The quote from which it was placed; none if from a list price.
    pub quote: Option<QuoteTaken>,
    /// How many units, such as specimens.
    pub quantity: u32,
    /// What the whole costs.
    pub price: Money,
    /// The parts; they sum to the price. A milestone is known by its place, from 0.
    pub milestones: Vec<Milestone>,
    /// The consortium, if one sells.
    pub consortium: Option<SellingConsortium>,
    /// The dataset whose specimens or participants it is about.
    pub dataset: Option<DatasetId>,
    /// What the vendor had to hold unexpired when the order was placed.
    pub required_credentials: BTreeSet<CredentialKind>,
    /// The ethics committee's approval, if one was named.
    pub ethics_approval: Option<EthicsApproval>,
    /// What is measured; of omics analyses and of nothing else.
    pub omics: Option<OmicsModality>,
    /// When it was placed.
    pub at: Timestamp,
}

impl PlacedOrder {
    /// A milestone by its place, from 0.
    pub fn milestone(&self, index: u32) -> Option<&Milestone> {
        self.milestones.get(usize::try_from(index).ok()?)
    }

    /// Whether an organisation is the vendor or of the consortium that sells.
    pub fn sells(&self, organisation: OrganisationId) -> bool {
        self.sellers().any(|seller| seller == organisation)
    }

    /// Whom the order concerns: the member, the vendor, the consortium's members. The vendor may come twice.
    pub fn concerned(&self) -> impl Iterator<Item = OrganisationId> + '_ {
        std::iter::once(self.member).chain(self.sellers())
    }

    fn sellers(&self) -> impl Iterator<Item = OrganisationId> + '_ {
        let members = self.consortium.iter().flat_map(|consortium| &consortium.shares);
        std::iter::once(self.vendor).chain(members.map(|(member, _)| *member))
    }
}
