//! Rejections of the domain as refusals on the wire, in one exhaustive match an aggregate.

use domain::{
    contract::ContractKind, credit, funding, organisation::Capacity, period, price_book, share_rule,
};
use engine::{
    Failure, Reason, Refusal,
    versions::{self, in_closed_period},
};

/// The field of a request that holds a version.
pub(crate) const VERSION: &str = "version";

pub(crate) fn price_book(failure: Failure<price_book::Rejection>) -> Refusal {
    match failure {
        Failure::Refused(refusal) => refusal,
        Failure::Rejected(rejection) => versions::prices_refused(VERSION, rejection),
    }
}

pub(crate) fn share_rule(failure: Failure<share_rule::Rejection>) -> Refusal {
    match failure {
        Failure::Refused(refusal) => refusal,
        Failure::Rejected(rejection) => versions::shares_refused(VERSION, rejection),
    }
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
        R::TooMuchGranted { .. } => Refusal::field(Reason::AmountOutOfRange, "amount", message),
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
        R::TooMuchAgreed { .. } => Refusal::field(Reason::AmountOutOfRange, "amount", message),
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
