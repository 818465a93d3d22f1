//! When the contract fee falls due.

use super::*;

/// An instalment as: due on, tier, sign, from, until, days, days of the year.
type Line = (Date, &'static str, Sign, Date, Date, u32, u32);

fn check_fees(commands: Vec<Command>, at: Timestamp, expected: &[Line]) {
    let contract = given(commands);
    let instalments = contract.timeline().unwrap().fee_instalments(at);
    let found: Vec<_> = instalments
        .iter()
        .map(|line| {
            let due = line.charged_at.tokyo_date();
            (due, line.tier().as_str(), line.sign, line.from, line.until, line.days, line.year_days)
        })
        .collect();
    assert_eq!(found, expected);
}

const Y0: Date = date(2026, 4, 1);
const Y1: Date = date(2027, 4, 1);
const Y2: Date = date(2028, 4, 1);
const FIRST: Line = (Y0, "basic", Sign::Charge, Y0, Y1, 365, 365);
const SECOND: Line = (Y1, "basic", Sign::Charge, Y1, Y2, 366, 366);

#[test]
fn a_year_is_charged_when_it_starts() {
    check_fees(signed(), plus(start(), -1), &[]);
    check_fees(signed(), start(), &[FIRST]);
    check_fees(signed(), plus(on(Y1), -1), &[FIRST]);
    check_fees(signed(), on(Y1), &[FIRST, SECOND]);
    check_fees(signed(), Timestamp::MAX, &[FIRST, SECOND]);
}

#[test]
fn a_tier_change_credits_the_old_tier_and_charges_the_new_one_by_days() {
    let change = date(2026, 7, 10);
    let at_noon = plus(on(change), DAY / 2);
    let commands = || signed_and([change_tier("premium", at_noon, start())]);
    check_fees(commands(), plus(at_noon, -1), &[FIRST]);
    check_fees(
        commands(),
        Timestamp::MAX,
        &[
            FIRST,
            (change, "basic", Sign::Credit, change, Y1, 265, 365),
            (change, "premium", Sign::Charge, change, Y1, 265, 365),
            (Y1, "premium", Sign::Charge, Y1, Y2, 366, 366),
        ],
    );
    let contract = given(commands());
    let lines = contract.timeline().unwrap().fee_instalments(Timestamp::MAX);
    let priced: Vec<_> =
        lines.iter().map(|line| (line.priced_at, line.segment, line.contract_year)).collect();
    assert_eq!(priced, [(start(), 0, 0), (start(), 0, 0), (at_noon, 1, 0), (on(Y1), 1, 1)]);
}

#[test]
fn two_changes_in_a_year_credit_only_what_is_left() {
    let (june, july) = (date(2026, 6, 1), date(2026, 7, 1));
    check_fees(
        signed_and([change_tier("premium", on(june), start()), change_tier("basic", on(july), on(june))]),
        on(july),
        &[
            FIRST,
            (june, "basic", Sign::Credit, june, Y1, 304, 365),
            (june, "premium", Sign::Charge, june, Y1, 304, 365),
            (july, "premium", Sign::Credit, july, Y1, 274, 365),
            (july, "basic", Sign::Charge, july, Y1, 274, 365),
        ],
    );
}

#[test]
fn a_change_on_an_anniversary_is_simply_the_next_years_tier() {
    check_fees(
        signed_and([change_tier("premium", on(Y1), start())]),
        Timestamp::MAX,
        &[FIRST, (Y1, "premium", Sign::Charge, Y1, Y2, 366, 366)],
    );
}

#[test]
fn nothing_is_charged_after_the_end_and_nothing_paid_back() {
    let change = on(date(2026, 12, 1));
    let ended = |effective_at| {
        signed_and([change_tier("premium", change, start()), terminate(effective_at, start())])
    };
    let credit = (date(2026, 12, 1), "basic", Sign::Credit, date(2026, 12, 1), Y1, 121, 365);
    let charge = (date(2026, 12, 1), "premium", Sign::Charge, date(2026, 12, 1), Y1, 121, 365);
    check_fees(signed_and([terminate(on(Y1), start())]), Timestamp::MAX, &[FIRST]);
    check_fees(ended(on(Y1)), Timestamp::MAX, &[FIRST, credit, charge]);
    check_fees(signed_and([terminate(now(), now())]), Timestamp::MAX, &[]);
    let cut_before_change =
        signed_and([change_tier("premium", change, start()), terminate(plus(start(), 1), start())]);
    check_fees(cut_before_change, Timestamp::MAX, &[FIRST]);
}

#[test]
fn a_term_that_ends_within_a_year_is_charged_by_days_and_its_renewal_the_rest() {
    let (stop, last) = (date(2027, 10, 1), date(2028, 10, 1));
    let term = Term::new(start(), on(stop)).unwrap();
    let commands = || {
        let offer = Command::OfferContract(offer_of(Terms { term, ..terms() }));
        vec![apply(), approve(), offer, sign(pharma(), now()), sign(promoter(), now())]
    };
    let part = (Y1, "basic", Sign::Charge, Y1, stop, 183, 366);
    check_fees(commands(), Timestamp::MAX, &[FIRST, part]);
    let mut renewed = commands();
    let term = Term::new(on(stop), on(last)).unwrap();
    renewed
        .push(renew(Renewal::NewTerms(Box::new(Terms { term, tier: tier("premium"), ..terms() })), start()));
    check_fees(
        renewed,
        Timestamp::MAX,
        &[
            FIRST,
            part,
            (stop, "premium", Sign::Charge, stop, Y2, 183, 366),
            (Y2, "premium", Sign::Charge, Y2, last, 183, 365),
        ],
    );
}

#[test]
fn a_day_that_two_terms_share_is_charged_once() {
    let stop = date(2027, 10, 1);
    let noon = plus(on(stop), DAY / 2);
    let offer = offer_of(Terms { term: Term::new(start(), noon).unwrap(), ..terms() });
    check_fees(
        vec![
            apply(),
            approve(),
            Command::OfferContract(offer),
            sign(pharma(), now()),
            sign(promoter(), now()),
            renew(Renewal::SameTerms { ends_at: end() }, start()),
        ],
        Timestamp::MAX,
        &[
            FIRST,
            (Y1, "basic", Sign::Charge, Y1, date(2027, 10, 2), 184, 366),
            (date(2027, 10, 2), "basic", Sign::Charge, date(2027, 10, 2), Y2, 182, 366),
        ],
    );
}
