//! What is known of the admission to a kind of service.

use std::collections::BTreeSet;

use crate::{id::OrganisationId, time::Timestamp};

/// Who is admitted to a kind of service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdmissionMode {
    /// Every vendor.
    Open,
    /// These vendors.
    Limited(BTreeSet<OrganisationId>),
    /// This vendor alone.
    Exclusive(OrganisationId),
}

/// What is known of the admission to a kind of service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum VendorAdmission {
    /// The operators have said nothing, so every vendor is admitted.
    #[default]
    Vacant,
    /// They have said who is admitted.
    Set {
        /// Who.
        mode: AdmissionMode,
        /// Since when.
        since: Timestamp,
    },
}

impl AdmissionMode {
    /// Whether a vendor is admitted.
    pub fn admits(&self, vendor: OrganisationId) -> bool {
        match self {
            Self::Open => true,
            Self::Limited(vendors) => vendors.contains(&vendor),
            Self::Exclusive(only) => *only == vendor,
        }
    }

    /// The vendors that it names; none if it is open.
    pub fn vendors(&self) -> BTreeSet<OrganisationId> {
        match self {
            Self::Open => BTreeSet::new(),
            Self::Limited(vendors) => vendors.clone(),
            Self::Exclusive(only) => BTreeSet::from([*only]),
        }
    }
}

impl VendorAdmission {
    /// Who is admitted now.
    pub const fn mode(&self) -> &AdmissionMode {
        match self {
            Self::Vacant => &AdmissionMode::Open,
            Self::Set { mode, .. } => mode,
        }
    }

    /// Whether a vendor is admitted now.
    pub fn admits(&self, vendor: OrganisationId) -> bool {
        self.mode().admits(vendor)
    }
}
