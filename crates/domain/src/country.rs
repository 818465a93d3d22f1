//! Countries, as ISO 3166-1 alpha-2 names them.

use std::{fmt, str::FromStr};

/// A country with an officially assigned ISO 3166-1 alpha-2 code, such as `JP`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Japan, whose law and calendar the platform follows.
    pub const JAPAN: Self = Self(*b"JP");

    /// Checks a code: two upper-case letters, officially assigned.
    pub fn new(code: &str) -> Result<Self, InvalidCountry> {
        match *code.as_bytes() {
            [first, second] if is_assigned([first, second]) => Ok(Self([first, second])),
            _ => Err(InvalidCountry { text: code.chars().take(64).collect() }),
        }
    }

    /// The two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Country {
    type Err = InvalidCountry;

    fn from_str(text: &str) -> Result<Self, InvalidCountry> {
        Self::new(text)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no country.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no country: it must be an assigned ISO 3166-1 alpha-2 code, such as \"JP\"")]
pub struct InvalidCountry {
    /// The text, cut to 64 characters.
    pub text: String,
}

/// The officially assigned codes, sorted. User-assigned (`XK`) and reserved codes (`EU`, `UK`) are not among
/// them.
const ASSIGNED: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL \
    BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV \
    CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD \
    GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM \
    IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK \
    LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW \
    MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR \
    PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS \
    ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY \
    UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

fn is_assigned(code: [u8; 2]) -> bool {
    ASSIGNED.split(' ').any(|assigned| assigned.as_bytes() == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assigned_codes_read_back() {
        let codes: Vec<&str> = ASSIGNED.split(' ').collect();
        assert_eq!(codes.len(), 249, "ISO 3166-1 has 249 officially assigned codes");
        assert!(codes.is_sorted());
        for code in codes {
            assert_eq!(Country::new(code).unwrap().as_str(), code);
        }
        assert_eq!(Country::new("JP"), Ok(Country::JAPAN));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "J", "JPN", "jp", "UK", "EU", "XK", "ZZ", "日", "J ", "J\u{301}"] {
            assert!(Country::new(text).is_err(), "{text}");
        }
    }
}
