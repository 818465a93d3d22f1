//! What is known of an organisation.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::{
    country::Country,
    id::OrganisationId,
    organisation::{Credential, RegistrationNumber},
    terms::{CredentialKind, Sector},
    text::Name,
    time::Timestamp,
};

/// As what an organisation takes part (the table of requirements, first page).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Capacity {
    /// 基盤運営機関: owns datasets and specimens.
    BaseOperator,
    /// 活用促進機関: runs the forum.
    Promoter,
    /// 製薬企業等: buys access and services.
    Member,
    /// サービス展開企業: lists services.
    Vendor,
    /// 協力医療機関: supplies cases, is owed an incentive.
    MedicalInstitution,
    /// 連携バイオバンク等: offers datasets of its own through the forum.
    DataProvider,
    /// 投資機関: sees deal flow under a contract.
    Investor,
    /// 学術: theme groups, annotation, technology transfer.
    Academic,
}

impl Capacity {
    /// All of them, in order.
    pub const ALL: &'static [Self] = &[
        Self::BaseOperator,
        Self::Promoter,
        Self::Member,
        Self::Vendor,
        Self::MedicalInstitution,
        Self::DataProvider,
        Self::Investor,
        Self::Academic,
    ];

    /// Whether who holds it runs the platform, and so is never a party of what members agree on (§3.6.3(4)).
    pub const fn runs_the_platform(self) -> bool {
        matches!(self, Self::BaseOperator | Self::Promoter)
    }

    /// The name in texts for people and in canonical forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BaseOperator => "base-operator",
            Self::Promoter => "promoter",
            Self::Member => "member",
            Self::Vendor => "vendor",
            Self::MedicalInstitution => "medical-institution",
            Self::DataProvider => "data-provider",
            Self::Investor => "investor",
            Self::Academic => "academic",
        }
    }
}

/// A capacity and the dates `[from, until)` in Asia/Tokyo on which it is held.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CapacityGrant {
    /// The capacity.
    pub capacity: Capacity,
    /// The first date on which it is held.
    pub from: Date,
    /// The first date on which it is held no more, or `None` for no end.
    pub until: Option<Date>,
}

impl CapacityGrant {
    /// Whether the grant covers a date.
    pub fn covers(&self, date: Date) -> bool {
        self.from <= date && self.until.is_none_or(|until| date < until)
    }

    /// Whether no date lies within the grant.
    pub(super) fn is_empty(&self) -> bool {
        self.until.is_some_and(|until| until <= self.from)
    }

    /// Whether each date of another grant of the same capacity is a date of this one.
    pub(super) fn contains(&self, other: &Self) -> bool {
        let ends_no_earlier = match (self.until, other.until) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(others)) => others <= own,
        };
        self.capacity == other.capacity && self.from <= other.from && ends_no_earlier
    }
}

/// What is known of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Organisation {
    /// It has not been entered.
    #[default]
    Vacant,
    /// It has been entered.
    Registered(Profile),
}

/// A registered organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: Name,
    /// Where it has its seat.
    pub country: Country,
    /// The branch in which it works, if known.
    pub sector: Option<Sector>,
    /// The number under which its country's registry has it.
    pub registration_number: RegistrationNumber,
    /// In which capacities it takes part: sorted by capacity and date, no two of one capacity overlapping or
    /// touching.
    pub capacities: Vec<CapacityGrant>,
    /// What it is accredited for: sorted by kind, number and date, no two entries of one credential
    /// overlapping or touching; those that have ended stay.
    pub credentials: Vec<Credential>,
    /// When it was entered.
    pub registered_at: Timestamp,
}

impl Organisation {
    /// The organisation, if it has been entered.
    pub const fn profile(&self) -> Option<&Profile> {
        match self {
            Self::Vacant => None,
            Self::Registered(profile) => Some(profile),
        }
    }

    /// Whether it holds a capacity at an instant.
    pub fn holds(&self, capacity: Capacity, on: Timestamp) -> bool {
        self.profile().is_some_and(|profile| profile.holds(capacity, on))
    }

    /// The capacities that it holds at an instant.
    pub fn capacities_on(&self, on: Timestamp) -> BTreeSet<Capacity> {
        Capacity::ALL.iter().copied().filter(|capacity| self.holds(*capacity, on)).collect()
    }

    /// The kinds of its credentials that are unexpired at an instant.
    pub fn credentials_on(&self, on: Timestamp) -> BTreeSet<CredentialKind> {
        self.profile().map(|profile| profile.credentials_on(on)).unwrap_or_default()
    }
}

impl Profile {
    /// Whether it holds an unexpired credential of a kind at an instant.
    pub fn holds_credential(&self, kind: &CredentialKind, on: Timestamp) -> bool {
        let date = on.tokyo_date();
        self.credentials.iter().any(|credential| credential.kind == *kind && credential.covers(date))
    }

    /// The kinds of its credentials that are unexpired at an instant.
    pub fn credentials_on(&self, on: Timestamp) -> BTreeSet<CredentialKind> {
        let date = on.tokyo_date();
        let held = self.credentials.iter().filter(|credential| credential.covers(date));
        held.map(|credential| credential.kind.clone()).collect()
    }

    /// Whether it holds a capacity at an instant.
    pub fn holds(&self, capacity: Capacity, on: Timestamp) -> bool {
        let date = on.tokyo_date();
        self.capacities.iter().any(|grant| grant.capacity == capacity && grant.covers(date))
    }
}

/// The same days in the canonical form: sorted by capacity and date, and what overlaps or touches merged.
pub(super) fn merged(grants: Vec<CapacityGrant>) -> Vec<CapacityGrant> {
    merged_by(grants, |last, next| {
        let joins = last.capacity == next.capacity && last.until.is_none_or(|until| next.from <= until);
        if joins {
            last.until = match (last.until, next.until) {
                (Some(one), Some(other)) => Some(one.max(other)),
                _ => None,
            };
        }
        joins
    })
}

/// Sorts spans and joins neighbours: `join` takes the second into the first and says whether it did.
pub(super) fn merged_by<T: Ord>(mut spans: Vec<T>, join: impl Fn(&mut T, &T) -> bool) -> Vec<T> {
    spans.sort();
    let mut merged: Vec<T> = Vec::with_capacity(spans.len());
    for span in spans {
        if !merged.last_mut().is_some_and(|last| join(last, &span)) {
            merged.push(span);
        }
    }
    merged
}
