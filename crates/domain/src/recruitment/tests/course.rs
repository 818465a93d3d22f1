//! After the approval.

use super::fixture::*;

fn not_open(status: Status) -> Rejection {
    Rejection::WrongStage { needed: Status::Open, status }
}

#[test]
fn an_institution_is_invited_accepts_contacts_and_enrols() {
    let mut events = approved();
    let steps = [
        (
            Command::InviteInstitution(invite(NORTH)),
            Event::InstitutionInvited(InstitutionInvited {
                institution: NORTH,
                supply_contract: supply(NORTH).id,
                contract_revision: 5,
                by: EXECUTOR,
                at: at(30),
            }),
        ),
        (
            Command::RespondToInvitation(respond(NORTH, Answer::Accepted)),
            Event::InstitutionResponded(InstitutionResponded {
                institution: NORTH,
                answer: Answer::Accepted,
                reason: None,
                at: at(40),
            }),
        ),
        (
            Command::ReportContacted(contact(NORTH, 2)),
            Event::ParticipantsContacted(ParticipantsContacted { institution: NORTH, number: 2, at: at(50) }),
        ),
        (
            Command::EnrolParticipant(enrol(NORTH, "P-000017")),
            Event::ParticipantEnrolled(ParticipantEnrolled {
                institution: NORTH,
                pseudonym: "P-000017".parse().unwrap(),
                contract_revision: 5,
                at: at(60),
            }),
        ),
    ];
    for (when, then) in steps {
        assert_eq!(decide(&events, when), Ok(vec![then.clone()]));
        events.push(then);
    }
    let state = state(&events);
    let course = state.course().unwrap();
    assert_eq!((course.contacted(), course.enrolled()), (2, 1));
    assert_eq!((course.institutions[&NORTH].contacted, course.institutions[&NORTH].enrolled), (2, 1));
    assert_eq!(course.participants_of(NORTH).map(Pseudonym::as_str).collect::<Vec<_>>(), ["P-000017"]);
    assert_eq!(course.participants_of(SOUTH).count(), 0);
}

#[test]
fn what_is_so_already_writes_nothing() {
    let mut events = under_way();
    events.extend(decide(&events, Command::EnrolParticipant(enrol(NORTH, "P-000017"))).unwrap());
    for again in [
        Command::InviteInstitution(invite(NORTH)),
        Command::RespondToInvitation(respond(NORTH, Answer::Accepted)),
        Command::EnrolParticipant(enrol(NORTH, "P-000017")),
        // Long after the approval, and with no contract left: it is so already.
        Command::EnrolParticipant(EnrolParticipant {
            contract: None,
            supply_contract: None,
            at: at(2 * END),
            ..enrol(NORTH, "P-000017")
        }),
    ] {
        assert_eq!(decide(&events, again), Ok(vec![]));
    }
    events.extend(decide(&events, Command::CloseRecruitment(close(MEMBER))).unwrap());
    assert_eq!(decide(&events, Command::CloseRecruitment(close(MEMBER))), Ok(vec![]));
}

#[test]
fn whom_nobody_may_invite() {
    let ended = ContractNow { status: ContractStatus::Expired, ..supply(NORTH) };
    let participation_over = Some(ContractNow { status: ContractStatus::Terminated, ..executors() });
    let cases = [
        (requested(), InviteInstitution { by_operator: true, ..invite(NORTH) }, not_open(Status::Requested)),
        (
            approved(),
            InviteInstitution { by: MEMBER, ..invite(NORTH) },
            Rejection::MayNotInvite { organisation: MEMBER },
        ),
        (
            approved(),
            InviteInstitution { at: at(END), ..invite(NORTH) },
            Rejection::ApprovalLapsed { valid_until: at(END) },
        ),
        (
            approved(),
            InviteInstitution { supply_contract: ended, ..invite(NORTH) },
            Rejection::InstitutionNotCovered(NotCovered::NotInForce {
                contract: supply(NORTH).id,
                status: ContractStatus::Expired,
            }),
        ),
        (
            approved(),
            InviteInstitution { supply_contract: supply(SOUTH), ..invite(NORTH) },
            Rejection::InstitutionNotCovered(NotCovered::NotOwn {
                contract: supply(SOUTH).id,
                organisation: NORTH,
            }),
        ),
        (
            under_way(),
            InviteInstitution { supply_contract: members(), ..invite(NORTH) },
            Rejection::AlreadyInvited { institution: NORTH },
        ),
        (
            approved(),
            InviteInstitution { executor_contract: participation_over, ..invite(NORTH) },
            Rejection::ExecutorNotCovered(NotCovered::NotInForce {
                contract: VENDORS_CONTRACT,
                status: ContractStatus::Terminated,
            }),
        ),
    ];
    for (given, when, rejection) in cases {
        assert_eq!(decide(&given, Command::InviteInstitution(when)), Err(rejection));
    }
    let by_operator = InviteInstitution {
        by: BASE,
        by_operator: true,
        executor_contract: participation_over,
        ..invite(NORTH)
    };
    assert!(decide(&approved(), Command::InviteInstitution(by_operator)).is_ok());
}

#[test]
fn the_list_of_institutions_has_an_end() {
    let institutions = (0..MOST_INSTITUTIONS as u128).map(|n| OrganisationId::from_u128(1_000 + n));
    let invited = institutions.map(|institution| {
        Event::InstitutionInvited(InstitutionInvited {
            institution,
            supply_contract: supply(institution).id,
            contract_revision: 0,
            by: EXECUTOR,
            at: at(30),
        })
    });
    let events: Vec<Event> = approved().into_iter().chain(invited).collect();
    let one_more = decide(&events, Command::InviteInstitution(invite(NORTH)));
    assert_eq!(one_more, Err(Rejection::TooManyInstitutions));
}

#[test]
fn an_institution_answers_once() {
    let declined = RespondToInvitation {
        reason: Some("no ward".parse().unwrap()),
        supply_contract: None,
        at: at(END),
        ..respond(SOUTH, Answer::Declined)
    };
    assert_eq!(decide(&under_way(), Command::RespondToInvitation(declined)).unwrap().len(), 1);
    let ended = ContractNow { status: ContractStatus::Terminated, ..supply(SOUTH) };
    let cases = [
        (respond(STRANGER, Answer::Declined), Rejection::NotInvited { institution: STRANGER }),
        (respond(NORTH, Answer::Declined), Rejection::AlreadyResponded { institution: NORTH }),
        (
            RespondToInvitation { at: at(END), ..respond(SOUTH, Answer::Accepted) },
            Rejection::ApprovalLapsed { valid_until: at(END) },
        ),
        (
            RespondToInvitation { supply_contract: Some(ended), ..respond(SOUTH, Answer::Accepted) },
            Rejection::InstitutionNotCovered(NotCovered::NotInForce {
                contract: supply(SOUTH).id,
                status: ContractStatus::Terminated,
            }),
        ),
    ];
    for (when, rejection) in cases {
        assert_eq!(decide(&under_way(), Command::RespondToInvitation(when)), Err(rejection));
    }
}

#[test]
fn how_many_may_not_be_reported() {
    let cases = [
        (contact(NORTH, 0), Rejection::ContactedOutOfRange { number: 0 }),
        (contact(NORTH, MOST_CONTACTED - 1), Rejection::ContactedOutOfRange { number: MOST_CONTACTED - 1 }),
        (contact(NORTH, u32::MAX), Rejection::ContactedOutOfRange { number: u32::MAX }),
        (contact(SOUTH, 1), Rejection::NotAccepted { institution: SOUTH }),
        (contact(STRANGER, 1), Rejection::NotInvited { institution: STRANGER }),
    ];
    for (when, rejection) in cases {
        assert_eq!(decide(&under_way(), Command::ReportContacted(when)), Err(rejection));
    }
    let late = ReportContacted { at: at(END), ..contact(NORTH, MOST_CONTACTED - 2) };
    assert!(decide(&under_way(), Command::ReportContacted(late)).is_ok(), "what was done is reported");
}

#[test]
fn whom_nobody_may_enrol() {
    let paused = ContractNow { status: ContractStatus::Paused, ..members() };
    let ended = ContractNow { status: ContractStatus::Expired, ..supply(NORTH) };
    let participation_over = ContractNow { status: ContractStatus::Terminated, ..executors() };
    let first = enrol(NORTH, "P-000001");
    let cases = [
        (approved(), first.clone(), Rejection::NotInvited { institution: NORTH }),
        (under_way(), enrol(SOUTH, "P-000001"), Rejection::NotAccepted { institution: SOUTH }),
        (requested(), first.clone(), not_open(Status::Requested)),
        (
            under_way(),
            EnrolParticipant { at: at(END), ..first.clone() },
            Rejection::ApprovalLapsed { valid_until: at(END) },
        ),
        (
            under_way(),
            EnrolParticipant { contract: Some(paused), ..first.clone() },
            Rejection::NotCovered(NotCovered::NotInForce {
                contract: CONTRACT,
                status: ContractStatus::Paused,
            }),
        ),
        (
            under_way(),
            EnrolParticipant { supply_contract: Some(ended), ..first.clone() },
            Rejection::InstitutionNotCovered(NotCovered::NotInForce {
                contract: supply(NORTH).id,
                status: ContractStatus::Expired,
            }),
        ),
        (
            under_way(),
            EnrolParticipant { executor_contract: Some(participation_over), ..first.clone() },
            Rejection::ExecutorNotCovered(NotCovered::NotInForce {
                contract: VENDORS_CONTRACT,
                status: ContractStatus::Terminated,
            }),
        ),
        (under_way(), EnrolParticipant { contract: None, ..first }, not_open(Status::Open)),
    ];
    for (given, when, rejection) in cases {
        assert_eq!(decide(&given, Command::EnrolParticipant(when)), Err(rejection));
    }
}

#[test]
fn enrolments_end_at_those_contacted_and_at_those_wanted() {
    let mut events = under_way();
    let run = |events: &mut Vec<Event>, command| {
        let outcome = decide(events, command);
        events.extend(outcome.clone().unwrap_or_default());
        outcome
    };
    run(&mut events, Command::EnrolParticipant(enrol(NORTH, "P-000001"))).unwrap();
    run(&mut events, Command::EnrolParticipant(enrol(NORTH, "P-000002"))).unwrap();
    let none_left = run(&mut events, Command::EnrolParticipant(enrol(NORTH, "P-000003")));
    assert_eq!(none_left, Err(Rejection::NobodyLeftToEnrol { contacted: 2 }));
    run(&mut events, Command::RespondToInvitation(respond(SOUTH, Answer::Accepted))).unwrap();
    run(&mut events, Command::ReportContacted(contact(SOUTH, 9))).unwrap();
    let taken = run(&mut events, Command::EnrolParticipant(enrol(SOUTH, "P-000001")));
    assert_eq!(taken, Err(Rejection::PseudonymTaken));
    run(&mut events, Command::EnrolParticipant(enrol(SOUTH, "P-000003"))).unwrap();
    let full = run(&mut events, Command::EnrolParticipant(enrol(SOUTH, "P-000004")));
    assert_eq!(full, Err(Rejection::Full { wanted: 3 }));
}

#[test]
fn the_end_is_the_end() {
    for closing in [close(MEMBER), close(EXECUTOR), CloseRecruitment { by_operator: true, ..close(BASE) }] {
        for before in [requested(), under_way()] {
            let closed =
                [before.clone(), decide(&before, Command::CloseRecruitment(closing.clone())).unwrap()]
                    .concat();
            assert_eq!(state(&closed).status(at(70)), Status::Closed);
            assert_eq!(state(&closed).course(), state(&before).course());
            for command in [
                Command::InviteInstitution(invite(STRANGER)),
                Command::RespondToInvitation(respond(SOUTH, Answer::Accepted)),
                Command::ReportContacted(contact(NORTH, 1)),
                Command::EnrolParticipant(enrol(NORTH, "P-000001")),
                Command::CloseRecruitment(close(STRANGER)),
            ] {
                assert_eq!(decide(&closed, command), Err(not_open(Status::Closed)));
            }
        }
    }
    for by in [STRANGER, NORTH] {
        let refused = decide(&under_way(), Command::CloseRecruitment(close(by)));
        assert_eq!(refused, Err(Rejection::MayNotClose { organisation: by }));
    }
    let nothing = decide(&[], Command::CloseRecruitment(close(MEMBER)));
    assert_eq!(nothing, Err(not_open(Status::Vacant)));
}
