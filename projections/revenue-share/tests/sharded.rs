//! In however many shards it is folded: together they hold the bytes of one, and every answer is the same. (The service
//! that these tests ask is one over four layouts, which must agree; see `support/compared.rs`.)

mod support;

use domain::{
    id::{ContractId, OrderId},
    time::Month,
};
use engine::{Folds, Shards, wire_time};
use event_log::EventLog;
use proptest::prelude::*;
use proto::kiban::{
    common::v1 as common,
    finance::v1::WhatIf,
    revenue_share::v1::{
        GetInstitutionPageRequest, GetRevenueSharesRequest, GetVendorPageRequest,
        revenue_share_service_server::RevenueShareService,
    },
};
use revenue_share::{RevenueShare, RevenueShareFold};
use support::{course::*, *};
use world::{in_shards, together};

/// Everything that can be asked, about now or about a moment.
async fn ask_all(world: &World, as_of: Option<common::AsOf>, what_if: &WhatIf) {
    for of in [4, 5, 6].map(month) {
        let contracts = CONTRACTS.iter().map(|contract| contract.to_string());
        for contract_id in contracts.chain([String::new()]) {
            for what_if in [None, Some(what_if.clone())] {
                let asked = GetRevenueSharesRequest {
                    contract_id: contract_id.clone(),
                    as_of: as_of.clone(),
                    what_if,
                    ..world.request(of)
                };
                // A refusal, too, must be the same everywhere.
                let _ = world.ask_as(BASE, vec![engine::Role::Finance], asked.clone()).await;
                let _ = world.ask(PHARMA, asked).await;
            }
        }
    }
    for institution in HOSPITALS.into_iter().chain([BASE, BIOBANK, VENDOR]) {
        let (start, end): (Month, Month) = (month(4), month(7));
        let page = GetInstitutionPageRequest {
            start_month: start.to_string(),
            end_month: end.to_string(),
            as_of: as_of.clone(),
            ..GetInstitutionPageRequest::default()
        };
        let _ = world.institution_page(institution, page).await;
    }
    for vendor in [VENDOR, PARTNER] {
        let mut page_token = String::new();
        loop {
            let page = GetVendorPageRequest {
                page_size: 2,
                page_token,
                as_of: as_of.clone(),
                ..GetVendorPageRequest::default()
            };
            let Ok(page) = world.vendor_page(vendor, page).await else { break };
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
    }
}

/// Two shards of which one lies behind: an answer of both stands on its position, one of the other's contract does not
/// wait for it.
#[tokio::test]
async fn an_answer_stands_on_the_least_position_that_a_shard_has_examined() {
    let world = World::market().await;
    for contract in [CONTRACT, OTHER_CONTRACT] {
        world.contract(contract).await;
    }
    let shards = Shards::<RevenueShareFold>::in_memory(2.try_into().unwrap()).unwrap();
    let past = &world.past;
    let service = RevenueShare::new(shards.clone(), past.log.clone(), past.gate.clone(), past.clock.clone());
    let follow = |contract| {
        let mut folds = Folds::default();
        folds.add(shards.owner(contract));
        folds.run(past.log.clone())
    };
    let (_quick, slow) = (follow(CONTRACT), follow(OTHER_CONTRACT));
    world.clock.set(on(6, 1));
    let ask = async |contract: Option<ContractId>| {
        let asked = GetRevenueSharesRequest {
            month: "2026-05".into(),
            contract_id: contract.map(|contract| contract.to_string()).unwrap_or_default(),
            ..GetRevenueSharesRequest::default()
        };
        let shares = service.get_revenue_shares(by(BASE, asked)).await.unwrap().into_inner();
        let (start_month, institution_id) = ("2026-05".into(), BASE.to_string());
        let asked = GetInstitutionPageRequest { institution_id, start_month, ..Default::default() };
        let institution = service.get_institution_page(by(BASE, asked)).await.unwrap().into_inner();
        let asked = GetVendorPageRequest { vendor_id: VENDOR.to_string(), ..Default::default() };
        let vendor = service.get_vendor_page(by(BASE, asked)).await.unwrap().into_inner();
        (shares, institution, vendor)
    };
    let happen = async |number: u128| {
        for contract in [CONTRACT, OTHER_CONTRACT] {
            let id = OrderId::from_u128(number * 100 + contract.as_u128());
            world.place(order_of(id, contract, on(5, 2)), vec![taken(on(5, 3)), accepted(0, on(5, 9))]).await;
            world.credit(number * 100 + contract.as_u128(), contract, month(5), 30).await;
            for cases in 1..80 {
                world.report(contract, &[used(on(5, 4), 0, cases)]).await;
            }
        }
        world.log.head().position
    };
    let there = happen(1).await;
    shards.reached(there).await.unwrap();
    let known = ask(None).await;
    assert_eq!(known.0.as_of_position, there.to_string());
    assert_eq!(known.0, world.shares(month(5)).await);

    slow.stop().await;
    let head = happen(2).await;
    shards.of(CONTRACT).reached(head).await.unwrap();
    assert_eq!(ask(None).await, known, "nothing of what the slower one has not seen");
    let (quick, ..) = ask(Some(CONTRACT)).await;
    let (slow, ..) = ask(Some(OTHER_CONTRACT)).await;
    assert_eq!((quick.as_of_position, slow.as_of_position), (head.to_string(), there.to_string()));

    let _slow = follow(OTHER_CONTRACT);
    shards.reached(head).await.unwrap();
    let caught_up = ask(None).await;
    assert_eq!(caught_up.0, world.shares(month(5)).await);
    assert_ne!(caught_up.0.charged, known.0.charged);
}

/// What names no contract is in every shard, and is counted once.
#[tokio::test]
async fn use_that_names_no_contract_of_its_own_is_counted_once() {
    let world = World::market().await;
    world.clock.set(on(6, 1));
    for contract in CONTRACTS {
        world.contract(contract).await;
        let stream = events::Category::Access.stream(contract);
        for cases in 1..5 {
            world.report(contract, &[used(on(5, 4), 0, cases)]).await;
            let unnamed = [recorded(&[used(on(5, 5), 1, cases)])];
            world.past.append_under(None, stream.clone(), &unnamed, &[]).await;
        }
    }
    let events = world.events().await;
    let (whole, _) = together(&in_shards::<RevenueShareFold>(&events, 1));
    for count in [2, 3, 7] {
        let (ledger, _) = together(&in_shards::<RevenueShareFold>(&events, count));
        assert!(events::ledger::encode(&ledger) == events::ledger::encode(&whole), "in {count} shards");
    }
    let page = GetInstitutionPageRequest {
        institution_id: BASE.to_string(),
        start_month: "2026-05".into(),
        ..GetInstitutionPageRequest::default()
    };
    let page = world.institution_page(BASE, page).await.unwrap();
    let cases: Vec<i64> = page.uses.iter().map(|used| used.cases).collect();
    assert_eq!(cases, [CONTRACTS.len() as i64 * 10]);
    let shares = world.shares(month(5)).await;
    let used = shares.charges.iter().filter(|charge| charge.charge_kind == "data-usage");
    assert_eq!(used.count(), CONTRACTS.len() * 2, "a part for each contract and dataset");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn shards_hold_the_bytes_of_one_and_answer_as_one(
        steps in prop::collection::vec(a_step(), 1..20),
        what_if in other_versions(),
        earlier in any::<prop::sample::Index>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut course = course().await;
            for (step, version) in steps.iter().zip(2..) {
                course.carry_out(step, version).await;
            }
            let world = &course.world;
            let events = world.events().await;
            let (whole, _) = together(&in_shards::<RevenueShareFold>(&events, 1));
            let whole = events::ledger::encode(&whole);
            for count in [2, 3, 7] {
                let (ledger, _) = together(&in_shards::<RevenueShareFold>(&events, count));
                assert!(events::ledger::encode(&ledger) == whole, "in {count} shards");
            }
            ask_all(world, None, &what_if).await;
            ask_all(world, as_of(earlier.index(events.len()) as u64 + 1), &what_if).await;
            let time = common::as_of::Moment::Time(wire_time(on(5, 20)));
            ask_all(world, Some(common::AsOf { moment: Some(time) }), &what_if).await;
        });
    }
}
