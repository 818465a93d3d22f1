//! Cutting a normalised text into what the index holds.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Every character and every pair of neighbours that no space parts.
#[derive(Clone)]
pub(super) struct Grams;

/// Runs of letters and digits of scripts that part their words by spaces.
#[derive(Clone)]
pub(super) struct Words;

impl Tokenizer for Grams {
    type TokenStream<'a> = GramStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> GramStream<'a> {
        GramStream { text, next: 0, pair: None, token: Token::default() }
    }
}

/// The characters of a text, each followed by the pair that it begins.
pub(super) struct GramStream<'a> {
    text: &'a str,
    /// Where the next character begins.
    next: usize,
    /// The end of the pair whose first character was told last.
    pair: Option<(usize, usize)>,
    token: Token,
}

impl GramStream<'_> {
    fn tell(&mut self, from: usize, to: usize) -> bool {
        self.token.text.clear();
        self.token.text.push_str(self.text.get(from..to).unwrap_or_default());
        self.token.offset_from = from;
        self.token.offset_to = to;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }
}

impl TokenStream for GramStream<'_> {
    fn advance(&mut self) -> bool {
        if let Some((from, to)) = self.pair.take() {
            return self.tell(from, to);
        }
        loop {
            let mut rest = self.text.get(self.next..).unwrap_or_default().chars();
            let Some(character) = rest.next() else { return false };
            let from = self.next;
            self.next += character.len_utf8();
            if character.is_whitespace() {
                continue;
            }
            self.pair = rest
                .next()
                .filter(|second| !second.is_whitespace())
                .map(|second| (from, self.next + second.len_utf8()));
            return self.tell(from, self.next);
        }
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        WordStream { text, next: 0, token: Token::default() }
    }
}

/// The words of a text.
pub(super) struct WordStream<'a> {
    text: &'a str,
    next: usize,
    token: Token,
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let rest = self.text.get(self.next..).unwrap_or_default();
        let Some(start) = rest.find(is_of_word) else { return false };
        let word = rest.get(start..).unwrap_or_default();
        let length = word.find(|character| !is_of_word(character)).unwrap_or(word.len());
        self.token.text.clear();
        self.token.text.push_str(word.get(..length).unwrap_or_default());
        self.token.offset_from = self.next + start;
        self.next += start + length;
        self.token.offset_to = self.next;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// Whether a character is of a word that spaces part from others: from U+2E80 on stand the scripts of East
/// Asia.
pub(super) fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() && character < '\u{2e80}'
}

/// What must stand in the index for a term to stand in a text: its one character, or its pairs.
pub(super) fn needed(term: &str) -> impl Iterator<Item = &str> {
    let single = term.chars().nth(1).is_none();
    let starts = term.char_indices().map(move |(start, character)| (start, start + character.len_utf8()));
    starts.filter_map(move |(start, second)| {
        if single {
            return Some(term);
        }
        let end = second + term.get(second..)?.chars().next()?.len_utf8();
        term.get(start..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(mut stream: impl TokenStream) -> Vec<String> {
        let mut tokens = Vec::new();
        while stream.advance() {
            tokens.push(stream.token().text.clone());
        }
        tokens
    }

    #[test]
    fn grams_are_characters_and_pairs_within_spaces() {
        assert_eq!(tokens(Grams.token_stream("薬剤a b\n")), ["薬", "薬剤", "剤", "剤a", "a", "b"]);
        assert!(tokens(Grams.token_stream(" \n")).is_empty());
    }

    #[test]
    fn words_are_runs_of_letters_that_spaces_would_part() {
        assert_eq!(tokens(Words.token_stream("rna-seq解析 (café2)")), ["rna", "seq", "café2"]);
        assert!(tokens(Words.token_stream("薬剤、-")).is_empty());
    }

    #[test]
    fn a_term_needs_its_pairs() {
        assert_eq!(needed("ゼノグ").collect::<Vec<_>>(), ["ゼノ", "ノグ"]);
        assert_eq!(needed("薬").collect::<Vec<_>>(), ["薬"]);
        assert_eq!(needed("").count(), 0);
    }
}
