//! Price books and share rules as the wire has them.

use domain::{
    id::{PriceBookId, ShareRuleId},
    price_book::PriceBook,
    share_rule::ShareRule,
};
use events::finance_form::{price_book_version, share_rule_version};
use proto::kiban::finance::v1 as wire;

/// A price book with one of its versions, or with all if the number is 0; none if there is no such version.
pub(crate) fn price_book(
    id: PriceBookId,
    book: &PriceBook,
    number: u32,
    revision: Option<u64>,
) -> Option<wire::GetPriceBookResponse> {
    let versions = book.versions().iter().filter(|version| number == 0 || version.number == number);
    let versions: Vec<_> =
        versions.map(|version| price_book_version(version.number, &version.prices)).collect();
    (!versions.is_empty()).then(|| wire::GetPriceBookResponse {
        price_book_id: id.to_string(),
        versions,
        revision: revision.unwrap_or_default(),
        published_by: book.owner().map(|owner| owner.to_string()).unwrap_or_default(),
    })
}

/// A share rule with one of its versions, or with all if the number is 0; none if there is no such version.
pub(crate) fn share_rule(
    id: ShareRuleId,
    rule: &ShareRule,
    number: u32,
    revision: Option<u64>,
) -> Option<wire::GetShareRuleResponse> {
    let versions = rule.versions().iter().filter(|version| number == 0 || version.number == number);
    let versions: Vec<_> =
        versions.map(|version| share_rule_version(version.number, &version.table)).collect();
    (!versions.is_empty()).then(|| wire::GetShareRuleResponse {
        share_rule_id: id.to_string(),
        versions,
        revision: revision.unwrap_or_default(),
        published_by: rule.owner().map(|owner| owner.to_string()).unwrap_or_default(),
    })
}
