//! What the requests of both sides have in common: the credentials that they require, and naming what does not exist.

use std::{collections::BTreeSet, fmt::Display};

use domain::{quote::MOST_CREDENTIALS, terms::CredentialKind};
use engine::{Reason, Refusal, parse::text};

const CREDENTIALS: &str = "required_credentials";

/// Kinds of credentials; no more are read than may be required.
pub(crate) fn credentials(names: &[String]) -> Result<BTreeSet<CredentialKind>, Refusal> {
    if names.len() > MOST_CREDENTIALS {
        return Err(Refusal::invalid(CREDENTIALS, format!("has more than {MOST_CREDENTIALS} entries")));
    }
    names.iter().enumerate().map(|(index, name)| text(&format!("{CREDENTIALS}[{index}]"), name)).collect()
}

/// What a field names does not exist, or not for the caller.
pub(crate) fn missing(field: &str, what: impl Display) -> Refusal {
    Refusal::field(Reason::NotFound, field, format!("{what} does not exist"))
}
