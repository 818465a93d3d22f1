//! Words that several contexts share: what a contract grants, what a price book prices, what usage bears.
//!
//! Tiers, dataset classes and charge kinds are data, so they are texts that anybody may coin; rights and
//! verdicts are rules, so they are enums (design §3).

use std::{fmt, str::FromStr, sync::Arc};

use crate::id::{PriceBookId, ShareRuleId};

/// The longest slug, in characters.
pub const MAX_SLUG: usize = 40;

/// The most that one order, credit, funding, commitment or investment is about, or one amount of a price book, a share
/// rule or a listing, in minor units: a trillion, which is more than any is worth, and so little that the sums over
/// whatever a month holds fit 64 bits. One mistyped amount must not leave a month without statements, or the operators
/// without a funnel.
pub const MOST_AMOUNT: i64 = 1_000_000_000_000;

/// The most that one of what is counted costs in a price book, in major units: a billion. At that price nine billion
/// cases, twice as many as the largest record of use holds, still fit 64 bits.
pub const MOST_UNIT_PRICE: u32 = 1_000_000_000;

/// A text that is no slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no {what}: it must be 1 to 40 characters of a-z, 0-9, \"-\" and \"_\"")]
pub struct InvalidSlug {
    /// What the text should have named.
    pub what: &'static str,
    /// The text, cut to 64 characters.
    pub text: String,
}

/// Declares the texts that are coined by data: cheap to clone, checked once.
macro_rules! slugs {
    ($($(#[$doc:meta])* $name:ident $what:literal,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks and takes a text.
            pub fn new(text: &str) -> Result<Self, InvalidSlug> {
                if is_slug(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(InvalidSlug { what: $what, text: text.chars().take(64).collect() })
                }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidSlug;

            fn from_str(text: &str) -> Result<Self, InvalidSlug> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

slugs! {
    /// A level of membership, such as `basic`; it bounds how many cases may be analysed.
    Tier "tier",
    /// A class of datasets with the same price and the same standing in contracts, such as `open`.
    DatasetClass "dataset class",
    /// What is charged, such as `data-usage`: the key of price books and share rules.
    ChargeKind "charge kind",
    /// What data are used for, such as `drug-discovery`.
    Purpose "purpose",
    /// The branch in which an organisation works, such as `pharma`.
    Sector "sector",
    /// A round of financing, such as `seed` or `series-a`.
    Round "round",
    /// Of what kind a venture's product is, such as `small-molecule` or `cell-therapy`.
    Modality "modality",
    /// What is given instead of money, such as `space` or `know-how`.
    InKindForm "form in kind",
    /// What a specimen is, such as `ffpe` or `plasma`.
    Material "material",
    /// A method of analysis, such as `survival-analysis`.
    AnalysisMethod "method",
    /// A way of collecting data, such as `app` or `interview`.
    Collection "way of collecting",
    /// What is counted of a service, such as `specimen` or `model`.
    Unit "unit",
    /// What an organisation is accredited for, such as `iso-15189` or `jisedai-iryo-kiban`.
    CredentialKind "credential kind",
}

/// Declares the charge kinds of requirements §2.1, which the platform itself names.
macro_rules! charge_kinds {
    ($($(#[$doc:meta])* $constant:ident $constructor:ident $text:literal,)*) => {
        impl ChargeKind {
            $(
                $(#[$doc])*
                pub const $constant: &'static str = $text;

                $(#[$doc])*
                pub fn $constructor() -> Self {
                    Self(Self::$constant.into())
                }
            )*
        }
    };
}

charge_kinds! {
    /// The yearly fee of a contract, per tier.
    CONTRACT_FEE contract_fee "contract-fee",
    /// Views and analyses, metered.
    DATA_USAGE data_usage "data-usage",
    /// An accepted milestone of a service order.
    SERVICE_ORDER service_order "service-order",
    /// A vendor's use of base data in a service.
    DATA_FEE data_fee "data-fee",
    /// The fee of a recruitment request, at its approval.
    RECRUITMENT_REQUEST recruitment_request "recruitment-request",
    /// The fee of an enrolled participant.
    RECRUITMENT_ENROLMENT recruitment_enrolment "recruitment-enrolment",
    /// What a minimum commitment lacks at the end of a contract year.
    COMMITMENT_TRUE_UP commitment_true_up "commitment-true-up",
    /// The expedited lane of a review.
    EXPEDITED_REVIEW expedited_review "expedited-review",
    /// The credit for the early release of a finding.
    PUBLICATION_INCENTIVE publication_incentive "publication-incentive",
    /// A subsidy.
    PUBLIC_FUNDING public_funding "public-funding",
}

impl ChargeKind {
    /// Whether a vendor, or whoever executes a request, stands behind charges of the kind (requirements §2.1).
    pub fn has_vendor(&self) -> bool {
        [Self::SERVICE_ORDER, Self::RECRUITMENT_REQUEST, Self::RECRUITMENT_ENROLMENT].contains(&self.as_str())
    }
}

/// Declares a closed list with its texts.
macro_rules! closed {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in texts for people and in the order of canonical forms.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

pub(crate) use closed;

closed! {
    /// What may be done with a dataset (requirements §3.3).
    Right {
        /// Read the description.
        Browse "browse",
        /// 簡易解析.
        SimpleAnalysis "simple-analysis",
        /// 詳細解析.
        DetailedAnalysis "detailed-analysis",
        /// Take data out, through the airlock.
        Export "export",
    }
    /// How a record of usage stands to the terms in force when it occurred (requirements §2.3).
    Verdict {
        /// Within the terms and the quota.
        InScope "in-scope",
        /// Within the terms, beyond the quota.
        OverQuota "over-quota",
        /// The terms do not cover it.
        OutsideContract "outside-contract",
        /// The contract had ended.
        AfterExpiry "after-expiry",
    }
}

/// The price book that a contract names, and how (requirements §2.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PriceBookChoice {
    /// Each version applies from its start on.
    Follow(PriceBookId),
    /// One version, counted from 1, applies for good.
    Pin(PriceBookId, u32),
}

impl PriceBookChoice {
    /// The price book, however it is named.
    pub const fn price_book(self) -> PriceBookId {
        match self {
            Self::Follow(id) | Self::Pin(id, _) => id,
        }
    }
}

/// The share rule that a contract names, and how (requirements §2.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ShareRuleChoice {
    /// Each version applies from its start on.
    Follow(ShareRuleId),
    /// One version, counted from 1, applies for good.
    Pin(ShareRuleId, u32),
}

impl ShareRuleChoice {
    /// The share rule, however it is named.
    pub const fn share_rule(self) -> ShareRuleId {
        match self {
            Self::Follow(id) | Self::Pin(id, _) => id,
        }
    }
}

fn is_slug(text: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    (1..=MAX_SLUG).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_read_strictly() {
        for text in ["a", "data-usage", "tier_2", "0", &"x".repeat(MAX_SLUG)] {
            assert_eq!(Tier::new(text).unwrap().as_str(), text);
        }
        for text in ["", "Basic", "a b", "é", "データ", "a.b", &"x".repeat(MAX_SLUG + 1)] {
            let rejection = DatasetClass::new(text).unwrap_err();
            assert_eq!(rejection.what, "dataset class");
            assert!(rejection.text.chars().count() <= 64);
        }
    }

    #[test]
    fn well_known_charge_kinds_are_slugs() {
        for kind in [
            ChargeKind::contract_fee(),
            ChargeKind::data_usage(),
            ChargeKind::service_order(),
            ChargeKind::data_fee(),
            ChargeKind::recruitment_request(),
            ChargeKind::recruitment_enrolment(),
            ChargeKind::commitment_true_up(),
            ChargeKind::expedited_review(),
            ChargeKind::publication_incentive(),
            ChargeKind::public_funding(),
        ] {
            assert_eq!(ChargeKind::new(kind.as_str()), Ok(kind));
        }
    }
}
