//! Whatever may happen in the forum, in any order.

use std::ops::Range;

use domain::{
    contract::{
        self, Commitment, ContractKind, ContractPaused, ContractResumed, ContractTerminated, PausedFees,
    },
    id::{ContractId, OrderId, RecruitmentId},
    order::PlacedOrder,
    price_book::PriceList,
    share_rule::{Split, default_splits},
    terms::{ChargeKind, Right, Verdict},
    time::Timestamp,
};
use money::{Decimal, Money};
use proptest::prelude::*;
use proto::kiban::finance::v1::WhatIf;

use super::*;

/// Three of the pharma company, and one of the vendor.
pub(crate) const CONTRACTS: [ContractId; 4] =
    [CONTRACT, OTHER_CONTRACT, ContractId::from_u128(23), ContractId::from_u128(24)];
/// Those under which something can be ordered.
const MEMBERS: Range<usize> = 0..3;

/// What happens next; `under` says under which of the contracts.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Report {
        under: usize,
        uses: Vec<Use>,
    },
    Reprice(u32),
    Reshare {
        base: u32,
        data_fee: Option<u32>,
    },
    Order {
        under: usize,
        placed_on: (i8, i8),
        lead: Option<u32>,
        dataset: Option<usize>,
        accepted: u32,
    },
    /// Of an order that stands, if there is one.
    Accept {
        order: usize,
        on: (i8, i8),
    },
    Cancel {
        order: usize,
        charged: bool,
        on: (i8, i8),
    },
    Recruit {
        under: usize,
        joined: Vec<usize>,
        enrolled: Vec<(usize, i8, i8)>,
    },
    Credit {
        under: usize,
        month: i8,
        yen: i64,
    },
    Pause {
        from: (i8, i8),
        days: u32,
    },
    Fund(i64),
    /// The other contract ends, and what it committed to is made up.
    Terminate(i8),
}

fn a_use() -> impl Strategy<Value = Use> {
    let counted = prop_oneof![
        Just(None),
        prop::collection::vec(0u32..40, 3)
            .prop_filter("counts of cases", |c| c.iter().sum::<u32>() > 0)
            .prop_map(Some),
    ];
    let right = prop::sample::select(vec![Right::Browse, Right::SimpleAnalysis, Right::DetailedAnalysis]);
    let verdict = prop::sample::select(Verdict::ALL.to_vec());
    (4i8..7, 1i8..29, 0usize..2, 1u32..90, right, verdict, counted).prop_map(
        |(month, day, dataset, cases, right, verdict, counted)| {
            let cases = counted.as_ref().map_or(cases, |counted| counted.iter().sum());
            let counted = counted.unwrap_or_default();
            Use { right, verdict, counted, ..used(on(month, day), dataset, cases) }
        },
    )
}

pub(crate) fn a_step() -> impl Strategy<Value = Step> {
    let date = || (4i8..7, 1i8..29);
    let enrolments = prop::collection::vec((0usize..3, 4i8..7, 1i8..29), 0..5);
    prop_oneof![
        8 => (0..CONTRACTS.len(), prop::collection::vec(a_use(), 1..6))
            .prop_map(|(under, uses)| Step::Report { under, uses }),
        1 => (1u32..500).prop_map(Step::Reprice),
        1 => (1u32..100, prop::option::of(1u32..100))
            .prop_map(|(base, data_fee)| Step::Reshare { base, data_fee }),
        3 => (MEMBERS, date(), prop::option::of(1u32..100), prop::option::of(0usize..2), 0u32..3)
            .prop_map(|(under, placed_on, lead, dataset, accepted)| {
                Step::Order { under, placed_on, lead, dataset, accepted }
            }),
        2 => (0usize..9, date()).prop_map(|(order, on)| Step::Accept { order, on }),
        1 => (0usize..9, any::<bool>(), date())
            .prop_map(|(order, charged, on)| Step::Cancel { order, charged, on }),
        2 => (MEMBERS, prop::collection::vec(0usize..3, 0..4), enrolments)
            .prop_map(|(under, joined, enrolled)| Step::Recruit { under, joined, enrolled }),
        1 => (MEMBERS, 4i8..7, 1i64..9_000)
            .prop_map(|(under, month, yen)| Step::Credit { under, month, yen }),
        1 => (date(), 0u32..40).prop_map(|(from, days)| Step::Pause { from, days }),
        1 => (1i64..1_000_000).prop_map(Step::Fund),
        1 => (1i8..29).prop_map(Step::Terminate),
    ]
}

/// Versions that nobody publishes: of prices, of shares, or of both, each from some month on.
pub(crate) fn other_versions() -> impl Strategy<Value = WhatIf> {
    let prices = prop::option::of((1i8..5, 1u32..500, 0i64..800_000));
    let shares = (1i8..5, 1u32..100, prop::option::of(1u32..100));
    (prices, prop::option::of(shares)).prop_filter_map("either of them", |(prices, shares)| {
        let prices = prices.map(|(start, first_band, fee)| PriceList {
            start: month(start),
            ..price_list(&first_band.to_string(), fee)
        });
        let splits = shares.map(|(_, base, data_fee)| reshared(base, data_fee));
        let mut what_if = versions(prices.as_ref(), splits);
        if let (Some(version), Some((start, ..))) = (&mut what_if.shares, shares) {
            version.start = month(start).to_string();
        }
        (what_if != WhatIf::default()).then_some(what_if)
    })
}

/// The default splits, but for data usage, and for what a vendor's part yields as data fee.
fn reshared(base: u32, data_fee: Option<u32>) -> Vec<Split> {
    let mut splits = default_splits();
    splits.retain(|split| split.charge_kind != ChargeKind::data_usage());
    for split in splits.iter_mut().filter(|s| s.charge_kind == ChargeKind::service_order()) {
        split.data_fee = data_fee.map(Decimal::from);
    }
    splits.push(between(base, 100 - base));
    splits
}

/// A world and what may still become of its orders.
pub(crate) struct Course {
    pub(crate) world: World,
    /// With the milestones that have not been charged.
    orders: Vec<(OrderId, Vec<u32>)>,
    paused_until: Timestamp,
    terminated: bool,
}

impl Course {
    /// Returns the last position of what happened; `None` if nothing did.
    pub(crate) async fn carry_out(&mut self, step: &Step, version: u32) -> Option<u64> {
        let number = u128::from(version);
        let (world, date) = (&self.world, |(month, day)| on(month, day));
        Some(match step {
            Step::Report { under, uses } => {
                let orders = self.orders.iter().map(|(id, _)| *id).cycle();
                let uses = uses.iter().zip(orders.map(Some).chain(std::iter::repeat(None)));
                let uses = uses.map(|(used, order)| Use { order, ..used.clone() });
                world.report(CONTRACTS[*under], &uses.collect::<Vec<_>>()).await
            }
            Step::Reprice(yen) => world.publish_prices(version, &yen.to_string()).await,
            Step::Reshare { base, data_fee } => {
                world.publish_rule(version, month(5), reshared(*base, *data_fee)).await
            }
            Step::Order { .. } | Step::Accept { .. } | Step::Cancel { .. } => {
                return self.deal(step, number).await;
            }
            Step::Recruit { under, joined: hospitals, enrolled: enrolments } => {
                let id = RecruitmentId::from_u128(2_000 + number);
                let mut events = vec![requested(id, CONTRACTS[*under], on(4, 3)), approved(on(5, 3))];
                events.extend(hospitals.iter().map(|hospital| joined(*hospital, on(5, 4))));
                let enrolments = (0..).zip(enrolments);
                events.extend(
                    enrolments.map(|(number, (by, month, day))| enrolled(*by, number, on(*month, *day))),
                );
                world.append(id, &events).await
            }
            Step::Credit { under, month: of_month, yen } => {
                world.credit(3_000 + number, CONTRACTS[*under], month(*of_month), *yen).await
            }
            Step::Pause { from, days } => {
                let from = date(*from).max(self.paused_until);
                self.paused_until = from.plus_days(*days);
                let reason = "an audit".parse().unwrap();
                let events = [
                    contract::Event::ContractPaused(ContractPaused { reason, effective_at: from }),
                    contract::Event::ContractResumed(ContractResumed { effective_at: self.paused_until }),
                ];
                world.append(OTHER_CONTRACT, &events).await
            }
            Step::Fund(yen) => world.fund(4_000 + number, *yen).await,
            Step::Terminate(day) => {
                if std::mem::replace(&mut self.terminated, true) {
                    return None;
                }
                let (by, effective_at, at) = (PHARMA, on(6, *day), on(5, 1));
                let reason = "enough".parse().unwrap();
                let ended = ContractTerminated { by, reason, effective_at, at };
                world.append(OTHER_CONTRACT, &[contract::Event::ContractTerminated(ended)]).await
            }
        })
    }

    /// What becomes of orders.
    async fn deal(&mut self, step: &Step, number: u128) -> Option<u64> {
        let (world, date) = (&self.world, |(month, day)| on(month, day));
        Some(match step {
            Step::Order { under, placed_on, lead, dataset, accepted: count } => {
                let id = OrderId::from_u128(1_000 + number);
                let placed = PlacedOrder {
                    consortium: lead.and_then(consortium),
                    dataset: dataset.map(|dataset| DATASETS[dataset]),
                    ..order_of(id, CONTRACTS[*under], date(*placed_on))
                };
                let charged = (0..*count).map(|milestone| accepted(milestone, on(6, 28)));
                let position = world.place(placed, charged.collect()).await;
                self.orders.push((id, (*count..2).collect()));
                position
            }
            Step::Accept { order, on } => {
                let (id, open) = self.orders.get_mut(*order)?;
                let milestone = open.pop()?;
                world.append(*id, &[accepted(milestone, date(*on))]).await
            }
            Step::Cancel { order, charged, on } => {
                let (id, open) = self.orders.get_mut(*order)?;
                let left = std::mem::take(open);
                let charged = if *charged { left } else { vec![] };
                world.append(*id, &[cancelled(charged, date(*on))]).await
            }
            _ => return None,
        })
    }
}

/// The forum with the contracts; the second commits to something and has its fee by days, the last is the vendor's.
pub(crate) async fn course() -> Course {
    let world = World::market().await;
    let charge_kinds =
        [ChargeKind::data_usage(), ChargeKind::service_order(), ChargeKind::contract_fee()].into();
    let commitment = Commitment { amount: Money::jpy(1_500_000), charge_kinds };
    let with = |terms: &mut contract::Terms| {
        terms.minimum_commitment = Some(commitment);
        terms.paused_fees = PausedFees::ByDays;
    };
    world.contract_with(ContractKind::Member, PHARMA, PROMOTER, OTHER_CONTRACT, with).await;
    world.contract(CONTRACTS[2]).await;
    world.contract_with(ContractKind::VendorParticipation, VENDOR, PROMOTER, CONTRACTS[3], |_| {}).await;
    world.clock.set(on(7, 1));
    Course { world, orders: Vec::new(), paused_until: on(4, 1), terminated: false }
}
