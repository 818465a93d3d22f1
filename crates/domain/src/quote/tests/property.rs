//! Whatever is asked of a request for a quote, in whichever order.

use money::Money;
use proptest::prelude::*;

use super::super::*;
use super::fixture::*;
use crate::contract::Status;

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![3 => Just(Status::Active), 1 => Just(Status::Paused)]
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        (status(), 6u32..12).prop_map(|(status, quantity)| {
            let mut when = RequestQuote { quantity, ..request() };
            when.contract.status = status;
            Command::RequestQuote(when)
        }),
        (status(), 200i64..205, 0i64..4, 0i64..4, -1i64..=1).prop_map(|(status, yen, until, now, off)| {
            let mut when = SubmitQuote { at: at(now), ..submit(yen, until) };
            when.contract.status = status;
            when.offer.price = Money::jpy(yen + off);
            Command::SubmitQuote(when)
        }),
        any::<bool>().prop_map(|own| {
            let by = if own { VENDOR } else { OTHER };
            Command::DeclineQuoteRequest(DeclineQuoteRequest { by, ..decline() })
        }),
    ]
}

proptest! {
    #[test]
    fn every_quote_is_numbered_whole_and_never_taken_back(
        commands in proptest::collection::vec(command(), 0..20),
    ) {
        let mut state = Quote::default();
        for command in commands {
            let before = state.quotes().to_vec();
            let Ok(events) = Quote::decide(&state, command.clone()) else { continue };
            state = events.iter().fold(state, Quote::evolve);
            prop_assert_eq!(Quote::decide(&state, command), Ok(vec![]), "the same again is already so");
            prop_assert!(state.quotes().starts_with(&before), "a quote binds");
            for (quote, number) in state.quotes().iter().zip(1..) {
                let parts = quote.offer.milestones.iter().map(|milestone| milestone.amount);
                prop_assert_eq!(Money::sum(quote.offer.price.currency(), parts), Ok(quote.offer.price));
                prop_assert_eq!(quote.number, number);
                prop_assert!(quote.offer.binds(quote.submitted_at), "it was of use when it was made");
            }
            prop_assert!(state.declination().is_none() || before.is_empty());
        }
    }
}
