//! Price books, share rules and closed periods.

use std::collections::BTreeSet;

use domain::{
    id::{PriceBookId, ShareRuleId},
    period::{Event as Period, PeriodClosed},
    price_book::{Band, Event as PriceBook, PriceBookPublished, PriceItem, PriceKey, PriceList, PriceModel},
    share_rule::{Event as ShareRule, Party, ShareRulePublished, Split, SplitTable, default_splits},
    terms::{ChargeKind, Right, Verdict},
    time::Month,
};
use events::Event;
use money::{Currency, Decimal, Money};

use super::{BASE_OPERATOR, INSTITUTION, PROMOTER, at};

pub(super) fn events() -> Vec<Event> {
    let closed = PeriodClosed { issuer: PROMOTER, month: april(), at: at(30) };
    vec![
        PriceBook::PriceBookPublished(PriceBookPublished {
            id: PriceBookId::from_u128(8),
            version: 1,
            prices: prices(),
            published_by: BASE_OPERATOR,
            at: at(3),
        })
        .into(),
        rule_published(1, default_splits()).into(),
        rule_published(2, vec![everything_at_once()]).into(),
        Period::PeriodClosed(closed).into(),
    ]
}

fn april() -> Month {
    Month::new(2026, 4).unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn prices() -> PriceList {
    let band = |up_to: Option<&str>, price: &str, flat: Option<i64>| Band {
        up_to: up_to.map(decimal),
        unit_price: decimal(price),
        flat: flat.map(Money::jpy),
    };
    let item = |tier: &str, class: &str, right, model| PriceItem {
        key: PriceKey {
            charge_kind: ChargeKind::data_usage(),
            tier: (!tier.is_empty()).then(|| tier.parse().unwrap()),
            dataset_class: (!class.is_empty()).then(|| class.parse().unwrap()),
            right,
        },
        model,
    };
    let bands =
        vec![band(Some("100"), "50", None), band(Some("1000.5"), "40", Some(0)), band(None, "0", None)];
    PriceList {
        name: "2026年度".parse().unwrap(),
        currency: Currency::Jpy,
        start: april(),
        items: vec![
            item("basic", "", None, PriceModel::Flat { amount: Money::jpy(1_000_000) }),
            item("", "open", Some(Right::Browse), PriceModel::PerUnit { price: decimal("0.25") }),
            item("", "", None, PriceModel::Graduated { bands }),
        ],
        billed_verdicts: BTreeSet::from([Verdict::InScope, Verdict::OverQuota]),
    }
}

fn everything_at_once() -> Split {
    let institution = Party::Organisation(INSTITUTION);
    Split {
        charge_kind: ChargeKind::service_order(),
        with_provider: Some(true),
        fixed: vec![(institution, Money::jpy(500))],
        percentages: vec![(Party::Vendor, decimal("87.5")), (Party::DataProvider, decimal("12.5"))],
        minimums: vec![(Party::Vendor, Money::jpy(10))],
        caps: vec![(Party::DataProvider, Money::jpy(1_000))],
        residual: Party::BaseOperator,
        data_fee: Some(decimal("5")),
    }
}

fn rule_published(version: u32, splits: Vec<Split>) -> ShareRule {
    ShareRule::ShareRulePublished(ShareRulePublished {
        id: ShareRuleId::from_u128(9),
        version,
        table: SplitTable { name: "配分".parse().unwrap(), start: april(), splits },
        published_by: BASE_OPERATOR,
        at: at(4),
    })
}
