//! Text search over Japanese and English: what a query finds, and in which order.
//!
//! A query is cut at spaces into terms, and a text is found if every term stands in it, letter by letter,
//! both being normalised in the same way ([`normalised`]). Japanese is written without spaces, and no
//! dictionary knows the terms of a young field (オミックス, ゼノグラフト), so nothing here depends on where words end:
//! the index ([`TextIndex`]) holds every run of one and two characters and only proposes candidates, and each
//! candidate's text is looked at ([`SearchText::place_of`]).

mod grams;
mod index;

use unicode_normalization::UnicodeNormalization;

pub(crate) use index::{Candidates, IndexError, TextIndex};

use memchr::memmem::Finder;

/// A text in the form in which texts are compared: compatibility forms are one (ＲＮＡ and RNA, ｾﾞﾉ and ゼノ),
/// and so are upper and lower case. Some letters are one character in lower case and two in upper case (ǰ), so what
/// was lowered is composed again.
pub(crate) fn normalised(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

/// Where in a listing a term stands, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Place {
    /// In the title.
    Title,
    /// In the description, and not in the title.
    Description,
    /// In the attributes alone.
    Attributes,
}

/// What of a listing is searched, normalised: title, description and attributes, each on its own lines.
pub(crate) struct SearchText {
    text: Box<str>,
    title_end: usize,
    description_end: usize,
}

impl SearchText {
    pub(crate) fn new<'a>(
        title: &str,
        description: &str,
        attributes: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut text = normalised(title);
        let title_end = text.len();
        text.push('\n');
        text.push_str(&normalised(description));
        let description_end = text.len();
        for attribute in attributes {
            text.push('\n');
            text.push_str(&normalised(attribute));
        }
        Self { text: text.into(), title_end, description_end }
    }

    /// All of it.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The best place of each term, and of these the worst: `None` unless every term stands in it.
    pub(crate) fn place_of(&self, terms: &Terms) -> Option<Place> {
        let mut worst = Place::Title;
        for term in &terms.0 {
            // The title comes first, so the first place is the best.
            let found = term.finder.find(self.text.as_bytes())?;
            let place = if found < self.title_end {
                Place::Title
            } else if found < self.description_end {
                Place::Description
            } else {
                Place::Attributes
            };
            worst = worst.max(place);
        }
        Some(worst)
    }
}

/// The terms of a query, each once; none asks for everything.
pub(crate) struct Terms(Vec<Term>);

struct Term {
    text: String,
    finder: Finder<'static>,
}

/// A query that is not worth asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidQuery {
    /// It is longer than what people look for.
    #[error("has {characters} characters, at most {most} are allowed")]
    TooLong { characters: usize, most: usize },
    /// It has more terms than people look for at once.
    #[error("has {terms} terms, at most {most} are allowed")]
    TooManyTerms { terms: usize, most: usize },
}

/// The longest query, in characters after normalisation.
const MOST_CHARACTERS: usize = 200;
/// The most terms of a query.
const MOST_TERMS: usize = 10;

impl Terms {
    /// Cuts a query at its spaces, ideographic ones among them.
    pub(crate) fn new(query: &str) -> Result<Self, InvalidQuery> {
        let query = normalised(query);
        let characters = query.chars().count();
        if characters > MOST_CHARACTERS {
            return Err(InvalidQuery::TooLong { characters, most: MOST_CHARACTERS });
        }
        let mut texts: Vec<&str> = query.split_whitespace().collect();
        texts.sort_unstable();
        texts.dedup();
        if texts.len() > MOST_TERMS {
            return Err(InvalidQuery::TooManyTerms { terms: texts.len(), most: MOST_TERMS });
        }
        let term =
            |text: &str| Term { text: text.to_owned(), finder: Finder::new(text.as_bytes()).into_owned() };
        Ok(Self(texts.into_iter().map(term).collect()))
    }

    /// Whether nothing is asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|term| term.text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn width_and_case_make_no_difference() {
        for (one, other) in [
            ("ｾﾞﾉｸﾞﾗﾌﾄ", "ゼノグラフト"),
            ("ＲＮＡ－ｓｅｑ", "rna-seq"),
            ("ＲＮＡ", "Rna"),
            ("㎎", "mg"),
            ("か\u{3099}ん", "がん"),
            ("①", "1"),
            ("J\u{30c}", "\u{1f0}"),
        ] {
            assert_eq!(normalised(one), normalised(other), "{one}");
        }
    }

    #[test]
    fn the_worst_of_the_terms_best_places_counts() {
        let text = SearchText::new("全ゲノム解析", "ゲノムと薬剤", ["NovaSeq X", "血漿"]);
        for (query, place) in [
            ("ゲノム", Some(Place::Title)),
            ("薬剤", Some(Place::Description)),
            ("ゲノム　薬剤", Some(Place::Description)),
            ("novaseq ゲノム", Some(Place::Attributes)),
            ("x 血漿", Some(Place::Attributes)),
            // Not across the border of two parts, and not unless every term is there.
            ("解析ゲノム", None),
            ("ゲノム ない", None),
            ("", Some(Place::Title)),
        ] {
            assert_eq!(text.place_of(&Terms::new(query).unwrap()), place, "{query}");
        }
    }

    #[test]
    fn queries_have_limits() {
        let refused = |query: String| Terms::new(&query).err();
        assert_eq!(refused("あ".repeat(201)), Some(InvalidQuery::TooLong { characters: 201, most: 200 }));
        assert_eq!(refused("あ".repeat(200)), None);
        let terms = |count: usize| (0..count).map(|term| format!("t{term} ")).collect::<String>();
        assert_eq!(refused(terms(11)), Some(InvalidQuery::TooManyTerms { terms: 11, most: 10 }));
        assert_eq!(refused(terms(10)), None);
        assert_eq!(refused("a ".repeat(100)), None, "a repeated term is one");
        assert!(Terms::new(" \u{3000}").unwrap().is_empty());
    }

    proptest! {
        /// The index proposes every text in which the terms stand: nothing that is there is missed.
        #[test]
        fn the_index_misses_nothing(
            texts in proptest::collection::vec("[abcがゼﾉ ]{0,12}", 1..8),
            query in "[abcがゼノ]{1,5}( [abc]{1,2})?",
        ) {
            let texts: Vec<SearchText> = texts.iter().map(|text| SearchText::new(text, "", [])).collect();
            let mut index = TextIndex::new().unwrap();
            for (slot, text) in (0..).zip(&texts) {
                index.put(slot, Some(text)).unwrap();
            }
            index.commit().unwrap();
            let terms = Terms::new(&query).unwrap();
            let found: std::collections::BTreeSet<u32> =
                index.searcher().candidates(&terms, true).unwrap().into_iter().map(|(slot, _)| slot).collect();
            for (slot, text) in (0u32..).zip(&texts) {
                let stands = text.place_of(&terms).is_some();
                prop_assert!(!stands || found.contains(&slot), "{} in {}", query, text.as_str());
            }
        }
    }
}
