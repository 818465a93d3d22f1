//! The order for which an analysis is run, through the public door: one's own, or none.

use std::{collections::BTreeSet, sync::Arc};

use access::{AccessApi, Policy, UsageIndex};
use domain::{
    contract::ContractKind,
    id::{ContractId, OrderId, OrganisationId},
    listing::ServiceKind,
    milestone::Milestone,
    order::{Event, PlacedOrder},
    organisation::Capacity,
};
use engine::{Clock, PLATFORM, Projection, Store};
use event_log::{Append, ExpectedRevision, NewEvent};
use events::{Category, Metadata, Recordable};
use money::Money;
use proto::kiban::{
    access::v1::{
        RegisterSourceRequest, ReportUsageRequest, RunAnalysisRequest, UsageRecord,
        access_service_server::AccessService,
    },
    common::v1::Right,
};
use world::{PERSON, World, by, message, reason};

const VENDOR: OrganisationId = OrganisationId::from_u128(4);

/// An order of a member, as it was placed.
async fn placed(world: &World, number: u128, member: OrganisationId) -> OrderId {
    let id = OrderId::from_u128(number);
    let placed = PlacedOrder {
        id,
        contract: ContractId::from_u128(member.as_u128()),
        contract_revision: 5,
        member,
        vendor: VENDOR,
        vendor_contract: None,
        kind: ServiceKind::DataAnalysis,
        listing: None,
        quote: None,
        quantity: 1,
        price: Money::jpy(1),
        milestones: vec![Milestone { name: "report".parse().unwrap(), amount: Money::jpy(1) }],
        consortium: None,
        dataset: None,
        required_credentials: BTreeSet::new(),
        ethics_approval: None,
        omics: None,
        at: world.clock.now(),
    };
    let event = Event::OrderPlaced(Box::new(placed));
    let metadata = Metadata {
        organisation: PLATFORM,
        person: None,
        command: None,
        causation: None,
        correlation: None,
        occurred_at: world.clock.now(),
        partition: None,
        audience: vec![member, VENDOR],
        traceparent: String::new(),
    };
    let event = NewEvent {
        id: number.to_be_bytes(),
        event_type: event.event_type().into(),
        metadata: metadata.encode().into(),
        payload: event.encode().into(),
    };
    let (stream, expected) = (Category::Order.stream(id), ExpectedRevision::NoStream);
    let append = Append { stream, expected, guards: vec![], command: None, events: vec![event] };
    world.log.append(append).await.unwrap();
    id
}

#[tokio::test]
async fn an_analysis_is_run_for_an_order_of_ones_own_and_metering_refuses_none() {
    let world = World::new();
    let promoter = world.register(1, Capacity::Promoter).await;
    let member = world.register(2, Capacity::Member).await;
    let rival = world.register(3, Capacity::Member).await;
    let base = world.register(5, Capacity::BaseOperator).await;
    let contract = world.contract_of(ContractKind::Member, member, promoter).await;
    let dataset = world.dataset(1, base, false).await;
    let (own, others) = (placed(&world, 11, member).await, placed(&world, 12, rival).await);
    let nowhere = OrderId::from_u128(13);
    let index = Projection::<UsageIndex>::open(Store::in_memory().unwrap()).unwrap();
    let snapshots = Arc::new(Store::in_memory().unwrap());
    let access = AccessApi::new(world.log.clone(), world.gate.clone(), index, snapshots, Policy::default());

    let run = |order: OrderId| RunAnalysisRequest {
        command_id: format!("run for {order}"),
        contract_id: contract.to_string(),
        dataset_id: dataset.to_string(),
        right: Right::SimpleAnalysis.into(),
        cases: 1,
        purpose: "drug-discovery".into(),
        country: "JP".into(),
        order_id: order.to_string(),
        ..Default::default()
    };
    message(access.run_analysis(by(member, run(own))).await);
    for order in [others, nowhere] {
        let refused = access.run_analysis(by(member, run(order))).await;
        let text = refused.as_ref().unwrap_err().message().to_owned();
        assert_eq!(text, format!("order_id: {order} does not exist"));
        assert_eq!(reason(refused), ("INVALID_FIELD".into(), "order_id".into()));
    }

    let source = RegisterSourceRequest {
        command_id: "meter".into(),
        contract_id: contract.to_string(),
        name: "meter".into(),
        ..Default::default()
    };
    let source = message(access.register_source(by(member, source)).await).source_id;
    let record = |sequence, order| UsageRecord {
        sequence,
        order,
        right: Right::SimpleAnalysis.into(),
        cases: 1,
        occurred_at_us: world.clock.now().as_micros(),
        ..Default::default()
    };
    let report = ReportUsageRequest {
        contract_id: contract.to_string(),
        source_id: source,
        epoch: 1,
        dataset_ids: vec![dataset.to_string()],
        viewer_ids: vec![PERSON.to_string()],
        order_ids: vec![own.to_string(), others.to_string()],
        records: vec![record(1, 1), record(2, 2)],
        ..Default::default()
    };
    let reported = message(access.report_usage(by(member, report)).await);
    assert_eq!(reported.outcomes.len(), 2);
}
