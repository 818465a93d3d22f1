//! Price books, share rules, closed periods, credits and public funding.

use std::collections::BTreeSet;

use domain::{
    credit::{CreditGranted, Event as Credit},
    funding::{Event as Funding, FundingAgreed},
    id::{CreditId, FundingId, PriceBookId, ShareRuleId},
    period::{Event as Period, PeriodClosed},
    price_book::{Band, Event as PriceBook, PriceBookPublished, PriceItem, PriceKey, PriceList, PriceModel},
    share_rule::{
        ChargeTerms, Dealer, Event as ShareRule, Party, PayoutTreatment, ShareRulePublished, Split,
        SplitTable, default_splits,
    },
    terms::{ChargeKind, Right, Verdict},
    time::Month,
};
use events::Event;
use money::{Currency, Decimal, Money};

use super::{BASE_OPERATOR, CONTRACT, INSTITUTION, MEMBER, PROMOTER, at};

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
        rule_with_charges().into(),
        Period::PeriodClosed(closed).into(),
        credit().into(),
        funding().into(),
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
            item("", "", None, PriceModel::Graduated { bands: bands.clone() }),
            item("premium", "", None, PriceModel::Volume { bands }),
            item(
                "",
                "controlled",
                None,
                PriceModel::Package { size: decimal("12.5"), price: Money::jpy(900) },
            ),
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

/// How charges are dealt with, in every way.
fn rule_with_charges() -> ShareRule {
    let terms = |charge_kind, issuer, treatment| ChargeTerms {
        charge_kind,
        issuer,
        collector: Dealer::Promoter,
        treatment,
    };
    let ShareRule::ShareRulePublished(published) = rule_published(3, vec![everything_at_once()]);
    let charges = vec![
        terms(ChargeKind::service_order(), Dealer::Vendor, PayoutTreatment::Agency),
        terms(ChargeKind::data_usage(), Dealer::BaseOperator, PayoutTreatment::Resale),
        terms(ChargeKind::public_funding(), Dealer::Promoter, PayoutTreatment::Grant),
    ];
    let table = SplitTable { charges, ..published.table };
    ShareRule::ShareRulePublished(ShareRulePublished { table, ..published })
}

fn credit() -> Credit {
    Credit::CreditGranted(CreditGranted {
        id: CreditId::from_u128(20),
        contract: CONTRACT,
        member: MEMBER,
        charge_kind: ChargeKind::publication_incentive(),
        amount: Money::jpy(300_000),
        month: april(),
        reason: "六か月の早期公開".parse().unwrap(),
        granted_by: BASE_OPERATOR,
        at: at(31),
    })
}

fn funding() -> Funding {
    Funding::FundingAgreed(FundingAgreed {
        id: FundingId::from_u128(21),
        funder: "文部科学省".parse().unwrap(),
        recipient: BASE_OPERATOR,
        amount: Money::jpy(500_000_000),
        start: april(),
        end: Month::new(2027, 4).unwrap(),
        reason: "運営費補助".parse().unwrap(),
        at: at(32),
    })
}

fn rule_published(version: u32, splits: Vec<Split>) -> ShareRule {
    ShareRule::ShareRulePublished(ShareRulePublished {
        id: ShareRuleId::from_u128(9),
        version,
        table: SplitTable { name: "配分".parse().unwrap(), start: april(), splits, charges: vec![] },
        published_by: BASE_OPERATOR,
        at: at(4),
    })
}
