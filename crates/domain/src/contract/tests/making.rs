//! From the application to the last signature.

use super::*;
use crate::terms::MOST_AMOUNT;

fn purpose(name: &str) -> Purpose {
    Purpose::new(name).unwrap()
}

fn apply_for(names: &[&str]) -> Command {
    Command::ApplyForContract(ApplyForContract { purposes: purposes(names), ..application() })
}

fn offer_terms(change: impl FnOnce(&mut Terms)) -> Command {
    let mut changed = terms();
    change(&mut changed);
    Command::OfferContract(offer_of(changed))
}

#[test]
fn an_application_becomes_a_contract() {
    let ApplyForContract { id, kind, applicant, issuer, purposes, lane, at, .. } = application();
    let late = on(date(2026, 5, 1));
    let signature = |party, at| Event::ContractSigned(ContractSigned { party, person: person(), at });
    let activated = |effective_at| Event::ContractActivated(ContractActivated { effective_at });
    check([
        (
            vec![],
            apply(),
            Ok(vec![Event::ContractApplied(ContractApplied {
                id,
                kind,
                applicant,
                issuer,
                purposes,
                lane,
                at,
            })]),
        ),
        (
            vec![apply()],
            approve(),
            Ok(vec![Event::ContractApproved(ContractApproved {
                by: person(),
                valid_until: approval().valid_until,
                at,
            })]),
        ),
        (
            vec![apply()],
            reject(),
            Ok(vec![Event::ContractRejected(ContractRejected { by: person(), reason: reason(), at })]),
        ),
        (
            vec![apply(), approve()],
            offer(),
            Ok(vec![Event::ContractOffered(ContractOffered {
                parties: [pharma(), promoter()].into(),
                terms: terms(),
                at,
            })]),
        ),
        (vec![apply(), approve(), offer()], sign(pharma(), now()), Ok(vec![signature(pharma(), now())])),
        (
            vec![apply(), approve(), offer(), sign(pharma(), now())],
            sign(promoter(), now()),
            Ok(vec![signature(promoter(), now()), activated(start())]),
        ),
        (
            vec![apply(), approve(), offer(), sign(promoter(), now())],
            sign(pharma(), late),
            Ok(vec![signature(pharma(), late), activated(late)]),
        ),
    ]);
}

#[test]
fn the_base_operator_may_decide_what_was_asked_of_the_promoter() {
    let by = Reviewer { organisation: stranger(), person: person() };
    let reviewer_capacities = [Capacity::BaseOperator].into();
    let state = given(vec![
        apply(),
        Command::ApproveContract(ApproveContract { by, reviewer_capacities, ..approval() }),
    ]);
    assert_eq!(state.stage(), Stage::Approved);
}

#[test]
fn what_is_already_so_writes_nothing() {
    check([
        (vec![apply()], apply(), Ok(vec![])),
        (signed(), apply(), Ok(vec![])),
        (vec![apply(), approve()], approve(), Ok(vec![])),
        (vec![apply(), reject()], reject(), Ok(vec![])),
        (vec![apply(), approve(), offer()], offer(), Ok(vec![])),
        (vec![apply(), approve(), offer(), sign(pharma(), now())], sign(pharma(), now()), Ok(vec![])),
        (signed(), sign(pharma(), on(date(2030, 1, 1))), Ok(vec![])),
    ]);
}

#[test]
fn applications_are_refused() {
    let too_many: Vec<String> = (0..65).map(|number| format!("purpose-{number}")).collect();
    let too_many: Vec<&str> = too_many.iter().map(String::as_str).collect();
    let itself = ApplyForContract { issuer: pharma(), ..application() };
    let no_member = ApplyForContract { applicant_capacities: [Capacity::Vendor].into(), ..application() };
    let no_issuer = ApplyForContract { issuer_capacities: [Capacity::Member].into(), ..application() };
    let mut cases: Vec<Case> = vec![
        (vec![], apply_for(&[]), Err(Rejection::NoPurpose)),
        (
            vec![],
            apply_for(&too_many),
            Err(Rejection::TooManyEntries { what: "purposes", entries: 65, most: 64 }),
        ),
        (vec![], Command::ApplyForContract(itself), Err(Rejection::OwnIssuer { organisation: pharma() })),
        (
            vec![],
            Command::ApplyForContract(no_member),
            Err(Rejection::ApplicantLacksCapacity {
                applicant: pharma(),
                kind: ContractKind::Member,
                needed: Capacity::Member,
            }),
        ),
        (
            vec![],
            Command::ApplyForContract(no_issuer),
            Err(Rejection::IssuerMayNotIssue { issuer: promoter() }),
        ),
        (vec![apply()], apply_for(&["biomarkers"]), Err(Rejection::AlreadyApplied { id: application().id })),
    ];
    for (name, rule) in [
        ("insurance-underwriting", ProhibitedUse::InsuranceUnderwriting),
        ("insurance_underwriting", ProhibitedUse::InsuranceUnderwriting),
        ("insurance-underwriting-life", ProhibitedUse::InsuranceUnderwriting),
        ("employment-decisions", ProhibitedUse::EmploymentDecisions),
    ] {
        let expected = Rejection::ProhibitedPurpose { purpose: purpose(name), rule };
        assert!(expected.to_string().contains("T6-2"), "the rule is named");
        cases.push((vec![], apply_for(&["drug-discovery", name]), Err(expected)));
    }
    check(cases);
    assert_eq!(ProhibitedUse::named_by(&purpose("employment-decisionsupport")), None);
}

#[test]
fn each_kind_asks_for_its_capacity() {
    for kind in ContractKind::ALL.iter().copied() {
        let needed = kind.applicant_capacity();
        let with = |capacities| {
            Command::ApplyForContract(ApplyForContract {
                kind,
                applicant_capacities: capacities,
                ..application()
            })
        };
        check([
            (
                vec![],
                with(BTreeSet::new()),
                Err(Rejection::ApplicantLacksCapacity { applicant: pharma(), kind, needed }),
            ),
            (vec![with([needed].into())], with([needed].into()), Ok(vec![])),
        ]);
        assert_eq!(kind.as_str().parse(), Ok(kind));
    }
}

#[test]
fn the_lane_is_part_of_the_application() {
    let expedited = || Command::ApplyForContract(ApplyForContract { lane: Lane::Expedited, ..application() });
    let contract = given(vec![expedited()]);
    assert_eq!(contract.application().map(|application| application.lane), Some(Lane::Expedited));
    check([
        (vec![expedited()], expedited(), Ok(vec![])),
        (vec![expedited()], apply(), Err(Rejection::AlreadyApplied { id: application().id })),
    ]);
}

#[test]
fn only_a_member_must_name_dataset_classes() {
    for kind in ContractKind::ALL.iter().copied() {
        let applicant_capacities = [kind.applicant_capacity()].into();
        let apply =
            Command::ApplyForContract(ApplyForContract { kind, applicant_capacities, ..application() });
        let none = Quotas { simple_analysis: Quota::NONE, detailed_analysis: Quota::NONE };
        let bare = Terms { dataset_classes: BTreeSet::new(), quotas: none, ..terms() };
        let offer = Command::OfferContract(offer_of(bare));
        let outcome = Contract::decide(&given(vec![apply, approve()]), offer);
        match kind {
            ContractKind::Member => assert_eq!(outcome, Err(Rejection::NoDatasetClass)),
            ContractKind::VendorParticipation
            | ContractKind::Investor
            | ContractKind::Supply
            | ContractKind::DataProvider => assert_eq!(outcome.map(|events| events.len()), Ok(1), "{kind}"),
        }
    }
}

#[test]
fn commitments_are_refused() {
    let charge = |name: &str| ChargeKind::new(name).unwrap();
    let committed = |yen, charge_kinds: BTreeSet<ChargeKind>| {
        let commitment = Commitment { amount: Money::jpy(yen), charge_kinds };
        offer_terms(|terms| terms.minimum_commitment = Some(commitment.clone()))
    };
    let to_use = |yen| committed(yen, Commitment::counted_by_default());
    let too_many = (0..65).map(|number| charge(&format!("charge-{number}"))).collect();
    let mut cases = vec![
        (to_use(0), Rejection::CommitmentToNothing { amount: Money::jpy(0) }),
        (to_use(-1), Rejection::CommitmentToNothing { amount: Money::jpy(-1) }),
        (to_use(MOST_AMOUNT + 1), Rejection::CommitmentTooHigh { amount: Money::jpy(MOST_AMOUNT + 1) }),
        (committed(1, BTreeSet::new()), Rejection::NothingCountsTowardsCommitment),
        (committed(1, too_many), Rejection::TooManyEntries { what: "charge kinds", entries: 65, most: 64 }),
    ];
    for name in ["commitment-true-up", "publication-incentive", "public-funding"] {
        let rejection = Rejection::CannotCountTowardsCommitment { charge_kind: charge(name) };
        cases.push((committed(1, [ChargeKind::data_usage(), charge(name)].into()), rejection));
    }
    let approved = || vec![apply(), approve()];
    check(cases.into_iter().map(|(command, rejection)| (approved(), command, Err(rejection))));
    let good = committed(20_000_000, [ChargeKind::data_usage(), ChargeKind::service_order()].into());
    assert!(Contract::decide(&given(approved()), good).is_ok());
}

#[test]
fn decisions_on_applications_are_refused() {
    let lapsed = ApproveContract { valid_until: now(), ..approval() };
    let by = |organisation| Reviewer { organisation, person: person() };
    let approve_by =
        |organisation| Command::ApproveContract(ApproveContract { by: by(organisation), ..approval() });
    let reject_by =
        |organisation| Command::RejectContract(RejectContract { by: by(organisation), ..rejection() });
    check([
        (vec![], approve(), Err(Rejection::NotApplied { stage: Stage::Vacant })),
        (vec![], reject(), Err(Rejection::NotApplied { stage: Stage::Vacant })),
        (vec![apply(), reject()], approve(), Err(Rejection::NotApplied { stage: Stage::Rejected })),
        (vec![apply(), approve()], reject(), Err(Rejection::NotApplied { stage: Stage::Approved })),
        (vec![apply(), approve(), offer()], approve(), Err(Rejection::NotApplied { stage: Stage::Offered })),
        (signed(), reject(), Err(Rejection::NotApplied { stage: Stage::Signed })),
        (
            vec![apply()],
            Command::ApproveContract(lapsed),
            Err(Rejection::ApprovalEndsAtOnce { valid_until: now(), now: now() }),
        ),
        (vec![apply()], approve_by(pharma()), Err(Rejection::OwnApplication { organisation: pharma() })),
        (vec![apply()], reject_by(pharma()), Err(Rejection::OwnApplication { organisation: pharma() })),
        (
            vec![apply()],
            approve_by(stranger()),
            Err(Rejection::ReviewerMayNotDecide { organisation: stranger() }),
        ),
        (
            vec![apply()],
            reject_by(stranger()),
            Err(Rejection::ReviewerMayNotDecide { organisation: stranger() }),
        ),
    ]);
}

#[test]
fn offers_are_refused() {
    let approved = || vec![apply(), approve()];
    let valid_until = approval().valid_until;
    let parties = |parties| Command::OfferContract(OfferContract { parties, ..offer_of(terms()) });
    let crowd = (1..=65).map(OrganisationId::from_u128).collect();
    let missing = |role, organisation| Err(Rejection::PartyMissing { role, organisation });
    let earlier = Term::new(on(date(2025, 3, 2)), now()).unwrap();
    check([
        (vec![apply()], offer(), Err(Rejection::NotApproved { stage: Stage::Applied })),
        (vec![apply(), reject()], offer(), Err(Rejection::NotApproved { stage: Stage::Rejected })),
        (
            vec![apply(), approve(), offer()],
            offer_terms(|terms| terms.tier = tier("premium")),
            Err(Rejection::NotApproved { stage: Stage::Offered }),
        ),
        (
            approved(),
            Command::OfferContract(OfferContract { at: valid_until, ..offer_of(terms()) }),
            Err(Rejection::ApprovalLapsed { valid_until }),
        ),
        (
            approved(),
            Command::OfferContract(OfferContract { issuer: stranger(), ..offer_of(terms()) }),
            Err(Rejection::NotTheIssuer { organisation: stranger(), issuer: promoter() }),
        ),
        (
            approved(),
            parties(crowd),
            Err(Rejection::TooManyEntries { what: "parties", entries: 65, most: 64 }),
        ),
        (approved(), parties([promoter()].into()), missing(Role::Applicant, pharma())),
        (approved(), parties([pharma()].into()), missing(Role::Issuer, promoter())),
        (approved(), offer_terms(|terms| terms.purposes.clear()), Err(Rejection::NoPurpose)),
        (approved(), offer_terms(|terms| terms.dataset_classes.clear()), Err(Rejection::NoDatasetClass)),
        (approved(), offer_terms(|terms| terms.countries.clear()), Err(Rejection::NoCountry)),
        (
            approved(),
            offer_terms(|terms| terms.price_book = PriceBookChoice::Pin(PriceBookId::from_u128(1), 0)),
            Err(Rejection::PinnedToNoVersion { what: "price book" }),
        ),
        (
            approved(),
            offer_terms(|terms| terms.share_rule = ShareRuleChoice::Pin(ShareRuleId::from_u128(1), 0)),
            Err(Rejection::PinnedToNoVersion { what: "share rule" }),
        ),
        (
            approved(),
            offer_terms(|terms| terms.term = earlier),
            Err(Rejection::TermOver { ends_at: now(), now: now() }),
        ),
        (
            approved(),
            offer_terms(|terms| terms.purposes = purposes(&["marketing"])),
            Err(Rejection::PurposeNotApproved { purpose: purpose("marketing") }),
        ),
    ]);
}

#[test]
fn signatures_are_refused() {
    let offered = || vec![apply(), approve(), offer()];
    let valid_until = approval().valid_until;
    let short = Term::new(now(), on(date(2026, 4, 1))).unwrap();
    check([
        (vec![], sign(pharma(), now()), Err(Rejection::NotOffered { stage: Stage::Vacant })),
        (
            vec![apply(), approve()],
            sign(pharma(), now()),
            Err(Rejection::NotOffered { stage: Stage::Approved }),
        ),
        (offered(), sign(stranger(), now()), Err(Rejection::NotAParty { organisation: stranger() })),
        (offered(), sign(pharma(), valid_until), Err(Rejection::ApprovalLapsed { valid_until })),
        (
            vec![apply(), approve(), offer_terms(|terms| terms.term = short)],
            sign(pharma(), short.ends_at()),
            Err(Rejection::TermOver { ends_at: short.ends_at(), now: short.ends_at() }),
        ),
    ]);
}

#[test]
fn terms_hold_at_least_an_instant() {
    assert_eq!(Term::new(start(), start()), Err(InvalidTerm { starts_at: start(), ends_at: start() }));
    assert!(Term::new(end(), start()).is_err());
}

#[test]
fn the_audience_grows_with_the_parties() {
    assert_eq!(Contract::Vacant.audience(), BTreeSet::new());
    assert_eq!(given(vec![apply()]).audience(), [pharma(), promoter()].into());
    let parties = [pharma(), promoter(), stranger()];
    let command = Command::OfferContract(OfferContract { parties: parties.into(), ..offer_of(terms()) });
    assert_eq!(given(vec![apply(), approve(), command]).audience(), parties.into());
}
