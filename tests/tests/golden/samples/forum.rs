//! Organisations, what they reserve, and their contracts.

use domain::{
    contract::{
        Commitment, ContractActivated, ContractApplied, ContractApproved, ContractExpired, ContractKind,
        ContractOffered, ContractPaused, ContractRejected, ContractRenewed, ContractResumed, ContractSigned,
        ContractTerminated, Event as Contract, Lane, Limit, PausedFees, Quota, Quotas, Term, Terms,
        TierChanged,
    },
    country::Country,
    id::{PriceBookId, ShareRuleId},
    organisation::{
        Capacity, CapacityGrant, CapacityGranted, Credential, CredentialAttested, Event as Organisation,
        OrganisationRegistered, RegistrationNumber,
    },
    reservation::{Event as Reservation, Owner, Reserved},
    terms::{
        ChargeKind, CredentialKind, DatasetClass, PriceBookChoice, Purpose, Sector, ShareRuleChoice, Tier,
    },
    text::{Name, Reason, Text},
};
use events::Event;
use jiff::civil::date;
use money::Money;

use super::{BASE_OPERATOR, CONTRACT, MEMBER, PERSON, PROMOTER, at};

pub(super) fn events() -> Vec<Event> {
    let reserved = Reservation::Reserved(Reserved { owner: Owner::from_bytes([0x0e; 16]), at: at(0) });
    let mut events = vec![reserved.into()];
    events.extend(organisations().into_iter().map(Event::from));
    events.extend(contracts().into_iter().map(Event::from));
    events
}

fn organisations() -> Vec<Organisation> {
    let from = date(2026, 4, 1);
    let lasting = |capacity| CapacityGrant { capacity, from, until: None };
    let ending = CapacityGrant { until: Some(date(2031, 4, 1)), ..lasting(Capacity::Academic) };
    let full = OrganisationRegistered {
        id: BASE_OPERATOR,
        name: Name::new("基盤運営機関").unwrap(),
        country: Country::JAPAN,
        sector: Some(Sector::new("public").unwrap()),
        registration_number: RegistrationNumber::new(Country::JAPAN, "7000012050002").unwrap(),
        capacities: vec![lasting(Capacity::BaseOperator), lasting(Capacity::MedicalInstitution), ending],
        at: at(0),
    };
    let america = "US".parse().unwrap();
    let bare = OrganisationRegistered {
        id: MEMBER,
        name: Name::new("Pharma").unwrap(),
        country: america,
        sector: None,
        registration_number: RegistrationNumber::new(america, "12-3456789").unwrap(),
        capacities: vec![],
        at: at(1),
    };
    let granted = |grant| Organisation::CapacityGranted(CapacityGranted { grant, at: at(2) });
    let mut events =
        vec![Organisation::OrganisationRegistered(full), Organisation::OrganisationRegistered(bare)];
    events.extend(Capacity::ALL.iter().map(|capacity| granted(lasting(*capacity))));
    events.push(granted(ending));
    events.push(Organisation::CredentialAttested(CredentialAttested { credential: credential(), at: at(3) }));
    events
}

fn credential() -> Credential {
    Credential {
        kind: CredentialKind::new("iso-15189").unwrap(),
        number: Text::new("RML01230").unwrap(),
        issuer: Name::new("日本適合性認定協会").unwrap(),
        valid_from: date(2026, 4, 1),
        valid_until: date(2030, 4, 1),
    }
}

fn terms(price_book: PriceBookChoice, share_rule: ShareRuleChoice) -> Terms {
    Terms {
        tier: Tier::new("standard").unwrap(),
        term: Term::new(at(100), at(200)).unwrap(),
        purposes: [Purpose::new("drug-discovery").unwrap(), Purpose::new("diagnostics").unwrap()].into(),
        dataset_classes: [DatasetClass::new("controlled").unwrap(), DatasetClass::new("open").unwrap()]
            .into(),
        countries: [Country::JAPAN, "US".parse().unwrap()].into(),
        quotas: Quotas {
            simple_analysis: Quota { cases_per_year: Limit::Cases(0), max_cases_per_run: Limit::Cases(500) },
            detailed_analysis: Quota::UNLIMITED,
        },
        price_book,
        share_rule,
        minimum_commitment: None,
        paused_fees: PausedFees::GoOn,
    }
}

fn contracts() -> Vec<Contract> {
    let (book, rule) = (PriceBookId::from_u128(8), ShareRuleId::from_u128(9));
    let following = terms(PriceBookChoice::Follow(book), ShareRuleChoice::Pin(rule, 2));
    let pinned = terms(PriceBookChoice::Pin(book, 3), ShareRuleChoice::Follow(rule));
    let reason = Reason::new("合意による").unwrap();
    let committed = Terms {
        minimum_commitment: Some(Commitment {
            amount: Money::jpy(20_000_000),
            charge_kinds: [ChargeKind::data_usage(), ChargeKind::service_order()].into(),
        }),
        paused_fees: PausedFees::ByDays,
        dataset_classes: [].into(),
        ..following.clone()
    };
    let applied_in = |lane, kind| {
        Contract::ContractApplied(ContractApplied {
            id: CONTRACT,
            kind,
            applicant: MEMBER,
            issuer: PROMOTER,
            purposes: [Purpose::new("drug-discovery").unwrap()].into(),
            lane,
            at: at(10),
        })
    };
    let applied = |kind| applied_in(Lane::Standard, kind);
    let offered = |terms| {
        let parties = [MEMBER, PROMOTER].into();
        Contract::ContractOffered(ContractOffered { parties, terms, at: at(12) })
    };
    let renewed = |terms| Contract::ContractRenewed(ContractRenewed { ends_at: at(300), terms, at: at(20) });
    let mut events: Vec<Contract> = ContractKind::ALL.iter().copied().map(applied).collect();
    events.extend([
        Contract::ContractApproved(ContractApproved { by: PERSON, valid_until: at(99), at: at(11) }),
        Contract::ContractRejected(ContractRejected { by: PERSON, reason: reason.clone(), at: at(11) }),
        offered(following.clone()),
        offered(pinned.clone()),
        offered(committed),
        applied_in(Lane::Expedited, ContractKind::Member),
        Contract::ContractSigned(ContractSigned { party: MEMBER, person: PERSON, at: at(13) }),
        Contract::ContractActivated(ContractActivated { effective_at: at(100) }),
        Contract::TierChanged(TierChanged {
            tier: Tier::new("premium").unwrap(),
            quotas: following.quotas,
            effective_at: at(120),
            at: at(110),
        }),
        Contract::ContractPaused(ContractPaused { reason: reason.clone(), effective_at: at(130) }),
        Contract::ContractResumed(ContractResumed { effective_at: at(140) }),
        renewed(None),
        renewed(Some(pinned)),
        Contract::ContractExpired(ContractExpired { effective_at: at(200) }),
        Contract::ContractTerminated(ContractTerminated {
            by: MEMBER,
            reason,
            effective_at: at(160),
            at: at(150),
        }),
    ]);
    events
}
