//! A contract from its application until it is in force: as commands for those who decide, as events for those who
//! read.

use std::collections::BTreeSet;

use domain::{
    contract::{
        ApplyForContract, ApproveContract, Command, ContractActivated, ContractApplied, ContractApproved,
        ContractKind, ContractOffered, ContractSigned, Event, OfferContract, Quota, Quotas, Reviewer,
        SignContract, Term, Terms,
    },
    country::Country,
    id::{ContractId, OrganisationId, PersonId, PriceBookId, ShareRuleId},
    organisation::Capacity,
    terms::{PriceBookChoice, ShareRuleChoice},
    time::Timestamp,
};

/// Who acts for an organisation, where it matters that somebody does and not who.
pub const PERSON: PersonId = PersonId::from_u128(9);

/// A contract that everybody agrees to.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// Its id.
    pub id: ContractId,
    /// What its applicant may do under it.
    pub kind: ContractKind,
    /// Who applies.
    pub applicant: OrganisationId,
    /// Who reviews and offers it.
    pub issuer: OrganisationId,
    /// Who signs, in this order.
    pub parties: BTreeSet<OrganisationId>,
    /// When all of it is done.
    pub at: Timestamp,
    /// What is agreed.
    pub terms: Terms,
}

impl Agreement {
    /// What is asked of the contract, up to the last signature.
    pub fn commands(&self) -> Vec<Command> {
        let Self { id, kind, applicant, issuer, at, .. } = *self;
        let apply = ApplyForContract {
            id,
            kind,
            applicant,
            applicant_capacities: [kind.applicant_capacity()].into(),
            issuer,
            issuer_capacities: [Capacity::Promoter].into(),
            purposes: self.terms.purposes.clone(),
            lane: Default::default(),
            at,
        };
        let approve = ApproveContract {
            by: Reviewer { organisation: issuer, person: PERSON },
            reviewer_capacities: [].into(),
            valid_until: at.plus_days(30),
            at,
        };
        let offer = OfferContract { issuer, parties: self.parties.clone(), terms: self.terms.clone(), at };
        let mut commands = vec![
            Command::ApplyForContract(apply),
            Command::ApproveContract(approve),
            Command::OfferContract(offer),
        ];
        let sign = |party: &_| Command::SignContract(SignContract { party: *party, person: PERSON, at });
        commands.extend(self.parties.iter().map(sign));
        commands
    }

    /// The application, as an event.
    pub fn applied(&self) -> Event {
        let Self { id, kind, applicant, issuer, at, .. } = *self;
        let purposes = self.terms.purposes.clone();
        let lane = Default::default();
        Event::ContractApplied(ContractApplied { id, kind, applicant, issuer, purposes, lane, at })
    }

    /// What follows it, as events: the contract comes into force when its term starts.
    pub fn agreed(&self) -> Vec<Event> {
        let at = self.at;
        let approved = ContractApproved { by: PERSON, valid_until: at.plus_days(30), at };
        let offered = ContractOffered { parties: self.parties.clone(), terms: self.terms.clone(), at };
        let signed = |party: &_| Event::ContractSigned(ContractSigned { party: *party, person: PERSON, at });
        let mut events = vec![Event::ContractApproved(approved), Event::ContractOffered(offered)];
        events.extend(self.parties.iter().map(signed));
        let effective_at = self.terms.term.starts_at();
        events.push(Event::ContractActivated(ContractActivated { effective_at }));
        events
    }
}

/// Terms for 365 days: analyses in Japan of open datasets, for the discovery of drugs.
pub fn terms(tier: &str, start: Timestamp) -> Terms {
    Terms {
        tier: tier.parse().unwrap(),
        term: Term::new(start, start.plus_days(365)).unwrap(),
        purposes: ["drug-discovery".parse().unwrap()].into(),
        dataset_classes: ["open".parse().unwrap()].into(),
        countries: [Country::JAPAN].into(),
        quotas: Quotas { simple_analysis: Quota::UNLIMITED, detailed_analysis: Quota::NONE },
        price_book: PriceBookChoice::Follow(PriceBookId::from_u128(1)),
        share_rule: ShareRuleChoice::Follow(ShareRuleId::from_u128(1)),
        minimum_commitment: None,
        paused_fees: Default::default(),
    }
}
