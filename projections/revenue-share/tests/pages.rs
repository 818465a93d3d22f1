//! The pages of an institution, a data provider and a vendor: whose they are, what stands on them, and as of when.

mod support;

use domain::{
    id::{ContractId, OrderId, OrganisationId},
    order,
    share_rule::default_splits,
    terms::{ChargeKind, Verdict},
};
use event_log::EventLog;
use money::Decimal;
use proto::kiban::{
    common::v1::Right,
    order::v1::{MilestoneStage, OrderStage},
    revenue_share::v1::{
        DataFeeMode, GetInstitutionPageRequest, GetInstitutionPageResponse, GetVendorPageRequest,
        GetVendorPageResponse, Payout, VendorOrder,
    },
};
use support::*;
use tonic::{Code, Status};
use tonic_types::StatusExt;

fn months(start: i8, end: &str) -> GetInstitutionPageRequest {
    GetInstitutionPageRequest {
        start_month: month(start).to_string(),
        end_month: end.to_owned(),
        ..GetInstitutionPageRequest::default()
    }
}

/// What was earned as: month, charge kind, yen.
fn earnings(page: &GetInstitutionPageResponse) -> Vec<(&str, &str, i64)> {
    let earnings = page.earnings.iter();
    earnings.map(|of| (of.month.as_str(), of.charge_kind.as_str(), yen(&of.amount))).collect()
}

/// Nine cases in May, of which nobody counted any, and six in June, one of which was the first hospital's; some
/// outside the contract, of which the institution should know as well. One enrolment in June.
async fn used_forum() -> World {
    let world = World::market().await;
    let counted = Use { counted: vec![1, 2, 3], ..used(on(6, 4), 0, 6) };
    let outside = Use { verdict: Verdict::OutsideContract, ..used(on(6, 5), 0, 4) };
    world.report(CONTRACT, &[used(on(5, 4), 0, 9), counted, outside, used(on(5, 5), 1, 7)]).await;
    let recruitment = [
        requested(RECRUITMENT, CONTRACT, on(4, 3)),
        approved(on(4, 9)),
        joined(1, on(4, 10)),
        enrolled(0, 1, on(6, 9)),
    ];
    world.append(RECRUITMENT, &recruitment).await;
    world
}

#[tokio::test]
async fn an_institution_sees_its_datasets_their_use_and_its_yen() {
    let world = used_forum().await;
    world.clock.set(on(7, 1));
    let hospital = HOSPITALS[0];
    let page = world.institution_page(hospital, months(5, "2026-07")).await.unwrap();
    assert_eq!((page.institution_id.clone(), page.name.as_str()), (hospital.to_string(), "First Hospital"));
    let [dataset] = &page.datasets[..] else { panic!("one dataset holds its cases: {:?}", page.datasets) };
    assert_eq!((dataset.dataset_id.clone(), dataset.code.as_str()), (DATASETS[0].to_string(), "SET-0"));
    assert_eq!((dataset.own_cases, dataset.cases, dataset.freeze), (5, 10, 1));
    let uses: Vec<_> =
        page.uses.iter().map(|of| (of.month.as_str(), of.right(), of.cases, of.counted)).collect();
    let simple = Right::SimpleAnalysis;
    assert_eq!(uses, [("2026-05", simple, 9, 0), ("2026-06", simple, 10, 1)]);
    // What is on the page is what the shares of the months say.
    let mut owed = Vec::new();
    for asked in [month(5), month(6)] {
        let shares = world.ask(hospital, world.request(asked)).await.unwrap();
        owed.extend(shares.charges.iter().map(|charge| {
            let sum: i64 = split(charge).iter().map(|(_, yen, _)| yen).sum();
            (asked.to_string(), charge.charge_kind.clone(), sum)
        }));
    }
    let owed: Vec<_> = owed.iter().map(|(month, kind, yen)| (month.as_str(), kind.as_str(), *yen)).collect();
    assert_eq!(earnings(&page), owed);
    assert_eq!(earnings(&page)[2], ("2026-06", "recruitment-enrolment", 600));
    assert_eq!(yen(&page.earned), owed.iter().map(|(_, _, yen)| yen).sum::<i64>());
    assert_eq!(page.as_of_position, world.log.head().position.to_string());

    let of_operator =
        GetInstitutionPageRequest { institution_id: hospital.to_string(), ..months(5, "2026-07") };
    assert_eq!(world.institution_page(PROMOTER, of_operator).await.unwrap(), page);
}

/// None of the cases is the biobank's, but the dataset is: it is told of all of its use, and of nobody else's datasets.
#[tokio::test]
async fn a_data_provider_sees_its_datasets_their_use_and_its_yen() {
    let world = used_forum().await;
    world.clock.set(on(7, 1));
    let page = world.institution_page(BIOBANK, months(5, "2026-07")).await.unwrap();
    let [dataset] = &page.datasets[..] else { panic!("one dataset is its own: {:?}", page.datasets) };
    assert_eq!((dataset.dataset_id.clone(), dataset.code.as_str()), (DATASETS[1].to_string(), "SET-1"));
    assert_eq!((dataset.provider_id.clone(), dataset.own_cases), (BIOBANK.to_string(), 0));
    assert!(dataset.cases > 0);
    let uses: Vec<_> = page.uses.iter().map(|of| (of.month.as_str(), of.cases, of.counted)).collect();
    assert_eq!(uses, [("2026-05", 7, 0)]);
    let shares = world.ask(BIOBANK, world.request(month(5))).await.unwrap();
    assert!(yen(&page.earned) > 0);
    assert_eq!(totals(&shares), expected(&[(BIOBANK, yen(&page.earned))]));
    let earned: Vec<_> = page.earnings.iter().map(|of| (of.month.as_str(), of.dataset_id.clone())).collect();
    assert_eq!(earned, [("2026-05", DATASETS[1].to_string())]);
}

#[tokio::test]
async fn a_page_without_a_first_month_is_of_the_current_one_in_tokyo() {
    let world = used_forum().await;
    // May begins in Tokyo: in UTC it is still April.
    world.clock.set(month(5).start());
    let asked = |start: &str, end: &str| GetInstitutionPageRequest {
        start_month: start.to_owned(),
        end_month: end.to_owned(),
        ..GetInstitutionPageRequest::default()
    };
    for end in ["", "2026-07"] {
        let now = world.institution_page(HOSPITALS[0], asked("", end)).await.unwrap();
        assert_eq!(now, world.institution_page(HOSPITALS[0], asked("2026-05", end)).await.unwrap());
        assert_eq!(now.uses[0].month, "2026-05");
    }
}

/// What comes later is on no earlier page, be it use, an enrolment or a dataset.
#[tokio::test]
async fn an_institution_s_page_is_as_of_a_position() {
    let world = used_forum().await;
    world.clock.set(on(7, 1));
    let asked = |position| GetInstitutionPageRequest { as_of: as_of(position), ..months(4, "2026-07") };
    let now = world.institution_page(HOSPITALS[1], asked(world.log.head().position.0)).await.unwrap();
    let position = world.log.head().position.0;
    world.report(CONTRACT, &[used(on(5, 4), 0, 90)]).await;
    world.append(RECRUITMENT, &[enrolled(1, 2, on(6, 10))]).await;
    let later = world.institution_page(HOSPITALS[1], months(4, "2026-07")).await.unwrap();
    assert!(yen(&later.earned) > yen(&now.earned));
    assert_eq!(world.institution_page(HOSPITALS[1], asked(position)).await.unwrap(), now);
    // Nobody had entered a dataset yet.
    let before = world.institution_page(HOSPITALS[1], asked(2)).await.unwrap();
    assert_eq!((before.datasets.len(), before.uses.len(), before.earnings.len()), (0, 0, 0));
}

fn of(status: &Status) -> (String, String) {
    let details = status.get_error_details();
    let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    let field = violations.first().map(|violation| violation.field.clone()).unwrap_or_default();
    (details.error_info().unwrap().reason.clone(), field)
}

#[tokio::test]
async fn pages_are_their_owners_and_the_operators() {
    let world = used_forum().await;
    let institution_id = HOSPITALS[0].to_string();
    for caller in [HOSPITALS[1], PHARMA, VENDOR] {
        let asked = GetInstitutionPageRequest { institution_id: institution_id.clone(), ..months(5, "") };
        assert_eq!(world.institution_page(caller, asked).await.unwrap_err().code(), Code::NotFound);
        let own = world.institution_page(caller, months(5, "")).await.unwrap();
        assert_eq!(own.institution_id, caller.to_string());
    }
    for caller in [PARTNER, PHARMA, HOSPITALS[0]] {
        let asked = GetVendorPageRequest { vendor_id: VENDOR.to_string(), ..Default::default() };
        assert_eq!(world.vendor_page(caller, asked).await.unwrap_err().code(), Code::NotFound);
    }
    for (asked, reason, field) in [
        (months(5, "2026-05"), "INVALID_FIELD", "end_month"),
        (months(5, "2027-06"), "INVALID_FIELD", "end_month"),
        (
            GetInstitutionPageRequest { start_month: "May".into(), ..months(5, "") },
            "INVALID_FIELD",
            "start_month",
        ),
        (
            GetInstitutionPageRequest { institution_id: "ctr_1".into(), ..months(5, "") },
            "INVALID_FIELD",
            "institution_id",
        ),
    ] {
        let refused = world.institution_page(HOSPITALS[0], asked).await.unwrap_err();
        assert_eq!(of(&refused), (reason.to_owned(), field.to_owned()));
    }
    for (asked, reason, field) in [
        (
            GetVendorPageRequest { page_token: "x".into(), ..Default::default() },
            "INVALID_PAGE_TOKEN",
            "page_token",
        ),
        (
            GetVendorPageRequest { page_token: ORDER.to_string(), ..Default::default() },
            "INVALID_PAGE_TOKEN",
            "page_token",
        ),
    ] {
        let refused = world.vendor_page(VENDOR, asked).await.unwrap_err();
        assert_eq!(of(&refused), (reason.to_owned(), field.to_owned()));
    }
}

/// A payout as: month, net, the vendor's part, its steps.
fn payout(payout: &Payout) -> (&str, i64, i64, Vec<(i64, &str)>) {
    let steps = payout.steps.iter().map(|step| (yen(&step.amount), step.reason.as_str())).collect();
    (payout.month.as_str(), yen(&payout.net), yen(&payout.amount), steps)
}

async fn page_of(world: &World, vendor: OrganisationId) -> GetVendorPageResponse {
    world.vendor_page(vendor, GetVendorPageRequest::default()).await.unwrap()
}

fn stages(order: &VendorOrder) -> Vec<MilestoneStage> {
    order.order.as_ref().unwrap().milestones.iter().map(|milestone| milestone.stage()).collect()
}

/// Of 10,000 yen 6,000 are accepted in May: 85 % of them are earned, and 85 % of the rest may be expected.
#[tokio::test]
async fn a_vendor_sees_what_it_has_earned_and_may_expect_and_why() {
    let world = World::market().await;
    world.clock.set(on(6, 20));
    world.place(order_of(ORDER, CONTRACT, on(4, 2)), vec![taken(on(4, 3)), delivered(0, on(5, 1))]).await;
    let before = page_of(&world, VENDOR).await;
    let expected = before.orders[0].expected.as_ref().unwrap();
    assert_eq!(payout(expected), ("2026-06", 10_000, 8_500, vec![(8_500, "85 % of the rest")]));
    assert_eq!((yen(&before.earned), yen(&before.expected)), (0, 8_500));

    let position = world.append(ORDER, &[accepted(0, on(5, 4)), delivered(1, on(6, 1))]).await;
    let page = page_of(&world, VENDOR).await;
    let [order] = &page.orders[..] else { panic!("one order") };
    assert_eq!(order.order.as_ref().unwrap().stage(), OrderStage::UnderWay);
    assert_eq!(stages(order), [MilestoneStage::Accepted, MilestoneStage::Delivered]);
    assert_eq!(order.data_fee_mode(), DataFeeMode::Metered);
    let earned: Vec<_> = order.earned.iter().map(payout).collect();
    assert_eq!(earned, [("2026-05", 6_000, 5_100, vec![(5_100, "85 % of the rest")])]);
    assert_eq!(order.earned[0].line_id, format!("service-order/0/-/-/{ORDER}"));
    assert_eq!(
        (order.earned[0].share_rule_id.clone(), order.earned[0].share_rule_version),
        (SHARE_RULE.to_string(), 1)
    );
    let expected = order.expected.as_ref().unwrap();
    assert_eq!(payout(expected), ("2026-06", 4_000, 3_400, vec![(3_400, "85 % of the rest")]));
    assert_eq!((yen(&page.earned), yen(&page.expected)), (5_100, 3_400));
    let shares = world.ask(VENDOR, world.request(month(5))).await.unwrap();
    assert_eq!(totals(&shares), support::expected(&[(VENDOR, 5_100)]));

    // A rule of June with a data fee is in force now: it bears on what is expected, but the order was placed when
    // use was metered, so that nothing is taken out of it. What was earned in May stays.
    let mut splits = default_splits();
    for split in splits.iter_mut().filter(|split| split.charge_kind == ChargeKind::service_order()) {
        split.data_fee = Some(Decimal::from(10u32));
        split.percentages = vec![
            (domain::share_rule::Party::Vendor, Decimal::from(80u32)),
            (domain::share_rule::Party::BaseOperator, Decimal::from(20u32)),
        ];
    }
    world.publish_rule(2, month(6), splits).await;
    let other = OrderId::from_u128(62);
    world.place(order_of(other, CONTRACT, on(6, 2)), vec![]).await;
    let page = page_of(&world, VENDOR).await;
    let expected = page.orders[0].expected.as_ref().unwrap();
    assert_eq!(payout(expected), ("2026-06", 4_000, 3_200, vec![(3_200, "80 % of the rest")]));
    let steps = vec![(8_000, "80 % of the rest"), (-800, "pays a data fee of 10 %")];
    assert_eq!(payout(page.orders[1].expected.as_ref().unwrap()), ("2026-06", 10_000, 7_200, steps));
    assert_eq!(page.orders[1].data_fee_mode(), DataFeeMode::Percentage);
    assert_eq!((yen(&page.earned), yen(&page.expected)), (5_100, 10_400));

    // As it was known before all that.
    let asked = GetVendorPageRequest { as_of: as_of(position), ..Default::default() };
    let known = world.vendor_page(VENDOR, asked).await.unwrap();
    assert_eq!((known.orders.len(), yen(&known.earned), yen(&known.expected)), (1, 5_100, 3_400));
}

#[tokio::test]
async fn nothing_is_expected_of_what_is_given_up_and_a_cancelled_order_keeps_what_stays_charged() {
    let world = World::market().await;
    world.clock.set(on(6, 20));
    let [declined, other] = [62, 63].map(OrderId::from_u128);
    let events = vec![taken(on(4, 3)), delivered(0, on(5, 1)), cancelled(vec![0], on(5, 9))];
    world.place(order_of(ORDER, CONTRACT, on(4, 2)), events).await;
    let reason = "no capacity".parse().unwrap();
    let refused = order::Event::OrderDeclined(order::OrderDeclined { reason, at: on(4, 4) });
    world.place(order_of(declined, CONTRACT, on(4, 2)), vec![refused]).await;
    world.place(order_of(other, CONTRACT, on(4, 2)), vec![cancelled(vec![], on(4, 9))]).await;
    let page = page_of(&world, VENDOR).await;
    assert!(page.orders.iter().all(|order| order.expected.is_none()));
    assert_eq!(stages(&page.orders[0]), [MilestoneStage::ChargedOnCancellation, MilestoneStage::Awaited]);
    assert_eq!((yen(&page.earned), yen(&page.expected)), (5_100, 0));
}

#[tokio::test]
async fn each_member_of_a_consortium_sees_its_own_part() {
    let world = World::market().await;
    world.clock.set(on(6, 20));
    let placed = order::PlacedOrder { consortium: consortium(70), ..order_of(ORDER, CONTRACT, on(4, 2)) };
    world.place(placed, vec![taken(on(4, 3)), delivered(0, on(5, 1)), accepted(0, on(5, 4))]).await;
    for (vendor, earned, expected, reason) in [
        (VENDOR, 3_570, 2_380, "70 % of the consortium's part of 5100 JPY"),
        (PARTNER, 1_530, 1_020, "30 % of the consortium's part of 5100 JPY"),
    ] {
        let page = page_of(&world, vendor).await;
        assert_eq!((yen(&page.earned), yen(&page.expected)), (earned, expected));
        assert_eq!(payout(&page.orders[0].earned[0]).3, [(earned, reason)]);
    }
}

#[tokio::test]
async fn recruitments_that_a_vendor_carries_out_are_on_its_page() {
    let world = used_forum().await;
    world.clock.set(on(7, 1));
    let page = page_of(&world, VENDOR).await;
    let [recruitment] = &page.recruitments[..] else { panic!("one recruitment") };
    let earned: Vec<_> = recruitment.earned.iter().map(payout).collect();
    let percent = |yen| vec![(yen, "15 % of the rest")];
    assert_eq!(earned, [("2026-04", 5_000, 750, percent(750)), ("2026-06", 1_000, 150, percent(150))]);
    assert_eq!((recruitment.recruitment_id.clone(), yen(&page.earned)), (RECRUITMENT.to_string(), 900));
}

#[tokio::test]
async fn orders_come_page_by_page_and_totals_are_of_all() {
    let world = World::market().await;
    world.clock.set(on(6, 20));
    let ids: Vec<OrderId> = (61..66).map(OrderId::from_u128).collect();
    for id in &ids {
        world.place(order_of(*id, CONTRACT, on(4, 2)), vec![]).await;
    }
    let (mut token, mut seen) = (String::new(), Vec::new());
    loop {
        let asked = GetVendorPageRequest { page_size: 2, page_token: token, ..Default::default() };
        let page = world.vendor_page(VENDOR, asked).await.unwrap();
        assert_eq!(yen(&page.expected), 42_500);
        seen.extend(page.orders.iter().map(|order| order.order.as_ref().unwrap().id.clone()));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ids.iter().map(ToString::to_string).collect::<Vec<_>>());
}

/// Nothing is rated for a month that nobody runs, unless something is charged in it.
#[tokio::test]
async fn a_page_needs_somebody_who_runs_the_forum_only_where_something_is_shared() {
    let world = World::empty();
    world
        .organisation(HOSPITALS[0], "First Hospital", domain::organisation::Capacity::MedicalInstitution)
        .await;
    let page = world.institution_page(HOSPITALS[0], months(5, "")).await.unwrap();
    assert_eq!((page.datasets.len(), yen(&page.earned)), (0, 0));
    world.contract(ContractId::from_u128(29)).await;
    world.clock.set(on(5, 1));
    world.publish_prices(1, "100").await;
    let refused = world.institution_page(HOSPITALS[0], months(4, "")).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}
