//! Figures as people read them.

use domain::time::Timestamp;
use proto::kiban::{
    common::v1::{Right, Verdict},
    contract::v1::{ContractKind, ContractStage},
};

/// A number with thousands separators: `1,234,567`.
pub(in crate::demo) fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { String::from("-") } else { String::new() };
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The same of a number that is never negative.
pub(in crate::demo) fn count_of(number: u64) -> String {
    count(i64::try_from(number).unwrap_or(i64::MAX))
}

/// An amount: `¥1,234,567`, `-¥1`.
pub(in crate::demo) fn yen(amount: i64) -> String {
    match count(amount).strip_prefix('-') {
        Some(positive) => format!("-¥{positive}"),
        None => format!("¥{}", count(amount)),
    }
}

/// A decimal text with thousands separators before its point; other text as it is.
pub(in crate::demo) fn decimal(text: &str) -> String {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    match whole.parse() {
        Ok(number) if whole != "-0" && fraction.is_empty() => count(number),
        Ok(number) if whole != "-0" => format!("{}.{fraction}", count(number)),
        Ok(_) | Err(_) => text.to_owned(),
    }
}

/// What a right is called; empty for none.
pub(in crate::demo) fn right(number: i32) -> &'static str {
    match Right::try_from(number) {
        Ok(Right::Browse) => "browse",
        Ok(Right::SimpleAnalysis) => "simple-analysis",
        Ok(Right::DetailedAnalysis) => "detailed-analysis",
        Ok(Right::Export) => "export",
        Ok(Right::Unspecified) | Err(_) => "",
    }
}

/// What a verdict is called; empty for none.
pub(in crate::demo) fn verdict(number: i32) -> &'static str {
    match Verdict::try_from(number) {
        Ok(Verdict::InScope) => "in scope",
        Ok(Verdict::OverQuota) => "over quota",
        Ok(Verdict::OutsideContract) => "outside contract",
        Ok(Verdict::AfterExpiry) => "after expiry",
        Ok(Verdict::Unspecified) | Err(_) => "",
    }
}

/// What a kind of contract is called; empty for none.
pub(in crate::demo) fn kind(number: i32) -> &'static str {
    match ContractKind::try_from(number) {
        Ok(ContractKind::Member) => "member",
        Ok(ContractKind::VendorParticipation) => "vendor participation",
        Ok(ContractKind::Investor) => "investor",
        Ok(ContractKind::Supply) => "supply",
        Ok(ContractKind::DataProvider) => "data provider",
        Ok(ContractKind::Unspecified) | Err(_) => "",
    }
}

/// Where a contract stands; empty for nowhere.
pub(in crate::demo) fn stage(number: i32) -> &'static str {
    match ContractStage::try_from(number) {
        Ok(ContractStage::Applied) => "applied",
        Ok(ContractStage::Approved) => "approved",
        Ok(ContractStage::Rejected) => "rejected",
        Ok(ContractStage::Offered) => "offered",
        Ok(ContractStage::Active) => "active",
        Ok(ContractStage::Paused) => "paused",
        Ok(ContractStage::Expired) => "expired",
        Ok(ContractStage::Terminated) => "terminated",
        Ok(ContractStage::Lapsed) => "lapsed",
        Ok(ContractStage::NotYetInForce) => "not yet in force",
        Ok(ContractStage::Unspecified) | Err(_) => "",
    }
}

/// The name of an enum's value as people write it: without its prefix, with dashes.
pub(in crate::demo) fn named(value: &str, prefix: &str) -> String {
    value.trim_start_matches(prefix).to_lowercase().replace('_', "-")
}

/// The date in Asia/Tokyo.
pub(in crate::demo) fn date(at: Timestamp) -> String {
    at.tokyo_date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_by_three_digits() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")] {
            assert_eq!(count(number), text);
        }
        assert_eq!(yen(-1_000), "-¥1,000");
        for (text, shown) in
            [("1234.5", "1,234.5"), ("-0.5", "-0.5"), ("12000", "12,000"), ("", ""), ("a", "a")]
        {
            assert_eq!(decimal(text), shown);
        }
    }
}
