//! The shares of what is no use: orders, recruitments, credits, commitments; and public funding beside them.

mod support;

use domain::{
    contract::{self, Commitment, ContractKind, ContractTerminated},
    id::ContractId,
    share_rule::default_splits,
    terms::ChargeKind,
};
use event_log::EventLog;
use money::{Decimal, Money};
use proto::kiban::{finance::v1::PayoutTreatment, revenue_share::v1::ChargeShares};
use support::*;

fn of_kind<'a>(charges: &'a [ChargeShares], kind: &str) -> &'a ChargeShares {
    charges.iter().find(|charge| charge.charge_kind == kind).unwrap()
}

/// 85 % of 6,000 yen are 5,100: 70 % of them are 3,570.
#[tokio::test]
async fn an_order_of_a_consortium_is_split_and_its_part_split_again() {
    let world = World::market().await;
    let order =
        domain::order::PlacedOrder { consortium: consortium(70), ..order_of(ORDER, CONTRACT, on(4, 2)) };
    world.place(order, vec![taken(on(4, 3)), delivered(0, on(5, 1)), accepted(0, on(5, 4))]).await;
    let answer = world.shares(month(5)).await;
    let [charge] = &answer.charges[..] else { panic!("one charge, not {:?}", answer.charges) };
    let [base, promoter, vendor, partner] = [BASE, PROMOTER, VENDOR, PARTNER].map(|id| id.to_string());
    let shares = [
        (base, 600, "10 % of the rest"),
        (promoter, 300, "5 % of the rest"),
        (vendor, 3_570, "70 % of the consortium's part of 5100 JPY"),
        (partner, 1_530, "30 % of the consortium's part of 5100 JPY"),
    ];
    assert_eq!(split(charge), shares);
    assert_eq!((yen(&charge.net), charge.order_id.as_str()), (6_000, ORDER.to_string().as_str()));
    assert_eq!(charge.line_id, format!("service-order/0/-/-/{ORDER}"));
    assert_eq!(charge.payout_treatment(), PayoutTreatment::Agency);
}

/// From April on 10 % of the vendor's part are a data fee: of 5,100 yen 510, 357 to the base operator, 102 to the
/// promoter, 51 to the pool, which stays with the base operator where the order is about no dataset. The vendor's
/// use for it costs nothing; for another order, placed before, 30 yen a case.
#[tokio::test]
async fn the_data_fee_of_an_order_is_taken_once() {
    let world = World::market().await;
    let mut splits = default_splits();
    for split in splits.iter_mut().filter(|split| split.charge_kind == ChargeKind::service_order()) {
        split.data_fee = Some(Decimal::from(10u32));
    }
    world.publish_rule(2, month(4), splits).await;
    let earlier = domain::id::OrderId::from_u128(62);
    world.place(order_of(ORDER, CONTRACT, on(4, 2)), vec![accepted(0, on(5, 4))]).await;
    world.place(order_of(earlier, CONTRACT, on(3, 31)), vec![accepted(0, on(5, 5))]).await;
    let own = ContractId::from_u128(23);
    world.contract_with(ContractKind::VendorParticipation, VENDOR, PROMOTER, own, |_| {}).await;
    let uses = [ORDER, earlier].map(|order| Use { order: Some(order), ..used(on(5, 7), 0, 10) });
    world.report(own, &uses).await;

    let answer = world.shares(month(5)).await;
    let [taken_out, metered, fee] = &answer.charges[..] else { panic!("three, not {:?}", answer.charges) };
    let of = |charge: &ChargeShares, organisation: domain::id::OrganisationId| -> i64 {
        let shares = split(charge).into_iter().filter(|(id, ..)| *id == organisation.to_string());
        shares.map(|(_, yen, _)| yen).sum()
    };
    assert_eq!(
        (taken_out.order_id.clone(), metered.order_id.clone()),
        (ORDER.to_string(), earlier.to_string())
    );
    assert_eq!([VENDOR, BASE, PROMOTER].map(|id| of(taken_out, id)), [4_590, 600 + 357 + 51, 300 + 102]);
    assert_eq!([VENDOR, BASE, PROMOTER].map(|id| of(metered, id)), [5_100, 600, 300]);
    assert_eq!((fee.charge_kind.as_str(), fee.order_id.clone()), ("data-fee", earlier.to_string()));
    assert_eq!((yen(&fee.net), yen(&answer.charged)), (300, 12_300));
}

/// Of 5,000 yen the vendor has 750 and the base operator 1,250; the pool of 3,000 waits for institutions.
#[tokio::test]
async fn the_pool_of_a_request_is_of_those_who_take_part_as_far_as_known() {
    let world = World::market().await;
    world.append(RECRUITMENT, &[requested(RECRUITMENT, CONTRACT, on(4, 3)), approved(on(5, 2))]).await;
    let before = world.shares(month(5)).await;
    let pool = split(&before.charges[0]).pop().unwrap();
    assert_eq!(pool, (BASE.to_string(), 3_000, "institutions' pool, unassigned: no institutions"));
    assert_eq!(before.charges[0].recruitment_id, RECRUITMENT.to_string());
    assert_eq!(totals(&before), expected(&[(BASE, 4_250), (VENDOR, 750)]));

    let position = world.log.head().position.0;
    let more = [joined(0, on(5, 3)), joined(1, on(5, 3)), enrolled(1, 1, on(5, 9)), enrolled(0, 2, on(6, 9))];
    world.append(RECRUITMENT, &more).await;
    let after = world.shares(month(5)).await;
    // Of the enrolment 600 yen, which are the second hospital's alone.
    let [one, two, _] = HOSPITALS;
    let owed = [(two, 2_100), (BASE, 1_500), (one, 1_500), (VENDOR, 900)];
    assert_eq!(totals(&after), expected(&owed));
    let enrolment = of_kind(&after.charges, "recruitment-enrolment");
    assert_eq!(split(enrolment).pop().unwrap().2, "institutions' pool, 1 of 1 enrolments");
    assert_eq!(world.shares_at(month(5), position).await, before);
}

#[tokio::test]
async fn a_credit_is_borne_by_the_base_operator_alone() {
    let world = World::market().await;
    world.report(CONTRACT, &[used(on(5, 4), 0, 10)]).await;
    world.credit(1, CONTRACT, month(5), 300).await;
    let answer = world.shares(month(5)).await;
    let [one, two, three] = HOSPITALS;
    let owed = [(BASE, 400), (PROMOTER, 200), (one, 50), (two, 30), (three, 20)];
    assert_eq!((yen(&answer.charged), totals(&answer)), (700, expected(&owed)));
    let credit = of_kind(&answer.charges, "publication-incentive");
    assert_eq!(split(credit), [(BASE.to_string(), -300, "granted by it, and borne by it alone")]);
    assert!(!credit.unruled && credit.share_rule_id.is_empty());
}

/// 365,000 yen for 365 days.
#[tokio::test]
async fn public_funding_is_income_of_its_own_class() {
    let world = World::market().await;
    world.clock.set(on(5, 1));
    let before = world.log.head().position.0;
    world.fund(1, 365_000).await;
    let april = world.shares(month(4)).await;
    assert_eq!((yen(&april.charged), yen(&april.base_operator_total)), (365_000, 219_000));
    let [funding] = &april.public_funding[..] else { panic!("one funding") };
    assert_eq!((yen(&funding.amount), yen(&funding.agreed)), (30_000, 365_000));
    assert_eq!((funding.start_month.as_str(), funding.end_month.as_str()), ("2026-04", "2027-04"));
    assert_eq!((funding.funder.as_str(), funding.recipient_id.clone()), ("Ministry", BASE.to_string()));
    assert_eq!(yen(&april.public_funding_total), 30_000);
    let march = world.shares(month(3)).await;
    assert_eq!((march.public_funding.len(), yen(&march.public_funding_total)), (0, 0));
    assert_eq!(world.shares_at(month(4), before).await.public_funding, []);

    let of_one = proto::kiban::revenue_share::v1::GetRevenueSharesRequest {
        contract_id: CONTRACT.to_string(),
        ..world.request(month(4))
    };
    assert_eq!(world.ask(BASE, of_one).await.unwrap().public_funding, [], "funding is of no contract");
    let others = world.ask(PHARMA, world.request(month(4))).await.unwrap();
    assert_eq!((others.public_funding.len(), others.public_funding_total), (0, None));
}

/// From April to June are 91 days: 36,500 × 91 / 365 = 9,100, less 1,000 of use in May.
#[tokio::test]
async fn a_commitment_is_made_up_when_the_contract_ends_and_counts_what_was_known() {
    let world = World::market().await;
    world.clock.set(on(7, 9));
    let commitment =
        Commitment { amount: Money::jpy(36_500), charge_kinds: Commitment::counted_by_default() };
    let with = |terms: &mut contract::Terms| terms.minimum_commitment = Some(commitment);
    world.contract_with(ContractKind::Member, PHARMA, PROMOTER, OTHER_CONTRACT, with).await;
    world.report(OTHER_CONTRACT, &[used(on(5, 4), 0, 10)]).await;
    let reason = "enough".parse().unwrap();
    let (by, effective_at, at) = (PHARMA, on(7, 1), on(6, 1));
    let terminated = ContractTerminated { by, reason, effective_at, at };
    world.append(OTHER_CONTRACT, &[contract::Event::ContractTerminated(terminated)]).await;
    let position = world.log.head().position.0;
    let june = world.shares(month(6)).await;
    let [charge] = &june.charges[..] else { panic!("one charge, not {:?}", june.charges) };
    assert_eq!((charge.line_id.as_str(), yen(&charge.net)), ("commitment-true-up/0/-/-/year-0", 8_100));
    assert_eq!(totals(&june), expected(&[(BASE, 6_480), (PROMOTER, 1_620)]));

    // Late use of May makes June's charge less, and leaves what was known as it was.
    world.report(OTHER_CONTRACT, &[used(on(5, 20), 0, 10)]).await;
    assert_eq!(yen(&world.shares(month(6)).await.charged), 8_100 - 800);
    assert_eq!(world.shares_at(month(6), position).await, june);
}
