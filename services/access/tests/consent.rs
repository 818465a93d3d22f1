//! The consent that a freeze is released with, through the public door: what is not said is not allowed.

use std::sync::Arc;

use access::{AccessApi, Policy, UsageIndex};
use domain::time::Timestamp;
use engine::{CALLER_HEADER, Clock, Gate, ManualClock, PLATFORM, Projection, Store};
use event_log::MemoryLog;
use membership::Membership;
use proto::kiban::{
    access::v1::{
        Cohort, ConsentScope, DataType, GetDatasetRequest, InstitutionCases, RegisterDatasetRequest,
        ReleaseFreezeRequest, access_service_server::AccessService,
    },
    membership::v1::{
        Capacity, CapacityGrant, RegisterOrganisationRequest, membership_service_server::MembershipService,
    },
};
use tonic::Request;

fn by<T>(organisation: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let caller = format!("organisation={organisation}; roles=administrator");
    request.metadata_mut().insert(CALLER_HEADER, caller.parse().unwrap());
    request
}

/// The access service, and a base operator that is an institution, too.
async fn forum() -> (AccessApi, Arc<ManualClock>, String) {
    let clock = Arc::new(ManualClock::at(Timestamp::from_micros(1_775_000_000_000_000).unwrap()));
    let told = clock.clone();
    let log = MemoryLog::new(Arc::new(move || told.now().as_micros()));
    let gate = Arc::new(Gate::new(log.clone(), clock.clone()));
    let grant = |capacity: Capacity| CapacityGrant {
        capacity: capacity.into(),
        from: "2020-04-01".into(),
        until: String::new(),
    };
    let operator = RegisterOrganisationRequest {
        command_id: "operator".into(),
        name: "基盤運営機関".into(),
        country: "JP".into(),
        registration_number: "7000012050002".into(),
        capacities: vec![grant(Capacity::BaseOperator), grant(Capacity::MedicalInstitution)],
        ..Default::default()
    };
    let membership = Membership::new(log.clone(), gate.clone());
    let registered = membership.register_organisation(by(&PLATFORM.to_string(), operator)).await.unwrap();
    let index = Projection::<UsageIndex>::open(Store::in_memory().unwrap()).unwrap();
    let snapshots = Arc::new(Store::in_memory().unwrap());
    let access = AccessApi::new(log, gate, index, snapshots, Policy::default());
    (access, clock, registered.into_inner().organisation_id)
}

#[tokio::test]
async fn each_freeze_shows_the_consent_that_it_was_released_with() {
    let (access, clock, operator) = forum().await;
    let register = RegisterDatasetRequest {
        command_id: "dataset".into(),
        code: "BREAST".into(),
        name: "乳がん".into(),
        dataset_class: "wgs".into(),
        disease: "乳がん".into(),
        cohort: Cohort::Case.into(),
        data_types: vec![DataType::Tumour.into()],
        reference: "https://data.example/breast".into(),
        ..Default::default()
    };
    let registered = access.register_dataset(by(&operator, register.clone())).await.unwrap();
    // A code is taken but once, and the refusal names it as the request does.
    let again = RegisterDatasetRequest { command_id: "again".into(), ..register };
    let taken = access.register_dataset(by(&operator, again)).await.unwrap_err();
    assert!(taken.message().starts_with("code: is taken by "), "{}", taken.message());
    let dataset_id = registered.into_inner().dataset_id;
    let consents = [None, Some(ConsentScope { derived_material_sale: true }), Some(ConsentScope::default())];
    for (number, consent) in (1..).zip(consents) {
        let release = ReleaseFreezeRequest {
            command_id: format!("freeze-{number}"),
            dataset_id: dataset_id.clone(),
            composition: vec![InstitutionCases { institution_id: operator.clone(), cases: 10 }],
            consent,
            ..Default::default()
        };
        let released = access.release_freeze(by(&operator, release)).await.unwrap().into_inner();
        assert_eq!(released.number, number);
        clock.set(Timestamp::from_micros(clock.now().as_micros() + 1).unwrap());
    }
    let found = access.get_dataset(by(&operator, GetDatasetRequest { dataset_id })).await.unwrap();
    let freezes = found.into_inner().dataset.unwrap().freezes;
    let sale = freezes.iter().map(|freeze| freeze.consent.unwrap().derived_material_sale);
    assert_eq!(sale.collect::<Vec<_>>(), [false, true, false]);
}
