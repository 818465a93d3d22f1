//! Requests as callers make them, and what is answered.

use std::fmt::Debug;

use domain::id::OrganisationId;
use engine::{CALLER_HEADER, Caller, Role};
use tonic::{Request, Response, Status};
use tonic_types::StatusExt;

use crate::PERSON;

/// A request by a person of an organisation who has every role there.
pub fn by<T>(organisation: OrganisationId, request: T) -> Request<T> {
    called(Caller { organisation, person: Some(PERSON), roles: Role::ALL.into() }, request)
}

/// A request by a machine of an organisation that has no role there.
pub fn roleless<T>(organisation: OrganisationId, request: T) -> Request<T> {
    with_roles(organisation, &[], request)
}

/// A request by a machine of an organisation that has these roles there.
pub fn with_roles<T>(organisation: OrganisationId, roles: &[Role], request: T) -> Request<T> {
    called(Caller { organisation, person: None, roles: roles.to_vec() }, request)
}

/// A request with a caller in its header.
pub fn called<T>(caller: Caller, request: T) -> Request<T> {
    let mut request = Request::new(request);
    request.metadata_mut().insert(CALLER_HEADER, caller.to_string().parse().unwrap());
    request
}

/// The same request once more, for somebody else.
pub fn again<T: Clone>(request: &Request<T>) -> Request<T> {
    let mut again = Request::new(request.get_ref().clone());
    *again.metadata_mut() = request.metadata().clone();
    again
}

/// Fails unless two answers to a request are the same, or the same refusal.
pub fn same<T: PartialEq + Debug>(
    one: &Result<Response<T>, Status>,
    other: &Result<Response<T>, Status>,
    asked: &str,
) {
    let refused =
        |refusal: &Status| (refusal.code(), refusal.message().to_owned(), refusal.details().to_vec());
    let (one, other) = (one.as_ref().map(Response::get_ref), other.as_ref().map(Response::get_ref));
    assert_eq!(one.map_err(refused), other.map_err(refused), "{asked}");
}

/// The message of an answer that is no refusal.
pub fn message<T>(answer: Result<Response<T>, Status>) -> T {
    answer.unwrap().into_inner()
}

/// The reason of a refusal, and the field that it names first; empty if it names none.
pub fn reason<T>(outcome: Result<T, Status>) -> (String, String) {
    why(&outcome.map(|_| ()).unwrap_err())
}

/// The same of a refusal that did not come as an answer.
pub fn why(refusal: &Status) -> (String, String) {
    let details = refusal.get_error_details();
    let first = details.bad_request().and_then(|bad| bad.field_violations.first());
    let field = first.map(|violation| violation.field.clone()).unwrap_or_default();
    (details.error_info().unwrap().reason.clone(), field)
}
