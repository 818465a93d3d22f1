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

/// The commands up to the last signature of a contract that pays no fee for paused days.
fn signed_by_days(further: impl IntoIterator<Item = Command>) -> Vec<Command> {
    let offer = offer_of(Terms { paused_fees: PausedFees::ByDays, ..terms() });
    let making =
        [apply(), approve(), Command::OfferContract(offer), sign(pharma(), now()), sign(promoter(), now())];
    making.into_iter().chain(further).collect()
}

#[test]
fn a_pause_changes_no_fee_unless_the_terms_say_so() {
    let (june, july) = (on(date(2026, 6, 1)), on(date(2026, 7, 1)));
    check_fees(signed_and([pause(june), resume(july)]), july, &[FIRST]);
}

#[test]
fn the_days_of_a_pause_are_given_back_when_it_ends() {
    let (june, july) = (date(2026, 6, 1), date(2026, 7, 1));
    let (paused_at, resumed_at) = (plus(on(june), DAY / 2), plus(on(july), DAY / 3));
    let commands = || signed_by_days([pause(paused_at), resume(resumed_at)]);
    let credit = (july, "basic", Sign::Credit, june, july, 30, 365);
    check_fees(commands(), plus(resumed_at, -1), &[FIRST]);
    check_fees(commands(), resumed_at, &[FIRST, credit]);
    let contract = given(commands());
    let lines = contract.timeline().unwrap().fee_instalments(resumed_at);
    let last = lines.last().unwrap();
    assert_eq!((last.charged_at, last.priced_at), (resumed_at, start()));
    assert_eq!((last.occasion, lines[0].occasion), (Occasion::Pause, Occasion::Year));
    // A pause that is resumed on its date has no day, and one that goes on has none yet.
    let on_a_date = signed_by_days([pause(paused_at), resume(plus(paused_at, DAY / 4))]);
    check_fees(on_a_date, Timestamp::MAX, &[FIRST, SECOND]);
    check_fees(signed_by_days([pause(paused_at)]), plus(on(Y1), -1), &[FIRST]);
}

#[test]
fn a_pause_over_a_new_year_gives_back_of_both_years_at_their_prices() {
    let (march, may) = (date(2027, 3, 2), date(2027, 5, 2));
    check_fees(
        signed_by_days([pause(on(march)), resume(on(may))]),
        on(may),
        &[
            FIRST,
            SECOND,
            (may, "basic", Sign::Credit, march, Y1, 30, 365),
            (may, "basic", Sign::Credit, Y1, may, 31, 366),
        ],
    );
}

#[test]
fn a_tier_that_changes_during_a_pause_is_given_back_from_its_change_on() {
    let (june, july, august) = (date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1));
    let commands = [pause(on(june)), change_tier("premium", on(july), on(june)), resume(on(august))];
    check_fees(
        signed_by_days(commands),
        on(august),
        &[
            FIRST,
            (july, "basic", Sign::Credit, july, Y1, 274, 365),
            (july, "premium", Sign::Charge, july, Y1, 274, 365),
            (august, "basic", Sign::Credit, june, july, 30, 365),
            (august, "premium", Sign::Credit, july, august, 31, 365),
        ],
    );
}

#[test]
fn a_pause_that_is_never_resumed_is_given_back_in_the_last_instant_of_the_contract() {
    let pause_from = date(2028, 3, 2);
    let last_day = date(2028, 3, 31);
    let commands = || signed_by_days([pause(on(pause_from))]);
    check_fees(commands(), plus(end(), -1), &[FIRST, SECOND]);
    let credit = (last_day, "basic", Sign::Credit, pause_from, Y2, 30, 366);
    check_fees(commands(), end(), &[FIRST, SECOND, credit]);
    // An early end at noon: its date belongs to the pause, and nothing is paid back for the days after it.
    let ends_at = plus(on(date(2026, 6, 3)), DAY / 2);
    let paused_at = on(date(2026, 6, 1));
    check_fees(
        signed_by_days([pause(paused_at), terminate(ends_at, paused_at)]),
        ends_at,
        &[FIRST, (date(2026, 6, 3), "basic", Sign::Credit, date(2026, 6, 1), date(2026, 6, 4), 3, 365)],
    );
}

#[test]
fn a_renewal_may_treat_pauses_otherwise() {
    let (march, may, last) = (date(2028, 3, 2), date(2028, 5, 1), date(2029, 4, 1));
    let renewed = Terms { term: Term::new(end(), on(last)).unwrap(), ..terms() };
    check_fees(
        signed_by_days([
            pause(on(march)),
            renew(Renewal::NewTerms(Box::new(renewed)), on(march)),
            resume(on(may)),
        ]),
        on(may),
        &[
            FIRST,
            SECOND,
            (Y2, "basic", Sign::Charge, Y2, last, 365, 365),
            (may, "basic", Sign::Credit, march, Y2, 30, 366),
        ],
    );
}
