//! Refusals with their values.

use super::fixture::*;
use crate::{
    access::*,
    contract::{self, ContractPaused, ContractTerminated, Quota, Quotas, Terms},
    country::Country,
    id::OrganisationId,
    terms::{Purpose, Right},
    text::Reason,
};

/// A refusal as it is told: the texts, and what was asked for and allowed.
fn told(world: &World, command: RunAnalysis) -> Vec<(String, String, String)> {
    let (contract, dataset) = (command.contract.contract.clone(), command.dataset.clone());
    let events = world.decide(Command::RunAnalysis(command)).unwrap();
    let [Event::AccessDenied(denied)] = events.as_slice() else { panic!("{events:?}") };
    let used = denied.quota(&contract).map(|quota| world.state.used(quota.period, quota.right));
    let explained = denied.explained(&contract, dataset.registered(), used);
    assert_eq!(explained.iter().map(|denial| denial.reason).collect::<Vec<_>>(), denied.reasons);
    explained.iter().map(|denial| (denial.to_string(), denial.asked(), denial.allowed())).collect()
}

fn paused() -> contract::Event {
    let reason = Reason::new("review").unwrap();
    contract::Event::ContractPaused(ContractPaused { reason, effective_at: at(NOW - DAY) })
}

fn terminated() -> contract::Event {
    contract::Event::ContractTerminated(ContractTerminated {
        by: OrganisationId::from_u128(1),
        reason: Reason::new("breach").unwrap(),
        effective_at: at(NOW - DAY),
        at: at(NOW - DAY),
    })
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table of reasons")]
fn every_reason_names_what_was_asked_for_and_what_is_allowed() {
    let mut world = World::new();
    world.admit(Right::SimpleAnalysis, 50, NOW);
    let base = || run(Right::SimpleAnalysis, 10, NOW);
    let abroad = Applicant { country: Country::new("US").unwrap(), ..applicant() };
    let marketing = Applicant { purpose: Purpose::new("marketing").unwrap(), ..applicant() };
    let on =
        |terms, since: &[contract::Event]| RunAnalysis { contract: contract_with(terms, since), ..base() };
    let simple_only = Terms { quotas: Quotas { detailed_analysis: Quota::NONE, ..quotas() }, ..terms() };
    let unsigned = ContractNow { contract: Default::default(), revision: REVISION };
    let since = |instant| at(instant).to_string();
    let table = [
        (RunAnalysis { contract: unsigned, ..base() }, "contract-not-active".to_owned(), "", ""),
        (
            run(Right::SimpleAnalysis, 10, START - 1),
            format!("contract-not-active: not before {}", since(START)),
            "",
            "",
        ),
        (on(terms(), &[paused()]), format!("contract-paused: since {}", since(NOW - DAY)), "", ""),
        (
            run(Right::SimpleAnalysis, 10, END + DAY),
            format!("contract-expired: since {}", since(END)),
            "",
            "",
        ),
        (on(terms(), &[terminated()]), format!("contract-terminated: since {}", since(NOW - DAY)), "", ""),
        (
            RunAnalysis { dataset: datasets()[1].clone(), ..base() },
            "dataset-class-not-covered: closed is not among open".to_owned(),
            "closed",
            "open",
        ),
        (
            RunAnalysis { applicant: marketing, ..base() },
            "purpose-not-covered: marketing is not among drug-discovery".to_owned(),
            "marketing",
            "drug-discovery",
        ),
        (
            RunAnalysis { applicant: abroad, ..base() },
            "country-not-covered: US is not among JP".to_owned(),
            "US",
            "JP",
        ),
        (
            RunAnalysis { right: Right::DetailedAnalysis, ..on(simple_only, &[]) },
            "right-not-covered: detailed-analysis is not among browse, simple-analysis".to_owned(),
            "detailed-analysis",
            "browse,simple-analysis",
        ),
        (
            run(Right::SimpleAnalysis, 51, NOW),
            "quota-exceeded: 51 asked for, 50 left of this contract year".to_owned(),
            "51",
            "50",
        ),
        (
            run(Right::DetailedAnalysis, 41, START + 366 * DAY),
            "run-too-large: 41 asked for, at most 40 in one run".to_owned(),
            "41",
            "40",
        ),
        (
            RunAnalysis { dataset: dataset(1, "open", &[(9, NOW + 1)]), ..base() },
            "no-freeze: 10 asked for, the dataset has no freeze yet".to_owned(),
            "10",
            "0",
        ),
        (
            RunAnalysis { dataset: dataset(1, "open", &[(9, NOW)]), ..base() },
            "more-cases-than-dataset: 10 asked for, the dataset holds 9".to_owned(),
            "10",
            "9",
        ),
    ];
    for (command, text, asked, allowed) in table {
        let told = told(&world, command);
        let expected = (text, asked.to_owned(), allowed.to_owned());
        assert!(told.contains(&expected), "{expected:?} is not in {told:?}");
    }
}

#[test]
fn what_is_known_no_more_is_left_out_and_a_long_list_is_cut() {
    let events = World::new().decide(Command::RunAnalysis(run(Right::SimpleAnalysis, 200, NOW))).unwrap();
    let [Event::AccessDenied(denied)] = events.as_slice() else { panic!("{events:?}") };
    let contract = contract().contract;
    let quota = &denied.explained(&contract, None, None)[0];
    assert_eq!((quota.to_string().as_str(), quota.allowed().as_str()), ("quota-exceeded: 200 asked for", ""));

    let purposes = (0..10).map(|number| Purpose::new(&format!("p{number}")).unwrap()).collect();
    let wide = contract_with(Terms { purposes, ..terms() }, &[]);
    let told = told(&World::new(), RunAnalysis { contract: wide, ..run(Right::SimpleAnalysis, 1, NOW) });
    let text = "purpose-not-covered: drug-discovery is not among p0, p1, p2, p3, p4, p5, p6, p7 and 2 more";
    assert_eq!((told[0].0.as_str(), told[0].2.as_str()), (text, "p0,p1,p2,p3,p4,p5,p6,p7,p8,p9"));
}

#[test]
fn changes_lead_back_to_what_was_used_before() {
    let mut world = World::new();
    let denied = world.accept(Command::RunAnalysis(run(Right::SimpleAnalysis, 200, NOW)));
    let [Event::AccessDenied(denied)] = denied.as_slice() else { panic!("{denied:?}") };
    let quota = denied.quota(&contract().contract).unwrap();
    let passed = world.history.len();
    let admitted = world.admit(Right::SimpleAnalysis, 30, NOW).number;
    world.admit(Right::DetailedAnalysis, 7, NOW);
    world.accept(Command::ViewDataset(view(NOW)));
    world.report(&[record(1), ReportedRecord { settles_admission: admitted, ..record(2) }]);
    let since: i64 =
        world.history[passed..].iter().flat_map(Event::changes).map(|change| change.used(quota)).sum();
    assert_eq!((world.used(Right::SimpleAnalysis), since), (20, 20));
}
