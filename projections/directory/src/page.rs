//! Pages of lists that are in order of ids: a page continues after the last id of the one before, so that
//! nothing is missed or sent twice however much is entered meanwhile.

use engine::{Reason, Refusal, parse::page_size};
use prost::Message;
use sha2::{Digest, Sha256};

use crate::Viewer;

/// How many items a page holds unless the caller says otherwise.
const DEFAULT_SIZE: usize = 50;
/// The most items a page holds.
const MOST: usize = 1_000;
/// How much of the digest a token bears.
const BINDING: usize = 16;
/// The longest token: a binding and a stream's id, in hexadecimal.
const MAX_TOKEN: usize = 2 * (BINDING + event_log::MAX_STREAM_NAME);

/// Which page of a list is asked for.
#[derive(Debug)]
pub(crate) struct Page {
    size: usize,
    after: String,
    binding: [u8; BINDING],
}

impl Page {
    /// The page that a request asks for. `filters` is the request without its paging: a token stands for one
    /// list, with these filters, of this caller.
    pub(crate) fn asked(
        list: &str,
        viewer: Viewer,
        filters: &impl Message,
        size: i32,
        token: &str,
    ) -> Result<Self, Refusal> {
        let size = page_size("page_size", size.into(), DEFAULT_SIZE, MOST)?;
        let digest: [u8; 32] = Sha256::new()
            .chain_update(list)
            .chain_update([0])
            .chain_update(viewer.organisation.to_bytes())
            .chain_update(filters.encode_to_vec())
            .finalize()
            .into();
        let (binding, _) = digest.split_first_chunk().unwrap_or((&[0; BINDING], &[]));
        let after = if token.is_empty() { String::new() } else { last_id(token, binding)? };
        Ok(Self { size, after, binding: *binding })
    }

    /// The id after which it starts.
    pub(crate) fn after(&self) -> &str {
        &self.after
    }

    /// Its items, and the token of the next page; empty if there is none.
    pub(crate) fn take<'a, T>(&self, mut items: impl Iterator<Item = (&'a str, T)>) -> (Vec<T>, String) {
        let mut taken = Vec::new();
        let mut last = "";
        for (id, item) in items.by_ref().take(self.size) {
            last = id;
            taken.push(item);
        }
        let next = if items.next().is_some() { self.token(last) } else { String::new() };
        (taken, next)
    }

    fn token(&self, last_id: &str) -> String {
        let bytes = self.binding.iter().copied().chain(last_id.bytes());
        bytes.map(|byte| format!("{byte:02x}")).collect()
    }
}

fn last_id(token: &str, binding: &[u8; BINDING]) -> Result<String, Refusal> {
    let refusal = || {
        let what = "must be the next_page_token of this list, with the same filters and caller";
        Refusal::field(Reason::InvalidPageToken, "page_token", what)
    };
    let bytes = (token.len() <= MAX_TOKEN).then(|| from_hex(token)).flatten().ok_or_else(refusal)?;
    let (made_with, id) = bytes.split_first_chunk::<BINDING>().ok_or_else(refusal)?;
    if made_with != binding || id.is_empty() {
        return Err(refusal());
    }
    String::from_utf8(id.to_vec()).map_err(|_| refusal())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |character: u8| char::from(character).to_digit(16).map(|digit| digit as u8);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    if rest.is_empty() { bytes.collect() } else { None }
}
