//! How events change what is known of a recruitment. An event that no history has at its place changes nothing.

use std::collections::BTreeMap;

use crate::recruitment::{
    Approval, Asked, Closing, Course, Event, Finding, Participation, Recruitment, RecruitmentClosed, Refusal,
    Response,
};

pub(super) fn evolve(state: Recruitment, event: &Event) -> Recruitment {
    match event {
        Event::PatientRecruitmentRequested(event) => Recruitment::Requested(Box::new(Asked {
            id: event.id,
            contract: event.contract,
            request: event.request.clone(),
            triage: event.triage,
            finding: None,
            at: event.at,
        })),
        Event::RecruitmentTriaged(event) => with_request(state, |mut asked| {
            asked.finding = Some(Finding { by: event.by, finding: event.finding.clone(), at: event.at });
            Recruitment::Requested(asked)
        }),
        Event::RecruitmentApproved(event) => with_request(state, |asked| {
            let approval = Approval {
                by: event.by,
                ethics_approval: event.ethics_approval.clone(),
                valid_until: event.valid_until,
                at: event.at,
            };
            let (institutions, participants) = (BTreeMap::new(), BTreeMap::new());
            Recruitment::Approved { asked, course: Box::new(Course { approval, institutions, participants }) }
        }),
        Event::RecruitmentRejected(event) => with_request(state, |asked| {
            let refusal = Refusal { by: event.by, reason: event.reason.clone(), at: event.at };
            Recruitment::Rejected { asked, refusal }
        }),
        Event::RecruitmentClosed(event) => closed(state, event),
        Event::InstitutionInvited(_)
        | Event::InstitutionResponded(_)
        | Event::ParticipantsContacted(_)
        | Event::ParticipantEnrolled(_) => with_course(state, event),
    }
}

fn with_request(state: Recruitment, next: impl FnOnce(Box<Asked>) -> Recruitment) -> Recruitment {
    match state {
        Recruitment::Requested(asked) => next(asked),
        other => other,
    }
}

fn closed(state: Recruitment, event: &RecruitmentClosed) -> Recruitment {
    let closing = Closing { by: event.by, reason: event.reason.clone(), at: event.at };
    match state {
        Recruitment::Requested(asked) => Recruitment::Closed { asked, course: None, closing },
        Recruitment::Approved { asked, course } => {
            Recruitment::Closed { asked, course: Some(course), closing }
        }
        other => other,
    }
}

fn with_course(mut state: Recruitment, event: &Event) -> Recruitment {
    if let Recruitment::Approved { course, .. } = &mut state {
        apply(course, event);
    }
    state
}

fn apply(course: &mut Course, event: &Event) {
    match event {
        Event::InstitutionInvited(event) => {
            course.institutions.insert(
                event.institution,
                Participation {
                    supply_contract: event.supply_contract,
                    invited_at: event.at,
                    response: None,
                    contacted: 0,
                    enrolled: 0,
                },
            );
        }
        Event::InstitutionResponded(event) => {
            if let Some(part) = course.institutions.get_mut(&event.institution) {
                let (answer, reason) = (event.answer, event.reason.clone());
                part.response = Some(Response { answer, reason, at: event.at });
            }
        }
        Event::ParticipantsContacted(event) => {
            if let Some(part) = course.institutions.get_mut(&event.institution) {
                part.contacted = part.contacted.saturating_add(event.number);
            }
        }
        Event::ParticipantEnrolled(event) => {
            if let Some(part) = course.institutions.get_mut(&event.institution) {
                part.enrolled = part.enrolled.saturating_add(1);
                course.participants.insert(event.pseudonym.clone(), event.institution);
            }
        }
        Event::PatientRecruitmentRequested(_)
        | Event::RecruitmentTriaged(_)
        | Event::RecruitmentApproved(_)
        | Event::RecruitmentRejected(_)
        | Event::RecruitmentClosed(_) => {}
    }
}
