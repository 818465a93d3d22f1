//! Whatever the log holds: nothing is lost or made between statements and shares, and what was known at a
//! position is what was answered there.

mod support;

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
use event_log::{EventLog, Page, Position};
use events::decode_frame;
use money::{Decimal, Money};
use proptest::prelude::*;
use proto::kiban::{finance::v1::WhatIf, revenue_share::v1::GetRevenueSharesResponse};
use rating::{ledger::Ledger, statement::rate_month};
use support::*;

/// What happens next; `other` says under which of two contracts.
#[derive(Debug, Clone)]
enum Step {
    Report {
        other: bool,
        uses: Vec<Use>,
    },
    Reprice(u32),
    Reshare {
        base: u32,
        data_fee: Option<u32>,
    },
    Order {
        other: bool,
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
        other: bool,
        joined: Vec<usize>,
        enrolled: Vec<(usize, i8, i8)>,
    },
    Credit {
        other: bool,
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

fn a_step() -> impl Strategy<Value = Step> {
    let date = || (4i8..7, 1i8..29);
    let enrolments = prop::collection::vec((0usize..3, 4i8..7, 1i8..29), 0..5);
    prop_oneof![
        8 => (any::<bool>(), prop::collection::vec(a_use(), 1..6))
            .prop_map(|(other, uses)| Step::Report { other, uses }),
        1 => (1u32..500).prop_map(Step::Reprice),
        1 => (1u32..100, prop::option::of(1u32..100))
            .prop_map(|(base, data_fee)| Step::Reshare { base, data_fee }),
        3 => (any::<bool>(), date(), prop::option::of(1u32..100), prop::option::of(0usize..2), 0u32..3)
            .prop_map(|(other, placed_on, lead, dataset, accepted)| {
                Step::Order { other, placed_on, lead, dataset, accepted }
            }),
        2 => (0usize..9, date()).prop_map(|(order, on)| Step::Accept { order, on }),
        1 => (0usize..9, any::<bool>(), date())
            .prop_map(|(order, charged, on)| Step::Cancel { order, charged, on }),
        2 => (any::<bool>(), prop::collection::vec(0usize..3, 0..4), enrolments)
            .prop_map(|(other, joined, enrolled)| Step::Recruit { other, joined, enrolled }),
        1 => (any::<bool>(), 4i8..7, 1i64..9_000)
            .prop_map(|(other, month, yen)| Step::Credit { other, month, yen }),
        1 => (date(), 0u32..40).prop_map(|(from, days)| Step::Pause { from, days }),
        1 => (1i64..1_000_000).prop_map(Step::Fund),
        1 => (1i8..29).prop_map(Step::Terminate),
    ]
}

/// Versions that nobody publishes: of prices, of shares, or of both, each from some month on.
fn other_versions() -> impl Strategy<Value = WhatIf> {
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
struct Course {
    world: World,
    /// With the milestones that have not been charged.
    orders: Vec<(OrderId, Vec<u32>)>,
    paused_until: Timestamp,
    terminated: bool,
}

const fn of(other: bool) -> ContractId {
    if other { OTHER_CONTRACT } else { CONTRACT }
}

impl Course {
    /// Returns the last position of what happened; `None` if nothing did.
    async fn carry_out(&mut self, step: &Step, version: u32) -> Option<u64> {
        let number = u128::from(version);
        let (world, date) = (&self.world, |(month, day)| on(month, day));
        Some(match step {
            Step::Report { other, uses } => {
                let orders = self.orders.iter().map(|(id, _)| *id).cycle();
                let uses = uses.iter().zip(orders.map(Some).chain(std::iter::repeat(None)));
                let uses = uses.map(|(used, order)| Use { order, ..used.clone() });
                world.report(of(*other), &uses.collect::<Vec<_>>()).await
            }
            Step::Reprice(yen) => world.publish_prices(version, &yen.to_string()).await,
            Step::Reshare { base, data_fee } => {
                world.publish_rule(version, month(5), reshared(*base, *data_fee)).await
            }
            Step::Order { .. } | Step::Accept { .. } | Step::Cancel { .. } => {
                return self.deal(step, number).await;
            }
            Step::Recruit { other, joined: hospitals, enrolled: enrolments } => {
                let id = RecruitmentId::from_u128(2_000 + number);
                let mut events = vec![requested(id, of(*other), on(4, 3)), approved(on(5, 3))];
                events.extend(hospitals.iter().map(|hospital| joined(*hospital, on(5, 4))));
                let enrolments = (0..).zip(enrolments);
                events.extend(
                    enrolments.map(|(number, (by, month, day))| enrolled(*by, number, on(*month, *day))),
                );
                world.append(id, &events).await
            }
            Step::Credit { other, month: of_month, yen } => {
                world.credit(3_000 + number, of(*other), month(*of_month), *yen).await
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
            Step::Order { other, placed_on, lead, dataset, accepted: count } => {
                let id = OrderId::from_u128(1_000 + number);
                let placed = PlacedOrder {
                    consortium: lead.and_then(consortium),
                    dataset: dataset.map(|dataset| DATASETS[dataset]),
                    ..order_of(id, of(*other), date(*placed_on))
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

/// The forum; the other contract commits to something and has its fee by days.
async fn course() -> Course {
    let world = World::market().await;
    let charge_kinds =
        [ChargeKind::data_usage(), ChargeKind::service_order(), ChargeKind::contract_fee()].into();
    let commitment = Commitment { amount: Money::jpy(1_500_000), charge_kinds };
    let with = |terms: &mut contract::Terms| {
        terms.minimum_commitment = Some(commitment);
        terms.paused_fees = PausedFees::ByDays;
    };
    world.contract_with(ContractKind::Member, PHARMA, PROMOTER, OTHER_CONTRACT, with).await;
    world.clock.set(on(7, 1));
    Course { world, orders: Vec::new(), paused_until: on(4, 1), terminated: false }
}

/// Every sum of an answer against every other.
fn check_sums(answer: &GetRevenueSharesResponse) {
    let charged = yen(&answer.charged);
    let parties: i64 = totals(answer).iter().map(|(_, yen)| yen).sum();
    let nets: i64 = answer.charges.iter().map(|charge| yen(&charge.net)).sum();
    assert_eq!((parties, nets), (charged, charged));
    let base = totals(answer).into_iter().find(|(id, _)| *id == BASE.to_string());
    assert_eq!(base.map_or(0, |(_, yen)| yen), yen(&answer.base_operator_total));
    for charge in &answer.charges {
        let shares: i64 = split(charge).iter().map(|(_, yen, _)| yen).sum();
        assert_eq!(shares, yen(&charge.net), "{charge:?}");
    }
    for (party, owed) in totals(answer) {
        let shares = answer.charges.iter().flat_map(split);
        let sum: i64 = shares.filter(|(id, ..)| *id == party).map(|(_, yen, _)| yen).sum();
        assert_eq!(sum, owed, "{party}");
    }
    assert!(totals(answer).is_sorted_by_key(|(id, yen)| (std::cmp::Reverse(*yen), id.clone())));
}

/// What the statements of a month sum to at a position, by a ledger that was folded up to there and no
/// further.
async fn charged(world: &World, position: u64, of: domain::time::Month) -> Money {
    let page = Page { frames: 1_000, ..Page::default() };
    let frames = world.log.read_all(Position::START, page).await.unwrap();
    let mut ledger = Ledger::default();
    for recorded in frames.iter().flat_map(|frame| decode_frame(frame).unwrap()) {
        if recorded.position.0 <= position {
            events::ledger::apply(&mut ledger, &recorded);
        }
    }
    let now = engine::Clock::now(&*world.clock);
    let view = ledger.as_of(position);
    let contracts = view.contracts().map(|contract| (contract, view));
    let statements = rate_month(contracts, of, now, |contract, month| ledger.lines(contract, month)).unwrap();
    Money::sum(money::Currency::Jpy, statements.iter().map(|statement| statement.total)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn shares_sum_to_statements_now_and_at_every_earlier_position(
        steps in prop::collection::vec(a_step(), 1..16),
        what_if in other_versions(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut course = course().await;
            let mut answered = Vec::new();
            for (step, version) in steps.iter().zip(2..) {
                let Some(position) = course.carry_out(step, version).await else { continue };
                let world = &course.world;
                for asked in [4, 5, 6].map(month) {
                    let answer = world.shares(asked).await;
                    check_sums(&answer);
                    let charged = charged(world, position, asked).await;
                    assert_eq!(yen(&answer.charged), charged.minor_units());
                    let supposed = world.supposed(asked, &what_if, None).await;
                    check_sums(&supposed);
                    answered.push((asked, position, answer, supposed));
                }
            }
            for (asked, position, answer, supposed) in answered {
                assert_eq!(course.world.shares_at(asked, position).await, answer);
                assert_eq!(course.world.supposed(asked, &what_if, Some(position)).await, supposed);
            }
        });
    }
}
