//! Every way in which a version can be wrong, and the reason and the field that are named.

mod support;

use proto::kiban::finance::v1::{finance_service_server::FinanceService, *};
use support::*;
use tonic::Code;

fn with_item(model: Option<PriceModel>) -> PriceBookVersion {
    let mut version = prices("2026-04");
    version.items[1].model = model;
    version
}

fn with_book(change: impl FnOnce(&mut PriceBookVersion)) -> PriceBookVersion {
    let mut version = prices("2026-04");
    change(&mut version);
    version
}

#[tokio::test]
async fn a_wrong_price_book_is_refused_with_its_field() {
    let World { finance, .. } = world().await;
    let bands = |bands: &[(&str, &str)]| with_item(graduated(bands));
    let volume = |bands: &[(&str, &str)]| with_item(volume(bands));
    let fifty_one = vec![("1", "1"); 51];
    let band = "version.items[1].model.graduated.bands";
    let table = vec![
        (with_book(|book| book.version = 1), "INVALID_FIELD", "version.version".to_owned()),
        (
            with_book(|book| book.currency_code = "USD".into()),
            "INVALID_FIELD",
            "version.currency_code".into(),
        ),
        (with_book(|book| book.start = "April".into()), "INVALID_FIELD", "version.start".into()),
        (with_book(|book| book.items.clear()), "INVALID_FIELD", "version.items".into()),
        (
            with_book(|book| book.items = vec![book.items[0].clone(); 201]),
            "INVALID_FIELD",
            "version.items".into(),
        ),
        (
            with_book(|book| book.items.push(book.items[0].clone())),
            "DUPLICATE_ENTRY",
            "version.items[2]".into(),
        ),
        (
            with_book(|book| book.billed_verdicts.push(9)),
            "INVALID_FIELD",
            "version.billed_verdicts[1]".into(),
        ),
        (with_item(None), "INVALID_FIELD", "version.items[1].model".into()),
        (with_item(flat(-1)), "NEGATIVE_AMOUNT", "version.items[1].model".into()),
        (bands(&[]), "INVALID_BANDS", band.into()),
        (bands(&fifty_one), "INVALID_FIELD", band.into()),
        (bands(&[("100", "50"), ("100", "40"), ("", "30")]), "INVALID_BANDS", format!("{band}[1].up_to")),
        (bands(&[("100", "50"), ("99.5", "40"), ("", "30")]), "INVALID_BANDS", format!("{band}[1].up_to")),
        (bands(&[("0", "50"), ("", "30")]), "INVALID_BANDS", format!("{band}[0].up_to")),
        (bands(&[("", "50"), ("100", "30")]), "INVALID_BANDS", format!("{band}[0].up_to")),
        (bands(&[("10", "50"), ("100", "30")]), "INVALID_BANDS", format!("{band}[1].up_to")),
        (bands(&[("10", "50"), ("", "-30")]), "NEGATIVE_AMOUNT", format!("{band}[1]")),
        (volume(&[]), "INVALID_BANDS", "version.items[1].model.volume.bands".into()),
        (
            volume(&[("10", "50"), ("100", "30")]),
            "INVALID_BANDS",
            "version.items[1].model.volume.bands[1].up_to".into(),
        ),
        (with_item(package("0", 900)), "INVALID_PACKAGE", "version.items[1].model.package.size".into()),
        (with_item(package("ten", 900)), "INVALID_FIELD", "version.items[1].model.package.size".into()),
        (with_item(package("10", -1)), "NEGATIVE_AMOUNT", "version.items[1].model".into()),
        (bands(&[("1e2", "50"), ("", "30")]), "INVALID_FIELD", format!("{band}[0].up_to")),
        (bands(&[("10", "50"), ("", "30,5")]), "INVALID_FIELD", format!("{band}[1].unit_price")),
    ];
    for (version, reason, field) in table {
        let answer = finance.create_price_book(by(PROMOTER, create_book("a", version))).await;
        assert_eq!(refused(answer), (Code::InvalidArgument, reason.into(), vec![field]));
    }
    let nothing = CreatePriceBookRequest { version: None, ..create_book("a", prices("2026-04")) };
    let answer = finance.create_price_book(by(PROMOTER, nothing)).await;
    assert_eq!(refused(answer).2, ["version"]);
}

fn charge(charge_kind: &str, issuer: PartyRole) -> ChargeTerms {
    ChargeTerms { charge_kind: charge_kind.into(), issuer: issuer.into(), ..Default::default() }
}

/// Shares of which the split at index 1, of service orders, is changed.
fn with_split(change: impl FnOnce(&mut Split)) -> ShareRuleVersion {
    let mut version = shares("2026-04");
    change(&mut version.splits[1]);
    version
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "a table of refusals")]
async fn a_wrong_share_rule_is_refused_with_its_field() {
    use PartyRole::{BaseOperator, DataProvider, InstitutionsPool, Promoter, Vendor};
    let World { finance, .. } = world().await;
    let percentages = |list: &[(PartyRole, &str)]| {
        let list = list.iter().map(|(party, percentage)| percent(*party, percentage)).collect();
        with_split(|split| split.percentages = list)
    };
    let fee = |percentage: &str| with_split(|split| split.data_fee_percentage = percentage.into());
    let whole = |change: fn(&mut ShareRuleVersion)| {
        let mut version = shares("2026-04");
        change(&mut version);
        version
    };
    let table = vec![
        (whole(|rule| rule.splits.clear()), "INVALID_FIELD", "version.splits"),
        (
            whole(|rule| rule.charges = vec![charge("data-usage", Promoter); 2]),
            "DUPLICATE_ENTRY",
            "version.charges[1]",
        ),
        (
            whole(|rule| {
                rule.charges = (0..101).map(|number| charge(&format!("charge-{number}"), Promoter)).collect();
            }),
            "INVALID_FIELD",
            "version.charges",
        ),
        (
            whole(|rule| rule.charges = vec![charge("service-order", Vendor), charge("data-usage", Vendor)]),
            "NO_VENDOR",
            "version.charges[1]",
        ),
        (
            whole(|rule| rule.charges = vec![charge("service-order", InstitutionsPool)]),
            "INVALID_FIELD",
            "version.charges[0].issuer",
        ),
        (whole(|rule| rule.splits = vec![rule.splits[0].clone(); 101]), "INVALID_FIELD", "version.splits"),
        (whole(|rule| rule.splits.push(rule.splits[0].clone())), "DUPLICATE_ENTRY", "version.splits[2]"),
        (
            percentages(&[(Vendor, "87.5"), (BaseOperator, "12.4")]),
            "PERCENTAGES_NOT_HUNDRED",
            "version.splits[1].percentages",
        ),
        (
            percentages(&[(Vendor, "100"), (BaseOperator, "0")]),
            "INVALID_PERCENTAGE",
            "version.splits[1].percentages[1].percentage",
        ),
        (
            percentages(&[(Vendor, "101"), (BaseOperator, "-1")]),
            "INVALID_PERCENTAGE",
            "version.splits[1].percentages[0].percentage",
        ),
        (
            percentages(&[(Vendor, "87.5%"), (BaseOperator, "12.5")]),
            "INVALID_FIELD",
            "version.splits[1].percentages[0].percentage",
        ),
        (
            percentages(&[(Vendor, "50"), (Vendor, "50")]),
            "DUPLICATE_ENTRY",
            "version.splits[1].percentages[1].party",
        ),
        (
            percentages(&[(Vendor, "50"), (PartyRole::Unspecified, "50")]),
            "INVALID_FIELD",
            "version.splits[1].percentages[1].party.role",
        ),
        (
            percentages(&[(Vendor, "50"), (DataProvider, "50")]),
            "NO_DATA_PROVIDER",
            "version.splits[1].provider_scope",
        ),
        (
            with_split(|split| split.fixed = vec![amount(Promoter, 1); 21]),
            "INVALID_FIELD",
            "version.splits[1].fixed",
        ),
        (
            with_split(|split| split.fixed = vec![amount(Promoter, -1)]),
            "NEGATIVE_AMOUNT",
            "version.splits[1].fixed[0].amount",
        ),
        (
            with_split(|split| split.caps = vec![amount(BaseOperator, 5)]),
            "INVALID_BOUND",
            "version.splits[1].caps[0].party",
        ),
        (
            with_split(|split| split.minimums.push(amount(InstitutionsPool, 5))),
            "INVALID_BOUND",
            "version.splits[1].minimums[1].party",
        ),
        (
            with_split(|split| split.caps = vec![amount(Vendor, 9)]),
            "INVALID_BOUND",
            "version.splits[1].minimums[0].amount",
        ),
        (with_split(|split| split.residual = None), "INVALID_FIELD", "version.splits[1].residual"),
        (with_split(|split| split.provider_scope = 0), "INVALID_FIELD", "version.splits[1].provider_scope"),
        (fee("0"), "INVALID_PERCENTAGE", "version.splits[1].data_fee_percentage"),
        (fee("five"), "INVALID_FIELD", "version.splits[1].data_fee_percentage"),
        (
            whole(|rule| drop(rule.splits.remove(0))),
            "INVALID_DATA_FEE",
            "version.splits[0].data_fee_percentage",
        ),
    ];
    for (version, reason, field) in table {
        let answer = finance.create_share_rule(by(BASE, create_rule("a", version))).await;
        assert_eq!(refused(answer), (Code::InvalidArgument, reason.into(), vec![field.into()]));
    }
    let numbered = ShareRuleVersion { version: 2, ..shares("2026-04") };
    let answer = finance.create_share_rule(by(BASE, create_rule("a", numbered))).await;
    assert_eq!(refused(answer).2, ["version.version"]);
}

#[tokio::test]
async fn a_mistyped_amount_is_refused_with_the_item_that_has_it() {
    let World { finance, .. } = world().await;
    let expected = |field: &str| {
        let field = format!("version.{field}");
        (Code::FailedPrecondition, "AMOUNT_OUT_OF_RANGE".to_owned(), vec![field])
    };
    let mut flat_band = graduated(&[("10", "50"), ("", "30")]);
    if let Some(price_model::Model::Graduated(Graduated { bands })) =
        flat_band.as_mut().and_then(|model| model.model.as_mut())
    {
        bands[0].flat = Some(yen(1_000_000_000_001));
    }
    for (model, field) in [
        (flat(i64::MAX), "items[1].model"),
        (package("1", 1_000_000_001), "items[1].model"),
        (graduated(&[("10", "50"), ("", "1000000001")]), "items[1].model.graduated.bands[1]"),
        (volume(&[("10", "999999999999999999"), ("", "30")]), "items[1].model.volume.bands[0]"),
        (flat_band, "items[1].model.graduated.bands[0]"),
    ] {
        let answer = finance.create_price_book(by(PROMOTER, create_book("a", with_item(model)))).await;
        assert_eq!(refused(answer), expected(field));
    }
    let too_much = || vec![amount(PartyRole::Vendor, 1_000_000_000_001)];
    for (version, field) in [
        (with_split(|split| split.fixed = too_much()), "splits[1].fixed[0].amount"),
        (with_split(|split| split.minimums = too_much()), "splits[1].minimums[0].amount"),
        (with_split(|split| split.caps = too_much()), "splits[1].caps[0].amount"),
    ] {
        let answer = finance.create_share_rule(by(BASE, create_rule("a", version))).await;
        assert_eq!(refused(answer), expected(field));
    }
}
