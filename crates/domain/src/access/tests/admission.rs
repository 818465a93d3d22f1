//! Views and analyses: numbers, quota, every reason of refusal.

use super::fixture::*;
use crate::{
    access::*,
    contract::{
        ContractPaused, ContractTerminated, Event as ContractEvent, Limit, Quota, Quotas, TierChanged,
    },
    country::Country,
    id::OrganisationId,
    terms::{Purpose, Right, Tier},
    text::Reason,
};

fn reasons(world: &World, command: Command) -> Vec<DenialReason> {
    match world.decide(command).unwrap().as_slice() {
        [Event::AccessDenied(denied)] => {
            assert!(denied.reasons.is_sorted());
            assert_eq!(denied.contract_revision, REVISION);
            denied.reasons.clone()
        }
        [Event::AnalysisAdmitted(_) | Event::DatasetViewed(_)] => vec![],
        other => panic!("{other:?}"),
    }
}

#[test]
fn admissions_are_numbered_over_views_and_analyses() {
    let mut world = World::new();
    let first = world.admit(Right::SimpleAnalysis, 30, NOW);
    let events = world.accept(Command::ViewDataset(view(NOW)));
    let [Event::DatasetViewed(second)] = events.as_slice() else { panic!("{events:?}") };
    let third = world.admit(Right::DetailedAnalysis, 40, NOW);
    assert_eq!([first.number, second.number, third.number], [1, 2, 3]);
    assert_eq!([first.remaining, second.remaining, third.remaining], [Some(70), None, Some(0)]);
    assert_eq!((second.right, second.cases, second.freeze), (Right::Browse, 1, Some(2)));
    assert_eq!(first.contract_revision, REVISION);
    assert_eq!(first.period.tier.as_str(), "basic");
    assert_eq!(first.settle_until, at(NOW + i64::from(SETTLE) * DAY));
    assert_eq!([world.used(Right::SimpleAnalysis), world.used(Right::DetailedAnalysis)], [30, 40]);
    let remaining = world.state.remaining(&contract().contract, at(NOW));
    let left = remaining.iter().map(|quota| (quota.right, quota.cases)).collect::<Vec<_>>();
    assert_eq!(left, [(Right::SimpleAnalysis, Limit::Cases(70)), (Right::DetailedAnalysis, Limit::Cases(0))]);
    assert!(world.state.remaining(&contract().contract, at(END)).is_empty());
}

#[test]
fn quota_starts_anew_with_a_contract_year_and_a_segment() {
    let mut world = World::new();
    world.admit(Right::SimpleAnalysis, 60, NOW);
    world.admit(Right::SimpleAnalysis, 40, NOW);
    let again = run(Right::SimpleAnalysis, 1, NOW);
    assert_eq!(reasons(&world, Command::RunAnalysis(again.clone())), [DenialReason::QuotaExceeded]);
    let next_year = run(Right::SimpleAnalysis, 1, START + 366 * DAY);
    assert_eq!(reasons(&world, Command::RunAnalysis(next_year)), []);
    let changed = ContractEvent::TierChanged(TierChanged {
        tier: Tier::new("standard").unwrap(),
        quotas: quotas(),
        effective_at: at(NOW),
        at: at(NOW),
    });
    let on_another_tier = RunAnalysis { contract: contract_with(terms(), &[changed]), ..again };
    assert_eq!(reasons(&world, Command::RunAnalysis(on_another_tier)), []);
}

#[test]
fn every_reason_of_refusal() {
    let (paused, terminated) = (paused(), terminated());
    let unsigned = ContractNow { contract: Default::default(), revision: REVISION };
    let base = || run(Right::SimpleAnalysis, 10, NOW);
    let purpose = Applicant { purpose: Purpose::new("marketing").unwrap(), ..applicant() };
    let country = Applicant { country: Country::new("US").unwrap(), ..applicant() };
    let no_detailed = contract_with(
        crate::contract::Terms { quotas: Quotas { detailed_analysis: Quota::NONE, ..quotas() }, ..terms() },
        &[],
    );
    let unlimited = contract_with(
        crate::contract::Terms {
            quotas: Quotas { simple_analysis: Quota::UNLIMITED, ..quotas() },
            ..terms()
        },
        &[],
    );
    use DenialReason::*;
    for (command, expected) in [
        (base(), vec![]),
        (RunAnalysis { contract: unsigned, ..base() }, vec![ContractNotActive]),
        (run(Right::SimpleAnalysis, 10, START - 1), vec![ContractNotActive]),
        (
            RunAnalysis { contract: contract_with(terms(), std::slice::from_ref(&paused)), ..base() },
            vec![ContractPaused],
        ),
        (run(Right::SimpleAnalysis, 10, END), vec![ContractExpired]),
        (RunAnalysis { contract: contract_with(terms(), &[terminated]), ..base() }, vec![ContractTerminated]),
        (RunAnalysis { dataset: datasets()[1].clone(), ..base() }, vec![DatasetClassNotCovered]),
        (RunAnalysis { applicant: purpose.clone(), ..base() }, vec![PurposeNotCovered]),
        (RunAnalysis { applicant: country, ..base() }, vec![CountryNotCovered]),
        (
            RunAnalysis { contract: no_detailed, right: Right::DetailedAnalysis, ..base() },
            vec![RightNotCovered],
        ),
        (run(Right::SimpleAnalysis, 101, NOW), vec![QuotaExceeded, RunTooLarge]),
        (run(Right::SimpleAnalysis, 61, NOW), vec![RunTooLarge]),
        (RunAnalysis { dataset: dataset(1, "open", &[(9, NOW + 1)]), ..base() }, vec![NoFreeze]),
        (RunAnalysis { dataset: dataset(1, "open", &[(9, NOW)]), ..base() }, vec![MoreCasesThanDataset]),
        (RunAnalysis { contract: unlimited, cases: 500, ..base() }, vec![]),
        (
            RunAnalysis {
                contract: contract_with(terms(), &[paused]),
                dataset: dataset(1, "closed", &[(9, NOW)]),
                applicant: purpose,
                cases: 200,
                ..base()
            },
            vec![
                ContractPaused,
                DatasetClassNotCovered,
                PurposeNotCovered,
                QuotaExceeded,
                RunTooLarge,
                MoreCasesThanDataset,
            ],
        ),
    ] {
        assert_eq!(reasons(&World::new(), Command::RunAnalysis(command)), expected);
    }
}

fn paused() -> ContractEvent {
    let reason = Reason::new("review").unwrap();
    ContractEvent::ContractPaused(ContractPaused { reason, effective_at: at(NOW) })
}

fn terminated() -> ContractEvent {
    ContractEvent::ContractTerminated(ContractTerminated {
        by: OrganisationId::from_u128(1),
        reason: Reason::new("breach").unwrap(),
        effective_at: at(NOW),
        at: at(NOW),
    })
}

#[test]
fn a_view_needs_neither_quota_nor_freeze() {
    let mut world = World::new();
    world.admit(Right::SimpleAnalysis, 60, NOW);
    let bare = ViewDataset { dataset: dataset(1, "open", &[]), ..view(NOW) };
    assert_eq!(reasons(&world, Command::ViewDataset(bare)), []);
    let closed = ViewDataset { dataset: datasets()[1].clone(), ..view(NOW) };
    assert_eq!(reasons(&world, Command::ViewDataset(closed)), [DenialReason::DatasetClassNotCovered]);
    assert_eq!(reasons(&world, Command::ViewDataset(view(END))), [DenialReason::ContractExpired]);
}

#[test]
fn a_refusal_changes_nothing() {
    let mut world = World::new();
    let before = world.state.clone();
    world.accept(Command::RunAnalysis(run(Right::SimpleAnalysis, 61, NOW)));
    assert_eq!(world.state, before);
    assert_eq!(world.history.iter().flat_map(Event::changes).count(), 0);
    assert_eq!(world.admit(Right::SimpleAnalysis, 1, NOW).number, 1);
}

#[test]
fn malformed_requests() {
    let base = || run(Right::SimpleAnalysis, 10, NOW);
    for (command, rejection) in [
        (RunAnalysis { right: Right::Browse, ..base() }, Rejection::NotAnAnalysis { right: Right::Browse }),
        (RunAnalysis { right: Right::Export, ..base() }, Rejection::NotAnAnalysis { right: Right::Export }),
        (RunAnalysis { cases: 0, ..base() }, Rejection::NoCases),
        (RunAnalysis { dataset: Default::default(), ..base() }, Rejection::DatasetNotRegistered),
    ] {
        assert_eq!(World::new().decide(Command::RunAnalysis(command)), Err(rejection));
    }
    let unknown = ViewDataset { dataset: Default::default(), ..view(NOW) };
    assert_eq!(World::new().decide(Command::ViewDataset(unknown)), Err(Rejection::DatasetNotRegistered));
}
