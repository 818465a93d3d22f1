//! Versions of price books and share rules: which may be published, and which is in force; the one place where
//! either is decided.
//!
//! Versions are numbered 1, 2, 3… in the order of publication. A version applies from its start on, until a
//! version that is published *later* starts: the newest one wins, whatever the order of the starts. So a
//! later version with an earlier start takes the place of the earlier one altogether. As no version starts in
//! a closed period, what was rated under a version stays under it (requirements §2.2).

use crate::{
    id::OrganisationId,
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

/// A version that somebody would publish.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'c, C: ?Sized> {
    /// What it says.
    pub content: &'c C,
    /// The first month to which it would apply.
    pub start: Month,
    /// Whether there must be a version already.
    pub revises: bool,
    /// Fact: the last month that its publisher has closed; `None`: none is.
    pub closed_through: Option<Month>,
    /// Who publishes it.
    pub published_by: OrganisationId,
}

/// Why a version may not be published, whatever it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPublishable {
    /// Nothing has been published that could be revised.
    #[error("nothing has been published that could be revised")]
    NotPublished,
    /// Another organisation published the first version.
    #[error("versions are published by {owner}")]
    NotOwner {
        /// Who may publish versions.
        owner: OrganisationId,
    },
    /// The start lies in a closed period.
    #[error("a version cannot start in {start}: periods are closed through {closed_through}")]
    StartInClosedPeriod {
        /// The start that was asked for.
        start: Month,
        /// The last closed month.
        closed_through: Month,
    },
    /// There are more versions than are kept.
    #[error("there are {most} versions already, which is the most")]
    TooManyVersions {
        /// How many there may be.
        most: u32,
    },
}

impl<C: PartialEq + ?Sized> Publication<'_, C> {
    /// The number of the version that it makes, where `owner` published the first and `newest` is the newest
    /// one, with its number. `None`: it says what the newest one says, so it is already so.
    pub fn number_after(
        &self,
        owner: Option<OrganisationId>,
        newest: Option<(u32, &C)>,
    ) -> Result<Option<u32>, NotPublishable> {
        if self.revises && owner.is_none() {
            return Err(NotPublishable::NotPublished);
        }
        if let Some(owner) = owner.filter(|owner| *owner != self.published_by) {
            return Err(NotPublishable::NotOwner { owner });
        }
        if newest.is_some_and(|(_, content)| content == self.content) {
            return Ok(None);
        }
        let start = self.start;
        if let Some(closed_through) = self.closed_through.filter(|closed| start <= *closed) {
            return Err(NotPublishable::StartInClosedPeriod { start, closed_through });
        }
        let number = newest.map_or(0, |(number, _)| number).saturating_add(1);
        if number > MOST_VERSIONS {
            return Err(NotPublishable::TooManyVersions { most: MOST_VERSIONS });
        }
        Ok(Some(number))
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

    const OWNER: OrganisationId = OrganisationId::from_u128(1);

    /// The second version of what its owner published, from April on, where March is closed.
    fn second(content: &str) -> Publication<'_, str> {
        Publication {
            content,
            start: month(4),
            revises: true,
            closed_through: Some(month(3)),
            published_by: OWNER,
        }
    }

    #[test]
    fn versions_are_numbered_from_one_and_the_newest_again_is_already_so() {
        let first = Publication { revises: false, closed_through: None, ..second("one") };
        assert_eq!(first.number_after(None, None), Ok(Some(1)));
        assert_eq!(second("two").number_after(Some(OWNER), Some((1, "one"))), Ok(Some(2)));
        let closed_since = Publication { closed_through: Some(month(8)), ..second("one") };
        assert_eq!(closed_since.number_after(Some(OWNER), Some((1, "one"))), Ok(None));
    }

    #[test]
    fn a_version_is_refused_for_its_place() {
        let other = OrganisationId::from_u128(2);
        let closed = |through| Publication { closed_through: Some(month(through)), ..second("two") };
        let start_in_closed =
            |through| NotPublishable::StartInClosedPeriod { start: month(4), closed_through: month(through) };
        let newest = Some((1, "one"));
        for (publication, owner, newest, refused) in [
            (second("two"), None, None, NotPublishable::NotPublished),
            (
                Publication { published_by: other, ..second("one") },
                Some(OWNER),
                newest,
                NotPublishable::NotOwner { owner: OWNER },
            ),
            (closed(4), Some(OWNER), newest, start_in_closed(4)),
            (closed(7), Some(OWNER), newest, start_in_closed(7)),
            (
                second("two"),
                Some(OWNER),
                Some((MOST_VERSIONS, "one")),
                NotPublishable::TooManyVersions { most: MOST_VERSIONS },
            ),
        ] {
            assert_eq!(publication.number_after(owner, newest), Err(refused));
        }
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
