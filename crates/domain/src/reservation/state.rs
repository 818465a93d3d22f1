//! What is known of a reservation.

use std::fmt;

use crate::{id::Id, time::Timestamp};

/// The 128 bits of the id for which a key is kept; of which kind the id is follows from the reservation's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(u128);

impl Owner {
    /// The owner with these 16 bytes, most significant first.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// The 16 bytes, most significant first.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
}

impl<K> From<Id<K>> for Owner {
    fn from(id: Id<K>) -> Self {
        Self(id.as_u128())
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What may be had once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReservationKind {
    /// The registration number of an organisation.
    RegistrationNumber,
    /// The code of a vendor's listing.
    ListingCode,
    /// The code of a provider's dataset.
    DatasetCode,
    /// The code of a specimen.
    SpecimenCode,
    /// A request for quote: one order comes of it.
    QuoteUse,
}

impl ReservationKind {
    /// All of them, in order.
    pub const ALL: &'static [Self] =
        &[Self::RegistrationNumber, Self::ListingCode, Self::DatasetCode, Self::SpecimenCode, Self::QuoteUse];

    /// The name in stream names: without a dash, since that splits them.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RegistrationNumber => "registration_number",
            Self::ListingCode => "listing_code",
            Self::DatasetCode => "dataset_code",
            Self::SpecimenCode => "specimen_code",
            Self::QuoteUse => "quote_use",
        }
    }
}

/// What is known of a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reservation {
    /// Nobody has the key.
    #[default]
    Vacant,
    /// Somebody has it.
    Held {
        /// Who has it.
        owner: Owner,
        /// Since when.
        since: Timestamp,
    },
}

impl Reservation {
    /// Who has the key, if anybody.
    pub const fn owner(&self) -> Option<Owner> {
        match self {
            Self::Vacant => None,
            Self::Held { owner, .. } => Some(*owner),
        }
    }
}
