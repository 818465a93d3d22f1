use domain::{
    contract::{Commitment, Limit, PausedFees, Quota, Quotas, Term, Terms},
    country::Country,
    id::{ContractId, PersonId, PriceBookId, ShareRuleId},
    terms::{ChargeKind, DatasetClass, PriceBookChoice, Purpose, ShareRuleChoice, Tier},
    text::Reason,
};
use money::Money;

use super::*;

const PHARMA: OrganisationId = OrganisationId::from_u128(1);
const PROMOTER: OrganisationId = OrganisationId::from_u128(2);
const PERSON: PersonId = PersonId::from_u128(3);

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(1_774_000_000_000_000 + second * 1_000_000).unwrap()
}

fn terms(price_book: PriceBookChoice, share_rule: ShareRuleChoice) -> Terms {
    Terms {
        tier: Tier::new("standard").unwrap(),
        term: Term::new(at(10), at(20)).unwrap(),
        purposes: [Purpose::new("drug-discovery").unwrap()].into(),
        dataset_classes: [DatasetClass::new("controlled").unwrap(), DatasetClass::new("open").unwrap()]
            .into(),
        countries: [Country::JAPAN].into(),
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

/// One of every type, and both forms of what may be absent.
fn samples() -> Vec<Event> {
    let (book, rule) = (PriceBookId::from_u128(4), ShareRuleId::from_u128(5));
    let following = terms(PriceBookChoice::Follow(book), ShareRuleChoice::Pin(rule, 2));
    let pinned = terms(PriceBookChoice::Pin(book, 3), ShareRuleChoice::Follow(rule));
    let reason = Reason::new("as agreed").unwrap();
    let committed = Terms {
        minimum_commitment: Some(Commitment {
            amount: Money::jpy(5),
            charge_kinds: [ChargeKind::data_usage(), ChargeKind::service_order()].into(),
        }),
        paused_fees: PausedFees::ByDays,
        dataset_classes: [].into(),
        ..following.clone()
    };
    let applied_in = |lane, kind| {
        Event::ContractApplied(ContractApplied {
            id: ContractId::from_u128(7),
            kind,
            applicant: PHARMA,
            issuer: PROMOTER,
            purposes: [Purpose::new("drug-discovery").unwrap()].into(),
            lane,
            at: at(0),
        })
    };
    let applied = |kind| applied_in(Lane::Standard, kind);
    let mut samples: Vec<Event> = ContractKind::ALL.iter().copied().map(applied).collect();
    samples.extend([
        Event::ContractApproved(ContractApproved { by: PERSON, valid_until: at(9), at: at(1) }),
        Event::ContractRejected(ContractRejected { by: PERSON, reason: reason.clone(), at: at(1) }),
        Event::ContractOffered(ContractOffered {
            parties: [PHARMA, PROMOTER].into(),
            terms: following.clone(),
            at: at(2),
        }),
        Event::ContractOffered(ContractOffered { parties: [PHARMA].into(), terms: committed, at: at(2) }),
        applied_in(Lane::Expedited, ContractKind::Member),
        Event::ContractSigned(ContractSigned { party: PHARMA, person: PERSON, at: at(3) }),
        Event::ContractActivated(ContractActivated { effective_at: at(10) }),
        Event::TierChanged(TierChanged {
            tier: Tier::new("premium").unwrap(),
            quotas: following.quotas,
            effective_at: at(12),
            at: at(11),
        }),
        Event::ContractPaused(ContractPaused { reason: reason.clone(), effective_at: at(13) }),
        Event::ContractResumed(ContractResumed { effective_at: at(14) }),
        Event::ContractRenewed(ContractRenewed { ends_at: at(30), terms: None, at: at(15) }),
        Event::ContractRenewed(ContractRenewed { ends_at: at(20), terms: Some(pinned), at: at(15) }),
        Event::ContractExpired(ContractExpired { effective_at: at(30) }),
        Event::ContractTerminated(ContractTerminated {
            by: PHARMA,
            reason,
            effective_at: at(25),
            at: at(16),
        }),
    ]);
    samples
}

#[test]
fn every_event_reads_back() {
    for event in samples() {
        assert_eq!(Event::decode(event.event_type(), &event.encode()), Ok(event));
    }
}

#[test]
fn defects_name_the_field() {
    let offered = |change: fn(&mut form::AgreedTerms)| {
        let book = PriceBookChoice::Follow(PriceBookId::from_u128(4));
        let rule = ShareRuleChoice::Follow(ShareRuleId::from_u128(5));
        let mut terms = encode_terms(&terms(book, rule));
        change(&mut terms);
        let message = form::ContractOffered { terms: Some(terms), ..Default::default() };
        Event::decode(OFFERED, &message.encode_to_vec()).unwrap_err().to_string()
    };
    let twice = |terms: &mut form::AgreedTerms| {
        let again = terms.quotas.first().cloned();
        terms.quotas.extend(again);
    };
    for (defect, what) in [
        (offered(|terms| terms.end_us = terms.start_us), "field end_us: a term must end after it starts"),
        (offered(|terms| terms.price_book = None), "field price_book: missing"),
        (offered(|terms| terms.tier = "Gold".into()), "field tier: \"Gold\" is no tier"),
        (offered(|terms| terms.countries = vec!["XX".into()]), "field countries: \"XX\" is no country"),
        (offered(|terms| terms.quotas.clear()), "field quotas: missing"),
        (offered(|terms| terms.paused_fees = 1), "field paused_fees: 1 is no way"),
        (
            offered(|terms| terms.minimum_commitment = Some(Default::default())),
            "field minimum_commitment: missing",
        ),
        (offered(|terms| terms.quotas.iter_mut().for_each(|quota| quota.right = 1)), "right 1 has no quota"),
        (offered(twice), "field quotas: right 2 stands twice"),
    ] {
        assert!(defect.contains(what), "{defect}");
    }
    let mut applied = form::ContractApplied::decode(samples()[0].encode().as_slice()).unwrap();
    applied.lane = 1;
    let defect = Event::decode(APPLIED, &applied.encode_to_vec()).unwrap_err();
    assert_eq!(defect.to_string(), "field lane: 1 is no lane");
    let unknown = Event::decode("kiban.contract.v1.ContractFramed", &[]);
    assert_eq!(unknown, Err(Defect::UnknownType("kiban.contract.v1.ContractFramed".into())));
    assert!(matches!(Event::decode(APPLIED, &[0xff]), Err(Defect::Malformed(_))));
}
