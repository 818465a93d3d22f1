use proptest::prelude::*;

use super::*;
use crate::{
    contract::{ContractKind, Status},
    fold,
    id::{ContractId, ForumEventId, OrganisationId, VentureId},
    time::Timestamp,
    under_contract::{ContractNow, NotCovered},
    venture::VentureNow,
};

const EVENT: ForumEventId = ForumEventId::from_u128(1);
const PROMOTER: OrganisationId = OrganisationId::from_u128(2);
const LISTER: OrganisationId = OrganisationId::from_u128(3);
const RIVAL: OrganisationId = OrganisationId::from_u128(4);
const VENTURE: VentureId = VentureId::from_u128(5);
const CONTRACT: ContractId = ContractId::from_u128(6);

fn at(days: u32) -> Timestamp {
    Timestamp::default().plus_days(days)
}

fn schedule() -> ScheduleForumEvent {
    ScheduleForumEvent {
        id: EVENT,
        organiser: PROMOTER,
        kind: ForumEventKind::PitchContest,
        title: "第一回ピッチコンテスト".parse().unwrap(),
        starts_at: at(30),
        ends_at: at(31),
        submissions_until: at(20),
        at: at(0),
    }
}

fn submit(venture: VentureId) -> SubmitPitch {
    let kind = ContractKind::Member;
    SubmitPitch {
        by: LISTER,
        venture: VentureNow { id: venture, lister: LISTER, contract: CONTRACT, withdrawn: false },
        contract: ContractNow { id: CONTRACT, revision: 5, kind, applicant: LISTER, status: Status::Active },
        title: "an antibody".parse().unwrap(),
        summary: "why it works".parse().unwrap(),
        at: at(1),
    }
}

fn withdraw(days: u32) -> WithdrawPitch {
    WithdrawPitch { by: LISTER, venture: VENTURE, at: at(days) }
}

fn cancel(days: u32) -> Command {
    Command::CancelForumEvent(CancelForumEvent { reason: "no room".parse().unwrap(), at: at(days) })
}

fn scheduling(change: impl FnOnce(&mut ScheduleForumEvent)) -> Command {
    let mut command = schedule();
    change(&mut command);
    Command::ScheduleForumEvent(command)
}

fn submitting(change: impl FnOnce(&mut SubmitPitch)) -> Command {
    let mut command = submit(VENTURE);
    change(&mut command);
    Command::SubmitPitch(command)
}

fn scheduled() -> Event {
    let ScheduleForumEvent { id, organiser, kind, title, starts_at, ends_at, submissions_until, at } =
        schedule();
    Event::ForumEventScheduled(ForumEventScheduled {
        id,
        organiser,
        kind,
        title,
        starts_at,
        ends_at,
        submissions_until,
        at,
    })
}

fn submitted() -> Event {
    let SubmitPitch { title, summary, at, .. } = submit(VENTURE);
    Event::PitchSubmitted(PitchSubmitted { venture: VENTURE, lister: LISTER, title, summary, at })
}

fn taken_out() -> Event {
    Event::PitchWithdrawn(PitchWithdrawn { venture: VENTURE, at: at(2) })
}

fn cancelled() -> Event {
    Event::ForumEventCancelled(ForumEventCancelled { reason: "no room".parse().unwrap(), at: at(3) })
}

fn decide(given: &[Event], when: Command) -> Result<Vec<Event>, Rejection> {
    ForumEvent::decide(&fold::<ForumEvent>(given), when)
}

#[test]
fn an_event_is_announced_and_ventures_enter_and_leave() {
    assert_eq!(decide(&[], scheduling(|_| {})), Ok(vec![scheduled()]));
    assert_eq!(decide(&[scheduled()], submitting(|_| {})), Ok(vec![submitted()]));
    let entered = [scheduled(), submitted()];
    assert_eq!(decide(&entered, Command::WithdrawPitch(withdraw(2))), Ok(vec![taken_out()]));
    let left = [scheduled(), submitted(), taken_out()];
    assert_eq!(decide(&left, submitting(|_| {})), Ok(vec![submitted()]), "and may come back");
    assert_eq!(decide(&entered, cancel(3)), Ok(vec![cancelled()]));
    let known = fold::<ForumEvent>(&[scheduled(), submitted(), cancelled()]);
    assert_eq!(known.announced().map(|known| known.pitches.len()), Some(1), "what it was can be told");
}

#[test]
fn what_is_so_is_already_so() {
    let later = scheduling(|schedule| schedule.at = at(25));
    assert_eq!(decide(&[scheduled()], later), Ok(vec![]));
    let late = submitting(|submit| submit.at = at(25));
    assert_eq!(decide(&[scheduled(), submitted()], late), Ok(vec![]));
    assert_eq!(decide(&[scheduled(), cancelled()], cancel(29)), Ok(vec![]));
}

#[test]
fn what_is_not_announced() {
    let (starts_at, submissions_until) = (at(30), at(20));
    let other = Command::CancelForumEvent(CancelForumEvent { reason: "rain".parse().unwrap(), at: at(3) });
    let cases = vec![
        (
            vec![],
            scheduling(|schedule| schedule.ends_at = at(30)),
            Rejection::EndsBeforeStart { starts_at, ends_at: at(30) },
        ),
        (
            vec![],
            scheduling(|schedule| schedule.submissions_until = at(31)),
            Rejection::DeadlineAfterStart { starts_at, submissions_until: at(31) },
        ),
        (
            vec![],
            scheduling(|schedule| schedule.at = at(20)),
            Rejection::DeadlineOver { submissions_until, now: at(20) },
        ),
        (
            vec![scheduled()],
            scheduling(|schedule| schedule.kind = ForumEventKind::Results),
            Rejection::AlreadyScheduled { id: EVENT },
        ),
        (vec![], cancel(3), Rejection::NotScheduled),
        (vec![scheduled(), cancelled()], other, Rejection::Cancelled { id: EVENT }),
        (vec![scheduled()], cancel(30), Rejection::Begun { starts_at }),
    ];
    for (before, when, rejection) in cases {
        assert_eq!(decide(&before, when), Err(rejection));
    }
}

#[test]
fn what_is_not_entered() {
    let status = Status::Expired;
    let crowd = (10..510u128).map(|number| {
        let SubmitPitch { title, summary, at, .. } = submit(VENTURE);
        let venture = VentureId::from_u128(number);
        Event::PitchSubmitted(PitchSubmitted { venture, lister: LISTER, title, summary, at })
    });
    let crowd: Vec<Event> = [scheduled()].into_iter().chain(crowd).collect();
    let others = WithdrawPitch { by: RIVAL, ..withdraw(2) };
    let not_the_lister = || Rejection::NotTheLister { venture: VENTURE, organisation: RIVAL };
    let cases = vec![
        (vec![], submitting(|_| {}), Rejection::NotScheduled),
        (vec![scheduled(), cancelled()], submitting(|_| {}), Rejection::Cancelled { id: EVENT }),
        (vec![scheduled()], submitting(|submit| submit.by = RIVAL), not_the_lister()),
        (
            vec![scheduled()],
            submitting(|submit| submit.at = at(20)),
            Rejection::SubmissionsClosed { until: at(20) },
        ),
        (
            vec![scheduled()],
            submitting(|submit| submit.venture.withdrawn = true),
            Rejection::VentureWithdrawn { venture: VENTURE },
        ),
        (
            vec![scheduled()],
            submitting(|submit| submit.contract.status = Status::Expired),
            Rejection::ListingNotCovered(NotCovered::NotInForce { contract: CONTRACT, status }),
        ),
        (
            vec![scheduled(), submitted()],
            submitting(|submit| submit.title = "another".parse().unwrap()),
            Rejection::AlreadySubmitted { venture: VENTURE },
        ),
        (crowd, submitting(|_| {}), Rejection::TooManyPitches { most: 500 }),
        (vec![scheduled()], Command::WithdrawPitch(withdraw(2)), Rejection::NoPitch { venture: VENTURE }),
        (vec![scheduled(), submitted()], Command::WithdrawPitch(others), not_the_lister()),
        (
            vec![scheduled(), submitted()],
            Command::WithdrawPitch(withdraw(30)),
            Rejection::Begun { starts_at: at(30) },
        ),
    ];
    for (before, when, rejection) in cases {
        assert_eq!(decide(&before, when), Err(rejection));
    }
}

proptest! {
    #[test]
    fn pitches_come_in_time_and_once_a_venture(
        script in proptest::collection::vec((0..10u8, 0..3u128, 0..4u32, any::<bool>()), 1..40),
    ) {
        let mut state = fold::<ForumEvent>(&[scheduled()]);
        let mut days = 0;
        let mut entered = std::collections::BTreeSet::new();
        for (which, venture, later, covered) in script {
            days += later;
            let venture = VentureId::from_u128(venture);
            let command = match which {
                0 => cancel(days),
                1 => scheduling(|_| {}),
                2..=4 => Command::WithdrawPitch(WithdrawPitch { venture, ..withdraw(days) }),
                _ => {
                    let mut command = SubmitPitch { at: at(days), ..submit(venture) };
                    if !covered {
                        command.contract.status = Status::Paused;
                    }
                    Command::SubmitPitch(command)
                }
            };
            let over = matches!(state, ForumEvent::Cancelled { .. });
            for event in ForumEvent::decide(&state, command).unwrap_or_default() {
                prop_assert!(!over);
                match &event {
                    Event::PitchSubmitted(event) => {
                        prop_assert!(covered && days < 20 && entered.insert(event.venture));
                    }
                    Event::PitchWithdrawn(event) => prop_assert!(days < 30 && entered.remove(&event.venture)),
                    Event::ForumEventCancelled(_) => prop_assert!(days < 30),
                    Event::ForumEventScheduled(_) => prop_assert!(false, "it was announced before"),
                }
                state = ForumEvent::evolve(state, &event);
            }
        }
        let known: std::collections::BTreeSet<_> = state.announced().unwrap().pitches.keys().copied().collect();
        prop_assert_eq!(known, entered);
    }
}
