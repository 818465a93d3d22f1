//! Versions of price books and share rules in requests: read, and refused, in one way, whether they are to be
//! published or only asked about. The field that holds the version is named by the caller, so that a refusal says
//! `version.items[2]` of a publication and `what_if.prices.items[2]` of a question.

use domain::{
    price_book::{self, BandDefect, PriceList, billed_by_default},
    share_rule::{self, SplitTable},
    time::Month,
    version::NotPublishable,
};
use events::finance_form;
use proto::kiban::finance::v1 as wire;

use crate::{error::Refusal, reason::Reason};

/// The prices of the field `field`; whether they may be published is not asked. That they name no verdicts means
/// the usual ones.
pub fn prices(field: &str, version: Option<&wire::PriceBookVersion>) -> Result<PriceList, Refusal> {
    let version = version.ok_or_else(|| missing(field))?;
    check_unnumbered(field, version.version)?;
    let mut prices = finance_form::price_list(version).map_err(|error| error.within(field))?;
    if prices.billed_verdicts.is_empty() {
        prices.billed_verdicts = billed_by_default();
    }
    Ok(prices)
}

/// The splits of the field `field`; whether they may be published is not asked.
pub fn shares(field: &str, version: Option<&wire::ShareRuleVersion>) -> Result<SplitTable, Refusal> {
    let version = version.ok_or_else(|| missing(field))?;
    check_unnumbered(field, version.version)?;
    Ok(finance_form::split_table(version).map_err(|error| error.within(field))?)
}

/// Prices of the field `field` that may not be published.
pub fn prices_refused(field: &str, rejection: price_book::Rejection) -> Refusal {
    use price_book::Rejection as R;
    let message = rejection.to_string();
    let item_field = |item: usize, rest: &str| format!("{field}.items[{item}]{rest}");
    match rejection {
        R::NotPublishable(why) => not_publishable(field, why),
        R::NoItems | R::TooManyItems { .. } => {
            Refusal::field(Reason::InvalidField, format!("{field}.items"), message)
        }
        R::DuplicateItem { item, first } => {
            Refusal::field(Reason::DuplicateEntry, item_field(item, ""), message).with("first", first)
        }
        R::OtherCurrency { item, .. } => {
            Refusal::field(Reason::CurrencyMismatch, item_field(item, ".model"), message)
        }
        R::NegativePrice { item } => {
            Refusal::field(Reason::NegativeAmount, item_field(item, ".model"), message)
        }
        R::TooHigh { item, .. } => {
            Refusal::field(Reason::AmountOutOfRange, item_field(item, ".model"), message)
        }
        R::PackageWithoutSize { item, .. } => {
            Refusal::field(Reason::InvalidPackage, item_field(item, ".model.package.size"), message)
        }
        R::Bands { item, model, defect } => {
            let (reason, band) = band_defect(defect);
            Refusal::field(reason, item_field(item, &format!(".model.{model}.bands{band}")), message)
        }
    }
}

/// Splits of the field `field` that may not be published.
pub fn shares_refused(field: &str, rejection: share_rule::Rejection) -> Refusal {
    use share_rule::Rejection as R;
    let message = rejection.to_string();
    let split_field = |split: usize, rest: &str| format!("{field}.splits[{split}]{rest}");
    let part_field = |split: usize, list: share_rule::List, part: usize, rest: &str| {
        format!("{field}.splits[{split}].{list}[{part}]{rest}")
    };
    let charge_field = |charge: usize| format!("{field}.charges[{charge}]");
    let (reason, field) = match rejection {
        R::NotPublishable(why) => return not_publishable(field, why),
        R::NoSplits | R::TooManySplits { .. } => (Reason::InvalidField, format!("{field}.splits")),
        R::DuplicateSplit { split, first } => {
            let field = split_field(split, "");
            return Refusal::field(Reason::DuplicateEntry, field, message).with("first", first);
        }
        R::TooManyParts { split, list, .. } => {
            (Reason::InvalidField, split_field(split, &format!(".{list}")))
        }
        R::DuplicateParty { split, list, part, .. } => {
            (Reason::DuplicateEntry, part_field(split, list, part, ".party"))
        }
        R::NoProviderToShareWith { split } => (Reason::NoDataProvider, split_field(split, ".provider_scope")),
        R::NegativeAmount { split, list, part } => {
            (Reason::NegativeAmount, part_field(split, list, part, ".amount"))
        }
        R::AmountTooHigh { split, list, part, .. } => {
            (Reason::AmountOutOfRange, part_field(split, list, part, ".amount"))
        }
        R::PercentageOutOfRange { split, part, .. } => {
            let list = share_rule::List::Percentages;
            (Reason::InvalidPercentage, part_field(split, list, part, ".percentage"))
        }
        R::PercentagesNotHundred { split, .. } => {
            (Reason::PercentagesNotHundred, split_field(split, ".percentages"))
        }
        R::BoundWithoutPart { split, list, part, .. } | R::BoundOfResidual { split, list, part } => {
            (Reason::InvalidBound, part_field(split, list, part, ".party"))
        }
        R::MinimumAboveCap { split, part, .. } => {
            (Reason::InvalidBound, part_field(split, share_rule::List::Minimums, part, ".amount"))
        }
        R::DataFeeOutOfRange { split, .. } => {
            (Reason::InvalidPercentage, split_field(split, ".data_fee_percentage"))
        }
        R::DataFeeWithoutVendor { split } | R::DataFeeOfDataFee { split } | R::DataFeeNotSplit { split } => {
            (Reason::InvalidDataFee, split_field(split, ".data_fee_percentage"))
        }
        R::TooManyCharges { .. } => (Reason::InvalidField, format!("{field}.charges")),
        R::DuplicateCharge { charge, first } => {
            return Refusal::field(Reason::DuplicateEntry, charge_field(charge), message)
                .with("first", first);
        }
        R::NoVendorToDealWith { charge } => (Reason::NoVendor, charge_field(charge)),
    };
    Refusal::field(reason, field, message)
}

/// A month that an issuer has closed.
pub fn in_closed_period(field: &str, closed_through: Month, message: String) -> Refusal {
    Refusal::field(Reason::PeriodClosed, field, message).with("closed_through", closed_through)
}

/// Why bands are refused, and the rest of the path of the field.
fn band_defect(defect: BandDefect) -> (Reason, String) {
    match defect {
        BandDefect::NoBands => (Reason::InvalidBands, String::new()),
        BandDefect::TooManyBands { .. } => (Reason::InvalidField, String::new()),
        BandDefect::NegativePrice { band } => (Reason::NegativeAmount, format!("[{band}]")),
        BandDefect::TooHigh { band, .. } => (Reason::AmountOutOfRange, format!("[{band}]")),
        BandDefect::OpenBeforeLast { band }
        | BandDefect::LastNotOpen { band }
        | BandDefect::NotAscending { band, .. } => (Reason::InvalidBands, format!("[{band}].up_to")),
    }
}

fn not_publishable(field: &str, why: NotPublishable) -> Refusal {
    let message = why.to_string();
    match why {
        NotPublishable::NotPublished => Refusal::new(Reason::NotFound, message),
        NotPublishable::NotOwner { owner } => Refusal::new(Reason::NotYours, message).with("owner", owner),
        NotPublishable::StartInClosedPeriod { closed_through, .. } => {
            in_closed_period(&format!("{field}.start"), closed_through, message)
        }
        NotPublishable::TooManyVersions { most } => {
            Refusal::new(Reason::TooManyVersions, message).with("most", most)
        }
    }
}

/// A caller who numbers a version thinks that it knows which one is next; it may be wrong.
fn check_unnumbered(field: &str, number: u32) -> Result<(), Refusal> {
    if number == 0 {
        return Ok(());
    }
    Err(Refusal::invalid(format!("{field}.version"), "must be 0: the number is given by Kiban"))
}

fn missing(field: &str) -> Refusal {
    Refusal::invalid(field, "is missing")
}
