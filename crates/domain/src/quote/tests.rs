//! Given, when, then: through `decide` and `fold` alone.

mod fixture;
mod property;

use fixture::*;
use money::Money;

use super::*;
use crate::{
    contract::{ContractKind, Status},
    fold,
    id::ContractId,
    listing::{InvalidContent, Listing, MOST_QUANTITY},
    milestone::InvalidMilestones,
    under_contract::NotCovered,
};

fn decide(given: &[Event], when: Command) -> Result<Vec<Event>, Rejection> {
    Quote::decide(&fold::<Quote>(given), when)
}

#[test]
fn a_member_asks_and_the_vendor_is_bound_by_each_of_its_quotes() {
    assert_eq!(decide(&[], Command::RequestQuote(request())), Ok(vec![requested()]));
    let mut history = vec![requested()];
    for (number, yen, until) in [(1, 900, 20), (2, 800, 10)] {
        let then = decide(&history, Command::SubmitQuote(submit(yen, until))).unwrap();
        assert_eq!(then, [submitted(number, yen, until)]);
        history.extend(then);
    }
    let quote = fold::<Quote>(&history);
    let price = |number| quote.quote(number).map(|quote| quote.offer.price);
    assert_eq!([0, 1, 2, 3].map(price), [None, Some(Money::jpy(900)), Some(Money::jpy(800)), None]);
    let binding = |now| quote.quotes().iter().map(|quote| quote.offer.binds(at(now))).collect::<Vec<_>>();
    assert_eq!([binding(9), binding(10), binding(20)], [[true, true], [true, false], [false, false]]);
    let stages = [0, 19, 20].map(|now| quote.stage(at(now)));
    assert_eq!(stages, [Some(Stage::Quoted), Some(Stage::Quoted), Some(Stage::Expired)]);
}

#[test]
fn a_vendor_that_has_not_quoted_may_decline() {
    assert_eq!(decide(&[requested()], Command::DeclineQuoteRequest(decline())), Ok(vec![declined()]));
    let quote = fold::<Quote>(&[requested(), declined()]);
    assert_eq!(quote.stage(at(0)), Some(Stage::Declined));
    assert_eq!(quote.declination().unwrap().reason.as_str(), "no capacity");
}

#[test]
fn what_is_so_already_is_not_said_again() {
    let withdrawn = RequestQuote { listing: withdrawn(), ..request() };
    let because = DeclineQuoteRequest { reason: "other".parse().unwrap(), ..decline() };
    for (given, when) in [
        (vec![requested()], Command::RequestQuote(withdrawn)),
        (vec![requested(), submitted(1, 900, 20)], Command::SubmitQuote(submit(900, 20))),
        (vec![requested(), declined()], Command::DeclineQuoteRequest(because)),
    ] {
        assert_eq!(decide(&given, when), Ok(vec![]));
    }
}

/// An order stands on the contract of its quote: the same offer under another contract is another quote.
#[test]
fn the_same_offer_under_another_contract_is_another_quote() {
    let other = ContractId::from_u128(77);
    let mut when = submit(900, 20);
    when.contract.id = other;
    let given = [requested(), submitted(1, 900, 20)];
    let then = decide(&given, Command::SubmitQuote(when.clone())).unwrap();
    let quote = fold::<Quote>(given.iter().chain(&then));
    let contracts: Vec<_> = quote.quotes().iter().map(|quote| (quote.number, quote.contract)).collect();
    assert_eq!(contracts, [(1, VENDORS), (2, other)]);
    let history = [given.to_vec(), then].concat();
    assert_eq!(decide(&history, Command::SubmitQuote(when)), Ok(vec![]));
}

#[test]
fn what_may_not_be_requested() {
    type Change = fn(&mut RequestQuote);
    let contract = MEMBERS;
    let cases: Vec<(Change, Rejection)> = vec![
        (
            |when| when.required_credentials = credentials(21),
            Rejection::TooManyCredentials { credentials: 21 },
        ),
        (|when| when.listing = Listing::Vacant, Rejection::NotListed { id: LISTING }),
        (|when| when.listing = withdrawn(), Rejection::NotListed { id: LISTING }),
        (|when| when.member = VENDOR, Rejection::OwnListing { organisation: VENDOR }),
        (|when| when.quantity = 7, Rejection::QuantityOutOfRange { quantity: 7, minimum: 8 }),
        (
            |when| when.quantity = MOST_QUANTITY + 1,
            Rejection::QuantityOutOfRange { quantity: MOST_QUANTITY + 1, minimum: 8 },
        ),
        (
            |when| when.contract.applicant = OTHER,
            NotCovered::NotOwn { contract, organisation: MEMBER }.into(),
        ),
        (
            |when| when.contract.kind = ContractKind::Investor,
            NotCovered::OtherKind { kind: ContractKind::Investor, needed: ContractKind::Member }.into(),
        ),
        (
            |when| when.contract.status = Status::Expired,
            NotCovered::NotInForce { contract, status: Status::Expired }.into(),
        ),
    ];
    for (change, then) in cases {
        let mut when = request();
        change(&mut when);
        assert_eq!(decide(&[], Command::RequestQuote(when)), Err(then));
    }
    let other = RequestQuote { quantity: 9, ..request() };
    let then = Rejection::AlreadyRequested { id: REQUEST };
    assert_eq!(decide(&[requested()], Command::RequestQuote(other)), Err(then));
}

#[test]
fn what_may_not_be_quoted() {
    let (id, status) = (REQUEST, Status::Terminated);
    let changed = |change: fn(&mut SubmitQuote)| {
        let mut when = submit(900, 20);
        change(&mut when);
        when
    };
    let full: Vec<Event> = (1..=40).map(|number| submitted(number, 900 + i64::from(number), 20)).collect();
    let cases = [
        (
            vec![requested()],
            changed(|when| when.offer.price = Money::jpy(1)),
            InvalidMilestones::MissPrice { price: Money::jpy(1) }.into(),
        ),
        (
            vec![requested()],
            changed(|when| when.offer.turnaround_days = 0),
            Rejection::InvalidTurnaround(InvalidContent::TurnaroundOutOfRange { days: 0 }),
        ),
        (
            vec![requested()],
            changed(|when| when.at = at(20)),
            Rejection::ExpiryPast { valid_until: at(20), at: at(20) },
        ),
        (vec![], submit(900, 20), Rejection::NotRequested),
        (
            vec![requested()],
            changed(|when| when.by = OTHER),
            Rejection::NotTheVendor { id, organisation: OTHER },
        ),
        (vec![requested(), declined()], submit(900, 20), Rejection::Declined { id }),
        (vec![requested()], changed(|when| when.listing = withdrawn()), Rejection::NotListed { id: LISTING }),
        (
            vec![requested()],
            changed(|when| when.contract.status = Status::Terminated),
            NotCovered::NotInForce { contract: VENDORS, status }.into(),
        ),
        ([vec![requested()], full].concat(), submit(900, 20), Rejection::TooManyQuotes),
    ];
    for (given, when, then) in cases {
        assert_eq!(decide(&given, Command::SubmitQuote(when)), Err(then));
    }
}

#[test]
fn what_may_not_be_declined() {
    let id = REQUEST;
    let others = DeclineQuoteRequest { by: OTHER, ..decline() };
    for (given, when, then) in [
        (vec![], decline(), Rejection::NotRequested),
        (vec![requested()], others, Rejection::NotTheVendor { id, organisation: OTHER }),
        (vec![requested(), submitted(1, 900, 20)], decline(), Rejection::AlreadyQuoted { id, quotes: 1 }),
    ] {
        assert_eq!(decide(&given, Command::DeclineQuoteRequest(when)), Err(then));
    }
}
