//! In what amounts are counted.

use std::{fmt, str::FromStr};

/// A currency that Kiban accepts.
///
/// The field is everywhere, but until there are exchange rates the only currency is the yen, which has no
/// decimals (requirements §2.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Currency {
    /// The Japanese yen; its minor unit is the yen itself.
    #[default]
    Jpy,
}

impl Currency {
    /// The ISO 4217 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Jpy => "JPY",
        }
    }

    /// How many minor units make one major unit: in major units prices are written (ISO 4217).
    pub const fn minor_units_per_major(self) -> u32 {
        match self {
            Self::Jpy => 1,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A text that names no currency which Kiban accepts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CurrencyError {
    /// The text is no ISO 4217 code.
    #[error("{text:?} is no currency code: it must be three capital letters, such as \"JPY\"")]
    Malformed {
        /// The text, cut to 16 characters.
        text: String,
    },
    /// The code may be a currency's, but there are no exchange rates for it.
    #[error("currency {code} is not accepted: there are no exchange rates yet, only JPY is")]
    NotAccepted {
        /// The code.
        code: String,
    },
}

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(text: &str) -> Result<Self, CurrencyError> {
        match text {
            "JPY" => Ok(Self::Jpy),
            code if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) => {
                Err(CurrencyError::NotAccepted { code: code.to_owned() })
            }
            _ => Err(CurrencyError::Malformed { text: text.chars().take(16).collect() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_yen_is_accepted() {
        assert_eq!("JPY".parse(), Ok(Currency::Jpy));
        assert_eq!("USD".parse::<Currency>(), Err(CurrencyError::NotAccepted { code: "USD".to_owned() }));
        for text in ["", "jpy", "JPYX", "円", " JPY"] {
            assert!(matches!(text.parse::<Currency>(), Err(CurrencyError::Malformed { .. })), "{text}");
        }
    }
}
