//! Whatever is sent in whatever order, a contract stays sound.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A command, to be sent so many hours after the one before; effects and ends lie some days ahead.
fn any_command() -> impl Strategy<Value = (u8, i64, i64)> {
    (0..14u8, 0..2_000i64, -2..500i64)
}

fn command((which, _, days): (u8, i64, i64), at: Timestamp, last_end: Timestamp) -> Command {
    let ahead = plus(at, days * DAY / 2);
    match which {
        0 => Command::ApplyForContract(ApplyForContract { at, ..application() }),
        1 => Command::ApproveContract(ApproveContract { at, valid_until: ahead, ..approval() }),
        2 => Command::RejectContract(RejectContract { at, ..rejection() }),
        3 => {
            let term = Term::new(at, plus(ahead, 3 * DAY)).unwrap();
            Command::OfferContract(OfferContract { at, ..offer_of(Terms { term, ..terms() }) })
        }
        4 => sign(pharma(), at),
        5 => sign(promoter(), at),
        6 => change_tier("premium", ahead, at),
        7 => change_tier("basic", ahead, at),
        8 => pause(at),
        9 => resume(at),
        10 => renew(Renewal::SameTerms { ends_at: ahead }, at),
        11 => match Term::new(last_end, plus(last_end, (days + 3) * DAY)) {
            Ok(term) => {
                renew(Renewal::NewTerms(Box::new(Terms { term, tier: tier("academic"), ..terms() })), at)
            }
            Err(_) => expire(at),
        },
        12 => terminate(ahead, at),
        _ => expire(at),
    }
}

/// Every accepted event, the state and the instant of the last command.
fn run(script: &[(u8, i64, i64)], from_signed: bool) -> (Vec<Event>, Contract, Timestamp) {
    let (mut events, mut state, mut at) = (vec![], Contract::default(), now());
    let mut send = |state: Contract, command: Command| match Contract::decide(&state, command) {
        Ok(new) => {
            let state = new.iter().fold(state, Contract::evolve);
            events.extend(new);
            state
        }
        Err(_) => state,
    };
    if from_signed {
        state = signed().into_iter().fold(state, &mut send);
    }
    for step in script {
        at = plus(at, step.1 * DAY / 24);
        let last_end = state.timeline().and_then(Timeline::term_ends_at).unwrap_or(at);
        let command = command(*step, at, last_end);
        state = send(state, command);
    }
    (events, state, at)
}

/// The same event, with terms by which paused days cost no fee.
fn by_days(event: &Event) -> Event {
    let mut event = event.clone();
    match &mut event {
        Event::ContractOffered(offered) => offered.terms.paused_fees = PausedFees::ByDays,
        Event::ContractRenewed(renewed) => {
            if let Some(terms) = &mut renewed.terms {
                terms.paused_fees = PausedFees::ByDays;
            }
        }
        _ => {}
    }
    event
}

fn is_settled(standing: Standing<'_>) -> bool {
    matches!(standing, Standing::Expired { .. } | Standing::Terminated { .. })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_contract_stays_sound(
        script in proptest::collection::vec(any_command(), 0..40),
        from_signed: bool,
        questions in proptest::collection::vec(-100..6_000i64, 1..20),
    ) {
        let (events, state, at) = run(&script, from_signed);
        let signed_by_all = state.agreement().is_some_and(Agreement::is_signed_by_all);
        prop_assert_eq!(state.stage() == Stage::Signed, signed_by_all);

        let mut timeline = Timeline::default();
        events.iter().for_each(|event| timeline.apply(event));
        if let Some(kept) = state.timeline() {
            prop_assert_eq!(kept, &timeline);
        }

        let starts: Vec<_> = timeline.phases().iter().map(|phase| (phase.starts_at, phase.segment)).collect();
        let ordered = starts.windows(2).all(|pair| {
            pair[0].0 < pair[1].0 && (pair[1].1 == pair[0].1 || pair[1].1 == pair[0].1 + 1)
        });
        prop_assert!(ordered, "{:?}", starts);
        let pauses = timeline.pauses();
        let apart = pauses.windows(2).all(|pair| pair[0].until.is_some_and(|until| until <= pair[1].from));
        prop_assert!(apart, "{:?}", pauses);

        for days in questions {
            let instant = plus(now(), days * DAY);
            let standing = state.standing_at(instant);
            prop_assert_eq!(standing, timeline.standing_at(instant));
            let stretch = timeline.stretch_at(instant);
            prop_assert_eq!(stretch.standing, standing);
            prop_assert!(stretch.from <= instant && stretch.until.is_none_or(|until| instant < until));
            prop_assert_eq!(timeline.stretch_at(stretch.from), stretch);
            if let Some(until) = stretch.until {
                prop_assert_eq!(timeline.stretch_at(plus(until, -1)), stretch);
            }
            match timeline.ends_at() {
                None => prop_assert_eq!(standing, Standing::NotActive(NotActive::NotSigned)),
                Some(ends_at) => prop_assert_eq!(is_settled(standing), ends_at <= instant),
            }
            if let Standing::InForce { terms, .. } = standing {
                prop_assert!(signed_by_all);
                prop_assert!(terms.term.starts_at() <= instant && instant < terms.term.ends_at());
            }
        }
        prop_assert!(timeline.fee_instalments(at).iter().all(|line| line.charged_at <= at && line.days > 0));
    }

    #[test]
    fn no_later_command_changes_what_was(
        script in proptest::collection::vec(any_command(), 1..30),
        cut in 0..30usize,
        days in 0..3_000i64,
    ) {
        let (_, before, at) = run(&script[..cut.min(script.len())], true);
        let (_, after, _) = run(&script, true);
        let past = plus(now(), days * DAY / 4);
        if past < at {
            prop_assert_eq!(before.standing_at(past), after.standing_at(past));
        }
        let due = |contract: &Contract| -> Vec<String> {
            let lines = contract.timeline().unwrap().fee_instalments(plus(at, -1));
            lines.iter().map(|line| format!("{line:?}")).collect()
        };
        prop_assert_eq!(due(&before), due(&after));
    }

    #[test]
    fn each_day_of_a_contract_is_paid_once_in_its_tier(
        script in proptest::collection::vec(any_command(), 0..30),
    ) {
        let (_, state, _) = run(&script, true);
        let timeline = state.timeline().unwrap();
        prop_assume!(timeline.terminated_at().is_none());
        let (activated_at, ends_at) = (timeline.activated_at().unwrap(), timeline.ends_at().unwrap());
        let mut paid: BTreeMap<Date, BTreeMap<String, i32>> = BTreeMap::new();
        for line in timeline.fee_instalments(Timestamp::MAX) {
            let mut day = line.from;
            while day < line.until {
                let times = paid.entry(day).or_default().entry(line.tier().to_string()).or_default();
                *times += if line.sign == Sign::Charge { 1 } else { -1 };
                day = day.tomorrow().unwrap();
            }
        }
        let mut day = activated_at.tokyo_date();
        while on(day) < ends_at {
            let tiers = paid.remove(&day).unwrap_or_default();
            prop_assert_eq!(tiers.values().sum::<i32>(), 1, "{}", day);
            prop_assert!(tiers.values().all(|times| (0..=1).contains(times)), "{} {:?}", day, tiers);
            day = day.tomorrow().unwrap();
        }
        prop_assert!(paid.is_empty(), "{:?}", paid);
    }

    #[test]
    fn what_is_charged_less_what_pauses_credit_is_the_days_without_a_pause(
        script in proptest::collection::vec(any_command(), 0..30),
    ) {
        let (events, _, _) = run(&script, true);
        let mut timeline = Timeline::default();
        events.iter().map(by_days).for_each(|event| timeline.apply(&event));
        let (activated_at, ends_at) = (timeline.activated_at().unwrap(), timeline.ends_at().unwrap());
        let first_date_after = plus(ends_at, -1).tokyo_date().tomorrow().unwrap();
        let is_paused = |day: Date| timeline.pauses().iter().any(|pause| {
            let resumed = pause.until.filter(|until| *until < ends_at);
            let until = resumed.map_or(first_date_after, Timestamp::tokyo_date);
            pause.from.tokyo_date() <= day && day < until
        });
        let mut paid: BTreeMap<Date, i32> = BTreeMap::new();
        for line in timeline.fee_instalments(Timestamp::MAX) {
            prop_assert_eq!(line.from.until(line.until).unwrap().get_days().unsigned_abs(), line.days);
            let mut day = line.from;
            while day < line.until {
                *paid.entry(day).or_default() += if line.sign == Sign::Charge { 1 } else { -1 };
                day = day.tomorrow().unwrap();
            }
        }
        let mut day = activated_at.tokyo_date();
        while activated_at < ends_at && day < first_date_after {
            let times = paid.remove(&day).unwrap_or_default();
            prop_assert_eq!(times, i32::from(!is_paused(day)), "{}", day);
            day = day.tomorrow().unwrap();
        }
        // What was paid in advance beyond an early end is not paid back.
        prop_assert!(paid.values().all(|times| *times == 1), "{:?}", paid);
        prop_assert!(timeline.terminated_at().is_some() || paid.is_empty(), "{:?}", paid);
    }
}
