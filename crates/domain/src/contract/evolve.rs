//! How events change what is known of a contract. An event that no history has at its place changes nothing.

use std::collections::BTreeMap;

use crate::contract::{
    Agreement, Application, Approval, Contract, ContractOffered, Event, Refusal, Signature, Timeline,
};

pub(super) fn evolve(state: Contract, event: &Event) -> Contract {
    match event {
        Event::ContractApplied(event) => Contract::Applied(Application {
            id: event.id,
            kind: event.kind,
            applicant: event.applicant,
            issuer: event.issuer,
            purposes: event.purposes.clone(),
            lane: event.lane,
            at: event.at,
        }),
        Event::ContractApproved(event) => match state {
            Contract::Applied(application) => Contract::Approved {
                application,
                approval: Approval { by: event.by, valid_until: event.valid_until, at: event.at },
            },
            other => other,
        },
        Event::ContractRejected(event) => match state {
            Contract::Applied(application) => Contract::Rejected {
                application,
                refusal: Refusal { by: event.by, reason: event.reason.clone(), at: event.at },
            },
            other => other,
        },
        Event::ContractOffered(offered) => match state {
            Contract::Approved { application, approval } => {
                Contract::Offered(Box::new(agreement(application, approval, offered, event)))
            }
            other => other,
        },
        Event::ContractSigned(event) => with_agreement(state, |agreement| {
            agreement.signatures.insert(event.party, Signature { person: event.person, at: event.at });
        }),
        Event::ContractActivated(_) => {
            match with_agreement(state, |agreement| agreement.timeline.apply(event)) {
                Contract::Offered(agreement) => Contract::Signed(agreement),
                other => other,
            }
        }
        Event::ContractExpired(_) => with_agreement(state, |agreement| agreement.expiry_recorded = true),
        Event::TierChanged(_)
        | Event::ContractPaused(_)
        | Event::ContractResumed(_)
        | Event::ContractRenewed(_)
        | Event::ContractTerminated(_) => with_agreement(state, |agreement| agreement.timeline.apply(event)),
    }
}

fn agreement(
    application: Application,
    approval: Approval,
    offered: &ContractOffered,
    event: &Event,
) -> Agreement {
    let mut timeline = Timeline::default();
    timeline.apply(event);
    Agreement {
        application,
        approval,
        terms: offered.terms.clone(),
        parties: offered.parties.clone(),
        offered_at: offered.at,
        signatures: BTreeMap::new(),
        timeline,
        expiry_recorded: false,
    }
}

fn with_agreement(mut state: Contract, change: impl FnOnce(&mut Agreement)) -> Contract {
    if let Contract::Offered(agreement) | Contract::Signed(agreement) = &mut state {
        change(agreement);
    }
    state
}
