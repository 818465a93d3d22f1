//! The catalogue of refusals.

use std::fmt::Write;

use engine::{ERROR_DOMAIN, ErrorKind, Reason};

use crate::Page;

const HEAD: &str = "\
# Refusals

A refusal is a gRPC status whose details hold a `google.rpc.ErrorInfo`: its `domain` is `{domain}`, its `reason` is
one of this list and never changes its meaning, and its `metadata` hold the values that the message speaks of. Where
a field is to blame there is a `google.rpc.BadRequest` with its path, such as `records[17].cases`. Where the same
call may succeed later there is a `google.rpc.RetryInfo`: send it again, unchanged, with the same `command_id`.

This page is written from the code.

| reason | gRPC code | what it means |
|---|---|---|
";

const TAIL: &str = "
## What the codes mean here

| gRPC code | what it means | what to do |
|---|---|---|
";

pub(crate) fn page() -> Page {
    let mut text = HEAD.replace("{domain}", ERROR_DOMAIN);
    let mut reasons: Vec<Reason> = Reason::ALL.to_vec();
    reasons.sort_by_key(|reason| reason.as_str());
    for reason in reasons {
        let (name, code, meaning) = (reason.as_str(), reason.kind().code(), reason.meaning());
        writeln!(text, "| `{name}` | `{code:?}` | {meaning} |").unwrap();
    }
    text.push_str(TAIL);
    for (kind, meaning, advice) in KINDS {
        writeln!(text, "| `{:?}` | {meaning} | {advice} |", kind.code()).unwrap();
    }
    Page { path: "errors.md".into(), text }
}

/// Every kind, what it means and what a caller does about it.
const KINDS: &[(ErrorKind, &str, &str)] = &[
    (ErrorKind::Invalid, "the request can never be right as it is", "mend the field that is named"),
    (ErrorKind::Unauthenticated, "nobody knows who calls", "say who calls"),
    (
        ErrorKind::Forbidden,
        "the caller may not do this",
        "ask somebody who may, or for the contract that allows it",
    ),
    (ErrorKind::Missing, "there is no such thing, or none that the caller may see", "check the id"),
    (ErrorKind::Taken, "the key or the id is taken", "choose another"),
    (
        ErrorKind::Precondition,
        "the state of things does not allow it",
        "change the state first, or do without",
    ),
    (ErrorKind::Aborted, "somebody else was faster", "read again, then decide whether you still want it"),
    (ErrorKind::Exhausted, "a limit is reached", "send less at once"),
    (ErrorKind::Unavailable, "it cannot be done now, or nobody knows whether it was", "send the same again"),
    (ErrorKind::Unimplemented, "there is no such method", "check the name against the reference"),
    (ErrorKind::DataLoss, "what the log holds cannot be read", "tell the operator: nothing was guessed"),
];

#[test]
fn every_kind_is_explained() {
    for reason in Reason::ALL {
        assert!(KINDS.iter().any(|(kind, ..)| *kind == reason.kind()), "{reason:?}");
        assert!(reason.meaning().ends_with('.'), "{reason:?} has no sentence");
    }
}
