//! Uses that no contract can cover, whoever agrees.

use std::fmt;

use crate::terms::Purpose;

/// A use of genomes that is forbidden in the insurance and employment fields (report, table 6-2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ProhibitedUse {
    /// Deciding whom to insure, and at what premium.
    InsuranceUnderwriting,
    /// Deciding whom to employ, promote or dismiss.
    EmploymentDecisions,
}

impl ProhibitedUse {
    /// All of them, in order.
    pub const ALL: &'static [Self] = &[Self::InsuranceUnderwriting, Self::EmploymentDecisions];

    /// The purpose that names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InsuranceUnderwriting => "insurance-underwriting",
            Self::EmploymentDecisions => "employment-decisions",
        }
    }

    /// The forbidden use that a purpose names, if it names one: the word itself or a narrower one, such as
    /// `insurance-underwriting-life`, however it is hyphenated.
    pub fn named_by(purpose: &Purpose) -> Option<Self> {
        let name = purpose.as_str().replace('_', "-");
        Self::ALL.iter().copied().find(|prohibited| {
            name.strip_prefix(prohibited.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
    }
}

impl fmt::Display for ProhibitedUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InsuranceUnderwriting => "genomes are not used for insurance underwriting (T6-2)",
            Self::EmploymentDecisions => "genomes are not used for employment decisions (T6-2)",
        })
    }
}
