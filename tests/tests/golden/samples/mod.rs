//! One event of every type, with what may be absent both there and not.

mod access;
mod finance;
mod forum;
mod recruitment;
mod relay;
mod selling;
mod services;
mod venture;

use domain::{
    id::{ContractId, OrganisationId, PersonId},
    time::Timestamp,
};
use events::{Event, Metadata};

const BASE_OPERATOR: OrganisationId = OrganisationId::from_u128(1);
const PROMOTER: OrganisationId = OrganisationId::from_u128(2);
const MEMBER: OrganisationId = OrganisationId::from_u128(3);
const VENDOR: OrganisationId = OrganisationId::from_u128(4);
const INSTITUTION: OrganisationId = OrganisationId::from_u128(5);
const INVESTOR: OrganisationId = OrganisationId::from_u128(6);
const PERSON: PersonId = PersonId::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
const CONTRACT: ContractId = ContractId::from_u128(7);

/// One of every type, or several where there are several forms.
pub(crate) fn events() -> Vec<Event> {
    let mut events = forum::events();
    events.extend(finance::events());
    events.extend(access::events());
    events.extend(services::events());
    events.extend(selling::events());
    events.extend(recruitment::events());
    events.extend(venture::events());
    events.extend(relay::events());
    events
}

/// Envelopes, full and bare.
pub(crate) fn metadata() -> Vec<Metadata> {
    let full = Metadata {
        organisation: MEMBER,
        person: Some(PERSON),
        command: Some(("sign-1".into(), [0xd1; 32])),
        causation: Some([0xca; 16]),
        correlation: Some(CONTRACT.to_bytes()),
        occurred_at: at(0),
        partition: Some(CONTRACT),
        audience: vec![PROMOTER, MEMBER],
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
    };
    let bare = Metadata {
        person: None,
        command: None,
        causation: None,
        correlation: None,
        partition: None,
        audience: vec![],
        traceparent: String::new(),
        ..full.clone()
    };
    vec![full, bare]
}

/// So many seconds after midnight of 2026-04-01 in Tokyo, and a microsecond.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_774_969_200 + seconds) * 1_000_000 + 1).unwrap()
}
