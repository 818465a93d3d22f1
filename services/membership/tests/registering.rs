//! Organisations through the public door: who may enter them, and that no number is had twice.

use std::sync::Arc;

use domain::{id::OrganisationId, time::Timestamp};
use engine::{CALLER_HEADER, Clock, Gate, ManualClock, PLATFORM};
use event_log::{EventLog, MemoryLog, Position};
use membership::Membership;
use proto::kiban::membership::v1::{
    AttestCredentialRequest, Capacity, CapacityGrant, Credential, GetOrganisationRequest,
    GrantCapacityRequest, RegisterOrganisationRequest, RegisterOrganisationResponse,
    membership_service_server::MembershipService,
};
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;

struct World {
    log: Arc<MemoryLog>,
    clock: Arc<ManualClock>,
    membership: Membership,
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_micros(1_775_000_000_000_000).unwrap()));
        let told = clock.clone();
        let log = MemoryLog::new(Arc::new(move || told.now().as_micros()));
        let gate = Arc::new(Gate::new(log.clone(), clock.clone()));
        Self { membership: Membership::new(log.clone(), gate), log, clock }
    }

    async fn register(
        &self,
        request: RegisterOrganisationRequest,
    ) -> Result<RegisterOrganisationResponse, Status> {
        let request = by(&PLATFORM.to_string(), "administrator", request);
        self.membership.register_organisation(request).await.map(Response::into_inner)
    }
}

fn by<T>(organisation: &str, roles: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let caller = format!("organisation={organisation}; roles={roles}");
    request.metadata_mut().insert(CALLER_HEADER, caller.parse().unwrap());
    request
}

fn grant(capacity: Capacity, from: &str, until: &str) -> CapacityGrant {
    CapacityGrant { capacity: capacity.into(), from: from.into(), until: until.into() }
}

fn promoter(command_id: &str) -> RegisterOrganisationRequest {
    RegisterOrganisationRequest {
        command_id: command_id.into(),
        name: "活用促進機関".into(),
        country: "JP".into(),
        registration_number: "7000012050002".into(),
        capacities: vec![grant(Capacity::Promoter, "2020-04-01", "")],
        ..Default::default()
    }
}

fn refusal(status: &Status) -> (String, String) {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
    let fields = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    (reason, fields.first().map(|violation| violation.field.clone()).unwrap_or_default())
}

#[tokio::test]
async fn an_organisation_is_entered_once_and_found() {
    let world = World::new();
    let first = world.register(promoter("a")).await.unwrap();
    let again = world.register(promoter("a")).await.unwrap();
    assert_eq!(again.organisation_id, first.organisation_id);
    let (again, receipt) = (again.receipt.unwrap(), first.receipt.unwrap());
    assert!(again.replayed);
    assert_eq!(again.position, receipt.position);

    let get = GetOrganisationRequest { organisation_id: first.organisation_id.clone() };
    let found = world.membership.get_organisation(by(&first.organisation_id, "finance", get)).await.unwrap();
    let found = found.into_inner().organisation.unwrap();
    assert_eq!((found.name.as_str(), found.registration_number.as_str()), ("活用促進機関", "7000012050002"));
    assert_eq!(found.capacities, [grant(Capacity::Promoter, "2020-04-01", "")]);
}

#[tokio::test]
async fn a_registration_number_is_had_once() {
    let world = World::new();
    world.register(promoter("a")).await.unwrap();
    let head = world.log.head().position;
    let twice = world.register(promoter("b")).await.unwrap_err();
    assert_eq!(twice.code(), Code::AlreadyExists);
    assert_eq!(refusal(&twice), ("KEY_TAKEN".into(), "registration_number".into()));
    let look = RegisterOrganisationRequest { validate_only: true, ..promoter("c") };
    assert_eq!(refusal(&world.register(look).await.unwrap_err()).0, "KEY_TAKEN");
    assert_eq!(world.log.head().position, head);
}

#[tokio::test]
async fn what_is_refused_or_only_looked_at_keeps_no_number() {
    let world = World::new();
    let empty = RegisterOrganisationRequest {
        capacities: vec![grant(Capacity::Promoter, "2020-04-01", "2020-04-01")],
        ..promoter("a")
    };
    assert_eq!(
        refusal(&world.register(empty).await.unwrap_err()),
        ("INVALID_FIELD".into(), "capacities".into())
    );
    let look = RegisterOrganisationRequest { validate_only: true, ..promoter("b") };
    world.register(look).await.unwrap();
    assert_eq!(world.log.head().position, Position::START);
    world.register(promoter("c")).await.expect("nobody has the number");
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let world = World::new();
    let cases = [
        (
            RegisterOrganisationRequest { command_id: String::new(), ..promoter("a") },
            "INVALID_COMMAND_ID",
            "command_id",
        ),
        (RegisterOrganisationRequest { name: " ".into(), ..promoter("a") }, "INVALID_FIELD", "name"),
        (RegisterOrganisationRequest { country: "XX".into(), ..promoter("a") }, "INVALID_FIELD", "country"),
        (
            RegisterOrganisationRequest { registration_number: "7000012050003".into(), ..promoter("a") },
            "INVALID_FIELD",
            "registration_number",
        ),
        (
            RegisterOrganisationRequest {
                capacities: vec![grant(Capacity::Unspecified, "2020-04-01", "")],
                ..promoter("a")
            },
            "INVALID_FIELD",
            "capacities[0].capacity",
        ),
        (
            RegisterOrganisationRequest {
                capacities: vec![grant(Capacity::Member, "2020-4-1", "")],
                ..promoter("a")
            },
            "INVALID_FIELD",
            "capacities[0].from",
        ),
    ];
    for (request, reason, field) in cases {
        let refused = world.register(request).await.unwrap_err();
        assert_eq!(
            (refused.code(), refusal(&refused)),
            (Code::InvalidArgument, (reason.into(), field.into()))
        );
    }
    assert_eq!(world.log.head().position, Position::START);
}

#[tokio::test]
async fn only_those_who_run_the_forum_enter_organisations() {
    let world = World::new();
    let promoter_id = world.register(promoter("a")).await.unwrap().organisation_id;
    let member = RegisterOrganisationRequest {
        name: "Pharma".into(),
        country: "CH".into(),
        registration_number: "CHE-123".into(),
        capacities: vec![grant(Capacity::Member, "2020-04-01", "")],
        ..promoter("b")
    };
    let register = |organisation: &str, roles: &str, request: RegisterOrganisationRequest| {
        world.membership.register_organisation(by(organisation, roles, request))
    };
    let unknown = OrganisationId::from_u128(99).to_string();
    let refused = register(&unknown, "administrator", member.clone()).await.unwrap_err();
    assert_eq!(refusal(&refused).0, "CAPACITY_REQUIRED");
    let refused = register(&promoter_id, "finance", member.clone()).await.unwrap_err();
    assert_eq!(refusal(&refused).0, "ROLE_REQUIRED");
    let refused = world.membership.register_organisation(Request::new(member.clone())).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);

    let member_id =
        register(&promoter_id, "administrator", member.clone()).await.unwrap().into_inner().organisation_id;
    let refused = register(&member_id, "administrator", promoter("d")).await.unwrap_err();
    assert_eq!(refusal(&refused).0, "CAPACITY_REQUIRED");
}

#[tokio::test]
async fn a_capacity_is_granted_for_its_dates() {
    let world = World::new();
    let promoter_id = world.register(promoter("a")).await.unwrap().organisation_id;
    let request = |command_id: &str, organisation: &str| GrantCapacityRequest {
        command_id: command_id.into(),
        organisation_id: organisation.into(),
        grant: Some(grant(Capacity::Vendor, "2026-04-01", "2027-04-01")),
        ..Default::default()
    };
    let platform = PLATFORM.to_string();
    let send = |request| world.membership.grant_capacity(by(&platform, "administrator", request));
    let granted = send(request("g", &promoter_id)).await.unwrap().into_inner().receipt.unwrap();
    assert_eq!(granted.revision, 1);
    let again = send(request("h", &promoter_id)).await.unwrap().into_inner().receipt.unwrap();
    assert_eq!((again.revision, again.position.as_str()), (1, ""), "already so: nothing is written");
    let missing = send(request("i", &OrganisationId::from_u128(5).to_string())).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    // The clock stands on 1 April 2026 in Tokyo.
    assert_eq!(world.clock.now().tokyo_date().to_string(), "2026-04-01");
}

fn attest(command_id: &str, organisation: &str, credential: Credential) -> AttestCredentialRequest {
    AttestCredentialRequest {
        command_id: command_id.into(),
        organisation_id: organisation.into(),
        credential: Some(credential),
        ..Default::default()
    }
}

fn credential() -> Credential {
    Credential {
        kind: "iso-15189".into(),
        number: "RML01230".into(),
        issuer: "日本適合性認定協会".into(),
        valid_from: "2026-04-01".into(),
        valid_until: "2027-04-01".into(),
    }
}

#[tokio::test]
async fn a_credential_is_attested_by_those_who_run_the_forum_and_extended() {
    let world = World::new();
    let organisation = world.register(promoter("a")).await.unwrap().organisation_id;
    let platform = PLATFORM.to_string();
    let send =
        |roles: &'static str, request| world.membership.attest_credential(by(&platform, roles, request));
    let refused = send("finance", attest("b", &organisation, credential())).await.unwrap_err();
    assert_eq!(refusal(&refused).0, "ROLE_REQUIRED");
    let longer = Credential { valid_until: "2029-04-01".into(), ..credential() };
    for (command_id, credential, revision) in
        [("b", credential(), 1), ("c", credential(), 1), ("d", longer.clone(), 2)]
    {
        let request = attest(command_id, &organisation, credential);
        let receipt = send("administrator", request).await.unwrap().into_inner().receipt.unwrap();
        assert_eq!(receipt.revision, revision, "{command_id}");
    }
    let get = GetOrganisationRequest { organisation_id: organisation.clone() };
    let found = world.membership.get_organisation(by(&organisation, "finance", get)).await.unwrap();
    assert_eq!(found.into_inner().organisation.unwrap().credentials, [longer]);
}

#[tokio::test]
async fn a_wrong_credential_is_refused_by_its_field() {
    let world = World::new();
    let organisation = world.register(promoter("a")).await.unwrap().organisation_id;
    let platform = PLATFORM.to_string();
    let send = |request| world.membership.attest_credential(by(&platform, "administrator", request));
    send(attest("held", &organisation, credential())).await.unwrap();
    for (wrong, reason, field) in [
        (Credential { kind: "ISO 15189".into(), ..credential() }, "INVALID_FIELD", "credential.kind"),
        (Credential { number: String::new(), ..credential() }, "INVALID_FIELD", "credential.number"),
        (Credential { issuer: String::new(), ..credential() }, "INVALID_FIELD", "credential.issuer"),
        (
            Credential { valid_from: "1 April".into(), ..credential() },
            "INVALID_FIELD",
            "credential.valid_from",
        ),
        (
            Credential { valid_until: "2026-04-01".into(), ..credential() },
            "INVALID_FIELD",
            "credential.valid_until",
        ),
        (
            Credential { issuer: "CAP".into(), ..credential() },
            "CREDENTIAL_OF_ANOTHER_ISSUER",
            "credential.issuer",
        ),
    ] {
        let refused = send(attest("wrong", &organisation, wrong)).await.unwrap_err();
        assert_eq!(refusal(&refused), (reason.into(), field.into()));
    }
    let none = AttestCredentialRequest { credential: None, ..attest("n", &organisation, credential()) };
    assert_eq!(refusal(&send(none).await.unwrap_err()).1, "credential");
    let nobody = attest("o", &OrganisationId::from_u128(5).to_string(), credential());
    assert_eq!(send(nobody).await.unwrap_err().code(), Code::NotFound);
}
