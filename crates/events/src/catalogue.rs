//! Every event of every context, and where it stood.

use domain::time::Timestamp;
use event_log::{Frame, Position, RecordedEvent, StreamName};

use crate::{Category, DecodeError, Defect, Metadata, Recordable};

/// Declares the contexts: the category and the domain's event type, for which `Recordable` is implemented.
macro_rules! catalogue {
    ($($category:ident($event:ty),)*) => {
        /// An event of any context. A fold matches exhaustively within each context it subscribes to.
        #[derive(Clone, PartialEq, Debug)]
        #[allow(missing_docs, reason = "each variant is the category of the same name")]
        pub enum Event {
            $($category($event),)*
        }

        impl Event {
            /// The category of its stream.
            pub const fn category(&self) -> Category {
                match self {
                    $(Self::$category(_) => Category::$category,)*
                }
            }

            /// The name under which the log keeps it.
            pub fn event_type(&self) -> &'static str {
                match self {
                    $(Self::$category(event) => event.event_type(),)*
                }
            }

            fn decode(category: Category, event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
                match category {
                    $(Category::$category => <$event>::decode(event_type, payload).map(Self::$category),)*
                }
            }
        }

        $(impl From<$event> for Event {
            fn from(event: $event) -> Self {
                Self::$category(event)
            }
        })*
    };
}

catalogue! {
    Reservation(domain::reservation::Event),
    Organisation(domain::organisation::Event),
    Contract(domain::contract::Event),
    Dataset(domain::dataset::Event),
    Access(domain::access::Event),
    PriceBook(domain::price_book::Event),
    ShareRule(domain::share_rule::Event),
    Period(domain::period::Event),
    Credit(domain::credit::Event),
    Funding(domain::funding::Event),
    Listing(domain::listing::Event),
    Quote(domain::quote::Event),
    Consortium(domain::consortium::Event),
    VendorAdmission(domain::vendor_admission::Event),
    Order(domain::order::Event),
    Specimen(domain::specimen::Event),
    Recruitment(domain::recruitment::Event),
    Venture(domain::venture::Event),
    ForumEvent(domain::forum_event::Event),
    Investment(domain::investment::Event),
    Relay(domain::relay::Event),
}

/// An event, decoded, with where and when it was recorded.
#[derive(Clone, PartialEq, Debug)]
pub struct Recorded {
    /// Its position in the log.
    pub position: Position,
    /// The position of its frame's first event.
    pub frame: Position,
    /// Its revision in the stream.
    pub revision: u64,
    /// Its stream.
    pub stream: StreamName,
    /// Its id.
    pub id: [u8; 16],
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Its envelope.
    pub metadata: Metadata,
    /// What happened.
    pub event: Event,
}

/// What the types of all of Kiban's events begin with.
const KIBAN_TYPES: &str = "kiban.";

/// Whether a frame is somebody else's: other clients of a served log may keep streams of their own in it, of categories
/// and types that are not Kiban's.
pub fn is_foreign(frame: &Frame) -> bool {
    Category::of(&frame.stream).is_none()
        && frame.events.iter().all(|event| !event.event_type.starts_with(KIBAN_TYPES))
}

/// Decodes the events of a frame; none of somebody else's.
pub fn decode_frame(frame: &Frame) -> Result<Vec<Recorded>, DecodeError> {
    if is_foreign(frame) {
        return Ok(Vec::new());
    }
    let recorded_at = Timestamp::from_micros(frame.recorded_at).unwrap_or(Timestamp::MAX);
    let category = Category::of(&frame.stream);
    let decoded = frame.events.iter().enumerate().map(|(index, event)| {
        let position = event.position;
        let (metadata, payload) = decode_event(category, event).map_err(|defect| DecodeError {
            position,
            event_type: event.event_type.to_string(),
            defect,
        })?;
        Ok(Recorded {
            position,
            frame: frame.first_position,
            revision: frame.first_revision + index as u64,
            stream: frame.stream.clone(),
            id: event.id,
            recorded_at,
            metadata,
            event: payload,
        })
    });
    decoded.collect()
}

fn decode_event(category: Option<Category>, event: &RecordedEvent) -> Result<(Metadata, Event), Defect> {
    let category = category.ok_or_else(|| Defect::UnknownType(event.event_type.to_string()))?;
    let payload = Event::decode(category, &event.event_type, &event.payload)?;
    Ok((Metadata::decode(&event.metadata)?, payload))
}
