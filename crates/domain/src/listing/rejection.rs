//! Why a command to a listing was refused.

use crate::{
    consortium::CannotSell,
    id::{ConsortiumId, ListingId, OrganisationId},
    listing::{InvalidContent, ListingCode, ServiceKind},
    under_contract::NotCovered,
};

/// Why a command to a listing was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Something cannot be said of a service.
    #[error(transparent)]
    InvalidContent(#[from] InvalidContent),
    /// The listing stands, with other particulars.
    #[error("listing {id} already offers something else")]
    AlreadyListed {
        /// The listing.
        id: ListingId,
    },
    /// Nothing was ever listed there.
    #[error("the listing does not exist")]
    NotListed,
    /// It is not offered any more.
    #[error("listing {id} has been withdrawn")]
    Withdrawn {
        /// The listing.
        id: ListingId,
    },
    /// The listing is another vendor's.
    #[error("listing {id} is not {organisation}'s")]
    NotTheVendor {
        /// The listing.
        id: ListingId,
        /// Who is not its vendor.
        organisation: OrganisationId,
    },
    /// Only vendors list services.
    #[error("{organisation} is no vendor today")]
    NotAVendor {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The contract does not cover it.
    #[error(transparent)]
    NotCovered(#[from] NotCovered),
    /// The operators admit others to this kind of service.
    #[error("{organisation} is not admitted to services of the kind {kind}")]
    NotAdmitted {
        /// The vendor.
        organisation: OrganisationId,
        /// The kind.
        kind: ServiceKind,
    },
    /// Somebody in the consortium has not agreed yet, or there is no consortium.
    #[error("consortium {id} is not formed: not every member has joined")]
    ConsortiumNotFormed {
        /// The consortium.
        id: ConsortiumId,
    },
    /// Somebody in the consortium cannot sell this now.
    #[error(transparent)]
    MemberCannotSell(#[from] CannotSell),
    /// The lead alone lists the services of a consortium.
    #[error("{organisation} does not lead consortium {id}")]
    NotTheLead {
        /// The consortium.
        id: ConsortiumId,
        /// Who does not lead it.
        organisation: OrganisationId,
    },
    /// The kind of a service does not change.
    #[error("a service of the kind {kind} cannot become one of the kind {wanted}")]
    KindChanged {
        /// What it is.
        kind: ServiceKind,
        /// What it would become.
        wanted: ServiceKind,
    },
    /// The code of a service does not change.
    #[error("the code {code} of a service cannot become {wanted}")]
    CodeChanged {
        /// What it is.
        code: ListingCode,
        /// What it would become.
        wanted: ListingCode,
    },
    /// What a vendor does with its own listing is no interest of a member.
    #[error("{organisation} is the vendor itself")]
    OwnListing {
        /// The vendor.
        organisation: OrganisationId,
    },
}
