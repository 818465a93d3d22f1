//! After the last signature.

use super::*;

fn changed(name: &str, effective_at: Timestamp, at: Timestamp) -> Event {
    Event::TierChanged(TierChanged { tier: tier(name), quotas: quotas(500), effective_at, at })
}

fn paused(effective_at: Timestamp) -> Event {
    Event::ContractPaused(ContractPaused { reason: reason(), effective_at })
}

fn resumed(effective_at: Timestamp) -> Event {
    Event::ContractResumed(ContractResumed { effective_at })
}

fn new_terms(until: Timestamp) -> Terms {
    Terms { tier: tier("premium"), term: Term::new(end(), until).unwrap(), ..terms() }
}

#[test]
fn tiers_change() {
    let (may, june) = (on(date(2026, 5, 1)), on(date(2026, 6, 1)));
    let to_premium = || signed_and([change_tier("premium", june, may)]);
    let same_quotas = |effective_at| {
        Command::ChangeTier(ChangeTier { tier: tier("basic"), quotas: quotas(100), effective_at, at: may })
    };
    check([
        (signed(), change_tier("premium", june, may), Ok(vec![changed("premium", june, may)])),
        (signed(), change_tier("premium", june, june), Ok(vec![changed("premium", june, june)])),
        (to_premium(), change_tier("premium", june, may), Ok(vec![])),
        (signed(), same_quotas(june), Ok(vec![])),
        (
            signed(),
            change_tier("premium", may, june),
            Err(Rejection::EffectiveInThePast { effective_at: may, now: june }),
        ),
        (
            signed(),
            change_tier("premium", plus(start(), -1), now()),
            Err(Rejection::EffectiveBeforeStart { effective_at: plus(start(), -1), starts_at: start() }),
        ),
        (
            signed(),
            change_tier("premium", end(), may),
            Err(Rejection::EffectiveAfterEnd { effective_at: end(), ends_at: end() }),
        ),
        (signed(), change_tier("basic", june, may), Err(Rejection::SameTier { tier: tier("basic") })),
        (
            to_premium(),
            change_tier("basic", june, may),
            Err(Rejection::LaterTermsStand { starts_at: june, effective_at: june }),
        ),
        (
            signed_and([terminate(june, may)]),
            change_tier("premium", june, may),
            Err(Rejection::EffectiveAfterEnd { effective_at: june, ends_at: june }),
        ),
        (
            signed_and([terminate(june, may)]),
            change_tier("premium", june, june),
            Err(Rejection::AlreadyTerminated { effective_at: june }),
        ),
        (signed(), change_tier("premium", end(), end()), Err(Rejection::Expired { since: end() })),
    ]);
}

#[test]
fn use_is_suspended_and_goes_on() {
    let (may, june) = (on(date(2026, 5, 1)), on(date(2026, 6, 1)));
    let was_paused = || signed_and([pause(may), resume(june)]);
    check([
        (signed(), pause(may), Ok(vec![paused(may)])),
        (signed_and([pause(may)]), pause(june), Ok(vec![])),
        (signed_and([pause(may)]), resume(june), Ok(vec![resumed(june)])),
        (signed(), resume(june), Ok(vec![])),
        (was_paused(), resume(june), Ok(vec![])),
        (was_paused(), pause(june), Ok(vec![paused(june)])),
        // A clock that went back.
        (was_paused(), pause(may), Ok(vec![paused(june)])),
        (signed_and([pause(june)]), resume(may), Ok(vec![resumed(june)])),
        (signed(), pause(now()), Err(Rejection::NotYetInForce { starts_at: start() })),
        (signed(), pause(end()), Err(Rejection::Expired { since: end() })),
        (signed_and([pause(may)]), resume(end()), Err(Rejection::Expired { since: end() })),
        (
            signed_and([pause(may), terminate(june, may)]),
            resume(june),
            Err(Rejection::AlreadyTerminated { effective_at: june }),
        ),
        (
            signed_and([terminate(june, may)]),
            pause(june),
            Err(Rejection::AlreadyTerminated { effective_at: june }),
        ),
    ]);
}

#[test]
fn contracts_are_renewed() {
    let (may, later) = (on(date(2026, 5, 1)), on(date(2029, 4, 1)));
    let same = |ends_at| Renewal::SameTerms { ends_at };
    let gap = Term::new(plus(end(), 1), later).unwrap();
    let beyond = Terms { purposes: purposes(&["marketing"]), ..new_terms(later) };
    let renewed = |terms| Event::ContractRenewed(ContractRenewed { ends_at: later, terms, at: may });
    check([
        (signed(), renew(same(later), may), Ok(vec![renewed(None)])),
        (
            signed(),
            renew(Renewal::NewTerms(Box::new(new_terms(later))), may),
            Ok(vec![renewed(Some(new_terms(later)))]),
        ),
        (signed_and([renew(same(later), may)]), renew(same(later), may), Ok(vec![])),
        (
            signed_and([renew(Renewal::NewTerms(Box::new(new_terms(later))), may)]),
            renew(Renewal::NewTerms(Box::new(new_terms(later))), may),
            Ok(vec![]),
        ),
        (
            signed(),
            renew(same(plus(end(), -1)), may),
            Err(Rejection::RenewalEndsTooEarly { ends_at: plus(end(), -1), term_ends_at: end() }),
        ),
        (
            signed(),
            renew(Renewal::NewTerms(Box::new(Terms { term: gap, ..terms() })), may),
            Err(Rejection::RenewalIsNotAdjacent { starts_at: gap.starts_at(), term_ends_at: end() }),
        ),
        (
            signed(),
            renew(Renewal::NewTerms(Box::new(beyond)), may),
            Err(Rejection::PurposeNotApproved { purpose: Purpose::new("marketing").unwrap() }),
        ),
        (signed(), renew(same(later), end()), Err(Rejection::Expired { since: end() })),
        (
            signed_and([terminate(later_than_may(), may)]),
            renew(same(later), may),
            Err(Rejection::AlreadyTerminated { effective_at: later_than_may() }),
        ),
    ]);
}

fn later_than_may() -> Timestamp {
    on(date(2026, 9, 1))
}

#[test]
fn contracts_are_terminated() {
    let (may, june) = (on(date(2026, 5, 1)), on(date(2026, 6, 1)));
    let terminated = |effective_at| {
        let event = ContractTerminated { by: pharma(), reason: reason(), effective_at, at: may };
        Event::ContractTerminated(event)
    };
    let by_stranger = TerminateContract { by: stranger(), reason: reason(), effective_at: june, at: may };
    check([
        (signed(), terminate(june, may), Ok(vec![terminated(june)])),
        (signed(), terminate(may, may), Ok(vec![terminated(may)])),
        (signed_and([pause(may)]), terminate(june, may), Ok(vec![terminated(june)])),
        (signed_and([terminate(june, may)]), terminate(june, may), Ok(vec![])),
        (
            signed_and([terminate(june, may)]),
            terminate(may, may),
            Err(Rejection::AlreadyTerminated { effective_at: june }),
        ),
        (signed(), terminate(may, june), Err(Rejection::EffectiveInThePast { effective_at: may, now: june })),
        (
            signed(),
            terminate(end(), may),
            Err(Rejection::EffectiveAfterEnd { effective_at: end(), ends_at: end() }),
        ),
        (signed(), terminate(end(), end()), Err(Rejection::Expired { since: end() })),
        (
            signed(),
            Command::TerminateContract(by_stranger),
            Err(Rejection::NotAParty { organisation: stranger() }),
        ),
    ]);
}

#[test]
fn the_end_of_the_term_is_recorded_once_and_not_before() {
    let june = on(date(2026, 6, 1));
    let before = plus(end(), -1);
    check([
        (
            signed(),
            expire(plus(end(), DAY)),
            Ok(vec![Event::ContractExpired(ContractExpired { effective_at: end() })]),
        ),
        (signed_and([expire(end())]), expire(end()), Ok(vec![])),
        (signed(), expire(before), Err(Rejection::NotYetExpired { ends_at: end(), now: before })),
        (
            signed_and([terminate(june, june)]),
            expire(end()),
            Err(Rejection::AlreadyTerminated { effective_at: june }),
        ),
        // Once it is recorded, a clock that went back brings nothing to life.
        (signed_and([expire(end())]), pause(june), Err(Rejection::Expired { since: end() })),
    ]);
}

#[test]
fn what_is_not_signed_has_no_life() {
    let offered = || vec![apply(), approve(), offer(), sign(pharma(), now())];
    let renewal = renew(Renewal::SameTerms { ends_at: end() }, now());
    for command in [
        change_tier("premium", start(), now()),
        pause(now()),
        resume(now()),
        renewal,
        terminate(start(), now()),
        expire(end()),
    ] {
        check([
            (vec![], command.clone(), Err(Rejection::NotSigned { stage: Stage::Vacant })),
            (offered(), command, Err(Rejection::NotSigned { stage: Stage::Offered })),
        ]);
    }
}
