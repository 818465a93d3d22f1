//! Identifiers: 128 bits in the log, the TypeID form (`ctr_…`) on the API.
//!
//! The text form is the prefix, an underscore and 26 lower-case Crockford base32 characters, as the TypeID
//! specification 0.3 defines it. There is no conversion between kinds.

use std::{fmt, hash::Hash, marker::PhantomData, str::FromStr};

/// A kind of thing that has ids, and the prefix its ids bear.
pub trait Kind: Copy + Eq + Ord + Hash + fmt::Debug + Send + Sync + 'static {
    /// The prefix of the text form, without the underscore.
    const PREFIX: &'static str;
}

/// Declares the kinds of ids: the marker type, its prefix and the name of its id.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $prefix:literal $id:ident,)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
            pub struct $kind;
            impl Kind for $kind {
                const PREFIX: &'static str = $prefix;
            }
            $(#[$doc])*
            pub type $id = Id<$kind>;
        )*
    };
}

// The registry of prefixes: every kind of id that exists, on one screen.
kinds! {
    /// An organisation: base operator, promoter, member, vendor, institution, investor…
    Organisation "org" OrganisationId,
    /// A person, known to Kiban by this random number alone.
    Person "per" PersonId,
    /// A blanket contract; also its case number from application to expiry.
    Contract "ctr" ContractId,
    /// A dataset of the base operator or of a data provider.
    Dataset "dat" DatasetId,
    /// A source: one meter of one contract.
    Source "src" SourceId,
    /// A price book, all of its versions.
    PriceBook "prb" PriceBookId,
    /// A share rule, all of its versions.
    ShareRule "shr" ShareRuleId,
    /// A credit to a member.
    Credit "crd" CreditId,
    /// An agreed public funding.
    Funding "fnd" FundingId,
    /// A vendor's listing of a service.
    Listing "lst" ListingId,
    /// A request for a quote, with the quotes that answer it.
    QuoteRequest "rfq" QuoteRequestId,
    /// Vendors that sell as one.
    Consortium "con" ConsortiumId,
    /// A service order.
    Order "ord" OrderId,
    /// A specimen of the base operator.
    Specimen "spc" SpecimenId,
    /// A patient recruitment request.
    Recruitment "rec" RecruitmentId,
    /// A venture's deal card.
    Venture "vnt" VentureId,
    /// An event of the forum: a matching, a briefing on results, a pitch contest.
    ForumEvent "fev" ForumEventId,
    /// An investment in a venture.
    Investment "inv" InvestmentId,
}

/// An id of one kind of thing.
pub struct Id<K>(u128, PhantomData<fn() -> K>);

impl<K> Id<K> {
    /// The id with these 128 bits.
    pub const fn from_u128(bits: u128) -> Self {
        Self(bits, PhantomData)
    }

    /// The id with these 16 bytes, most significant first.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self::from_u128(u128::from_be_bytes(bytes))
    }

    /// The 128 bits.
    pub const fn as_u128(&self) -> u128 {
        self.0
    }

    /// The 16 bytes, most significant first.
    pub const fn to_bytes(&self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
}

impl<K> Copy for Id<K> {}
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_LENGTH: usize = 26;

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut suffix = [0; SUFFIX_LENGTH];
        let mut rest = self.0;
        for character in suffix.iter_mut().rev() {
            *character = ALPHABET[(rest & 31) as usize];
            rest >>= 5;
        }
        write!(f, "{}_{}", K::PREFIX, std::str::from_utf8(&suffix).unwrap_or_default())
    }
}

/// A text that is no id of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// The text has another prefix, or none.
    #[error("{text:?} is not an id of this kind: it must start with \"{expected}_\"")]
    Prefix {
        /// The text.
        text: String,
        /// The prefix of the kind that was asked for.
        expected: &'static str,
    },
    /// What follows the prefix is not 26 characters of lower-case Crockford base32 that fit 128 bits.
    #[error(
        "{text:?} is not an id: the prefix must be followed by 26 lower-case Crockford base32 characters, the first at most 7"
    )]
    Suffix {
        /// The text.
        text: String,
    },
}

impl<K: Kind> FromStr for Id<K> {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let suffix = text
            .strip_prefix(K::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .ok_or_else(|| InvalidId::Prefix { text: shown(text), expected: K::PREFIX })?;
        parse_suffix(suffix).map(Self::from_u128).ok_or_else(|| InvalidId::Suffix { text: shown(text) })
    }
}

fn parse_suffix(suffix: &str) -> Option<u128> {
    let bytes = suffix.as_bytes();
    // 26 characters hold 130 bits: the first may use only three of its five.
    if bytes.len() != SUFFIX_LENGTH || bytes[0] > b'7' {
        return None;
    }
    bytes.iter().try_fold(0u128, |bits, byte| {
        let digit = ALPHABET.iter().position(|character| character == byte)?;
        Some(bits << 5 | digit as u128)
    })
}

/// What an error shows of a text that came from outside: never more than 64 characters.
fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_is_the_type_id_form() {
        // The valid examples "nil", "one" and "max-valid" of the TypeID specification.
        for (bits, suffix) in [
            (0, "00000000000000000000000000"),
            (1, "00000000000000000000000001"),
            (32, "00000000000000000000000010"),
            (u128::MAX, "7zzzzzzzzzzzzzzzzzzzzzzzzz"),
        ] {
            let id = ContractId::from_u128(bits);
            assert_eq!(id.to_string(), format!("ctr_{suffix}"));
            assert_eq!(format!("ctr_{suffix}").parse(), Ok(id));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "ctr", "ctr_", "org_00000000000000000000000000", "ctr-00000000000000000000000000"] {
            assert!(text.parse::<ContractId>().is_err(), "{text}");
        }
        for suffix in [
            "8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "0000000000000000000000000",
            "000000000000000000000000000",
            "0000000000000000000000000I",
            "0000000000000000000000000u",
            "あああああああああああああああああああああああああ",
        ] {
            assert!(matches!(format!("ctr_{suffix}").parse::<ContractId>(), Err(InvalidId::Suffix { .. })));
        }
    }

    proptest::proptest! {
        #[test]
        fn every_id_reads_back(bits: u128) {
            let id = DatasetId::from_u128(bits);
            proptest::prop_assert_eq!(id.to_string().parse(), Ok(id));
        }
    }
}
