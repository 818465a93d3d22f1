//! The rules that every list of prices keeps by itself.

use std::collections::BTreeMap;

use money::{Currency, Decimal, Fraction, Money};

use crate::{
    price_book::{Band, BandDefect, Banded, Excess, PriceItem, PriceList, PriceModel, Rejection},
    terms::{MOST_AMOUNT, MOST_UNIT_PRICE},
};

/// The most prices of one version; with [`MOST_BANDS`] it keeps an event within the log's limit.
pub const MOST_ITEMS: usize = 200;
/// The most bands of one graduated or volume price.
pub const MOST_BANDS: usize = 50;

impl PriceList {
    /// Refuses prices that could be published nowhere and never, whatever was published before them.
    pub fn check(&self) -> Result<(), Rejection> {
        let items = self.items.len();
        if items == 0 {
            return Err(Rejection::NoItems);
        }
        if items > MOST_ITEMS {
            return Err(Rejection::TooManyItems { items, most: MOST_ITEMS });
        }
        let mut seen = BTreeMap::new();
        for (item, price) in self.items.iter().enumerate() {
            if let Some(first) = seen.insert(&price.key, item) {
                return Err(Rejection::DuplicateItem { item, first });
            }
            check_item(item, price, self.currency)?;
        }
        Ok(())
    }
}

fn check_item(item: usize, price: &PriceItem, expected: Currency) -> Result<(), Rejection> {
    let negative = match &price.model {
        PriceModel::Flat { amount } => {
            check_currency(item, *amount, expected)?;
            amount.is_negative()
        }
        PriceModel::PerUnit { price } => price.is_negative(),
        PriceModel::Graduated { bands } => {
            check_banded(item, Banded::Graduated, bands, expected)?;
            false
        }
        PriceModel::Volume { bands } => {
            check_banded(item, Banded::Volume, bands, expected)?;
            false
        }
        PriceModel::Package { size, price } => {
            check_currency(item, *price, expected)?;
            if *size <= Decimal::ZERO {
                return Err(Rejection::PackageWithoutSize { item, size: *size });
            }
            price.is_negative()
        }
    };
    if negative {
        return Err(Rejection::NegativePrice { item });
    }
    check_height(&price.model).map_err(|excess| Rejection::TooHigh { item, excess })
}

/// Refuses what costs more than it may; bands are checked one by one.
fn check_height(model: &PriceModel) -> Result<(), Excess> {
    match model {
        PriceModel::Flat { amount } => check_amount(*amount),
        PriceModel::PerUnit { price } => check_unit_price(*price),
        PriceModel::Graduated { .. } | PriceModel::Volume { .. } => Ok(()),
        PriceModel::Package { size, price } => {
            check_amount(*price)?;
            check_package(*size, *price)
        }
    }
}

fn check_amount(amount: Money) -> Result<(), Excess> {
    if amount.minor_units() > MOST_AMOUNT { Err(Excess::Amount { amount }) } else { Ok(()) }
}

fn check_unit_price(price: Decimal) -> Result<(), Excess> {
    if price > Decimal::from(MOST_UNIT_PRICE) { Err(Excess::UnitPrice { price }) } else { Ok(()) }
}

/// What a package costs is not more than what is in it would cost at the most.
fn check_package(size: Decimal, price: Money) -> Result<(), Excess> {
    let minor_units = i64::from(MOST_UNIT_PRICE) * i64::from(price.currency().minor_units_per_major());
    let most = &Fraction::from(size) * &minor_units.into();
    if (&most - &price.into()).is_negative() { Err(Excess::Package { size, price }) } else { Ok(()) }
}

fn check_banded(item: usize, model: Banded, bands: &[Band], expected: Currency) -> Result<(), Rejection> {
    check_bands(bands).map_err(|defect| Rejection::Bands { item, model, defect })?;
    bands.iter().filter_map(|band| band.flat).try_for_each(|flat| check_currency(item, flat, expected))
}

fn check_bands(bands: &[Band]) -> Result<(), BandDefect> {
    if bands.is_empty() {
        return Err(BandDefect::NoBands);
    }
    if bands.len() > MOST_BANDS {
        return Err(BandDefect::TooManyBands { bands: bands.len(), most: MOST_BANDS });
    }
    let mut above = Decimal::ZERO;
    for (band, content) in bands.iter().enumerate() {
        let last = band + 1 == bands.len();
        match content.up_to {
            None if !last => return Err(BandDefect::OpenBeforeLast { band }),
            Some(_) if last => return Err(BandDefect::LastNotOpen { band }),
            Some(up_to) if up_to <= above => return Err(BandDefect::NotAscending { band, up_to, above }),
            Some(up_to) => above = up_to,
            None => {}
        }
        if content.unit_price.is_negative() || content.flat.is_some_and(Money::is_negative) {
            return Err(BandDefect::NegativePrice { band });
        }
        let excess = |excess| BandDefect::TooHigh { band, excess };
        check_unit_price(content.unit_price).map_err(excess)?;
        content.flat.map_or(Ok(()), check_amount).map_err(excess)?;
    }
    Ok(())
}

fn check_currency(item: usize, amount: Money, expected: Currency) -> Result<(), Rejection> {
    let currency = amount.currency();
    if currency == expected { Ok(()) } else { Err(Rejection::OtherCurrency { item, currency, expected }) }
}
