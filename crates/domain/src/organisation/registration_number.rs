//! The number under which a country's registry has an organisation.

use std::fmt;

use crate::country::Country;

/// A registration number of one country, in its canonical form.
///
/// In Japan it is the corporate number (法人番号): thirteen digits of which the first is the check digit. The
/// rule is that of the ordinance on corporate numbers (法人番号の指定等に関する省令, article 2): with the
/// twelve digits that follow numbered from the lowest, weights 1 for odd places and 2 for even ones,
/// `9 − (Σ digit × weight) mod 9`. Elsewhere it is any text of 1 to 40 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistrationNumber {
    country: Country,
    text: String,
}

/// The longest registration number outside Japan, in characters.
const LONGEST: usize = 40;
/// The digits of a corporate number, the check digit among them.
const CORPORATE_DIGITS: usize = 13;

impl RegistrationNumber {
    /// Checks a number by the rule of its country.
    pub fn new(country: Country, text: &str) -> Result<Self, InvalidRegistrationNumber> {
        if country == Country::JAPAN {
            check_corporate_number(text)?;
        } else if !(1..=LONGEST).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidRegistrationNumber::NotAnIdentifier { country });
        }
        Ok(Self { country, text: text.to_owned() })
    }

    /// The country whose registry gave it.
    pub const fn country(&self) -> Country {
        self.country
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What must be unique among organisations: the country and the number, such as `JP:5010401067252`.
    pub fn reservation_key(&self) -> String {
        format!("{}:{}", self.country, self.text)
    }
}

impl fmt::Display for RegistrationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for RegistrationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reservation_key())
    }
}

/// A text that is no registration number of its country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRegistrationNumber {
    /// A Japanese corporate number has exactly thirteen ASCII digits.
    #[error("a Japanese corporate number has 13 digits and nothing else")]
    NotThirteenDigits,
    /// The first digit does not agree with the others.
    #[error("the check digit of a Japanese corporate number is wrong: {found} where {expected} must stand")]
    CheckDigit {
        /// The digit by the rule.
        expected: u8,
        /// The digit that was given.
        found: u8,
    },
    /// Outside Japan: empty, too long, or with other than visible ASCII characters.
    #[error("a registration number of {country} has 1 to 40 visible ASCII characters and no space")]
    NotAnIdentifier {
        /// The country.
        country: Country,
    },
}

fn check_corporate_number(text: &str) -> Result<(), InvalidRegistrationNumber> {
    if text.len() != CORPORATE_DIGITS || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidRegistrationNumber::NotThirteenDigits);
    }
    let lowest_first: Vec<u8> = text.bytes().rev().map(|byte| byte - b'0').collect();
    let Some((&found, digits)) = lowest_first.split_last() else {
        return Err(InvalidRegistrationNumber::NotThirteenDigits);
    };
    let expected = check_digit(digits);
    if found == expected { Ok(()) } else { Err(InvalidRegistrationNumber::CheckDigit { expected, found }) }
}

/// The check digit of the twelve digits, lowest first. The sum is at most 12 × 9 × 2, so it fits.
fn check_digit(lowest_first: &[u8]) -> u8 {
    let weighted = lowest_first.iter().zip([1, 2].into_iter().cycle()).map(|(digit, weight)| digit * weight);
    9 - weighted.sum::<u8>() % 9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corporate_numbers_are_checked() {
        // Published numbers: the National Tax Agency, and the ordinance's example 8-700110005901.
        for text in ["7000012050002", "8700110005901"] {
            let number = RegistrationNumber::new(Country::JAPAN, text).unwrap();
            assert_eq!(number.as_str(), text);
            assert_eq!(number.reservation_key(), format!("JP:{text}"));
        }
    }

    #[test]
    fn every_other_check_digit_is_refused() {
        for found in (0..=9).filter(|digit| *digit != 8) {
            let rejection = RegistrationNumber::new(Country::JAPAN, &format!("{found}700110005901"));
            assert_eq!(rejection, Err(InvalidRegistrationNumber::CheckDigit { expected: 8, found }));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "870011000590", "87001100059011", "T8700110005901", "８700110005901", "8700-1100059"]
        {
            let rejection = RegistrationNumber::new(Country::JAPAN, text);
            assert_eq!(rejection, Err(InvalidRegistrationNumber::NotThirteenDigits), "{text}");
        }
        let germany = Country::new("DE").unwrap();
        assert_eq!(RegistrationNumber::new(germany, "HRB-6324").unwrap().country(), germany);
        for text in ["", "HRB 6324", "ü", "a\n", &"x".repeat(LONGEST + 1)] {
            let rejection = RegistrationNumber::new(germany, text);
            assert_eq!(rejection, Err(InvalidRegistrationNumber::NotAnIdentifier { country: germany }));
        }
    }

    proptest::proptest! {
        #[test]
        fn a_check_digit_finds_every_wrong_digit(body in 0u64..1_000_000_000_000, place in 0usize..12, by in 1u8..9) {
            let digits: Vec<u8> = format!("{body:012}").bytes().rev().map(|byte| byte - b'0').collect();
            let mut wrong = digits.clone();
            wrong[place] = (wrong[place] + by) % 10;
            // Modulo 9 the digits 0 and 9 are one: that pair is the rule's only blind spot.
            let blind = [digits[place], wrong[place]].iter().all(|digit| digit % 9 == 0);
            proptest::prop_assert_eq!(check_digit(&digits) == check_digit(&wrong), blind);
        }
    }
}
