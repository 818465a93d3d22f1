//! How an order goes its way: placed, taken, delivered by milestones, accepted, disputed, cancelled; and what each
//! step must leave on the statements.

use domain::time::Month;
use proto::kiban::order::v1::{
    AcceptDeliveryRequest, AcceptOrderRequest, Artefact, CancelOrderRequest, DeclineOrderRequest,
    DeliverMilestoneRequest, DepositResultRequest, DisputeDeliveryRequest, ListPriceSource, MilestoneStage,
    OrderStage, PlaceOrderRequest, QuoteSource, place_order_request::Source,
};

use super::quotes::{Planned, milestones};
use crate::demo::{
    actors,
    contracts::Deal,
    error::DemoError,
    market::{Ordered, Step},
    offers::Offer,
    random::Random,
    shares,
    stage::{Expected, Stage},
    tally::{share_out, step},
    world::World,
};

/// What somebody wants to order.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) key: &'static str,
    pub(super) by: Deal,
    pub(super) offer: Offer,
    pub(super) quantity: u32,
    pub(super) parts: &'static [Planned],
    /// The number of the quote; 0: at the list price.
    pub(super) quote: u32,
    /// What the vendor must hold; empty: nothing.
    pub(super) credential: &'static str,
    /// The dataset's code; empty: none.
    pub(super) dataset: &'static str,
    /// The number of the ethics committee's approval; empty: none.
    pub(super) ethics: &'static str,
}

impl Wanted {
    /// An order at the list price that asks for nothing else.
    pub(super) const fn of(
        key: &'static str,
        by: Deal,
        offer: Offer,
        quantity: u32,
        parts: &'static [Planned],
    ) -> Self {
        Self { key, by, offer, quantity, parts, quote: 0, credential: "", dataset: "", ethics: "" }
    }

    fn request(&self, world: &World) -> Result<PlaceOrderRequest, DemoError> {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let source = match self.quote {
            0 => Source::ListPrice(ListPriceSource {
                listing_id: world.market.listing(self.offer),
                quantity: self.quantity,
                milestones: milestones(self.parts),
            }),
            number => {
                Source::Quote(QuoteSource { quote_request_id: world.market.quote_request.clone(), number })
            }
        };
        let dataset = some(self.dataset).map(|code| world.holding(&code).map(|holding| holding.id.clone()));
        Ok(PlaceOrderRequest {
            command_id: format!("order-{}", self.key),
            validate_only: false,
            contract_id: world.contracts.of(self.by).id.clone(),
            source: Some(source),
            required_credentials: some(self.credential).into_iter().collect(),
            dataset_id: dataset.transpose()?.unwrap_or_default(),
            ethics_approval: self.ethics.into(),
        })
    }
}

/// Places an order.
pub(super) async fn place(stage: &mut Stage, world: &mut World, wanted: Wanted) -> Result<(), DemoError> {
    let (session, _) = world.under(stage, wanted.by);
    let request = wanted.request(world)?;
    let step = format!("ordering {}", wanted.key);
    let placed = stage.done(&step, session.orders().place_order(request).await)?;
    let waiting = |(_, amount): &Planned| Step { amount: *amount, stage: MilestoneStage::Awaited };
    world.tally.stepped(wanted.offer, stage.time(), step::ORDERED);
    world.market.orders.push(Ordered {
        key: wanted.key,
        id: placed.order_id,
        by: wanted.by,
        offer: wanted.offer,
        data_fee: shares::data_fee(Month::of(stage.time())),
        stage: OrderStage::Placed,
        milestones: wanted.parts.iter().map(waiting).collect(),
    });
    Ok(())
}

/// Tries an order that must be refused.
pub(super) async fn refused(
    stage: &mut Stage,
    world: &World,
    tried: &str,
    expected: Expected,
    wanted: Wanted,
) -> Result<(), DemoError> {
    let (session, _) = world.under(stage, wanted.by);
    let outcome = session.orders().place_order(wanted.request(world)?).await;
    stage.refused(world.contracts.of(wanted.by).name, tried, expected, outcome);
    Ok(())
}

/// The vendor takes an order.
pub(super) async fn accept(stage: &mut Stage, world: &mut World, key: &'static str) -> Result<(), DemoError> {
    let order = ordered(world, key)?.clone();
    let (vendor, _) = world.under(stage, order.offer.sheet().deal);
    let request =
        AcceptOrderRequest { command_id: format!("accept-{key}"), order_id: order.id, ..Default::default() };
    stage.done("accepting an order", vendor.orders().accept_order(request).await)?;
    world.tally.stepped(order.offer, stage.time(), step::ACCEPTED);
    world.market.moved(key, OrderStage::UnderWay);
    Ok(())
}

/// The vendor does not take an order.
pub(super) async fn decline(
    stage: &mut Stage,
    world: &mut World,
    key: &'static str,
    reason: &str,
) -> Result<(), DemoError> {
    let order = ordered(world, key)?.clone();
    let (vendor, _) = world.under(stage, order.offer.sheet().deal);
    let request = DeclineOrderRequest {
        command_id: format!("decline-{key}"),
        order_id: order.id,
        reason: reason.into(),
        ..Default::default()
    };
    stage.done("declining an order", vendor.orders().decline_order(request).await)?;
    world.market.moved(key, OrderStage::Declined);
    Ok(())
}

/// The vendor delivers a milestone, perhaps for the second time.
pub(super) async fn deliver(
    stage: &mut Stage,
    world: &mut World,
    key: &'static str,
    milestone: usize,
) -> Result<(), DemoError> {
    let order = ordered(world, key)?.clone();
    let (vendor, _) = world.under(stage, order.offer.sheet().deal);
    let day = stage.time().tokyo_date();
    let request = DeliverMilestoneRequest {
        command_id: format!("deliver-{key}-{milestone}-{day}"),
        order_id: order.id,
        milestone: milestone as u32,
        artefact: Some(artefact(&format!("{key}/{milestone}/{day}"))),
        ..Default::default()
    };
    stage.done("delivering", vendor.orders().deliver_milestone(request).await)?;
    world.market.milestone_moved(key, milestone, MilestoneStage::Delivered);
    Ok(())
}

/// The member accepts what was delivered: it is charged.
pub(super) async fn accept_delivery(
    stage: &mut Stage,
    world: &mut World,
    key: &'static str,
    milestone: usize,
) -> Result<(), DemoError> {
    let order = ordered(world, key)?.clone();
    let (member, _) = world.under(stage, order.by);
    let request = AcceptDeliveryRequest {
        command_id: format!("accept-{key}-{milestone}"),
        order_id: order.id,
        milestone: milestone as u32,
        ..Default::default()
    };
    let accepted = stage.done("accepting a delivery", member.orders().accept_delivery(request).await)?;
    world.market.milestone_moved(key, milestone, MilestoneStage::Accepted);
    charge(stage, world, key, milestone)?;
    if accepted.completed {
        world.market.moved(key, OrderStage::Completed);
    }
    Ok(())
}

/// Delivered and accepted, one milestone.
pub(super) async fn hand_over(
    stage: &mut Stage,
    world: &mut World,
    key: &'static str,
    milestone: usize,
) -> Result<(), DemoError> {
    deliver(stage, world, key, milestone).await?;
    accept_delivery(stage, world, key, milestone).await
}

/// The member does not accept what was delivered.
pub(super) async fn dispute(
    stage: &mut Stage,
    world: &mut World,
    key: &'static str,
    milestone: usize,
    reason: &str,
) -> Result<(), DemoError> {
    let order = ordered(world, key)?.clone();
    let (member, _) = world.under(stage, order.by);
    let request = DisputeDeliveryRequest {
        command_id: format!("dispute-{key}-{milestone}"),
        order_id: order.id,
        milestone: milestone as u32,
        reason: reason.into(),
        ..Default::default()
    };
    stage.done("disputing a delivery", member.orders().dispute_delivery(request).await)?;
    world.market.milestone_moved(key, milestone, MilestoneStage::Disputed);
    Ok(())
}

/// The member cancels. What was delivered and is not disputed stays charged.
pub(super) async fn cancel(
    stage: &mut Stage,
    world: &mut World,
    key: &'static str,
    reason: &str,
) -> Result<(), DemoError> {
    let order = ordered(world, key)?.clone();
    let (member, _) = world.under(stage, order.by);
    let request = CancelOrderRequest {
        command_id: format!("cancel-{key}"),
        order_id: order.id,
        reason: reason.into(),
        ..Default::default()
    };
    stage.done("cancelling an order", member.orders().cancel_order(request).await)?;
    world.market.moved(key, OrderStage::Cancelled);
    for (place, step) in order.milestones.iter().enumerate() {
        if step.stage == MilestoneStage::Delivered {
            world.market.milestone_moved(key, place, MilestoneStage::ChargedOnCancellation);
            charge(stage, world, key, place)?;
        }
    }
    Ok(())
}

/// The vendor deposits a result with the base.
pub(super) async fn deposit(
    stage: &mut Stage,
    world: &World,
    key: &'static str,
    title: &str,
) -> Result<(), DemoError> {
    let order = ordered(world, key)?;
    let (vendor, _) = world.under(stage, order.offer.sheet().deal);
    let request = DepositResultRequest {
        command_id: format!("deposit-{key}"),
        order_id: order.id.clone(),
        title: title.into(),
        artefact: Some(artefact(&format!("{key}/result"))),
        ..Default::default()
    };
    stage.done("depositing a result", vendor.orders().deposit_result(request).await)?;
    Ok(())
}

/// Counts a milestone that is charged now: 85 % for who sells, 10 % for the base operator, 5 % for the promoter. A data
/// fee out of the first part is shared like any other; of orders no institution's cases are known, so that the pool's
/// part of it stays with the base operator.
fn charge(stage: &Stage, world: &mut World, key: &str, milestone: usize) -> Result<(), DemoError> {
    use actors::Part::{Base, Promoter};
    const KIND: &str = "service-order";
    let order = ordered(world, key)?.clone();
    let amount = order.milestones.get(milestone).map_or(0, |step| step.amount);
    let vendor = world.contracts.of(order.offer.sheet().deal).applicant;
    let parts = [(vendor, 85), (Base, 10), (Promoter, 5)];
    let [of_vendor, of_base, of_promoter] = share_out(amount, &parts)[..] else { return Ok(()) };
    let parts = [(vendor, 100 - order.data_fee), (Base, order.data_fee)];
    let [kept, fee] = share_out(of_vendor, &parts)[..] else { return Ok(()) };
    *world.tally.charged.entry((order.by, Month::of(stage.time()), KIND)).or_default() += amount;
    world.tally.earn(KIND, kept, &order.offer.sellers(vendor));
    world.tally.earn(KIND, fee, &[(Base, 80), (Promoter, 20)]);
    world.tally.earn(KIND, of_base, &[(Base, 1)]);
    world.tally.earn(KIND, of_promoter, &[(Promoter, 1)]);
    Ok(())
}

fn ordered<'w>(world: &'w World, key: &str) -> Result<&'w Ordered, DemoError> {
    let lost = || DemoError::Incomplete { step: format!("following the order {key}"), what: "its placing" };
    world.market.orders.iter().find(|ordered| ordered.key == key).ok_or_else(lost)
}

/// Something that a vendor hands over. Its digest is made up.
fn artefact(path: &str) -> Artefact {
    let mut random = Random::new(1, path);
    let digest = (0..4).map(|_| format!("{:016x}", random.below(u64::MAX))).collect();
    Artefact { uri: format!("https://results.example/{path}"), sha256: digest }
}
