//! The price book: versioned data, published over the wire. The amounts are made up.

use engine::Role;
use proto::kiban::{
    common::v1::{Money, Right},
    finance::v1::{
        Band, CreatePriceBookRequest, Graduated, Package, PriceBookVersion, PriceItem, PriceModel,
        RevisePriceBookRequest, Volume, price_model::Model,
    },
};
use tonic::Code;

use crate::demo::{
    actors::{Cast, Part},
    calendar::START,
    checks,
    error::DemoError,
    stage::{Expected, Stage},
};

/// The month from which the second version counts.
pub(super) const REVISED_FROM: &str = "2026-10";

/// What a contract costs in a year, by tier.
pub(super) const YEARLY_FEES: [(&str, i64); 8] = [
    ("standard", 12_000_000),
    ("premium", 30_000_000),
    ("pilot", 500_000),
    ("diagnostic", 6_000_000),
    ("start-up", 120_000),
    ("vendor", 1_000_000),
    ("investor", 3_000_000),
    ("supply", 0),
];
/// What an application in the expedited lane costs.
pub(super) const EXPEDITED: i64 = 300_000;
/// What a request for recruitment costs once it is approved.
pub(super) const RECRUITMENT_REQUEST: i64 = 600_000;
/// What each enrolment costs.
pub(super) const ENROLMENT: i64 = 240_000;

/// What the contracts name.
#[derive(Debug, Clone)]
pub(super) struct Published {
    /// prb_…
    pub(super) price_book: String,
    /// shr_…
    pub(super) share_rule: String,
}

/// Publishes the first version of the prices: prb_….
pub(super) async fn publish(stage: &mut Stage, cast: &Cast) -> Result<String, DemoError> {
    let promoter = cast.session(stage, Part::Promoter, Role::Finance);
    let request = CreatePriceBookRequest {
        command_id: "price-book".into(),
        validate_only: false,
        version: Some(prices(START, false)),
    };
    let created = promoter.finance().create_price_book(request).await;
    Ok(stage.done("publishing the price book", created)?.price_book_id)
}

/// Publishes the second version of the prices; first one that would start in a closed month is refused.
pub(super) async fn revise(stage: &mut Stage, cast: &Cast, published: &Published) -> Result<(), DemoError> {
    let promoter = cast.session(stage, Part::Promoter, Role::Finance);
    let request = |command_id: &str, start: &str| RevisePriceBookRequest {
        command_id: command_id.into(),
        validate_only: false,
        expected_revision: None,
        price_book_id: published.price_book.clone(),
        version: Some(prices(start, true)),
    };
    let outcome = promoter.finance().revise_price_book(request("price-book-back", "2026-05")).await;
    let expected = Expected::new(Code::FailedPrecondition, "PERIOD_CLOSED");
    stage.refused(cast.of(Part::Promoter).name, "change the prices of a closed month", expected, outcome);

    let outcome = promoter.finance().revise_price_book(request("price-book-2", REVISED_FROM)).await;
    let revised = stage.done("publishing the second version of the prices", outcome)?;
    let text = format!("the second version of the prices counts from {REVISED_FROM}");
    stage.check(checks::CONTRACTS, revised.version == 2, text);
    Ok(())
}

/// All prices. From the second version on detailed analyses are cheaper.
fn prices(start: &str, revised: bool) -> PriceBookVersion {
    let mut items = fees();
    items.extend(usage(revised));
    items.extend(data_fees());
    items.extend(of_occasions());
    PriceBookVersion {
        version: 0,
        name: "標準価格表 FY2026".into(),
        currency_code: "JPY".into(),
        start: start.into(),
        items,
        billed_verdicts: vec![],
    }
}

/// Yearly fees by tier.
fn fees() -> Vec<PriceItem> {
    YEARLY_FEES
        .into_iter()
        .map(|(tier, amount)| item("contract-fee", tier, "", Right::Unspecified, Model::Flat(yen(amount))))
        .collect()
}

/// Views by the piece, analyses in bands; tumours of which there are few cases cost more.
fn usage(revised: bool) -> Vec<PriceItem> {
    use Right::{Browse, DetailedAnalysis, SimpleAnalysis};
    let detailed = if revised { ["1656", "1380", "1104"] } else { ["1800", "1500", "1200"] };
    let [first, second, third] = detailed;
    let kind = "data-usage";
    vec![
        item(kind, "", "", Browse, per_unit("60")),
        item(kind, "premium", "", Browse, per_unit("37.5")),
        item(
            kind,
            "",
            "",
            SimpleAnalysis,
            graduated(&[("2000", "300", 0), ("8000", "240", 0), ("", "180", 0)]),
        ),
        item(kind, "", "wgs-rare", SimpleAnalysis, graduated(&[("300", "420", 0), ("", "337.5", 0)])),
        item(
            kind,
            "premium",
            "",
            SimpleAnalysis,
            graduated(&[("3000", "220", 0), ("10000", "172.5", 0), ("", "127.5", 0)]),
        ),
        item(kind, "", "cohort", SimpleAnalysis, per_unit("150")),
        item(
            kind,
            "",
            "",
            DetailedAnalysis,
            graduated(&[("500", first, 100_000), ("2000", second, 0), ("", third, 0)]),
        ),
        item(kind, "premium", "", DetailedAnalysis, graduated(&[("800", second, 0), ("", third, 0)])),
        item(kind, "premium", "liquid-biopsy", DetailedAnalysis, per_unit("2400")),
        item(
            kind,
            "diagnostic",
            "",
            SimpleAnalysis,
            volume(&[("100", "300", 0), ("500", "240", 0), ("", "180", 0)]),
        ),
        item(kind, "diagnostic", "", DetailedAnalysis, package("50", 80_000)),
    ]
}

/// What a vendor pays for using data of the base in its services.
fn data_fees() -> Vec<PriceItem> {
    let kind = "data-fee";
    vec![
        item(kind, "vendor", "", Right::Browse, per_unit("20")),
        item(kind, "vendor", "", Right::SimpleAnalysis, graduated(&[("3000", "90", 0), ("", "62.5", 0)])),
    ]
}

/// What falls due when something happens: an expedited application, an approved recruitment, an enrolment.
fn of_occasions() -> Vec<PriceItem> {
    let kinds = [
        ("expedited-review", EXPEDITED),
        ("recruitment-request", RECRUITMENT_REQUEST),
        ("recruitment-enrolment", ENROLMENT),
    ];
    let occasion =
        |(kind, price): (&str, i64)| item(kind, "", "", Right::Unspecified, per_unit(&price.to_string()));
    kinds.into_iter().map(occasion).collect()
}

fn item(charge_kind: &str, tier: &str, class: &str, right: Right, model: Model) -> PriceItem {
    PriceItem {
        charge_kind: charge_kind.into(),
        tier: tier.into(),
        dataset_class: class.into(),
        right: right.into(),
        model: Some(PriceModel { model: Some(model) }),
    }
}

fn per_unit(price: &str) -> Model {
    Model::PerUnit(price.into())
}

fn graduated(of: &[(&str, &str, i64)]) -> Model {
    Model::Graduated(Graduated { bands: bands(of) })
}

fn volume(of: &[(&str, &str, i64)]) -> Model {
    Model::Volume(Volume { bands: bands(of) })
}

fn package(size: &str, price: i64) -> Model {
    Model::Package(Package { size: size.into(), price: Some(yen(price)) })
}

/// Bands by their end, price and the amount for entering them; nothing is charged for entering at 0.
fn bands(bands: &[(&str, &str, i64)]) -> Vec<Band> {
    let band = |(up_to, price, flat): &(&str, &str, i64)| Band {
        up_to: (*up_to).into(),
        unit_price: (*price).into(),
        flat: (*flat != 0).then(|| yen(*flat)),
    };
    bands.iter().map(band).collect()
}

/// So many yen.
pub(super) fn yen(minor_units: i64) -> Money {
    Money { currency_code: "JPY".into(), minor_units }
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::finance_form::price_list;

    #[test]
    fn what_is_published_can_be_read() {
        for revised in [false, true] {
            assert_eq!(price_list(&prices(START, revised)).unwrap().items.len(), 24);
        }
    }
}
