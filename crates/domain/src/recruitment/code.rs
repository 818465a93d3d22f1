//! Codes with their system: what a criterion names a diagnosis, a stage or a therapy by.
//!
//! Each system has one strict form, so that a code means the same to every institution that is asked. Whether a
//! code of the right form exists is not known here: the terminologies change, the log does not.

use std::fmt;

use crate::text::Text;

/// A terminology from which codes are taken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CodeSystem {
    /// International Classification of Diseases for Oncology, third edition: a morphology with its behaviour,
    /// such as `8140/3`, or a topography, such as `C34.1`.
    IcdO3,
    /// International Classification of Diseases, tenth revision, as the WHO publishes it, such as `C34.1`.
    Icd10,
    /// Thesaurus of the National Cancer Institute, such as `C4872`.
    Ncit,
    /// Human Phenotype Ontology, such as `HP:0002664`.
    Hpo,
    /// Online Mendelian Inheritance in Man: six digits, such as `114480`.
    Omim,
    /// Mondo Disease Ontology, such as `MONDO:0005061`.
    Mondo,
    /// Orphanet's number of a rare disease, such as `144`.
    Orphanet,
    /// Anatomical Therapeutic Chemical classification, of any of its five levels, such as `L01EB02`.
    Atc,
    /// `RxNorm` concept identifier, such as `1307298`.
    RxNorm,
}

/// What a criterion uses a code for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Concept {
    /// What a participant has.
    Diagnosis,
    /// How far it has spread.
    Stage,
    /// What a participant was given before.
    PriorTherapy,
}

/// A code, its system, and perhaps what it is called.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Code {
    system: CodeSystem,
    code: String,
    label: Option<Label>,
}

/// What a code is called, for people; no rule depends on it.
pub type Label = Text<200>;

impl CodeSystem {
    /// Every system.
    pub const ALL: [Self; 9] = [
        Self::IcdO3,
        Self::Icd10,
        Self::Ncit,
        Self::Hpo,
        Self::Omim,
        Self::Mondo,
        Self::Orphanet,
        Self::Atc,
        Self::RxNorm,
    ];

    /// The system's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IcdO3 => "ICD-O-3",
            Self::Icd10 => "ICD-10",
            Self::Ncit => "NCIT",
            Self::Hpo => "HPO",
            Self::Omim => "OMIM",
            Self::Mondo => "MONDO",
            Self::Orphanet => "ORPHANET",
            Self::Atc => "ATC",
            Self::RxNorm => "RxNorm",
        }
    }

    /// How its codes look, for people.
    pub const fn form(self) -> &'static str {
        match self {
            Self::IcdO3 => "a morphology such as \"8140/3\" or a topography such as \"C34.1\"",
            Self::Icd10 => {
                "a letter and two digits, perhaps with a point and one or two more, such as \"C34.1\""
            }
            Self::Ncit => "C and a number, such as \"C4872\"",
            Self::Hpo => "HP: and seven digits, such as \"HP:0002664\"",
            Self::Omim => "six digits of which the first is 1 to 6, such as \"114480\"",
            Self::Mondo => "MONDO: and seven digits, such as \"MONDO:0005061\"",
            Self::Orphanet => "a number, such as \"144\"",
            Self::Atc => "one of the five levels, such as \"L01EB02\"",
            Self::RxNorm => "a number, such as \"1307298\"",
        }
    }

    /// Whether its codes name a concept of this kind: a drug is no diagnosis.
    pub const fn names(self, concept: Concept) -> bool {
        match concept {
            Concept::Diagnosis => match self {
                Self::IcdO3
                | Self::Icd10
                | Self::Ncit
                | Self::Hpo
                | Self::Omim
                | Self::Mondo
                | Self::Orphanet => true,
                Self::Atc | Self::RxNorm => false,
            },
            // TNM categories and stage groups have codes in the thesaurus alone.
            Concept::Stage => matches!(self, Self::Ncit),
            Concept::PriorTherapy => matches!(self, Self::Atc | Self::RxNorm | Self::Ncit),
        }
    }

    fn holds(self, code: &str) -> bool {
        match self {
            Self::IcdO3 => {
                is(code, "dddd/d") && code.ends_with(['0', '1', '2', '3', '6', '9']) || is(code, "Cdd.d")
            }
            Self::Icd10 => is(code, "Add") || is(code, "Add.d") || is(code, "Add.dd"),
            Self::Ncit => code.strip_prefix('C').is_some_and(is_number),
            Self::Hpo => code.strip_prefix("HP:").is_some_and(|digits| is(digits, "ddddddd")),
            Self::Omim => is(code, "dddddd") && code.starts_with(['1', '2', '3', '4', '5', '6']),
            Self::Mondo => code.strip_prefix("MONDO:").is_some_and(|digits| is(digits, "ddddddd")),
            Self::Orphanet | Self::RxNorm => is_number(code),
            Self::Atc => {
                code.starts_with(['A', 'B', 'C', 'D', 'G', 'H', 'J', 'L', 'M', 'N', 'P', 'R', 'S', 'V'])
                    && ["A", "Add", "AddA", "AddAA", "AddAAdd"].into_iter().any(|level| is(code, level))
            }
        }
    }
}

impl fmt::Display for CodeSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Concept {
    /// The name in texts for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Diagnosis => "diagnosis",
            Self::Stage => "stage",
            Self::PriorTherapy => "prior therapy",
        }
    }
}

impl Code {
    /// Checks and takes a code of a system.
    pub fn new(system: CodeSystem, code: &str, label: Option<Label>) -> Result<Self, InvalidCode> {
        if system.holds(code) {
            Ok(Self { system, code: code.to_owned(), label })
        } else {
            Err(InvalidCode { system, code: code.chars().take(64).collect() })
        }
    }

    /// Its system.
    pub const fn system(&self) -> CodeSystem {
        self.system
    }

    /// The code within its system.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What it is called, if somebody said so.
    pub const fn label(&self) -> Option<&Label> {
        self.label.as_ref()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.system, self.code)
    }
}

/// A text that is no code of its system.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code:?} is no code of {system}: it must be {}", system.form())]
pub struct InvalidCode {
    /// The system.
    pub system: CodeSystem,
    /// The text, cut to 64 characters.
    pub code: String,
}

/// Whether a text has the form: `d` stands for a digit, `A` for a capital letter, anything else for itself.
fn is(text: &str, form: &str) -> bool {
    let fits = |(byte, place): (u8, u8)| match place {
        b'd' => byte.is_ascii_digit(),
        b'A' => byte.is_ascii_uppercase(),
        other => byte == other,
    };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
}

/// One to eight digits, the first of them not 0.
fn is_number(text: &str) -> bool {
    (1..=8).contains(&text.len()) && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{CodeSystem::*, *};

    #[test]
    fn each_system_has_its_form() {
        let valid = [
            (IcdO3, "8140/3"),
            (IcdO3, "C34.1"),
            (Icd10, "C34"),
            (Icd10, "C34.1"),
            (Icd10, "M80.08"),
            (Ncit, "C4872"),
            (Hpo, "HP:0002664"),
            (Omim, "114480"),
            (Mondo, "MONDO:0005061"),
            (Orphanet, "144"),
            (Atc, "L"),
            (Atc, "L01"),
            (Atc, "L01E"),
            (Atc, "L01EB"),
            (Atc, "L01EB02"),
            (RxNorm, "1307298"),
        ];
        for (system, code) in valid {
            let known = Code::new(system, code, None).unwrap();
            assert_eq!((known.system(), known.code()), (system, code));
            assert_eq!(known.to_string(), format!("{system}:{code}"));
        }
        assert!(CodeSystem::ALL.into_iter().all(|system| valid.iter().any(|(known, _)| *known == system)));
    }

    #[test]
    fn other_texts_are_no_codes() {
        for (system, texts) in [
            (IcdO3, ["8140", "8140/4", "C34", "C34.10", "814/3", "８140/3"].as_slice()),
            (Icd10, &["34.1", "C3", "c34.1", "C34.", "C34.123", "C341"]),
            (Ncit, &["4872", "C", "C0123", "c4872", "C123456789", "NCIT:C4872"]),
            (Hpo, &["0002664", "HP:002664", "hp:0002664", "HP:00026640"]),
            (Omim, &["14480", "714480", "OMIM:114480", "014480"]),
            (Mondo, &["0005061", "MONDO:5061", "mondo:0005061"]),
            (Orphanet, &["", "0144", "ORPHA:144"]),
            (Atc, &["", "E01", "L1", "L01EB2", "l01eb02", "L01EB022", "L01 B02"]),
            (RxNorm, &["", "RX1", "013", "123456789"]),
        ] {
            for text in texts {
                let refused = Code::new(system, text, None).unwrap_err();
                assert_eq!(refused, InvalidCode { system, code: (*text).into() });
            }
        }
        let long = Code::new(Ncit, &"C1".repeat(100), None).unwrap_err();
        assert_eq!(long.code.len(), 64);
    }

    #[test]
    fn a_drug_is_no_diagnosis_and_a_tumour_no_therapy() {
        assert!(Icd10.names(Concept::Diagnosis) && Hpo.names(Concept::Diagnosis));
        assert!(!Atc.names(Concept::Diagnosis) && !RxNorm.names(Concept::Diagnosis));
        assert!(Atc.names(Concept::PriorTherapy) && !Icd10.names(Concept::PriorTherapy));
        assert!(Ncit.names(Concept::Stage) && !IcdO3.names(Concept::Stage));
    }
}
