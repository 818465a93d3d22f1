use money::{Decimal, Money};

use super::*;
use crate::{
    fold,
    id::{OrganisationId, ShareRuleId},
    terms::{ChargeKind, MOST_AMOUNT},
    time::{Month, Timestamp},
    version::NotPublishable,
};

const OWNER: OrganisationId = OrganisationId::from_u128(1);
const RULE: ShareRuleId = ShareRuleId::from_u128(9);

fn month(number: i8) -> Month {
    Month::new(2026, number).unwrap()
}

fn percent(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn table(start: Month, splits: Vec<Split>) -> SplitTable {
    SplitTable { name: "Shares of 2026".parse().unwrap(), start, splits, charges: vec![] }
}

fn publish(table: SplitTable, by: OrganisationId, closed_through: Option<Month>) -> Command {
    let at = Timestamp::default();
    Command::PublishShareRule(PublishShareRule { id: RULE, table, closed_through, published_by: by, at })
}

fn published(version: u32, table: SplitTable) -> Event {
    let at = Timestamp::default();
    Event::ShareRulePublished(ShareRulePublished { id: RULE, version, table, published_by: OWNER, at })
}

fn decide(given: &[Event], when: Command) -> Result<Vec<Event>, Rejection> {
    ShareRule::decide(&fold::<ShareRule>(given), when)
}

/// The default split of service orders, changed.
fn order_split(change: impl FnOnce(&mut Split)) -> Split {
    let service_order = ChargeKind::service_order();
    let mut split = default_splits().into_iter().find(|split| split.charge_kind == service_order).unwrap();
    change(&mut split);
    split
}

#[test]
fn the_default_splits_can_be_published() {
    let table = table(month(4), default_splits());
    assert_eq!(decide(&[], publish(table.clone(), OWNER, None)), Ok(vec![published(1, table)]));
}

#[test]
fn versions_are_numbered_and_the_newest_again_is_already_so() {
    let first = table(month(4), default_splits());
    let second = table(month(6), vec![order_split(|_| ())]);
    let given = [published(1, first.clone())];
    assert_eq!(
        decide(&given, publish(second.clone(), OWNER, Some(month(5)))),
        Ok(vec![published(2, second.clone())])
    );
    assert_eq!(decide(&given, publish(first.clone(), OWNER, Some(month(5)))), Ok(vec![]));
    let rule = fold::<ShareRule>(&[published(1, first), published(2, second)]);
    let numbers = [3, 4, 5, 6].map(|number| rule.version_for(month(number)).map(|found| found.number));
    assert_eq!(numbers, [None, Some(1), Some(1), Some(2)]);
    assert_eq!(rule.version(2).map(|version| version.table.start), Some(month(6)));
}

#[test]
fn a_share_rule_is_refused_for_its_place() {
    let given = [published(1, table(month(4), default_splits()))];
    let next = table(month(6), default_splits());
    let stranger = OrganisationId::from_u128(2);
    assert_eq!(
        decide(&given, publish(next.clone(), stranger, None)),
        Err(Rejection::NotPublishable(NotPublishable::NotOwner { owner: OWNER }))
    );
    assert_eq!(
        decide(&given, publish(next, OWNER, Some(month(6)))),
        Err(Rejection::NotPublishable(NotPublishable::StartInClosedPeriod {
            start: month(6),
            closed_through: month(6)
        }))
    );
}

#[test]
fn the_split_for_the_kind_of_data_comes_before_the_one_for_both() {
    let table = table(month(4), default_splits());
    let scope = |with_provider| {
        table.split_for(&ChargeKind::data_usage(), with_provider).map(|split| split.with_provider)
    };
    assert_eq!((scope(true), scope(false)), (Some(Some(true)), Some(None)));
    assert_eq!(table.split_for(&ChargeKind::publication_incentive(), false), None);
}

#[test]
fn a_share_rule_is_refused_for_its_table() {
    let good = || order_split(|_| ());
    for (splits, rejection) in [
        (vec![], Rejection::NoSplits),
        (
            vec![good(); MOST_SPLITS + 1],
            Rejection::TooManySplits { splits: MOST_SPLITS + 1, most: MOST_SPLITS },
        ),
        (
            vec![good(), order_split(|split| split.with_provider = Some(true)), good()],
            Rejection::DuplicateSplit { split: 2, first: 0 },
        ),
    ] {
        assert_eq!(decide(&[], publish(table(month(4), splits), OWNER, None)), Err(rejection));
    }
}

/// Publishes a table whose second split is the default one of service orders, changed.
fn refused(change: impl FnOnce(&mut Split)) -> Rejection {
    let mut splits = default_splits();
    splits.retain(|split| split.charge_kind != ChargeKind::service_order());
    splits.insert(1, order_split(change));
    decide(&[], publish(table(month(4), splits), OWNER, None)).unwrap_err()
}

#[test]
fn a_share_rule_is_refused_for_its_parties() {
    let yen = |party, yen| (party, Money::jpy(yen));
    assert_eq!(
        refused(|split| split.fixed = vec![yen(Party::Promoter, 1), yen(Party::Promoter, 2)]),
        Rejection::DuplicateParty { split: 1, list: List::Fixed, part: 1, party: Party::Promoter }
    );
    assert_eq!(
        refused(|split| split.caps = vec![yen(Party::Promoter, 1); MOST_PARTS + 1]),
        Rejection::TooManyParts { split: 1, list: List::Caps, parts: MOST_PARTS + 1, most: MOST_PARTS }
    );
    assert_eq!(
        refused(|split| split.fixed = vec![yen(Party::DataProvider, 1)]),
        Rejection::NoProviderToShareWith { split: 1 }
    );
    assert_eq!(
        refused(|split| split.residual = Party::DataProvider),
        Rejection::NoProviderToShareWith { split: 1 }
    );
    assert_eq!(
        refused(|split| split.fixed = vec![yen(Party::Promoter, -1)]),
        Rejection::NegativeAmount { split: 1, list: List::Fixed, part: 0 }
    );
}

#[test]
fn a_share_rule_is_refused_for_an_amount_that_is_too_high() {
    let amount = Money::jpy(MOST_AMOUNT + 1);
    let too_high = |list| Rejection::AmountTooHigh { split: 1, list, part: 0, amount };
    let (vendor, part) = (Party::Vendor, vec![(Party::Vendor, amount)]);
    assert_eq!(refused(|split| split.fixed = part.clone()), too_high(List::Fixed));
    assert_eq!(refused(|split| split.minimums = part.clone()), too_high(List::Minimums));
    assert_eq!(refused(|split| split.caps = part.clone()), too_high(List::Caps));
    let most = order_split(|split| split.caps = vec![(vendor, Money::jpy(MOST_AMOUNT))]);
    assert!(decide(&[], publish(table(month(4), vec![most]), OWNER, None)).is_ok());
}

#[test]
fn a_share_rule_is_refused_for_its_percentages() {
    for (texts, sum) in [(["85", "14.999999999"], "99.999999999"), (["85", "15.1"], "100.1")] {
        let [vendor, base] = texts.map(percent);
        assert_eq!(
            refused(|split| split.percentages = vec![(Party::Vendor, vendor), (Party::BaseOperator, base)]),
            Rejection::PercentagesNotHundred { split: 1, sum: percent(sum) }
        );
    }
    assert_eq!(
        refused(|split| split.percentages.clear()),
        Rejection::PercentagesNotHundred { split: 1, sum: Decimal::ZERO }
    );
    for text in ["0", "-1", "100.5"] {
        assert_eq!(
            refused(|split| split.percentages = vec![(Party::Vendor, percent(text))]),
            Rejection::PercentageOutOfRange { split: 1, part: 0, percent: percent(text) }
        );
    }
}

#[test]
fn a_share_rule_is_refused_for_its_bounds() {
    let bound = |party, yen| vec![(party, Money::jpy(yen))];
    assert_eq!(
        refused(|split| split.minimums = bound(Party::BaseOperator, 5)),
        Rejection::BoundOfResidual { split: 1, list: List::Minimums, part: 0 }
    );
    assert_eq!(
        refused(|split| split.caps = bound(Party::InstitutionsPool, 5)),
        Rejection::BoundWithoutPart { split: 1, list: List::Caps, part: 0, party: Party::InstitutionsPool }
    );
    assert_eq!(
        refused(|split| {
            split.minimums = bound(Party::Vendor, 6);
            split.caps = bound(Party::Vendor, 5);
        }),
        Rejection::MinimumAboveCap { split: 1, part: 0, party: Party::Vendor }
    );
}

#[test]
fn a_share_rule_is_refused_for_its_data_fee() {
    for text in ["0", "-3", "101"] {
        assert_eq!(
            refused(|split| split.data_fee = Some(percent(text))),
            Rejection::DataFeeOutOfRange { split: 1, percent: percent(text) }
        );
    }
    assert_eq!(
        refused(|split| {
            split.data_fee = Some(percent("5"));
            split.percentages = vec![(Party::Promoter, Decimal::HUNDRED)];
        }),
        Rejection::DataFeeWithoutVendor { split: 1 }
    );
    assert_eq!(
        refused(|split| {
            split.data_fee = Some(percent("5"));
            split.charge_kind = ChargeKind::data_fee();
            split.with_provider = Some(false);
        }),
        Rejection::DataFeeOfDataFee { split: 1 }
    );
    let only_provided =
        |split: &Split| split.charge_kind != ChargeKind::data_fee() || split.with_provider == Some(true);
    let mut splits = vec![order_split(|split| split.data_fee = Some(percent("5")))];
    splits.extend(
        default_splits()
            .into_iter()
            .filter(|split| split.charge_kind == ChargeKind::data_fee() && only_provided(split)),
    );
    assert_eq!(
        decide(&[], publish(table(month(4), splits.clone()), OWNER, None)),
        Err(Rejection::DataFeeNotSplit { split: 0 })
    );
    splits[0].with_provider = Some(true);
    assert!(decide(&[], publish(table(month(4), splits), OWNER, None)).is_ok());
}

#[test]
fn only_what_was_published_can_be_revised() {
    let revise = |table| match publish(table, OWNER, None) {
        Command::PublishShareRule(command) | Command::ReviseShareRule(command) => {
            Command::ReviseShareRule(command)
        }
    };
    let (first, second) = (table(month(4), default_splits()), table(month(6), default_splits()));
    assert_eq!(
        decide(&[], revise(first.clone())),
        Err(Rejection::NotPublishable(NotPublishable::NotPublished))
    );
    assert_eq!(decide(&[published(1, first)], revise(second.clone())), Ok(vec![published(2, second)]));
}

fn dealt_with(charge_kind: ChargeKind, issuer: Dealer, collector: Dealer) -> ChargeTerms {
    ChargeTerms { charge_kind, issuer, collector, treatment: PayoutTreatment::Resale }
}

#[test]
fn charges_are_dealt_with_as_usual_unless_listed() {
    let listed = dealt_with(ChargeKind::data_usage(), Dealer::BaseOperator, Dealer::Promoter);
    let table = SplitTable { charges: vec![listed.clone()], ..table(month(4), default_splits()) };
    assert_eq!(decide(&[], publish(table.clone(), OWNER, None)), Ok(vec![published(1, table.clone())]));
    assert_eq!(table.terms_for(&ChargeKind::data_usage()), listed);
    for (charge_kind, treatment) in [
        (ChargeKind::contract_fee(), PayoutTreatment::Resale),
        (ChargeKind::service_order(), PayoutTreatment::Agency),
        (ChargeKind::recruitment_request(), PayoutTreatment::Agency),
        (ChargeKind::recruitment_enrolment(), PayoutTreatment::Agency),
        (ChargeKind::public_funding(), PayoutTreatment::Grant),
        (ChargeKind::new("something-else").unwrap(), PayoutTreatment::Resale),
    ] {
        let usual = dealt_with(charge_kind.clone(), Dealer::Promoter, Dealer::Promoter);
        assert_eq!(table.terms_for(&charge_kind), ChargeTerms { treatment, ..usual });
    }
}

#[test]
fn a_share_rule_is_refused_for_its_charges() {
    let usual = |name: &str| ChargeTerms::usual(ChargeKind::new(name).unwrap());
    let too_many = (0..=MOST_CHARGES).map(|number| usual(&format!("charge-{number}"))).collect();
    for (charges, rejection) in [
        (too_many, Rejection::TooManyCharges { charges: MOST_CHARGES + 1, most: MOST_CHARGES }),
        (
            vec![usual("data-usage"), usual("data-fee"), usual("data-usage")],
            Rejection::DuplicateCharge { charge: 2, first: 0 },
        ),
        (
            vec![dealt_with(ChargeKind::data_usage(), Dealer::Vendor, Dealer::Promoter)],
            Rejection::NoVendorToDealWith { charge: 0 },
        ),
        (
            vec![
                dealt_with(ChargeKind::service_order(), Dealer::Vendor, Dealer::Vendor),
                dealt_with(ChargeKind::contract_fee(), Dealer::Promoter, Dealer::Vendor),
            ],
            Rejection::NoVendorToDealWith { charge: 1 },
        ),
    ] {
        let table = SplitTable { charges, ..table(month(4), default_splits()) };
        assert_eq!(decide(&[], publish(table, OWNER, None)), Err(rejection));
    }
}
