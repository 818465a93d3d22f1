//! What an organisation is accredited for, as the operators attest it.

use jiff::civil::Date;

use crate::{
    organisation::state::merged_by,
    terms::CredentialKind,
    text::{Name, Text},
};

/// A credential and the dates `[valid_from, valid_until)` in Asia/Tokyo on which it holds.
///
/// What is one credential is decided by its kind and its number; a renewal goes on under the same two.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Credential {
    /// What it is a credential of.
    pub kind: CredentialKind,
    /// The number under which its issuer has it.
    pub number: Text<100>,
    /// Who gave it.
    pub issuer: Name,
    /// The first date on which it holds.
    pub valid_from: Date,
    /// The first date on which it holds no more.
    pub valid_until: Date,
}

impl Credential {
    /// Whether it holds on a date.
    pub fn covers(&self, date: Date) -> bool {
        self.valid_from <= date && date < self.valid_until
    }

    /// Whether the two are one credential, whatever their dates.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.number == other.number
    }

    /// Whether no date lies within it.
    pub(super) fn is_empty(&self) -> bool {
        self.valid_until <= self.valid_from
    }

    /// Whether each date of the other is a date of this one, the two being one credential.
    pub(super) fn contains(&self, other: &Self) -> bool {
        self.is_same(other) && self.valid_from <= other.valid_from && other.valid_until <= self.valid_until
    }
}

/// The same days in the canonical form: sorted, and what overlaps or touches merged. A credential that had
/// lapsed for a while and was renewed has two entries: nobody is told that it held in between.
pub(super) fn merged(credentials: Vec<Credential>) -> Vec<Credential> {
    merged_by(credentials, |last, next| {
        let joins = last.is_same(next) && last.issuer == next.issuer && next.valid_from <= last.valid_until;
        if joins {
            last.valid_until = last.valid_until.max(next.valid_until);
        }
        joins
    })
}
