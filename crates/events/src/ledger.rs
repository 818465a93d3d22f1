//! The ledger of the finance projections: what it takes of the log, and the form of its snapshot.

use domain::{
    id::{ContractId, Id, Kind},
    recruitment,
};
use prost::Message;
use rating::ledger::{At, Fact, LedgerOf, LineImage};

use crate::{Category, Defect, Event, Recordable, Recorded, field};

/// The categories that a ledger folds.
pub const CATEGORIES: &[Category] = &[
    Category::Organisation,
    Category::Contract,
    Category::Dataset,
    Category::Access,
    Category::PriceBook,
    Category::ShareRule,
    Category::Period,
    Category::Order,
    Category::Recruitment,
    Category::Credit,
    Category::Funding,
];

/// Raised whenever what a ledger keeps, or its form, changes.
pub const VERSION: u32 = 2;

/// The contract to whose shard of a ledger an event goes; `None`: to every shard.
///
/// Use, and what becomes of a recruitment or a credit, bears on the statement of its own contract alone. Contracts,
/// orders and what was asked for are looked at from other contracts as well: the data fee for what a vendor uses for an
/// order is charged on the vendor's contract, unless the order pays it, and that depends on what became of the order; a
/// vendor's page lists its orders and recruitments. So each shard answers by itself whatever is asked
/// about a contract of its own.
pub fn partition(recorded: &Recorded) -> Option<ContractId> {
    let own = recorded.metadata.partition;
    match &recorded.event {
        Event::Access(_) | Event::Credit(_) => own,
        Event::Recruitment(recruitment::Event::PatientRecruitmentRequested(_)) => None,
        Event::Recruitment(_) => own,
        Event::Organisation(_)
        | Event::Contract(_)
        | Event::Order(_)
        | Event::Dataset(_)
        | Event::PriceBook(_)
        | Event::ShareRule(_)
        | Event::Period(_)
        | Event::Funding(_) => None,
        Event::Reservation(_)
        | Event::Specimen(_)
        | Event::Venture(_)
        | Event::ForumEvent(_)
        | Event::Investment(_)
        | Event::Listing(_)
        | Event::Quote(_)
        | Event::Consortium(_)
        | Event::VendorAdmission(_)
        | Event::Relay(_) => None,
    }
}

/// Takes an event into a ledger.
pub fn apply<const BLOCK: u64, const COPY: usize>(ledger: &mut LedgerOf<BLOCK, COPY>, recorded: &Recorded) {
    let at = At { position: recorded.position.0, frame: recorded.frame.0 };
    let fact = match &recorded.event {
        Event::Access(event) => {
            if let Some(contract) = id_of(recorded) {
                ledger.apply(at, contract, event);
            }
            return;
        }
        Event::Organisation(event) => id_of(recorded).map(|id| Fact::Organisation(id, event.clone())),
        Event::Contract(event) => id_of(recorded).map(|id| Fact::Contract(id, event.clone())),
        Event::Dataset(event) => id_of(recorded).map(|id| Fact::Dataset(id, event.clone())),
        Event::PriceBook(event) => Some(Fact::PriceBook(event.clone())),
        Event::ShareRule(event) => Some(Fact::ShareRule(event.clone())),
        Event::Period(event) => Some(Fact::Period(*event)),
        Event::Order(event) => id_of(recorded).map(|id| Fact::Order(id, event.clone())),
        Event::Recruitment(event) => {
            id_of(recorded).filter(|_| bears_on_money(event)).map(|id| Fact::Recruitment(id, event.clone()))
        }
        Event::Credit(event) => Some(Fact::Credit(event.clone())),
        Event::Funding(event) => Some(Fact::Funding(event.clone())),
        Event::Reservation(_)
        | Event::Specimen(_)
        | Event::Venture(_)
        | Event::ForumEvent(_)
        | Event::Investment(_)
        | Event::Listing(_)
        | Event::Quote(_)
        | Event::Consortium(_)
        | Event::VendorAdmission(_)
        | Event::Relay(_) => None,
    };
    if let Some(fact) = fact {
        ledger.learn(at, fact);
    }
}

/// The canonical bytes of a ledger whose rows have been taken: the same history gives the same ones.
pub fn encode<const BLOCK: u64, const COPY: usize>(ledger: &LedgerOf<BLOCK, COPY>) -> Vec<u8> {
    let line = |line: LineImage| StoredLine {
        key: line.key,
        first: line.first,
        last: line.last,
        block_start: line.block_start,
        block: line.block,
    };
    StoredLedger {
        facts: ledger.facts().map(|(at, fact)| store(*at, fact)).collect(),
        lines: ledger.line_images().into_iter().map(line).collect(),
    }
    .encode_to_vec()
}

/// Reads a ledger back.
pub fn decode<const BLOCK: u64, const COPY: usize>(bytes: &[u8]) -> Result<LedgerOf<BLOCK, COPY>, Defect> {
    let stored = StoredLedger::decode(bytes)?;
    let facts = stored.facts.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let lines = stored.lines.into_iter().map(|line| LineImage {
        key: line.key,
        first: line.first,
        last: line.last,
        block_start: line.block_start,
        block: line.block,
    });
    LedgerOf::restore(facts, lines).map_err(|error| field::defect("lines", error))
}

/// Whether an event of a recruitment bears on money: what is asked for, what falls due, and who takes part.
const fn bears_on_money(event: &recruitment::Event) -> bool {
    match event {
        recruitment::Event::PatientRecruitmentRequested(_)
        | recruitment::Event::RecruitmentApproved(_)
        | recruitment::Event::InstitutionResponded(_)
        | recruitment::Event::ParticipantEnrolled(_) => true,
        recruitment::Event::RecruitmentTriaged(_)
        | recruitment::Event::RecruitmentRejected(_)
        | recruitment::Event::InstitutionInvited(_)
        | recruitment::Event::ParticipantsContacted(_)
        | recruitment::Event::RecruitmentClosed(_) => false,
    }
}

/// The aggregate of an event. The streams of these categories are named by ids and by nothing else.
fn id_of<K: Kind>(recorded: &Recorded) -> Option<Id<K>> {
    recorded.stream.id().parse().ok()
}

fn store(at: At, fact: &Fact) -> StoredFact {
    match fact {
        Fact::Organisation(id, event) => stored(at, field::id_bytes(*id), event),
        Fact::Contract(id, event) => stored(at, field::id_bytes(*id), event),
        Fact::Dataset(id, event) => stored(at, field::id_bytes(*id), event),
        Fact::PriceBook(event) => stored(at, Vec::new(), event),
        Fact::ShareRule(event) => stored(at, Vec::new(), event),
        Fact::Period(event) => stored(at, Vec::new(), event),
        Fact::Order(id, event) => stored(at, field::id_bytes(*id), event),
        Fact::Recruitment(id, event) => stored(at, field::id_bytes(*id), event),
        Fact::Credit(event) => stored(at, Vec::new(), event),
        Fact::Funding(event) => stored(at, Vec::new(), event),
    }
}

fn stored<E: Recordable>(at: At, id: Vec<u8>, event: &E) -> StoredFact {
    StoredFact {
        position: at.position,
        frame: at.frame,
        category: E::CATEGORY.as_str().to_owned(),
        id,
        event_type: event.event_type().to_owned(),
        payload: event.encode(),
    }
}

fn read(stored: &StoredFact) -> Result<(At, Fact), Defect> {
    let StoredFact { event_type, payload, .. } = stored;
    let category = Category::ALL.into_iter().find(|category| category.as_str() == stored.category);
    let category = field::required("category", category)?;
    let fact = match category {
        Category::Organisation => {
            Fact::Organisation(field::id("id", &stored.id)?, Recordable::decode(event_type, payload)?)
        }
        Category::Contract => {
            Fact::Contract(field::id("id", &stored.id)?, Recordable::decode(event_type, payload)?)
        }
        Category::Dataset => {
            Fact::Dataset(field::id("id", &stored.id)?, Recordable::decode(event_type, payload)?)
        }
        Category::PriceBook => Fact::PriceBook(Recordable::decode(event_type, payload)?),
        Category::ShareRule => Fact::ShareRule(Recordable::decode(event_type, payload)?),
        Category::Period => Fact::Period(Recordable::decode(event_type, payload)?),
        Category::Order => {
            Fact::Order(field::id("id", &stored.id)?, Recordable::decode(event_type, payload)?)
        }
        Category::Recruitment => {
            Fact::Recruitment(field::id("id", &stored.id)?, Recordable::decode(event_type, payload)?)
        }
        Category::Credit => Fact::Credit(Recordable::decode(event_type, payload)?),
        Category::Funding => Fact::Funding(Recordable::decode(event_type, payload)?),
        Category::Reservation
        | Category::Specimen
        | Category::Access
        | Category::Venture
        | Category::ForumEvent
        | Category::Investment
        | Category::Listing
        | Category::Quote
        | Category::Consortium
        | Category::VendorAdmission
        | Category::Relay => {
            return Err(field::defect("category", format!("{category} has no facts")));
        }
    };
    Ok((At { position: stored.position, frame: stored.frame }, fact))
}

// Snapshots are neither on a wire nor in the log, so their messages stand here and not in the schema.

#[derive(Clone, PartialEq, Message)]
struct StoredLedger {
    /// In the order of the log.
    #[prost(message, repeated, tag = "1")]
    facts: Vec<StoredFact>,
    /// Sorted by key.
    #[prost(message, repeated, tag = "2")]
    lines: Vec<StoredLine>,
}

/// A fact as the event that it is in the log.
#[derive(Clone, PartialEq, Message)]
struct StoredFact {
    #[prost(uint64, tag = "1")]
    position: u64,
    #[prost(uint64, tag = "2")]
    frame: u64,
    #[prost(string, tag = "3")]
    category: String,
    /// Empty where the event names it.
    #[prost(bytes = "vec", tag = "4")]
    id: Vec<u8>,
    #[prost(string, tag = "5")]
    event_type: String,
    #[prost(bytes = "vec", tag = "6")]
    payload: Vec<u8>,
}

/// [`LineImage`].
#[derive(Clone, PartialEq, Message)]
struct StoredLine {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
    #[prost(uint64, tag = "2")]
    first: u64,
    #[prost(uint64, tag = "3")]
    last: u64,
    #[prost(uint64, tag = "4")]
    block_start: u64,
    #[prost(bytes = "vec", tag = "5")]
    block: Vec<u8>,
}
