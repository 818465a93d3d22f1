//! Which price applies.

use domain::price_book::{PriceItem, PriceKey, PriceList};

/// The price of a charge: of those that apply the most specific one, where a named tier weighs more than a
/// named dataset class, and that more than a named right. `None`: the list has no price for it.
///
/// `of` is the charge itself; there `None` means that the charge has no tier, no dataset class or no right,
/// and a price that names one does not apply to it.
pub fn find_price<'p>(prices: &'p PriceList, of: &PriceKey) -> Option<&'p PriceItem> {
    // Two keys that apply to one charge and are equally specific are equal, and a list has no two equal keys.
    prices.items.iter().filter(|item| applies(&item.key, of)).max_by_key(|item| item.key.specificity())
}

fn applies(key: &PriceKey, of: &PriceKey) -> bool {
    key.charge_kind == of.charge_kind
        && (key.tier.is_none() || key.tier == of.tier)
        && (key.dataset_class.is_none() || key.dataset_class == of.dataset_class)
        && (key.right.is_none() || key.right == of.right)
}
