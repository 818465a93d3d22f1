//! Price books, share rules, credits and fundings as the wire has them.

use domain::{
    credit::CreditGranted,
    funding::FundingAgreed,
    id::{PriceBookId, ShareRuleId},
    price_book::PriceBook,
    share_rule::ShareRule,
};
use events::{
    finance_form::{price_book_version, share_rule_version},
    wire::{money, time},
};
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

/// A credit.
pub(crate) fn credit(credit: &CreditGranted) -> wire::Credit {
    wire::Credit {
        id: credit.id.to_string(),
        contract_id: credit.contract.to_string(),
        member_id: credit.member.to_string(),
        charge_kind: credit.charge_kind.to_string(),
        amount: Some(money(credit.amount)),
        month: credit.month.to_string(),
        reason: credit.reason.to_string(),
        granted_by_id: credit.granted_by.to_string(),
        granted_at: Some(time(credit.at)),
    }
}

/// A funding, with what is recognised in each month.
pub(crate) fn funding(funding: &FundingAgreed) -> wire::Funding {
    let months = funding.recognised().into_iter();
    wire::Funding {
        id: funding.id.to_string(),
        funder: funding.funder.to_string(),
        recipient_id: funding.recipient.to_string(),
        amount: Some(money(funding.amount)),
        start: funding.start.to_string(),
        end: funding.end.to_string(),
        reason: funding.reason.to_string(),
        agreed_at: Some(time(funding.at)),
        months: months
            .map(|(month, amount)| wire::RecognisedFunding {
                month: month.to_string(),
                amount: Some(money(amount)),
            })
            .collect(),
    }
}
