//! Rejections of the domain as refusals on the wire, in one exhaustive match an aggregate.

use domain::{
    contract::ContractKind,
    credit, funding,
    organisation::Capacity,
    period,
    price_book::{self, BandDefect},
    share_rule,
    time::Month,
    version::NotPublishable,
};
use engine::{Failure, Reason, Refusal};

pub(crate) fn price_book(failure: Failure<price_book::Rejection>) -> Refusal {
    use price_book::Rejection as R;
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    let item_field = |item: usize, rest: &str| format!("version.items[{item}]{rest}");
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
        R::PackageWithoutSize { item, .. } => {
            Refusal::field(Reason::InvalidPackage, item_field(item, ".model.package.size"), message)
        }
        R::Bands { item, model, defect } => {
            let (reason, band) = band_defect(defect);
            Refusal::field(reason, item_field(item, &format!(".model.{model}.bands{band}")), message)
        }
    }
}

/// Why bands are refused, and the rest of the path of the field.
fn band_defect(defect: BandDefect) -> (Reason, String) {
    match defect {
        BandDefect::NoBands => (Reason::InvalidBands, String::new()),
        BandDefect::TooManyBands { .. } => (Reason::InvalidField, String::new()),
        BandDefect::NegativePrice { band } => (Reason::NegativeAmount, format!("[{band}]")),
        BandDefect::OpenBeforeLast { band }
        | BandDefect::LastNotOpen { band }
        | BandDefect::NotAscending { band, .. } => (Reason::InvalidBands, format!("[{band}].up_to")),
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
        R::TooManyCharges { .. } => (Reason::InvalidField, "version.charges".into()),
        R::DuplicateCharge { charge, first } => {
            let field = format!("version.charges[{charge}]");
            return Refusal::field(Reason::DuplicateEntry, field, message).with("first", first);
        }
        R::NoVendorToDealWith { charge } => (Reason::NoVendor, format!("version.charges[{charge}]")),
    };
    Refusal::field(reason, field, message)
}

pub(crate) fn credit(failure: Failure<credit::Rejection>) -> Refusal {
    use credit::Rejection as R;
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    match rejection {
        // The credit's id follows from the command id.
        R::AlreadyGranted { .. } => Refusal::field(Reason::CommandIdReused, "command_id", message),
        R::NotACredit { .. } => Refusal::field(Reason::NotACredit, "charge_kind", message),
        R::NotABaseOperator { .. } => not_a_base_operator(message),
        R::NothingGranted { .. } => Refusal::field(Reason::AmountNotPositive, "amount", message),
        R::NotAMember { .. } => Refusal::field(Reason::WrongContractKind, "contract_id", message)
            .with("needed", ContractKind::Member),
        R::NotYetInForce { .. } => Refusal::field(Reason::ContractNotInForce, "contract_id", message),
        R::BeforeContract { .. } | R::InTheFuture { .. } => {
            Refusal::field(Reason::MonthNotAllowed, "month", message)
        }
        R::InClosedPeriod { closed_through, .. } => in_closed_period("month", closed_through, message),
    }
}

pub(crate) fn funding(failure: Failure<funding::Rejection>) -> Refusal {
    use funding::Rejection as R;
    let rejection = match failure {
        Failure::Refused(refusal) => return refusal,
        Failure::Rejected(rejection) => rejection,
    };
    let message = rejection.to_string();
    match rejection {
        // The funding's id follows from the command id.
        R::AlreadyAgreed { .. } => Refusal::field(Reason::CommandIdReused, "command_id", message),
        R::NotABaseOperator { .. } => not_a_base_operator(message),
        R::NothingAgreed { .. } => Refusal::field(Reason::AmountNotPositive, "amount", message),
        R::NoMonth { .. } | R::TooManyMonths { .. } => Refusal::invalid("end", message),
        R::StartInClosedPeriod { closed_through, .. } => in_closed_period("start", closed_through, message),
    }
}

fn not_a_base_operator(message: String) -> Refusal {
    Refusal::new(Reason::CapacityRequired, message).with("capacity", Capacity::BaseOperator.as_str())
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
