//! What a vendor says of a service, and what of it cannot be.

use std::{fmt, str::FromStr};

use money::Money;

use crate::{
    listing::{Attributes, ServiceKind},
    terms::{MOST_AMOUNT, Unit, closed},
    text::{Name, Text},
};

/// The most entries of each list of attributes.
pub const MOST_ENTRIES: usize = 100;
/// The largest quantity of one order or quote.
pub const MOST_QUANTITY: u32 = 1_000_000;
/// The longest time from an order to its last delivery, in days: ten years.
pub const MOST_TURNAROUND_DAYS: u32 = 3_650;
/// The longest code, in characters.
const MOST_CODE_CHARACTERS: usize = 40;
/// Absolute zero, in °C.
const COLDEST: i32 = -273;
/// Boiling water, in °C.
const HOTTEST: i32 = 100;

/// What a vendor says of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingContent {
    /// The vendor's own code.
    pub code: ListingCode,
    /// What it is called.
    pub title: Name,
    /// What it is.
    pub description: Text<2000>,
    /// What is said of its kind.
    pub attributes: Attributes,
    /// Days from the order to the last delivery; `None`: the vendor says it in a quote.
    pub turnaround_days: Option<u32>,
    /// At which price it can be ordered without a quote; `None`: only by quote.
    pub list_price: Option<UnitPrice>,
    /// The least quantity of one order.
    pub minimum_quantity: u32,
}

/// What one unit of a service costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitPrice {
    /// What is counted.
    pub unit: Unit,
    /// What one costs.
    pub price: Money,
}

/// A vendor's code of a service: 1 to 40 visible ASCII characters, unique among the vendor's listings.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListingCode(String);

/// A text that is no code of a listing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no listing code: it must be 1 to {MOST_CODE_CHARACTERS} visible ASCII characters")]
pub struct InvalidListingCode {
    /// The text, cut to 64 characters.
    pub text: String,
}

closed! {
    /// A list among the attributes of a service.
    AttributeList {
        /// Of an analysis of data.
        Methods "methods",
        /// Of an analysis of data.
        DatasetClasses "dataset classes",
        /// Of the recruiting of patients.
        Regions "regions",
        /// Of the recruiting of patients.
        Diseases "diseases",
        /// Of lifestyle data.
        Instruments "instruments",
        /// Of an archive of specimens.
        Materials "materials",
    }
}

/// Why something cannot be said of a service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidContent {
    /// A list has too few or too many entries.
    #[error("{entries} {list} are not {least} to {MOST_ENTRIES}")]
    EntriesOutOfRange {
        /// Which list.
        list: AttributeList,
        /// How many entries it has.
        entries: usize,
        /// How many it must have.
        least: usize,
    },
    /// Nothing can be kept at this temperature.
    #[error("{celsius} °C is no temperature of storage: it must be {COLDEST} to {HOTTEST}")]
    TemperatureOutOfRange {
        /// The temperature, in °C.
        celsius: i32,
    },
    /// An archive holds something.
    #[error("an archive has room for at least one specimen")]
    NoCapacity,
    /// No time, or more than ten years.
    #[error("{days} days are not 1 to {MOST_TURNAROUND_DAYS}")]
    TurnaroundOutOfRange {
        /// How many days.
        days: u32,
    },
    /// A service costs something.
    #[error("a price of {price} is not more than nothing")]
    PriceNotPositive {
        /// The price.
        price: Money,
    },
    /// More than one order is worth.
    #[error("a price of {price} is more than {MOST_AMOUNT}")]
    PriceTooHigh {
        /// The price.
        price: Money,
    },
    /// Nothing, or more than can be ordered.
    #[error("a minimum quantity of {quantity} is not 1 to {MOST_QUANTITY}")]
    MinimumOutOfRange {
        /// The minimum.
        quantity: u32,
    },
}

impl ListingContent {
    /// Of which kind the service is.
    pub const fn kind(&self) -> ServiceKind {
        self.attributes.kind()
    }

    /// Whether all of it can be.
    pub(crate) fn check(&self) -> Result<(), InvalidContent> {
        check_attributes(&self.attributes)?;
        if let Some(days) = self.turnaround_days {
            check_turnaround(days)?;
        }
        if let Some(UnitPrice { price, .. }) = self.list_price {
            check_price(price)?;
        }
        if !(1..=MOST_QUANTITY).contains(&self.minimum_quantity) {
            return Err(InvalidContent::MinimumOutOfRange { quantity: self.minimum_quantity });
        }
        Ok(())
    }
}

/// Whether somebody could promise to deliver within so many days.
pub(crate) fn check_turnaround(days: u32) -> Result<(), InvalidContent> {
    if (1..=MOST_TURNAROUND_DAYS).contains(&days) {
        Ok(())
    } else {
        Err(InvalidContent::TurnaroundOutOfRange { days })
    }
}

fn check_price(price: Money) -> Result<(), InvalidContent> {
    match price.minor_units() {
        ..=0 => Err(InvalidContent::PriceNotPositive { price }),
        1..=MOST_AMOUNT => Ok(()),
        _ => Err(InvalidContent::PriceTooHigh { price }),
    }
}

fn check_attributes(attributes: &Attributes) -> Result<(), InvalidContent> {
    match attributes {
        Attributes::OmicsAnalysis(_) | Attributes::PatientDerivedModel(_) => Ok(()),
        Attributes::DataAnalysis(analysis) => {
            check_entries(AttributeList::Methods, analysis.methods.len(), 1)?;
            check_entries(AttributeList::DatasetClasses, analysis.dataset_classes.len(), 0)
        }
        Attributes::PatientRecruiting(recruiting) => {
            check_entries(AttributeList::Regions, recruiting.regions.len(), 1)?;
            check_entries(AttributeList::Diseases, recruiting.diseases.len(), 0)
        }
        Attributes::LifestyleData(data) => {
            check_entries(AttributeList::Instruments, data.instruments.len(), 1)
        }
        Attributes::SpecimenArchive(archive) => {
            check_entries(AttributeList::Materials, archive.materials.len(), 1)?;
            let celsius = archive.storage_temperature_celsius;
            if !(COLDEST..=HOTTEST).contains(&celsius) {
                return Err(InvalidContent::TemperatureOutOfRange { celsius });
            }
            if archive.capacity == 0 {
                return Err(InvalidContent::NoCapacity);
            }
            Ok(())
        }
    }
}

fn check_entries(list: AttributeList, entries: usize, least: usize) -> Result<(), InvalidContent> {
    if (least..=MOST_ENTRIES).contains(&entries) {
        Ok(())
    } else {
        Err(InvalidContent::EntriesOutOfRange { list, entries, least })
    }
}

impl ListingCode {
    /// Checks and takes a code.
    pub fn new(text: &str) -> Result<Self, InvalidListingCode> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if visible && (1..=MOST_CODE_CHARACTERS).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidListingCode { text: text.chars().take(64).collect() })
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ListingCode {
    type Err = InvalidListingCode;

    fn from_str(text: &str) -> Result<Self, InvalidListingCode> {
        Self::new(text)
    }
}

impl fmt::Display for ListingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ListingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
