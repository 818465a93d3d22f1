//! Which version of a price book or share rule is in force: the one place where that is chosen.
//!
//! Versions are numbered 1, 2, 3… in the order of publication. A version applies from its start on, until a
//! version that is published *later* starts: the newest one wins, whatever the order of the starts. So a
//! later version with an earlier start takes the place of the earlier one altogether. As no version starts in
//! a closed period, what was rated under a version stays under it (requirements §2.2).

use crate::{
    terms::{PriceBookChoice, ShareRuleChoice},
    time::Month,
};

/// The most versions of one price book or share rule.
pub const MOST_VERSIONS: u32 = 1_000;

/// Something that is published in versions.
pub trait Versioned {
    /// The number of this version, from 1.
    fn number(&self) -> u32;
    /// The first month to which it applies.
    fn start(&self) -> Month;
}

impl<V: Versioned> Versioned for &V {
    fn number(&self) -> u32 {
        (**self).number()
    }

    fn start(&self) -> Month {
        (**self).start()
    }
}

/// How a contract names what is published in versions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum VersionChoice {
    /// Each version applies from its start on.
    Follow,
    /// This version applies in every month, whatever its start: the parties agreed on it.
    Pin(u32),
}

impl From<PriceBookChoice> for VersionChoice {
    fn from(choice: PriceBookChoice) -> Self {
        match choice {
            PriceBookChoice::Follow(_) => Self::Follow,
            PriceBookChoice::Pin(_, number) => Self::Pin(number),
        }
    }
}

impl From<ShareRuleChoice> for VersionChoice {
    fn from(choice: ShareRuleChoice) -> Self {
        match choice {
            ShareRuleChoice::Follow(_) => Self::Follow,
            ShareRuleChoice::Pin(_, number) => Self::Pin(number),
        }
    }
}

/// The version in force in a month, as known at a position of the log: of the versions published at or
/// before `as_of`, the newest one that has started, or the pinned one. `None` if there is none.
///
/// The versions are given each with the position at which it was published, in any order; a reader that
/// knows no positions gives 0 for all of them.
pub fn in_force<V: Versioned>(
    versions: impl IntoIterator<Item = (u64, V)>,
    choice: VersionChoice,
    month: Month,
    as_of: u64,
) -> Option<V> {
    versions
        .into_iter()
        .filter(|(position, _)| *position <= as_of)
        .map(|(_, version)| version)
        .filter(|version| match choice {
            VersionChoice::Follow => version.start() <= month,
            VersionChoice::Pin(number) => version.number() == number,
        })
        .max_by_key(Versioned::number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Version(u32, Month);

    impl Versioned for Version {
        fn number(&self) -> u32 {
            self.0
        }

        fn start(&self) -> Month {
            self.1
        }
    }

    fn month(number: i8) -> Month {
        Month::new(2026, number).unwrap()
    }

    #[test]
    fn the_newest_version_that_has_started_and_was_known_is_in_force() {
        let versions = [
            (10, Version(1, month(1))),
            (20, Version(2, month(6))),
            (30, Version(3, month(4))),
            (40, Version(4, month(9))),
        ];
        for (choice, in_month, as_of, expected) in [
            (VersionChoice::Follow, 1, 9, None),
            (VersionChoice::Follow, 1, 10, Some(1)),
            (VersionChoice::Follow, 5, 20, Some(1)),
            (VersionChoice::Follow, 6, 20, Some(2)),
            (VersionChoice::Follow, 3, 99, Some(1)),
            (VersionChoice::Follow, 4, 99, Some(3)),
            (VersionChoice::Follow, 6, 99, Some(3)),
            (VersionChoice::Follow, 9, 39, Some(3)),
            (VersionChoice::Follow, 9, 40, Some(4)),
            (VersionChoice::Pin(2), 1, 99, Some(2)),
            (VersionChoice::Pin(2), 1, 19, None),
            (VersionChoice::Pin(5), 12, 99, None),
        ] {
            let found = in_force(versions, choice, month(in_month), as_of).map(|version| version.0);
            assert_eq!(found, expected, "{choice:?} in month {in_month} at {as_of}");
            let backwards = in_force(versions.into_iter().rev(), choice, month(in_month), as_of);
            assert_eq!(backwards.map(|version| version.0), expected);
        }
    }
}
