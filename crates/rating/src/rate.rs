//! What a quantity costs.

use domain::price_book::{Band, PriceModel};
use money::{Currency, Decimal, Fraction, Money, MoneyError, Rounding};

/// What a line costs, and how that was reckoned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RatedLine {
    /// The amount: the exact one, rounded once, half-up.
    pub amount: Money,
    /// The exact amount in minor units.
    pub exact: Fraction,
    /// What each band took of the quantity, ascending; their quantities sum to the quantity. A price per unit
    /// is one band, a volume price the one band into which the quantity falls; flat prices and packages have
    /// none.
    pub bands: Vec<BandUse>,
    /// The arithmetic for people, a step a line.
    pub arithmetic: Vec<String>,
}

/// What one band took of a quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BandUse {
    /// The band holds quantities above this…
    pub from: Decimal,
    /// …up to and including this; `None`: without end.
    pub to: Option<Decimal>,
    /// How much of the quantity is priced by the band.
    pub quantity: Decimal,
    /// Major units of the currency for one.
    pub unit_price: Decimal,
    /// What the band costs once, apart from the quantity.
    pub flat: Option<Money>,
    /// The exact amount in minor units, flat part included, before proration and rounding.
    pub amount: Fraction,
}

/// A quantity that cannot be rated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RatingError {
    /// The quantity is less than nothing: a correction rates the new total instead.
    #[error("a quantity of {quantity} cannot be rated: it is negative")]
    NegativeQuantity {
        /// The quantity.
        quantity: Decimal,
    },
    /// The fraction of a fee is not within 0 and 1.
    #[error("{days} days are not within a contract year of {days_in_year}")]
    DaysOutOfYear {
        /// The days that are charged.
        days: u32,
        /// The days of the contract year.
        days_in_year: u32,
    },
    /// The bands do not cover the quantity: they were not checked at publication.
    #[error("the bands end before {quantity}")]
    BandsEnd {
        /// The quantity.
        quantity: Decimal,
    },
    /// A package holds nothing, or less: it was not checked at publication.
    #[error("a package of {size} holds nothing")]
    EmptyPackage {
        /// How much it should hold.
        size: Decimal,
    },
    /// The amount does not fit.
    #[error("the line cannot be counted")]
    Amount(#[from] MoneyError),
}

/// What a quantity costs by a price, wholly or (`proration`) in part.
///
/// The exact amounts of the bands are summed, multiplied with the proration, and rounded once, half-up
/// (requirements §2.2). A quantity of zero costs nothing, a flat price included.
pub fn rate(
    model: &PriceModel,
    currency: Currency,
    quantity: &Decimal,
    proration: Option<&Fraction>,
) -> Result<RatedLine, RatingError> {
    if quantity.is_negative() {
        return Err(RatingError::NegativeQuantity { quantity: *quantity });
    }
    let mut arithmetic = vec![];
    let (bands, whole) = match model {
        PriceModel::Flat { amount } if !quantity.is_zero() => {
            arithmetic.push(format!("flat price {amount}"));
            (vec![], Fraction::from(*amount))
        }
        PriceModel::Flat { .. } => (vec![], Fraction::zero()),
        PriceModel::PerUnit { price } => {
            let open = Band { up_to: None, unit_price: *price, flat: None };
            rate_bands(&[open], currency, *quantity, &mut arithmetic)?
        }
        PriceModel::Graduated { bands } => rate_bands(bands, currency, *quantity, &mut arithmetic)?,
        PriceModel::Volume { bands } => rate_volume(bands, currency, *quantity, &mut arithmetic)?,
        PriceModel::Package { size, price } => {
            (vec![], rate_packages(*size, *price, *quantity, &mut arithmetic)?)
        }
    };
    let exact = match proration {
        Some(part) => {
            let exact = &whole * part;
            arithmetic.push(format!("{whole} × {} = {exact}", ratio(part)));
            exact
        }
        None => whole,
    };
    let amount = exact.to_money(currency, Rounding::HalfUp)?;
    arithmetic.push(format!("{exact} rounded half-up: {amount}"));
    Ok(RatedLine { amount, exact, bands, arithmetic })
}

/// A proration that is shown as the fraction it is, which says more than its decimal digits.
fn ratio(part: &Fraction) -> String {
    let (numerator, denominator) = part.ratio();
    format!("{numerator}/{denominator}")
}

/// What each band takes, and the exact sum in minor units.
fn rate_bands(
    bands: &[Band],
    currency: Currency,
    quantity: Decimal,
    arithmetic: &mut Vec<String>,
) -> Result<(Vec<BandUse>, Fraction), RatingError> {
    let mut uses = vec![];
    let mut total = Fraction::zero();
    let mut from = Decimal::ZERO;
    for band in bands {
        if quantity <= from {
            break;
        }
        let end = band.up_to.map_or(quantity, |up_to| up_to.min(quantity));
        let used = rate_band(band, currency, from, end)?;
        arithmetic.push(step(&used));
        total = &total + &used.amount;
        from = end;
        uses.push(used);
    }
    if from < quantity {
        return Err(RatingError::BandsEnd { quantity });
    }
    if uses.len() > 1 {
        arithmetic.push(format!("together {total}"));
    }
    Ok((uses, total))
}

/// The whole quantity in the one band into which it falls; none if there is no quantity.
fn rate_volume(
    bands: &[Band],
    currency: Currency,
    quantity: Decimal,
    arithmetic: &mut Vec<String>,
) -> Result<(Vec<BandUse>, Fraction), RatingError> {
    if quantity.is_zero() {
        return Ok((vec![], Fraction::zero()));
    }
    let mut from = Decimal::ZERO;
    for band in bands {
        if band.up_to.is_none_or(|up_to| quantity <= up_to) {
            let used = band_use(band, currency, from, quantity);
            arithmetic.push(format!("all {}", step(&used)));
            let amount = used.amount.clone();
            return Ok((vec![used], amount));
        }
        from = band.up_to.unwrap_or(from);
    }
    Err(RatingError::BandsEnd { quantity })
}

/// The price of each package that is started.
fn rate_packages(
    size: Decimal,
    price: Money,
    quantity: Decimal,
    arithmetic: &mut Vec<String>,
) -> Result<Fraction, RatingError> {
    let empty = RatingError::EmptyPackage { size };
    if size.is_negative() {
        return Err(empty);
    }
    let filled = Fraction::from(quantity).checked_div(&size.into()).map_err(|_| empty)?;
    let packages = filled.round(Rounding::Ceil)?;
    let amount = &Fraction::from(price) * &packages.into();
    arithmetic.push(format!("{quantity} in packages of {size}: {packages} started"));
    arithmetic.push(format!("{packages} × {price} = {amount}"));
    Ok(amount)
}

fn rate_band(band: &Band, currency: Currency, from: Decimal, end: Decimal) -> Result<BandUse, RatingError> {
    // Both lie between nothing and the quantity, so the difference fits.
    let quantity = end.checked_sub(from).ok_or(MoneyError::Overflow)?;
    Ok(band_use(band, currency, from, quantity))
}

/// A quantity at the price of a band that starts above `from`.
fn band_use(band: &Band, currency: Currency, from: Decimal, quantity: Decimal) -> BandUse {
    let price = &Fraction::from(band.unit_price) * &i64::from(currency.minor_units_per_major()).into();
    let amount = &Fraction::from(quantity) * &price;
    let amount = match band.flat {
        Some(flat) => &amount + &flat.into(),
        None => amount,
    };
    BandUse { from, to: band.up_to, quantity, unit_price: band.unit_price, flat: band.flat, amount }
}

/// One band's line of arithmetic.
fn step(used: &BandUse) -> String {
    let BandUse { from, to, quantity, unit_price, flat, amount } = used;
    let range = match to {
        Some(to) => format!("above {from} to {to}: "),
        None if from.is_zero() => String::new(),
        None => format!("above {from}: "),
    };
    let flat = flat.map_or(String::new(), |flat| format!(" + {flat}"));
    format!("{range}{quantity} × {unit_price}{flat} = {amount}")
}
