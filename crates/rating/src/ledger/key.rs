//! What a line is, and its form as the key of a row on disk.

use std::fmt;

use domain::{
    id::{ContractId, CreditId, OrderId, RecruitmentId},
    terms::{ChargeKind, DatasetClass, Right},
    time::Month,
};

/// A line of usage (requirements §2.2), or the conflicts beside it.
///
/// The charge kind is not part of the key: it follows from the kind of the contract, so one contract has no
/// two lines that differ in it alone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LineKey {
    /// The contract.
    pub contract: ContractId,
    /// The month in Asia/Tokyo to which the use belongs.
    pub month: Month,
    /// What of that month.
    pub entry: Entry,
}

/// What is counted for a contract and month.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Entry {
    /// Records that were stored as conflicts: shown, never billed.
    Conflicts,
    /// Use.
    Use(UseKey),
}

/// What tells the usage lines of a contract and month apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct UseKey {
    /// The segment, counted from 0.
    pub segment: u32,
    /// What was done.
    pub right: Right,
    /// For which order, if for one.
    pub order: Option<OrderId>,
    /// The class of the datasets.
    pub class: DatasetClass,
}

/// What a line is about that no other line of its contract, month and charge kind is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// An order.
    Order(OrderId),
    /// A recruitment.
    Recruitment(RecruitmentId),
    /// A credit to the member.
    Credit(CreditId),
    /// A contract year, counted from 0: two of them may end in one month.
    ContractYear(u32),
    /// Paused days whose fee was charged in a month.
    Paused(Month),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(id) => id.fmt(f),
            Self::Recruitment(id) => id.fmt(f),
            Self::Credit(id) => id.fmt(f),
            Self::ContractYear(year) => write!(f, "year-{year}"),
            Self::Paused(month) => write!(f, "paused-{month}"),
        }
    }
}

/// A line as callers name it: `{charge kind}/{segment}/{right or -}/{class or -}/{subject or -}`, unique and
/// stable within its contract and month.
pub fn line_id(
    charge_kind: &ChargeKind,
    segment: u32,
    right: Option<Right>,
    class: Option<&DatasetClass>,
    subject: Option<Subject>,
) -> String {
    let right = right.map_or("-", Right::as_str);
    let class = class.map_or("-", DatasetClass::as_str);
    let subject = subject.map_or_else(|| "-".to_owned(), |subject| subject.to_string());
    format!("{charge_kind}/{segment}/{right}/{class}/{subject}")
}

impl LineKey {
    /// Its bytes: different keys differ, and the keys of a contract, and of one of its months, stand together.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend(self.contract.to_bytes());
        bytes.extend(self.month.index().to_be_bytes());
        match &self.entry {
            Entry::Conflicts => bytes.push(0),
            Entry::Use(line) => {
                bytes.push(1);
                bytes.extend(line.segment.to_be_bytes());
                bytes.push(line.right as u8);
                bytes.extend(line.order.map_or([0; 16], |order| order.to_bytes()));
                bytes.push(line.order.is_some().into());
                bytes.extend(line.class.as_str().as_bytes());
            }
        }
        bytes
    }

    /// Reads it back; `None` if these bytes are no key.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (contract, rest) = bytes.split_first_chunk::<16>()?;
        let (month, rest) = rest.split_first_chunk::<4>()?;
        let (kind, rest) = rest.split_first()?;
        Some(Self {
            contract: ContractId::from_bytes(*contract),
            month: Month::from_index(i32::from_be_bytes(*month))?,
            entry: match kind {
                0 if rest.is_empty() => Entry::Conflicts,
                1 => Entry::Use(decode_use(rest)?),
                _ => return None,
            },
        })
    }

    /// What tells it from the other usage lines; `None` for conflicts.
    pub const fn of_use(&self) -> Option<&UseKey> {
        match &self.entry {
            Entry::Conflicts => None,
            Entry::Use(line) => Some(line),
        }
    }
}

fn decode_use(bytes: &[u8]) -> Option<UseKey> {
    let (segment, rest) = bytes.split_first_chunk::<4>()?;
    let (right, rest) = rest.split_first()?;
    let (order, rest) = rest.split_first_chunk::<16>()?;
    let (has_order, class) = rest.split_first()?;
    Some(UseKey {
        segment: u32::from_be_bytes(*segment),
        right: *Right::ALL.get(usize::from(*right))?,
        order: match has_order {
            0 if *order == [0; 16] => None,
            1 => Some(OrderId::from_bytes(*order)),
            _ => return None,
        },
        class: DatasetClass::new(std::str::from_utf8(class).ok()?).ok()?,
    })
}
