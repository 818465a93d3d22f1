//! Rejections of the domain as refusals on the wire, in one exhaustive match an aggregate.

use domain::{period, price_book, share_rule, time::Month};
use engine::{Failure, Reason, Refusal};

pub(crate) fn price_book(failure: Failure<price_book::Rejection>) -> Refusal {
    use price_book::Rejection as R;
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    let item_field = |item: usize, rest: &str| format!("version.items[{item}]{rest}");
    let bands_field = |item: usize| item_field(item, ".model.graduated.bands");
    let band_field = |item: usize, band: usize, rest: &str| format!("{}[{band}]{rest}", bands_field(item));
    match rejection {
        R::NotPublishable(why) => not_publishable(why),
        R::NoItems | R::TooManyItems { .. } => Refusal::field(Reason::InvalidField, "version.items", message),
        R::DuplicateItem { item, first } => {
            Refusal::field(Reason::DuplicateEntry, item_field(item, ""), message).with("first", first)
        }
        R::OtherCurrency { item, .. } => {
            Refusal::field(Reason::CurrencyMismatch, item_field(item, ".model"), message)
        }
        R::NegativePrice { item } => {
            Refusal::field(Reason::NegativeAmount, item_field(item, ".model"), message)
        }
        R::NegativeBandPrice { item, band } => {
            Refusal::field(Reason::NegativeAmount, band_field(item, band, ""), message)
        }
        R::NoBands { item } => Refusal::field(Reason::InvalidBands, bands_field(item), message),
        R::TooManyBands { item, .. } => Refusal::field(Reason::InvalidField, bands_field(item), message),
        R::OpenBandBeforeLast { item, band }
        | R::LastBandNotOpen { item, band }
        | R::BandNotAscending { item, band, .. } => {
            Refusal::field(Reason::InvalidBands, band_field(item, band, ".up_to"), message)
        }
    }
}

pub(crate) fn share_rule(failure: Failure<share_rule::Rejection>) -> Refusal {
    use share_rule::Rejection as R;
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    let split_field = |split: usize, rest: &str| format!("version.splits[{split}]{rest}");
    let part_field = |split: usize, list: share_rule::List, part: usize, rest: &str| {
        format!("version.splits[{split}].{list}[{part}]{rest}")
    };
    let (reason, field) = match rejection {
        R::NotPublishable(why) => return not_publishable(why),
        R::NoSplits | R::TooManySplits { .. } => (Reason::InvalidField, "version.splits".into()),
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
    };
    Refusal::field(reason, field, message)
}

pub(crate) fn period(failure: Failure<period::Rejection>) -> Refusal {
    use period::Rejection as R;
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    match rejection {
        R::NotEnded { ends_at, .. } => {
            Refusal::field(Reason::PeriodNotEnded, "month", message).with("ends_at", ends_at)
        }
        R::OutOfOrder { next, .. } => {
            Refusal::field(Reason::PeriodOutOfOrder, "month", message).with("next", next)
        }
    }
}

fn not_publishable(why: NotPublishable) -> Refusal {
    let message = why.to_string();
    match why {
        NotPublishable::NotPublished => Refusal::new(Reason::NotFound, message),
        NotPublishable::NotOwner { owner } => Refusal::new(Reason::NotYours, message).with("owner", owner),
        NotPublishable::StartInClosedPeriod { closed_through, .. } => {
            in_closed_period("version.start", closed_through, message)
        }
        NotPublishable::TooManyVersions { most } => {
            Refusal::new(Reason::TooManyVersions, message).with("most", most)
        }
    }
}

fn in_closed_period(field: &str, closed_through: Month, message: String) -> Refusal {
    Refusal::field(Reason::PeriodClosed, field, message).with("closed_through", closed_through)
}
