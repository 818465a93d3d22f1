//! Whatever is asked of a listing, in whichever order.

use proptest::prelude::*;

use super::super::*;
use super::fixture::*;
use crate::{contract::Status, id::OrganisationId};

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![3 => Just(Status::Active), 1 => Just(Status::Paused), 1 => Just(Status::Expired)]
}

fn organisation() -> impl Strategy<Value = OrganisationId> {
    prop_oneof![Just(VENDOR), Just(MEMBER), Just(OTHER)]
}

fn command() -> impl Strategy<Value = Command> {
    let contents = (1u32..4, any::<bool>()).prop_map(|(minimum_quantity, same_kind)| {
        let attributes = if same_kind { omics() } else { archive() };
        ListingContent { minimum_quantity, attributes, ..content() }
    });
    prop_oneof![
        (status(), contents.clone()).prop_map(|(status, content)| {
            Command::ListService(ListService { contract: contract(status), content, ..list() })
        }),
        (organisation(), status(), contents).prop_map(|(by, status, content)| {
            Command::ReviseService(ReviseService { by, contract: contract(status), ..revise(content) })
        }),
        organisation().prop_map(|by| Command::WithdrawService(WithdrawService { by, ..withdraw() })),
        (organisation(), status(), 0i64..4).prop_map(|(viewer, status, half_days)| {
            let mut view = view(viewer, at(half_days * DAY / 2));
            view.contract.status = status;
            Command::ViewService(view)
        }),
    ]
}

fn is_active(command: &Command) -> bool {
    match command {
        Command::ListService(command) => command.contract.status == Status::Active,
        Command::ReviseService(command) => command.contract.status == Status::Active,
        Command::ViewService(command) => command.contract.status == Status::Active,
        Command::WithdrawService(_) => true,
    }
}

proptest! {
    #[test]
    fn what_is_offered_is_the_vendors_and_stands_on_a_contract_in_force(
        commands in proptest::collection::vec(command(), 0..20),
    ) {
        let mut state = Listing::default();
        for command in commands {
            let before = state.clone();
            let Ok(events) = Listing::decide(&before, command.clone()) else { continue };
            state = events.iter().fold(state, Listing::evolve);
            prop_assert!(events.is_empty() || is_active(&command), "nothing happens without a contract");
            prop_assert_eq!(Listing::decide(&state, command), Ok(vec![]), "the same again is already so");
            if let (Some(was), Some(is)) = (before.content(), state.content()) {
                prop_assert_eq!((was.kind(), &was.code), (is.kind(), &is.code));
            }
            let own_view = state.listed().is_some_and(|listed| listed.viewed.contains_key(&listed.vendor));
            prop_assert!(!own_view, "a vendor is no viewer of its own");
            let revived = before.withdrawal().is_some() && state.is_listed();
            prop_assert!(!revived, "what was withdrawn stays so");
        }
    }
}
