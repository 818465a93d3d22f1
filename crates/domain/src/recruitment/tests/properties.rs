//! Whatever is asked in whatever order, the numbers hold.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::fixture::*;
use crate::Decider;

const INSTITUTIONS: [OrganisationId; 3] = [NORTH, SOUTH, STRANGER];

/// Commands of which most are sensible at some moment; the clock runs with their number.
fn any_command() -> impl Strategy<Value = (Command, i64)> {
    let institution = || prop::sample::select(INSTITUTIONS.to_vec());
    let answer = prop::sample::select(vec![Answer::Accepted, Answer::Accepted, Answer::Declined]);
    let pseudonym = (0u32..6).prop_map(|number| format!("P-00000{number}"));
    let contract =
        prop::sample::select(vec![ContractStatus::Active, ContractStatus::Active, ContractStatus::Paused]);
    let command = prop_oneof![
        3 => any::<bool>().prop_map(|diagnosis| {
            let request_of = wanted(if diagnosis { lung() } else { female() });
            Command::RequestRecruitment(RequestRecruitment { request: request_of, ..request() })
        }),
        2 => Just(Command::TriageRecruitment(triage())),
        3 => Just(Command::ApproveRecruitment(approve())),
        1 => Just(Command::RejectRecruitment(reject())),
        5 => institution().prop_map(|institution| Command::InviteInstitution(invite(institution))),
        5 => (institution(), answer)
            .prop_map(|(institution, answer)| Command::RespondToInvitation(respond(institution, answer))),
        5 => (institution(), 0u32..4)
            .prop_map(|(institution, number)| Command::ReportContacted(contact(institution, number))),
        12 => (institution(), pseudonym, contract).prop_map(|(institution, pseudonym, status)| {
            let contract = Some(ContractNow { status, ..members() });
            Command::EnrolParticipant(EnrolParticipant { contract, ..enrol(institution, &pseudonym) })
        }),
        1 => Just(Command::CloseRecruitment(close(MEMBER))),
    ];
    (command, 0..2 * END)
}

/// The same command at another moment.
fn at_second(command: Command, second: i64) -> Command {
    let now = at(second);
    match command {
        Command::InviteInstitution(when) => Command::InviteInstitution(InviteInstitution { at: now, ..when }),
        Command::RespondToInvitation(when) => {
            Command::RespondToInvitation(RespondToInvitation { at: now, ..when })
        }
        Command::EnrolParticipant(when) => Command::EnrolParticipant(EnrolParticipant { at: now, ..when }),
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_numbers_hold(mut script in prop::collection::vec(any_command(), 0..60)) {
        // The clock does not go back; most of a script happens before the approval ends.
        script.iter_mut().for_each(|(_, second)| *second = *second * *second / (2 * END));
        script.sort_by_key(|(_, second)| *second);
        let mut state = Recruitment::default();
        let mut approved = false;
        for (command, second) in script {
            let command = at_second(command, second);
            let Ok(events) = Recruitment::decide(&state, command.clone()) else { continue };
            for event in &events {
                approved |= matches!(event, Event::RecruitmentApproved(_));
                if let Event::ParticipantEnrolled(event) = event {
                    prop_assert!(approved && event.at < at(END));
                }
                state = Recruitment::evolve(state, event);
            }
            check(&state)?;
            // A number is a sum, so a report that is made again counts again; everything else is already so.
            if !matches!(command, Command::ReportContacted(_)) {
                prop_assert_eq!(Recruitment::decide(&state, command), Ok(vec![]));
            }
        }
    }
}

fn check(state: &Recruitment) -> Result<(), TestCaseError> {
    let Some(course) = state.course() else { return Ok(()) };
    let wanted = state.asked().map_or(0, |asked| asked.request.participants_wanted);
    prop_assert!(course.enrolled() <= wanted as usize);
    let enrolled: u32 = course.institutions.values().map(|part| part.enrolled).sum();
    // As many as there are pseudonyms: none is given twice.
    prop_assert_eq!(course.enrolled(), enrolled as usize);
    for (institution, part) in &course.institutions {
        prop_assert!(part.enrolled <= part.contacted);
        prop_assert_eq!(course.participants_of(*institution).count(), part.enrolled as usize);
        prop_assert!(part.contacted == 0 || part.has_accepted());
    }
    let of: BTreeSet<_> = course.participants.values().collect();
    prop_assert!(of.iter().all(|institution| course.institutions.contains_key(institution)));
    Ok(())
}
