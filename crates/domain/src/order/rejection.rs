//! What may not be done with an order.

use money::Money;

use crate::{
    consortium::CannotSell,
    contract::Status,
    id::{ContractId, DatasetId, ListingId, OrderId, OrganisationId, QuoteRequestId},
    listing::{ConsentToShare, MOST_QUANTITY, ServiceKind},
    milestone::InvalidMilestones,
    order::{MOST_CREDENTIALS, MOST_RESULTS},
    terms::CredentialKind,
    time::Timestamp,
    under_contract::NotCovered,
};

/// Why a command to an order was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The order stands, with other particulars.
    #[error("order {id} has already been placed with other particulars")]
    AlreadyPlaced {
        /// The order.
        id: OrderId,
    },
    /// Nothing, or more than one order holds, would be ordered.
    #[error("a quantity of {quantity} is not {least} to {MOST_QUANTITY}")]
    QuantityOutOfRange {
        /// How many units.
        quantity: u32,
        /// The least that the listing takes.
        least: u32,
    },
    /// The milestones are not the parts of the price.
    #[error(transparent)]
    Milestones(#[from] InvalidMilestones),
    /// More credentials are asked for than are kept.
    #[error("{credentials} required credentials are more than {MOST_CREDENTIALS}")]
    TooManyCredentials {
        /// How many.
        credentials: usize,
    },
    /// The member's contract does not cover the order.
    #[error(transparent)]
    NotCovered(#[from] NotCovered),
    /// Nobody lists this.
    #[error("{listing} does not exist")]
    NoSuchListing {
        /// The listing.
        listing: ListingId,
    },
    /// The vendor has withdrawn the service.
    #[error("{listing} is listed no more")]
    ListingWithdrawn {
        /// The listing.
        listing: ListingId,
    },
    /// A member orders from itself, or from a consortium of which it is.
    #[error("{organisation} cannot order from itself")]
    OwnVendor {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The contract under which the vendor quoted or listed the service is not in force.
    #[error("the vendor's participation is not in force: it is {}", status.as_str())]
    VendorNotParticipating {
        /// What it is.
        status: Status,
    },
    /// Only vendors take orders.
    #[error("{organisation} is no vendor today")]
    NotAVendor {
        /// The organisation.
        organisation: OrganisationId,
    },
    /// The operators do not admit the vendor to this kind of service.
    #[error("{organisation} is not admitted to sell the service {kind}")]
    NotAdmitted {
        /// The organisation.
        organisation: OrganisationId,
        /// The kind of service.
        kind: ServiceKind,
    },
    /// The consortium has not been agreed to by all of its members.
    #[error("the consortium that sells has not been formed")]
    ConsortiumNotFormed,
    /// Somebody in the consortium cannot sell this now.
    #[error(transparent)]
    MemberCannotSell(#[from] CannotSell),
    /// There is no such quote for this member.
    #[error("{request} has no quote {number}")]
    NoSuchQuote {
        /// The request for quote.
        request: QuoteRequestId,
        /// The quote's number.
        number: u32,
    },
    /// The request for quote is another member's.
    #[error("{request} is not {organisation}'s own")]
    QuoteOfAnother {
        /// The request for quote.
        request: QuoteRequestId,
        /// Who wants to order.
        organisation: OrganisationId,
    },
    /// The quote was asked for under another contract.
    #[error("{request} was asked for under {contract}")]
    QuoteUnderOtherContract {
        /// The request for quote.
        request: QuoteRequestId,
        /// The contract under which it was asked for.
        contract: ContractId,
    },
    /// The quote binds its vendor no more.
    #[error("the quote expired at {valid_until}")]
    QuoteExpired {
        /// The first instant at which nothing could be ordered from it.
        valid_until: Timestamp,
    },
    /// The service is sold by quote only.
    #[error("{listing} has no list price: ask for a quote")]
    NoListPrice {
        /// The listing.
        listing: ListingId,
    },
    /// The quantity times the price of a unit is more than an amount can be.
    #[error("{quantity} times {unit} is more than an amount can be")]
    PriceOutOfRange {
        /// How many units.
        quantity: u32,
        /// What one costs.
        unit: Money,
    },
    /// The vendor lacks what the order requires.
    #[error("{organisation} holds no unexpired credential {credential}")]
    CredentialMissing {
        /// The vendor.
        organisation: OrganisationId,
        /// The kind of credential.
        credential: CredentialKind,
    },
    /// The order names another dataset than its request for quote.
    #[error("the request for quote is about {dataset}")]
    OtherDataset {
        /// The dataset of the request.
        dataset: DatasetId,
    },
    /// Derived material comes from somewhere.
    #[error("an order of a {kind} names the dataset from whose participants it is derived")]
    DatasetMissing {
        /// The kind of service.
        kind: ServiceKind,
    },
    /// There is no such dataset.
    #[error("{dataset} does not exist")]
    NoSuchDataset {
        /// The dataset.
        dataset: DatasetId,
    },
    /// The participants have not agreed that derived material be sold.
    #[error("the freeze of {dataset} that is in force does not let derived material be sold")]
    ConsentMissing {
        /// The dataset.
        dataset: DatasetId,
    },
    /// The patient has not consented to share the model, or nobody knows (PDX-MI).
    #[error(
        "{listing} offers a model whose \"consent to share\" (PDX-MI) is {}: only one with yes can be ordered",
        consent.as_str()
    )]
    NotToBeShared {
        /// The listing.
        listing: ListingId,
        /// What it says of the consent.
        consent: ConsentToShare,
    },
    /// Derived material needs an ethics committee's approval.
    #[error("an order of a {kind} needs the approval of an ethics committee")]
    EthicsApprovalMissing {
        /// The kind of service.
        kind: ServiceKind,
    },
    /// Nothing has been ordered under this id.
    #[error("nothing has been ordered")]
    NotOrdered,
    /// Only the vendor may do this.
    #[error("only the order's vendor may do this, not {organisation}")]
    NotTheVendor {
        /// Who wanted to.
        organisation: OrganisationId,
    },
    /// Only the member may do this.
    #[error("only the member who ordered may do this, not {organisation}")]
    NotTheMember {
        /// Who wanted to.
        organisation: OrganisationId,
    },
    /// Only a side of the order may do this.
    #[error("only the order's member or its vendor may do this, not {organisation}")]
    NotASide {
        /// Who wanted to.
        organisation: OrganisationId,
    },
    /// The vendor has answered, or the order was cancelled before.
    #[error("the vendor has nothing to answer any more: the order is {stage}")]
    NotAwaitingAnswer {
        /// The order's stage.
        stage: &'static str,
    },
    /// The order is not being carried out.
    #[error("the order is not under way: it is {stage}")]
    NotUnderWay {
        /// The order's stage.
        stage: &'static str,
    },
    /// The order has ended.
    #[error("there is nothing to cancel any more: the order is {stage}")]
    AlreadyEnded {
        /// The order's stage.
        stage: &'static str,
    },
    /// The order has no such milestone.
    #[error("the order has {milestones} milestones, and none at place {milestone}")]
    NoSuchMilestone {
        /// The place, from 0.
        milestone: u32,
        /// How many it has.
        milestones: usize,
    },
    /// There is nothing to accept or to dispute.
    #[error("milestone {milestone} has not been delivered")]
    NotDelivered {
        /// Its place, from 0.
        milestone: u32,
    },
    /// Something else has been delivered, and the member has not answered.
    #[error("milestone {milestone} has been delivered otherwise, and the member has not answered")]
    AwaitsAnswer {
        /// Its place, from 0.
        milestone: u32,
    },
    /// What was accepted stays accepted.
    #[error("milestone {milestone} has been accepted")]
    AlreadyAccepted {
        /// Its place, from 0.
        milestone: u32,
    },
    /// What was delivered is disputed, and nothing has been delivered since.
    #[error("milestone {milestone} is disputed, and nothing has been delivered since")]
    Disputed {
        /// Its place, from 0.
        milestone: u32,
    },
    /// A vendor ends no order over the head of a member who has to answer.
    #[error("milestone {milestone} has been delivered: the member answers before the vendor can cancel")]
    DeliveryUnanswered {
        /// The first such milestone's place, from 0.
        milestone: u32,
    },
    /// The order has as many results as are kept.
    #[error("an order has at most {MOST_RESULTS} results")]
    TooManyResults,
}
