//! A contract, up to the last signature.

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    contract::{
        ApplyForContract, ApproveContract, Command, Contract, ContractKind, Lane, OfferContract, PausedFees,
        Quota, Quotas, Reviewer, SignContract, Term, Terms,
    },
    country::Country,
    id::{ContractId, OrganisationId, PersonId, PriceBookId, ShareRuleId},
    organisation::Capacity,
    terms::{PriceBookChoice, ShareRuleChoice},
    time::Timestamp,
};
use engine::{Aggregates, Prepared};
use event_log::EventLog;
use events::Category;

use super::{PROMOTER, envelope};

/// A contract of a kind between an applicant and the promoter, which is in force for a year from an instant on,
/// or of which the promoter's signature is missing.
pub async fn make(
    log: &Arc<dyn EventLog>,
    id: ContractId,
    kind: ContractKind,
    applicant: OrganisationId,
    at: Timestamp,
    signed: bool,
) {
    let contracts: Aggregates<Contract> = Aggregates::new(log.clone(), NonZeroUsize::MIN);
    let envelope = envelope(at);
    for command in commands(id, kind, applicant, at, signed) {
        let prepare = || -> engine::Preparation<'_, Contract> {
            let prepared = Prepared::new(command.clone());
            Box::pin(async { Ok(prepared) })
        };
        assert!(contracts.execute(&Category::Contract.stream(id), &envelope, prepare).await.is_ok());
    }
}

fn commands(
    id: ContractId,
    kind: ContractKind,
    applicant: OrganisationId,
    at: Timestamp,
    signed: bool,
) -> Vec<Command> {
    let person = PersonId::from_u128(9);
    let terms = terms(at);
    let sign = |party| Command::SignContract(SignContract { party, person, at });
    let mut commands = vec![
        Command::ApplyForContract(ApplyForContract {
            id,
            kind,
            applicant,
            applicant_capacities: [kind.applicant_capacity()].into(),
            issuer: PROMOTER,
            issuer_capacities: [Capacity::Promoter].into(),
            purposes: terms.purposes.clone(),
            lane: Lane::Standard,
            at,
        }),
        Command::ApproveContract(ApproveContract {
            by: Reviewer { organisation: PROMOTER, person },
            reviewer_capacities: [Capacity::Promoter].into(),
            valid_until: at.plus_days(30),
            at,
        }),
        Command::OfferContract(OfferContract {
            issuer: PROMOTER,
            parties: [applicant, PROMOTER].into(),
            terms,
            at,
        }),
        sign(applicant),
    ];
    commands.extend(signed.then(|| sign(PROMOTER)));
    commands
}

fn terms(at: Timestamp) -> Terms {
    Terms {
        tier: "standard".parse().unwrap(),
        term: Term::new(at, at.plus_days(365)).unwrap(),
        purposes: ["drug-discovery".parse().unwrap()].into(),
        dataset_classes: ["open".parse().unwrap()].into(),
        countries: [Country::JAPAN].into(),
        quotas: Quotas { simple_analysis: Quota::UNLIMITED, detailed_analysis: Quota::NONE },
        price_book: PriceBookChoice::Follow(PriceBookId::from_u128(1)),
        share_rule: ShareRuleChoice::Follow(ShareRuleId::from_u128(1)),
        minimum_commitment: None,
        paused_fees: PausedFees::GoOn,
    }
}
