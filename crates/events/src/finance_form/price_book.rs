//! A list of prices.

use std::collections::BTreeSet;

use domain::{
    price_book::{Band, PriceItem, PriceKey, PriceList, PriceModel},
    terms::{Right, Verdict},
};
use proto::kiban::{
    common::v1 as common,
    finance::v1::{self as form, price_model::Model},
};

use crate::{
    field::amount_form,
    form::{FormError, amount, each, optional_text, required, text},
    wire,
};

/// Reads the list of prices of a version.
///
/// Verdicts are taken as they are listed: that a request without any means the usual ones is the API's rule.
pub fn price_list(message: &form::PriceBookVersion) -> Result<PriceList, FormError> {
    Ok(PriceList {
        name: text("name", &message.name)?,
        currency: text("currency_code", &message.currency_code)?,
        start: text("start", &message.start)?,
        items: each("items", &message.items, price_item)?,
        billed_verdicts: billed_verdicts(&message.billed_verdicts)?,
    })
}

/// The version with a number and a list of prices.
pub fn price_book_version(number: u32, prices: &PriceList) -> form::PriceBookVersion {
    form::PriceBookVersion {
        version: number,
        name: prices.name.as_str().into(),
        currency_code: prices.currency.code().into(),
        start: prices.start.to_string(),
        items: prices.items.iter().map(price_item_form).collect(),
        billed_verdicts: prices
            .billed_verdicts
            .iter()
            .map(|verdict| wire::verdict(*verdict).into())
            .collect(),
    }
}

fn price_item(message: &form::PriceItem) -> Result<PriceItem, FormError> {
    let model = required("model", message.model.as_ref())?;
    Ok(PriceItem {
        key: PriceKey {
            charge_kind: text("charge_kind", &message.charge_kind)?,
            tier: optional_text("tier", &message.tier)?,
            dataset_class: optional_text("dataset_class", &message.dataset_class)?,
            right: right(message.right)?,
        },
        model: price_model(model)?,
    })
}

fn price_item_form(item: &PriceItem) -> form::PriceItem {
    let PriceItem { key, model } = item;
    form::PriceItem {
        charge_kind: key.charge_kind.to_string(),
        tier: key.tier.as_ref().map(ToString::to_string).unwrap_or_default(),
        dataset_class: key.dataset_class.as_ref().map(ToString::to_string).unwrap_or_default(),
        right: key.right.map_or(common::Right::Unspecified, wire::right).into(),
        model: Some(price_model_form(model)),
    }
}

fn price_model(message: &form::PriceModel) -> Result<PriceModel, FormError> {
    match &message.model {
        None => {
            let what = "is missing: it must be flat, per_unit, graduated, volume or package";
            Err(FormError::new("model", what))
        }
        Some(Model::Flat(message)) => Ok(PriceModel::Flat { amount: amount("model.flat", message)? }),
        Some(Model::PerUnit(price)) => Ok(PriceModel::PerUnit { price: text("model.per_unit", price)? }),
        Some(Model::Graduated(message)) => {
            Ok(PriceModel::Graduated { bands: each("model.graduated.bands", &message.bands, band)? })
        }
        Some(Model::Volume(message)) => {
            Ok(PriceModel::Volume { bands: each("model.volume.bands", &message.bands, band)? })
        }
        Some(Model::Package(message)) => Ok(PriceModel::Package {
            size: text("model.package.size", &message.size)?,
            price: amount("model.package.price", required("model.package.price", message.price.as_ref())?)?,
        }),
    }
}

fn price_model_form(model: &PriceModel) -> form::PriceModel {
    let model = match model {
        PriceModel::Flat { amount } => Model::Flat(amount_form(*amount)),
        PriceModel::PerUnit { price } => Model::PerUnit(price.to_string()),
        PriceModel::Graduated { bands } => {
            Model::Graduated(form::Graduated { bands: bands.iter().map(band_form).collect() })
        }
        PriceModel::Volume { bands } => {
            Model::Volume(form::Volume { bands: bands.iter().map(band_form).collect() })
        }
        PriceModel::Package { size, price } => {
            Model::Package(form::Package { size: size.to_string(), price: Some(amount_form(*price)) })
        }
    };
    form::PriceModel { model: Some(model) }
}

fn band(message: &form::Band) -> Result<Band, FormError> {
    Ok(Band {
        up_to: optional_text("up_to", &message.up_to)?,
        unit_price: text("unit_price", &message.unit_price)?,
        flat: message.flat.as_ref().map(|flat| amount("flat", flat)).transpose()?,
    })
}

fn band_form(band: &Band) -> form::Band {
    form::Band {
        up_to: band.up_to.map(|up_to| up_to.to_string()).unwrap_or_default(),
        unit_price: band.unit_price.to_string(),
        flat: band.flat.map(amount_form),
    }
}

fn billed_verdicts(numbers: &[i32]) -> Result<BTreeSet<Verdict>, FormError> {
    let mut billed = BTreeSet::new();
    for (index, number) in numbers.iter().enumerate() {
        let field = || format!("billed_verdicts[{index}]");
        let verdict = Verdict::ALL.iter().find(|verdict| i32::from(wire::verdict(**verdict)) == *number);
        let verdict = verdict.ok_or_else(|| FormError::new(field(), "is no verdict"))?;
        if !billed.insert(*verdict) {
            return Err(FormError::new(field(), format!("names {verdict} again")));
        }
    }
    Ok(billed)
}

/// A right, or any if none is named.
fn right(number: i32) -> Result<Option<Right>, FormError> {
    if number == i32::from(common::Right::Unspecified) {
        return Ok(None);
    }
    let right = Right::ALL.iter().copied().find(|right| i32::from(wire::right(*right)) == number);
    right.map(Some).ok_or_else(|| FormError::new("right", "is no right"))
}
