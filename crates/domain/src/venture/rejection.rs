//! Why a command to a venture was refused.

use money::Money;

use crate::{
    contract::Status,
    id::{InvestmentId, OrganisationId, VentureId},
    text::Name,
    time::Timestamp,
    under_contract::NotCovered,
    venture::NoInvestor,
};

/// Why a command to a venture was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nothing, or less, is sought.
    #[error("an amount of {amount} is not more than nothing")]
    NothingSought {
        /// The amount.
        amount: Money,
    },
    /// A list is longer than any may be.
    #[error("{entries} {what} are too many, at most {most} are allowed")]
    TooManyEntries {
        /// Of what.
        what: &'static str,
        /// How many.
        entries: usize,
        /// How many there may be.
        most: usize,
    },
    /// The venture stands, with other particulars.
    #[error("venture {id} has already been listed with other particulars")]
    AlreadyListed {
        /// The venture.
        id: VentureId,
    },
    /// The platform is never a party of a deal (§3.6.3(4)).
    #[error("{organisation} runs the platform, which is never a party of a deal")]
    PlatformIsNoParty {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The contract that is named does not cover listing.
    #[error(transparent)]
    NotCovered(NotCovered),
    /// The contract under which the venture is listed does not cover what its lister wants now.
    #[error("the venture's listing: {0}")]
    ListingNotCovered(NotCovered),
    /// The agreement of the investor for whom a data room is opened is not in force. The lister learns that, and not
    /// which agreement the investor has.
    #[error("the agreement of {investor} is not in force: it is {}", status.as_str())]
    InvestorNotCovered {
        /// The investor.
        investor: OrganisationId,
        /// What the agreement is.
        status: Status,
    },
    /// The caller cannot act as an investor.
    #[error(transparent)]
    NoInvestor(NoInvestor),
    /// Nobody has listed it.
    #[error("the venture is not listed")]
    NotListed,
    /// Its card was taken back.
    #[error("venture {id} was withdrawn")]
    Withdrawn {
        /// The venture.
        id: VentureId,
    },
    /// Only the lister may do this.
    #[error("{organisation} did not list venture {id}")]
    NotTheLister {
        /// The venture.
        id: VentureId,
        /// Who wants to.
        organisation: OrganisationId,
    },
    /// An organisation does not invest in itself.
    #[error("{organisation} listed the venture and is no investor in it")]
    OwnVenture {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The investor has not looked at the full card yet.
    #[error("{investor} has not viewed the deal")]
    NotViewed {
        /// The investor.
        investor: OrganisationId,
    },
    /// The investor has not told of an interest.
    #[error("{investor} has expressed no interest")]
    NotInterested {
        /// The investor.
        investor: OrganisationId,
    },
    /// The data room would be closed from its beginning.
    #[error("the data room would be closed at {valid_until}, and it is {now}")]
    RoomEndsAtOnce {
        /// From when on it would be closed.
        valid_until: Timestamp,
        /// Now.
        now: Timestamp,
    },
    /// No data room was opened for the investor.
    #[error("no data room was opened for {investor}")]
    NoDataRoom {
        /// The investor.
        investor: OrganisationId,
    },
    /// The data room is closed.
    #[error("the data room was closed at {valid_until}")]
    DataRoomClosed {
        /// Since when.
        valid_until: Timestamp,
    },
    /// It takes two to form a joint venture.
    #[error("a joint venture has two parties or more, not {parties}")]
    TooFewParties {
        /// How many there are.
        parties: usize,
    },
    /// The lister is none of the parties.
    #[error("{lister} listed the venture and is not among the parties")]
    ListerIsNoParty {
        /// The lister.
        lister: OrganisationId,
    },
    /// A party is unknown here.
    #[error("{organisation} is not registered")]
    PartyNotRegistered {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// A party has nothing to do with the venture.
    #[error("{organisation} has neither told of an interest in the venture nor invested in it")]
    PartyNotInvolved {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// What is named as an investment in the venture is none that stands.
    #[error("{investment} is no investment in the venture that stands")]
    NotInvested {
        /// The investment.
        investment: InvestmentId,
    },
    /// A joint venture of that name stands, with other particulars.
    #[error("a joint venture {name:?} has been formed with other particulars")]
    JointVentureStands {
        /// Its name.
        name: Name,
    },
}
