//! The index in memory: it proposes the texts that may hold a query's terms, and scores them.
//!
//! It is `tantivy`'s, without its files, its compression and its dictionaries. An index follows from the
//! texts alone and is in no snapshot; when anything is wrong with it it is thrown away and built again.

use tantivy::{
    Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, Score, Searcher, SegmentReader,
    TantivyDocument,
    collector::{Collector, SegmentCollector},
    columnar::Column,
    indexer::NoMergePolicy,
    query::{BooleanQuery, Occur, Query, TermQuery},
    schema::{FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
    tokenizer::TextAnalyzer,
};

use super::{
    SearchText, Terms,
    grams::{Grams, Words, is_of_word, needed},
};

/// What the writer may hold before it makes a segment of it.
const WRITER_BYTES: usize = 64_000_000;
/// The most segments that are searched side by side.
const MOST_SEGMENTS: usize = 8;
/// The most grams of one term that are looked up: candidates are compared letter by letter anyway.
const MOST_GRAMS: usize = 12;
/// The shortest word that counts as a whole word.
const SHORTEST_WORD: usize = 3;

/// What the index failed at, in its own words.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the text index failed: {0}")]
pub(crate) struct IndexError(String);

impl From<tantivy::TantivyError> for IndexError {
    fn from(error: tantivy::TantivyError) -> Self {
        Self(error.to_string())
    }
}

/// Texts by their slots, the numbers by which the catalogue knows its listings.
pub(crate) struct TextIndex {
    index: Index,
    reader: IndexReader,
    writer: IndexWriter,
    fields: Fields,
}

#[derive(Clone, Copy)]
struct Fields {
    slot: Field,
    grams: Field,
    words: Field,
}

/// The name of the field that holds the slot, and of its column.
const SLOT: &str = "slot";

impl TextIndex {
    /// An empty one.
    pub(crate) fn new() -> Result<Self, IndexError> {
        let mut schema = Schema::builder();
        let indexed_by = |tokenizer: &str| {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(tokenizer)
                .set_index_option(IndexRecordOption::WithFreqs);
            TextOptions::default().set_indexing_options(indexing)
        };
        let fields = Fields {
            slot: schema.add_u64_field(SLOT, INDEXED | FAST),
            grams: schema.add_text_field("grams", indexed_by("grams")),
            words: schema.add_text_field("words", indexed_by("words")),
        };
        let settings = IndexSettings { docstore_compress_dedicated_thread: false, ..Default::default() };
        let index = Index::builder().schema(schema.build()).settings(settings).create_in_ram()?;
        index.tokenizers().register("grams", TextAnalyzer::from(Grams));
        index.tokenizers().register("words", TextAnalyzer::from(Words));
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let writer: IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES)?;
        // Merged is where it is waited for, so that between two changes the same query scores the same.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        Ok(Self { index, reader, writer, fields })
    }

    /// Puts a text in a slot, or nothing, in the place of what stood there. It is found after the next
    /// commit.
    pub(crate) fn put(&mut self, slot: u32, text: Option<&SearchText>) -> Result<(), IndexError> {
        self.writer.delete_term(tantivy::Term::from_field_u64(self.fields.slot, slot.into()));
        let Some(text) = text else { return Ok(()) };
        let mut document = TantivyDocument::default();
        document.add_u64(self.fields.slot, slot.into());
        document.add_text(self.fields.grams, text.as_str());
        document.add_text(self.fields.words, text.as_str());
        self.writer.add_document(document)?;
        Ok(())
    }

    /// Lets everything that was put be found.
    pub(crate) fn commit(&mut self) -> Result<(), IndexError> {
        self.writer.commit()?;
        let small = self.mergeable()?;
        if !small.is_empty() {
            self.writer.merge(&small).wait()?;
        }
        self.reader.reload()?;
        Ok(())
    }

    /// What can be searched now; it does not change while it is held.
    pub(crate) fn searcher(&self) -> Candidates {
        Candidates { searcher: self.reader.searcher(), fields: self.fields }
    }

    /// The segments to merge: once there are many, the smallest, as long as the next one is no larger than
    /// twice what is merged anyway. So each text is written again a logarithmic number of times.
    fn mergeable(&self) -> Result<Vec<tantivy::index::SegmentId>, IndexError> {
        let mut segments = self.index.searchable_segment_metas()?;
        if segments.len() <= MOST_SEGMENTS {
            return Ok(Vec::new());
        }
        segments.sort_by_key(|segment| segment.num_docs());
        let mut texts = 0u64;
        let small = segments.iter().enumerate().take_while(|(index, segment)| {
            let next = u64::from(segment.num_docs());
            let taken = *index < 2 || next <= texts.saturating_mul(2);
            texts = texts.saturating_add(next);
            taken
        });
        Ok(small.map(|(_, segment)| segment.id()).collect())
    }
}

/// The texts of an index as they were at one commit.
pub(crate) struct Candidates {
    searcher: Searcher,
    fields: Fields,
}

impl Candidates {
    /// The slots of the texts that may hold all terms, in no order, each with its score; without scores if
    /// none are asked for. There must be a term.
    pub(crate) fn candidates(&self, terms: &Terms, scored: bool) -> Result<Vec<(u32, Score)>, IndexError> {
        let option = if scored { IndexRecordOption::WithFreqs } else { IndexRecordOption::Basic };
        let clause = |occur, field, text: &str| -> (Occur, Box<dyn Query>) {
            (occur, Box::new(TermQuery::new(tantivy::Term::from_field_text(field, text), option)))
        };
        let mut clauses = Vec::new();
        for term in terms.texts() {
            let mut grams: Vec<&str> = needed(term).collect();
            grams.sort_unstable();
            grams.dedup();
            grams.truncate(MOST_GRAMS);
            clauses.extend(grams.into_iter().map(|gram| clause(Occur::Must, self.fields.grams, gram)));
            let is_word = term.chars().all(is_of_word) && term.chars().count() >= SHORTEST_WORD;
            if scored && is_word {
                clauses.push(clause(Occur::Should, self.fields.words, term));
            }
        }
        let slots = Slots { scored };
        Ok(self.searcher.search(&BooleanQuery::new(clauses), &slots)?)
    }
}

/// Collects slots and scores.
struct Slots {
    scored: bool,
}

impl Collector for Slots {
    type Fruit = Vec<(u32, Score)>;
    type Child = SlotsOfSegment;

    fn for_segment(&self, _: u32, segment: &SegmentReader) -> tantivy::Result<SlotsOfSegment> {
        Ok(SlotsOfSegment { slots: segment.fast_fields().u64(SLOT)?, found: Vec::new() })
    }

    fn requires_scoring(&self) -> bool {
        self.scored
    }

    fn merge_fruits(&self, segments: Vec<Vec<(u32, Score)>>) -> tantivy::Result<Vec<(u32, Score)>> {
        Ok(segments.concat())
    }
}

struct SlotsOfSegment {
    slots: Column<u64>,
    found: Vec<(u32, Score)>,
}

impl SegmentCollector for SlotsOfSegment {
    type Fruit = Vec<(u32, Score)>;

    fn collect(&mut self, document: u32, score: Score) {
        let slot = self.slots.first(document).and_then(|slot| u32::try_from(slot).ok());
        self.found.extend(slot.map(|slot| (slot, score)));
    }

    fn harvest(self) -> Vec<(u32, Score)> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(title: &str) -> SearchText {
        SearchText::new(title, "", [])
    }

    fn found(index: &TextIndex, query: &str) -> Vec<u32> {
        let mut found = index.searcher().candidates(&Terms::new(query).unwrap(), true).unwrap();
        found.sort_by_key(|(slot, _)| *slot);
        found.into_iter().map(|(slot, _)| slot).collect()
    }

    #[test]
    fn a_text_is_found_after_the_commit_until_another_takes_its_slot() {
        let mut index = TextIndex::new().unwrap();
        index.put(7, Some(&text("薬剤感受性"))).unwrap();
        assert!(found(&index, "薬剤").is_empty());
        index.commit().unwrap();
        assert_eq!(found(&index, "薬剤"), [7]);
        index.put(7, Some(&text("画像解析"))).unwrap();
        index.commit().unwrap();
        assert!(found(&index, "薬剤").is_empty());
        assert_eq!(found(&index, "解析"), [7]);
        index.put(7, None).unwrap();
        index.commit().unwrap();
        assert!(found(&index, "解析").is_empty());
    }

    #[test]
    fn many_small_commits_stay_few_segments_and_lose_nothing() {
        let mut index = TextIndex::new().unwrap();
        for slot in 0..60 {
            index.put(slot, Some(&text("omics"))).unwrap();
            index.commit().unwrap();
        }
        assert!(index.index.searchable_segment_metas().unwrap().len() <= MOST_SEGMENTS + 1);
        assert_eq!(found(&index, "OMICS"), (0..60).collect::<Vec<_>>());
    }

    #[test]
    fn a_whole_word_scores_higher() {
        let mut index = TextIndex::new().unwrap();
        index.put(0, Some(&text("mrna profiling kit one"))).unwrap();
        index.put(1, Some(&text("m rna profiling kit two"))).unwrap();
        index.commit().unwrap();
        let mut scored = index.searcher().candidates(&Terms::new("rna").unwrap(), true).unwrap();
        scored.sort_by(|one, other| other.1.total_cmp(&one.1));
        assert_eq!(scored.iter().map(|(slot, _)| *slot).collect::<Vec<_>>(), [1, 0]);
    }
}
