//! The closed list of stream categories.

use std::fmt;

use domain::{
    id::{Id, Kind},
    listing::ServiceKind,
    relay::RelayName,
};
use event_log::StreamName;

/// A kind of aggregate, and the first part of the names of its streams.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Category {
    /// Owners of unique keys.
    Reservation,
    /// Organisations and their capacities.
    Organisation,
    /// Blanket contracts.
    Contract,
    /// Datasets and their freezes.
    Dataset,
    /// All use under one contract.
    Access,
    /// Price books.
    PriceBook,
    /// Share rules.
    ShareRule,
    /// The closed months of an issuer.
    Period,
    /// Credits to members.
    Credit,
    /// Public funding.
    Funding,
    /// Services that vendors list.
    Listing,
    /// Requests for quotes, with the quotes that answer them.
    Quote,
    /// Vendors that sell as one.
    Consortium,
    /// Which vendors are admitted to a kind of service.
    VendorAdmission,
    /// Service orders.
    Order,
    /// Specimens of the base operator.
    Specimen,
    /// Patient recruitment requests.
    Recruitment,
    /// Ventures and their deal cards.
    Venture,
    /// Events of the forum.
    ForumEvent,
    /// Investments.
    Investment,
    /// Who publishes the log for other systems, and how far it has come.
    Relay,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 21] = [
        Self::Reservation,
        Self::Organisation,
        Self::Contract,
        Self::Dataset,
        Self::Access,
        Self::PriceBook,
        Self::ShareRule,
        Self::Period,
        Self::Credit,
        Self::Funding,
        Self::Listing,
        Self::Quote,
        Self::Consortium,
        Self::VendorAdmission,
        Self::Order,
        Self::Specimen,
        Self::Recruitment,
        Self::Venture,
        Self::ForumEvent,
        Self::Investment,
        Self::Relay,
    ];

    /// The text before the first dash of a stream's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reservation => "reservation",
            Self::Organisation => "organisation",
            Self::Contract => "contract",
            Self::Dataset => "dataset",
            Self::Access => "access",
            Self::PriceBook => "price_book",
            Self::ShareRule => "share_rule",
            Self::Period => "period",
            Self::Credit => "credit",
            Self::Funding => "funding",
            Self::Listing => "listing",
            Self::Quote => "quote",
            Self::Consortium => "consortium",
            Self::VendorAdmission => "vendor_admission",
            Self::Order => "order",
            Self::Specimen => "specimen",
            Self::Recruitment => "recruitment",
            Self::Venture => "venture",
            Self::ForumEvent => "forum_event",
            Self::Investment => "investment",
            Self::Relay => "relay",
        }
    }

    /// The category of a stream.
    pub fn of(stream: &StreamName) -> Option<Self> {
        Self::named(stream.category())
    }

    /// The category with a name; none if it is not Kiban's.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == name)
    }

    /// The stream of an aggregate: the category, a dash and the id in its text form.
    pub fn stream<K: Kind>(self, id: Id<K>) -> StreamName {
        named(format!("{}-{id}", self.as_str()))
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The stream that reserves a unique key of some kind, such as a registration number.
pub fn reservation_stream(kind: &str, key_hash: [u8; 16]) -> StreamName {
    named(format!("{}-{kind}-{:032x}", Category::Reservation, u128::from_be_bytes(key_hash)))
}

/// The stream of the admission to a kind of service.
pub fn vendor_admission_stream(kind: ServiceKind) -> StreamName {
    named(format!("{}-{kind}", Category::VendorAdmission))
}

/// The stream of a relay.
pub fn relay_stream(name: &RelayName) -> StreamName {
    named(format!("{}-{name}", Category::Relay))
}

/// Categories and ids are short and non-empty by construction, so the name is one.
fn named(name: String) -> StreamName {
    StreamName::new(name).expect("a category and an id make a stream name")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::ContractId;

    #[test]
    fn a_stream_tells_its_category() {
        for category in Category::ALL {
            let stream = category.stream(ContractId::from_u128(7));
            assert_eq!(Category::of(&stream), Some(category));
            assert_eq!(stream.id().parse(), Ok(ContractId::from_u128(7)));
        }
        assert_eq!(Category::of(&StreamName::new("invoice-1").unwrap()), None);
        assert_eq!(Category::of(&reservation_stream("registration", [255; 16])), Some(Category::Reservation));
        let admission = vendor_admission_stream(ServiceKind::OmicsAnalysis);
        assert_eq!(Category::of(&admission), Some(Category::VendorAdmission));
        assert_eq!(admission.id(), "omics-analysis");
        let relay = relay_stream(&"kafka".parse().unwrap());
        assert_eq!((Category::of(&relay), relay.id()), (Some(Category::Relay), "kafka"));
    }
}
