//! A vendor's page: its orders and recruitments, what it has earned by each, what it may expect, and why.

use std::collections::BTreeMap;

use domain::{
    id::{ContractId, OrderId, OrganisationId},
    order::{MilestoneStage, Order, PlacedOrder},
    terms::ChargeKind,
    time::Month,
};
use engine::{Reason, Refusal};
use events::wire::{money, order};
use money::{Currency, Money};
use proto::kiban::revenue_share::v1 as wire;
use rating::{
    ledger::ContractView,
    statement::{
        DataFeeMode, Part, StatementLine, data_fee_mode, lines_of_order, lines_of_recruitment, rule_of_order,
    },
};

use crate::{
    ground::Ground,
    parse::Page,
    shares::{Charge, ShareError, share_line, share_part},
    view::share,
};

/// What the vendor gets of an amount.
struct Payout {
    month: Month,
    amount: Money,
    charge: Charge,
}

/// An order with what it brings.
struct Sold<'l> {
    placed: &'l PlacedOrder,
    state: Order,
    earned: Vec<Payout>,
    expected: Option<Payout>,
}

/// The page of a vendor.
struct Reckoning<'l> {
    ground: Ground<'l>,
    vendor: OrganisationId,
    contracts: BTreeMap<ContractId, ContractView>,
}

pub(crate) fn page(
    ground: Ground<'_>,
    vendor: OrganisationId,
    asked: &Page,
) -> Result<wire::GetVendorPageResponse, Refusal> {
    let mut reckoning = Reckoning { ground, vendor, contracts: BTreeMap::new() };
    let mut sold = Vec::new();
    for placed in ground.view().sold_by(vendor) {
        sold.extend(reckoning.sold(placed)?);
    }
    let recruitments = reckoning.recruitments()?;
    let of_orders = sold.iter().flat_map(|sold| &sold.earned);
    let of_recruitments = recruitments.values().flatten();
    let earned = sum(of_orders.chain(of_recruitments))?;
    let expected = sum(sold.iter().flat_map(|sold| &sold.expected))?;
    let start = match asked.after {
        None => 0,
        Some(after) => place_after(&sold, after)?,
    };
    let shown: Vec<_> = sold.iter().skip(start).take(asked.size).collect();
    let more = start + shown.len() < sold.len();
    let last = shown.last().filter(|_| more).map(|sold| sold.placed.id.to_string());
    let recruitment = |(id, earned): (String, Vec<Payout>)| wire::VendorRecruitment {
        recruitment_id: id,
        earned: earned.iter().map(|paid| payout(paid, vendor)).collect(),
    };
    Ok(wire::GetVendorPageResponse {
        vendor_id: vendor.to_string(),
        name: ground.name(vendor),
        orders: shown.into_iter().map(|sold| vendor_order(&ground, sold, vendor)).collect(),
        next_page_token: last.unwrap_or_default(),
        recruitments: recruitments.into_iter().map(recruitment).collect(),
        earned: Some(money(earned)),
        expected: Some(money(expected)),
        as_of_position: ground.view().position().to_string(),
    })
}

impl<'l> Reckoning<'l> {
    /// An order; `None` if its contract was not known, which is in no history.
    fn sold(&mut self, placed: &'l PlacedOrder) -> Result<Option<Sold<'l>>, Refusal> {
        let Some(contract) = self.contract(placed.contract) else { return Ok(None) };
        let view = self.ground.of(placed.contract);
        let lines = lines_of_order(&view, &contract, placed)?;
        let earned = self.payouts(&contract, lines)?;
        let state = view.order(placed.id);
        let expected = self.expected(&contract, placed, &state)?;
        Ok(Some(Sold { placed, state, earned, expected }))
    }

    /// What the recruitments earned that the vendor carries out, by the recruitment.
    fn recruitments(&mut self) -> Result<BTreeMap<String, Vec<Payout>>, Refusal> {
        let mut found = BTreeMap::new();
        for request in self.ground.view().executed_by(self.vendor) {
            let Some(contract) = self.contract(request.contract) else { continue };
            let lines = lines_of_recruitment(&self.ground.of(contract.id), &contract, request.id)?;
            let earned = self.payouts(&contract, lines)?;
            if !earned.is_empty() {
                found.insert(request.id.to_string(), earned);
            }
        }
        Ok(found)
    }

    fn contract(&mut self, id: ContractId) -> Option<ContractView> {
        if let Some(known) = self.contracts.get(&id) {
            return Some(known.clone());
        }
        let found = self.ground.view().contract(id)?;
        self.contracts.insert(id, found.clone());
        Some(found)
    }

    /// What the vendor gets of lines of a contract.
    fn payouts(
        &self,
        contract: &ContractView,
        lines: Vec<(Month, StatementLine)>,
    ) -> Result<Vec<Payout>, Refusal> {
        let mut payouts = Vec::new();
        let view = self.ground.of(contract.id);
        for (month, line) in lines {
            let operators = self.ground.operators(month, contract.issuer)?;
            for charge in share_line(&view, operators, contract.id, contract.issuer, &line)? {
                payouts.push(self.payout(month, charge)?);
            }
        }
        Ok(payouts)
    }

    /// The split of what may still be accepted, under the rule in force at the question.
    fn expected(
        &self,
        contract: &ContractView,
        placed: &PlacedOrder,
        state: &Order,
    ) -> Result<Option<Payout>, Refusal> {
        let open = still_open(placed, state);
        let net = Money::sum(placed.price.currency(), open).map_err(ShareError::from)?;
        if net.is_zero() {
            return Ok(None);
        }
        let month = Month::of(self.ground.now);
        let operators = self.ground.operators(month, contract.issuer)?;
        let view = self.ground.of(contract.id);
        let rule = rule_of_order(&view, contract, placed, month);
        let part = Part::of_order(&view, placed, net, rule);
        let charge = share_part(operators, contract.id, "", &ChargeKind::service_order(), &part)?;
        self.payout(month, charge).map(Some)
    }

    fn payout(&self, month: Month, charge: Charge) -> Result<Payout, Refusal> {
        let amount = charge.of(self.vendor).map_err(ShareError::from)?;
        Ok(Payout { month, amount, charge })
    }
}

/// The amounts of the milestones that are neither charged nor given up.
fn still_open<'o>(placed: &'o PlacedOrder, state: &'o Order) -> impl Iterator<Item = Money> + 'o {
    let stages = match state {
        Order::Placed(_) => None,
        Order::UnderWay(work) => Some(work.milestones.as_slice()),
        Order::Vacant | Order::Declined(_) | Order::Completed(_) | Order::Cancelled(_) => Some(&[][..]),
    };
    let is_open = move |place: usize| match stages {
        None => true,
        Some(stages) => stages.get(place).is_some_and(|stage| match stage {
            MilestoneStage::Awaited | MilestoneStage::Delivered(_) | MilestoneStage::Disputed { .. } => true,
            MilestoneStage::Accepted { .. } | MilestoneStage::ChargedOnCancellation { .. } => false,
        }),
    };
    let milestones = placed.milestones.iter().enumerate();
    milestones.filter(move |(place, _)| is_open(*place)).map(|(_, milestone)| milestone.amount)
}

fn sum<'p>(payouts: impl Iterator<Item = &'p Payout>) -> Result<Money, ShareError> {
    Ok(Money::sum(Currency::Jpy, payouts.map(|payout| payout.amount))?)
}

/// Where a page goes on: orders are only ever added at the end, so the place of one does not change.
fn place_after(sold: &[Sold<'_>], after: OrderId) -> Result<usize, Refusal> {
    let place = sold.iter().position(|sold| sold.placed.id == after);
    place.map(|place| place + 1).ok_or_else(|| {
        let what = "must be the next_page_token of a page of this vendor";
        Refusal::field(Reason::InvalidPageToken, "page_token", what)
    })
}

fn vendor_order(ground: &Ground<'_>, sold: &Sold<'_>, vendor: OrganisationId) -> wire::VendorOrder {
    let mode = match data_fee_mode(&ground.view(), sold.placed) {
        DataFeeMode::Metered => wire::DataFeeMode::Metered,
        DataFeeMode::Percentage => wire::DataFeeMode::Percentage,
    };
    // Those who sell know how they part what they earn.
    let inner_split = true;
    wire::VendorOrder {
        order: order(&sold.state, inner_split),
        data_fee_mode: mode.into(),
        earned: sold.earned.iter().map(|paid| payout(paid, vendor)).collect(),
        expected: sold.expected.as_ref().map(|expected| payout(expected, vendor)),
    }
}

fn payout(payout: &Payout, vendor: OrganisationId) -> wire::Payout {
    let Payout { month, amount, charge } = payout;
    let own = charge.shares.iter().filter(|share| share.organisation == vendor);
    wire::Payout {
        month: month.to_string(),
        line_id: charge.line.clone(),
        net: Some(money(charge.net)),
        amount: Some(money(*amount)),
        steps: own.map(share).collect(),
        share_rule_id: charge.rule.map(|(id, _)| id.to_string()).unwrap_or_default(),
        share_rule_version: charge.rule.map_or(0, |(_, version)| version),
        unruled: charge.unruled,
    }
}
