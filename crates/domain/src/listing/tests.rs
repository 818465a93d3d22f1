//! Given, when, then: through `decide` and `fold` alone.

mod content;
mod fixture;
mod property;

use fixture::*;

use super::*;
use crate::{
    consortium::{Because, CannotSell, ConsortiumNow},
    contract::{ContractKind, Status},
    fold,
    id::ContractId,
    organisation::Capacity,
    under_contract::NotCovered,
    vendor_admission::{AdmissionMode, VendorAdmission},
};

fn decide(given: &[Event], when: Command) -> Result<Vec<Event>, Rejection> {
    Listing::decide(&fold::<Listing>(given), when)
}

#[test]
fn a_vendor_lists_under_its_participation_contract() {
    assert_eq!(decide(&[], Command::ListService(list())), Ok(vec![listed()]));
    let listing = fold::<Listing>(&[listed()]);
    assert!(listing.is_listed());
    assert_eq!(
        (listing.vendor(), listing.contract(), listing.consortium()),
        (Some(VENDOR), Some(CONTRACT), None)
    );
    assert_eq!(listing.content(), Some(&content()));
}

#[test]
fn a_formed_consortium_sells_through_its_lead() {
    let when = ListService { consortium: Some((CONSORTIUM, formed(VENDOR))), ..list() };
    let then = decide(&[], Command::ListService(when)).unwrap();
    assert_eq!(fold::<Listing>(&then).consortium(), Some(CONSORTIUM));
}

/// Who could sell when it joined need not be able to any more: each listing and each revision looks again.
#[test]
fn a_consortium_sells_only_what_every_member_may_sell() {
    let together = ListService { consortium: Some((CONSORTIUM, formed(VENDOR))), ..list() };
    let given = decide(&[], Command::ListService(together.clone())).unwrap();
    let revision = ReviseService {
        consortium: Some(formed(VENDOR)),
        ..revise(ListingContent { minimum_quantity: 9, ..content() })
    };
    assert_eq!(decide(&given, Command::ReviseService(revision.clone())).map(|events| events.len()), Ok(1));

    type Change = fn(&mut ConsortiumNow, &mut VendorAdmission);
    let kind = ServiceKind::OmicsAnalysis;
    let cases: [(Change, Because); 6] = [
        (
            |now, _| now.members.get_mut(&MEMBER).unwrap().contract.status = Status::Paused,
            Because::NotParticipating { status: Status::Paused },
        ),
        (
            |now, _| now.members.get_mut(&MEMBER).unwrap().contract.kind = ContractKind::Member,
            Because::NotParticipating { status: Status::Vacant },
        ),
        (
            |now, _| now.members.get_mut(&MEMBER).unwrap().contract.id = CONTRACT,
            Because::NotParticipating { status: Status::Vacant },
        ),
        (|now, _| drop(now.members.remove(&MEMBER)), Because::NotParticipating { status: Status::Vacant }),
        (|now, _| now.members.get_mut(&MEMBER).unwrap().capacities.clear(), Because::NotAVendor),
        (|_, admission| *admission = only(VENDOR), Because::NotAdmitted { kind }),
    ];
    for (change, because) in cases {
        let rejection = Rejection::MemberCannotSell(CannotSell { organisation: MEMBER, because });
        let mut when = together.clone();
        change(&mut when.consortium.as_mut().unwrap().1, &mut when.admission);
        assert_eq!(decide(&[], Command::ListService(when)), Err(rejection.clone()));
        let mut when = revision.clone();
        change(when.consortium.as_mut().unwrap(), &mut when.admission);
        assert_eq!(decide(&given, Command::ReviseService(when)), Err(rejection));
    }
    let alone = ReviseService { consortium: None, ..revision };
    let rejection = Rejection::ConsortiumNotFormed { id: CONSORTIUM };
    assert_eq!(decide(&given, Command::ReviseService(alone)), Err(rejection));
}

#[test]
fn what_is_so_already_is_not_said_again() {
    let ended = ListService { contract: contract(Status::Expired), ..list() };
    let because = WithdrawService { reason: "once more".parse().unwrap(), ..withdraw() };
    for (given, when) in [
        (vec![listed()], Command::ListService(ended)),
        (vec![listed()], Command::ReviseService(revise(content()))),
        (vec![listed(), withdrawn()], Command::WithdrawService(because)),
        (vec![listed(), viewed(MEMBER, at(0))], Command::ViewService(view(MEMBER, at(0)))),
    ] {
        assert_eq!(decide(&given, when), Ok(vec![]), "{given:?}");
    }
}

#[test]
fn a_revision_replaces_the_content_and_may_move_to_another_contract() {
    let other = ListingContent { title: "another title".parse().unwrap(), ..content() };
    let mut when = revise(other.clone());
    when.contract.id = ContractId::from_u128(77);
    let then = decide(&[listed()], Command::ReviseService(when)).unwrap();
    let listing = fold::<Listing>([listed()].iter().chain(&then));
    assert_eq!((listing.content(), listing.contract()), (Some(&other), Some(ContractId::from_u128(77))));
    assert_eq!(listing.listed().and_then(|listed| listed.revised_at), Some(NOW));
}

#[test]
fn a_view_counts_once_per_member_and_day_of_tokyo() {
    let given = [listed(), viewed(MEMBER, at(0))];
    let viewed_at = |viewer, micros| decide(&given, Command::ViewService(view(viewer, at(micros)))).unwrap();
    assert_eq!(viewed_at(MEMBER, DAY - NINE_HOURS - 1), vec![], "the last moment of the day in Tokyo");
    assert_eq!(viewed_at(MEMBER, DAY - NINE_HOURS), vec![viewed(MEMBER, at(DAY - NINE_HOURS))]);
    assert_eq!(viewed_at(OTHER, 1), vec![viewed(OTHER, at(1))]);
}

#[test]
fn withdrawing_ends_it_and_says_why() {
    let then = decide(&[listed()], Command::WithdrawService(withdraw()));
    assert_eq!(then, Ok(vec![withdrawn()]));
    let listing = fold::<Listing>(&[listed(), withdrawn()]);
    assert!(!listing.is_listed());
    assert_eq!(listing.withdrawal().unwrap().reason.as_str(), "sold out");
    assert_eq!(listing.content(), Some(&content()), "what was offered is still known");
}

#[test]
fn what_may_not_be_listed() {
    let changed = |change: fn(&mut ListService)| {
        let mut when = list();
        change(&mut when);
        (vec![], Command::ListService(when))
    };
    let organisation = VENDOR;
    let cases = [
        (
            changed(|when| when.content.minimum_quantity = 0),
            InvalidContent::MinimumOutOfRange { quantity: 0 }.into(),
        ),
        (
            changed(|when| when.vendor_capacities = [Capacity::Academic].into()),
            Rejection::NotAVendor { organisation },
        ),
        (
            changed(|when| when.contract.applicant = MEMBER),
            NotCovered::NotOwn { contract: CONTRACT, organisation }.into(),
        ),
        (
            changed(|when| when.contract.kind = ContractKind::Member),
            NotCovered::OtherKind { kind: ContractKind::Member, needed: ContractKind::VendorParticipation }
                .into(),
        ),
        (
            changed(|when| when.contract.status = Status::Paused),
            NotCovered::NotInForce { contract: CONTRACT, status: Status::Paused }.into(),
        ),
        (
            changed(|when| when.admission = only(MEMBER)),
            Rejection::NotAdmitted { organisation, kind: ServiceKind::OmicsAnalysis },
        ),
        (
            changed(|when| when.consortium = Some((CONSORTIUM, proposed(VENDOR)))),
            Rejection::ConsortiumNotFormed { id: CONSORTIUM },
        ),
        (
            changed(|when| when.consortium = Some((CONSORTIUM, formed(OTHER)))),
            Rejection::NotTheLead { id: CONSORTIUM, organisation },
        ),
        (
            (
                vec![listed()],
                Command::ListService(ListService {
                    content: ListingContent { minimum_quantity: 9, ..content() },
                    ..list()
                }),
            ),
            Rejection::AlreadyListed { id: LISTING },
        ),
    ];
    for ((given, when), then) in cases {
        assert_eq!(decide(&given, when), Err(then));
    }
}

#[test]
fn what_may_not_be_revised() {
    let changed = |change: fn(&mut ReviseService)| {
        let mut when = revise(content());
        change(&mut when);
        Command::ReviseService(when)
    };
    let (id, organisation) = (LISTING, OTHER);
    for (given, when, then) in [
        (vec![], changed(|_| ()), Rejection::NotListed),
        (vec![listed()], changed(|when| when.by = OTHER), Rejection::NotTheVendor { id, organisation }),
        (vec![listed(), withdrawn()], changed(|_| ()), Rejection::Withdrawn { id }),
        (
            vec![listed()],
            changed(|when| when.content.attributes = archive()),
            Rejection::KindChanged { kind: ServiceKind::OmicsAnalysis, wanted: ServiceKind::SpecimenArchive },
        ),
        (
            vec![listed()],
            changed(|when| when.content.code = ListingCode::new("X").unwrap()),
            Rejection::CodeChanged {
                code: ListingCode::new("RNA-1").unwrap(),
                wanted: ListingCode::new("X").unwrap(),
            },
        ),
        (
            vec![listed()],
            changed(|when| when.contract.status = Status::Expired),
            NotCovered::NotInForce { contract: CONTRACT, status: Status::Expired }.into(),
        ),
        (
            vec![listed()],
            changed(|when| when.admission = only(OTHER)),
            Rejection::NotAdmitted { organisation: VENDOR, kind: ServiceKind::OmicsAnalysis },
        ),
        (
            vec![listed()],
            changed(|when| when.content.turnaround_days = Some(0)),
            InvalidContent::TurnaroundOutOfRange { days: 0 }.into(),
        ),
    ] {
        assert_eq!(decide(&given, when), Err(then));
    }
}

#[test]
fn what_may_not_be_withdrawn_or_viewed() {
    let others = WithdrawService { by: OTHER, ..withdraw() };
    let mut ended = view(MEMBER, NOW);
    ended.contract.status = Status::Terminated;
    let (contract, status) = (ended.contract.id, Status::Terminated);
    let (id, organisation) = (LISTING, OTHER);
    for (given, when, then) in [
        (vec![], Command::WithdrawService(withdraw()), Rejection::NotListed),
        (vec![listed()], Command::WithdrawService(others), Rejection::NotTheVendor { id, organisation }),
        (vec![], Command::ViewService(view(MEMBER, NOW)), Rejection::NotListed),
        (vec![listed(), withdrawn()], Command::ViewService(view(MEMBER, NOW)), Rejection::Withdrawn { id }),
        (
            vec![listed()],
            Command::ViewService(view(VENDOR, NOW)),
            Rejection::OwnListing { organisation: VENDOR },
        ),
        (vec![listed()], Command::ViewService(ended), NotCovered::NotInForce { contract, status }.into()),
    ] {
        assert_eq!(decide(&given, when), Err(then));
    }
}

fn only(vendor: crate::id::OrganisationId) -> VendorAdmission {
    VendorAdmission::Set { mode: AdmissionMode::Exclusive(vendor), since: NOW }
}
