//! What stands on the market of the forum: services, quotes, orders, specimens, recruitments, ventures.

use proto::kiban::order::v1::{MilestoneStage, OrderStage};

use crate::demo::{contracts::Deal, offers::Offer};

/// All of it, by what the server called it.
#[derive(Debug, Clone, Default)]
pub(super) struct Market {
    pub(super) listings: Vec<Listed>,
    /// fnd_…
    pub(super) funding: String,
    /// con_…
    pub(super) consortium: String,
    /// rfq_… for the proteome analysis.
    pub(super) quote_request: String,
    pub(super) orders: Vec<Ordered>,
    /// spc_…
    pub(super) specimen: String,
    /// rec_…
    pub(super) recruitment: String,
    /// rec_… of the request that went to a person.
    pub(super) triaged: String,
    /// vnt_… of the two ventures.
    pub(super) ventures: Vec<String>,
    /// fev_…, the pitch contest first.
    pub(super) forum_events: Vec<String>,
    /// inv_…: in cash, in space, and the one that was withdrawn.
    pub(super) investments: Vec<String>,
}

/// A service that was listed.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) offer: Offer,
    /// lst_…
    pub(super) id: String,
    /// Whether the vendor still offers it.
    pub(super) offered: bool,
}

/// An order, and how far the demo has brought it.
#[derive(Debug, Clone)]
pub(super) struct Ordered {
    pub(super) key: &'static str,
    /// ord_…
    pub(super) id: String,
    /// The member's contract.
    pub(super) by: Deal,
    pub(super) offer: Offer,
    /// The vendor's data fee as a percentage of its part; 0: metered.
    pub(super) data_fee: i64,
    pub(super) stage: OrderStage,
    pub(super) milestones: Vec<Step>,
}

/// A milestone of an order.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// In yen.
    pub(super) amount: i64,
    pub(super) stage: MilestoneStage,
}

impl Ordered {
    /// The milestones that may still be charged: none once the order has ended.
    pub(super) fn open_milestones(&self) -> impl Iterator<Item = &Step> {
        let under_way = matches!(self.stage, OrderStage::Placed | OrderStage::UnderWay);
        let charged = [MilestoneStage::Accepted, MilestoneStage::ChargedOnCancellation];
        self.milestones.iter().filter(move |step| under_way && !charged.contains(&step.stage))
    }
}

impl Market {
    /// The listing of an offer: lst_…; empty if it is not listed yet.
    pub(super) fn listing(&self, offer: Offer) -> String {
        let listed = self.listings.iter().find(|listed| listed.offer == offer);
        listed.map(|listed| listed.id.clone()).unwrap_or_default()
    }

    /// The order with a key: ord_…; empty if it has not been placed.
    pub(super) fn order(&self, key: &str) -> String {
        let ordered = self.orders.iter().find(|ordered| ordered.key == key);
        ordered.map(|ordered| ordered.id.clone()).unwrap_or_default()
    }

    /// Takes note of an order's new stage.
    pub(super) fn moved(&mut self, key: &str, stage: OrderStage) {
        for ordered in self.orders.iter_mut().filter(|ordered| ordered.key == key) {
            ordered.stage = stage;
        }
    }

    /// Takes note of a milestone's new stage.
    pub(super) fn milestone_moved(&mut self, key: &str, milestone: usize, stage: MilestoneStage) {
        let ordered = self.orders.iter_mut().find(|ordered| ordered.key == key);
        if let Some(step) = ordered.and_then(|ordered| ordered.milestones.get_mut(milestone)) {
            step.stage = stage;
        }
    }
}
