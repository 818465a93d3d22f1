//! What a contract is at an instant.

use super::*;

fn in_force(contract: &Contract, instant: Timestamp) -> (u32, String, u32) {
    match contract.standing_at(instant) {
        Standing::InForce { segment, tier, terms, quota_period } => {
            assert_eq!((tier, segment), (&terms.tier, quota_period.segment));
            (segment, tier.to_string(), quota_period.contract_year)
        }
        other => panic!("at {instant} the contract is {other:?}"),
    }
}

#[test]
fn nothing_is_in_force_before_every_party_has_signed() {
    for commands in [
        vec![],
        vec![apply()],
        vec![apply(), approve()],
        vec![apply(), reject()],
        vec![apply(), approve(), offer(), sign(pharma(), now())],
    ] {
        let contract = given(commands);
        for instant in [Timestamp::MIN, start(), end(), Timestamp::MAX] {
            assert_eq!(contract.standing_at(instant), Standing::NotActive(NotActive::NotSigned));
        }
        assert_eq!(contract.timeline(), None);
    }
}

#[test]
fn the_term_is_half_open_and_ends_without_any_event() {
    let contract = given(signed());
    let not_yet = Standing::NotActive(NotActive::NotYet { starts_at: start() });
    assert_eq!(contract.standing_at(plus(start(), -1)), not_yet);
    assert_eq!(in_force(&contract, start()), (0, "basic".to_owned(), 0));
    assert_eq!(in_force(&contract, plus(end(), -1)), (0, "basic".to_owned(), 1));
    assert_eq!(contract.standing_at(end()), Standing::Expired { since: end() });
    let recorded = given(signed_and([expire(end())]));
    assert_eq!(recorded.standing_at(end()), Standing::Expired { since: end() });
    assert_eq!(in_force(&recorded, start()), (0, "basic".to_owned(), 0));
}

#[test]
fn a_tier_change_starts_a_segment_and_a_renewal_one_if_the_tier_changes() {
    let (may, june) = (on(date(2026, 5, 1)), on(date(2026, 6, 1)));
    let (renewed, last) = (on(date(2029, 4, 1)), on(date(2030, 4, 1)));
    let to_basic = Terms { term: Term::new(renewed, last).unwrap(), ..terms() };
    let contract = given(signed_and([
        change_tier("premium", june, may),
        renew(Renewal::SameTerms { ends_at: renewed }, may),
        renew(Renewal::NewTerms(Box::new(to_basic)), may),
    ]));
    let premium = |year| (1, "premium".to_owned(), year);
    assert_eq!(in_force(&contract, plus(june, -1)), (0, "basic".to_owned(), 0));
    assert_eq!(in_force(&contract, june), premium(0));
    assert_eq!(in_force(&contract, on(date(2027, 4, 1))), premium(1));
    assert_eq!(in_force(&contract, end()), premium(2));
    assert_eq!(in_force(&contract, renewed), (2, "basic".to_owned(), 3));
    assert_eq!(contract.standing_at(last), Standing::Expired { since: last });
    let timeline = contract.timeline().unwrap();
    assert_eq!(timeline.terms_at(june).unwrap().terms.quotas, quotas(500));
    assert_eq!(timeline.terms_at(renewed).unwrap().terms.quotas, quotas(100));
    assert_eq!((timeline.terms_at(now()), timeline.terms_at(last)), (None, None));
}

#[test]
fn pauses_and_terminations_are_remembered() {
    let (may, june, july) = (on(date(2026, 5, 1)), on(date(2026, 6, 1)), on(date(2026, 7, 1)));
    let contract = given(signed_and([pause(may), resume(june), terminate(july, june)]));
    let paused = Standing::NotActive(NotActive::Paused { since: may });
    assert_eq!(in_force(&contract, plus(may, -1)).0, 0);
    assert_eq!(contract.standing_at(may), paused);
    assert_eq!(contract.standing_at(plus(june, -1)), paused);
    assert_eq!(in_force(&contract, june).0, 0);
    assert_eq!(contract.standing_at(july), Standing::Terminated { since: july });
    assert_eq!(contract.standing_at(end()), Standing::Terminated { since: july });
    assert_eq!(contract.timeline().unwrap().terms_at(may).unwrap().segment, 0);
    assert_eq!(contract.timeline().unwrap().ends_at(), Some(july));
    // Ended before it began.
    let contract = given(signed_and([terminate(now(), now())]));
    assert_eq!(contract.standing_at(start()), Standing::Terminated { since: now() });
}

#[test]
fn contract_years_start_on_anniversaries_of_activation_in_tokyo() {
    let leap_day = plus(on(date(2028, 2, 29)), 3 * 3_600_000_000);
    let term = Term::new(leap_day, on(date(2034, 1, 1))).unwrap();
    let mut offer = offer_of(terms());
    offer.terms.term = term;
    let contract = given(vec![
        apply(),
        approve(),
        Command::OfferContract(offer),
        sign(pharma(), now()),
        sign(promoter(), now()),
    ]);
    for (year, anniversary) in
        [(1, date(2029, 3, 1)), (2, date(2030, 3, 1)), (3, date(2031, 3, 1)), (4, date(2032, 2, 29))]
    {
        assert_eq!(in_force(&contract, plus(on(anniversary), -1)).2, year - 1, "{anniversary}");
        assert_eq!(in_force(&contract, on(anniversary)).2, year, "{anniversary}");
    }
}

#[test]
fn the_status_resolves_every_deadline() {
    let (may, june, july) = (on(date(2026, 5, 1)), on(date(2026, 6, 1)), on(date(2026, 7, 1)));
    let offered = || vec![apply(), approve(), offer()];
    for (commands, at, expected) in [
        (vec![], now(), Status::Vacant),
        (vec![apply()], now(), Status::Applied),
        (vec![apply(), reject()], now(), Status::Rejected),
        (vec![apply(), approve()], may, Status::Approved),
        (vec![apply(), approve()], june, Status::Lapsed),
        (offered(), may, Status::Offered),
        (offered(), june, Status::Lapsed),
        (signed(), now(), Status::NotYetInForce),
        (signed(), june, Status::Active),
        (signed(), end(), Status::Expired),
        (signed_and([pause(june)]), june, Status::Paused),
        (signed_and([terminate(july, june)]), june, Status::Active),
        (signed_and([terminate(july, june)]), july, Status::Terminated),
    ] {
        assert_eq!(given(commands.clone()).status(at), expected, "{commands:?} at {at}");
    }
}

#[test]
fn quotas_bound_the_two_analyses_alone() {
    use crate::terms::Right;
    let quotas = quotas(100);
    assert_eq!(quotas.of(Right::Browse), None);
    assert_eq!(quotas.of(Right::Export), None);
    assert_eq!(quotas.of(Right::DetailedAnalysis), Some(Quota::NONE));
    let simple = quotas.of(Right::SimpleAnalysis).unwrap();
    assert!(simple.cases_per_year.admits(100) && !simple.cases_per_year.admits(101));
    assert!(simple.max_cases_per_run.admits(u64::MAX));
    assert!(Quota::UNLIMITED.cases_per_year.admits(u64::MAX));
    assert!(!Quota::NONE.max_cases_per_run.admits(1));
}
