//! Pages of lists that are in order of a key that no two items share: a page continues after the key of the
//! last item of the one before, so that nothing is missed or sent twice however much is entered meanwhile.

use domain::id::OrganisationId;
use sha2::{Digest, Sha256};

use crate::{error::Refusal, paged::Paged, parse::page_size, reason::Reason};

/// How many items a page holds unless the caller says otherwise.
const DEFAULT_SIZE: usize = 50;
/// The most items a page holds.
const MOST: usize = 1_000;
/// How much of the digest a token bears.
const BINDING: usize = 16;
/// The longest token: a binding and a key no longer than a stream's id, in hexadecimal.
const MAX_TOKEN: usize = 2 * (BINDING + event_log::MAX_STREAM_NAME);

/// Which page of a list is asked for.
#[derive(Debug)]
pub struct Page {
    size: usize,
    after: Vec<u8>,
    binding: [u8; BINDING],
}

impl Page {
    /// The page that a request asks for: a token stands for one list, with these filters, of this caller.
    pub fn asked<R: Paged>(caller: OrganisationId, request: &R) -> Result<Self, Refusal> {
        let token = request.page_token();
        let size = page_size("page_size", request.page_size().into(), DEFAULT_SIZE, MOST)?;
        let digest: [u8; 32] = Sha256::new()
            .chain_update(R::LIST)
            .chain_update([0])
            .chain_update(caller.to_bytes())
            .chain_update(request.filters().encode_to_vec())
            .finalize()
            .into();
        let (binding, _) = digest.split_first_chunk().unwrap_or((&[0; BINDING], &[]));
        let after = if token.is_empty() { Vec::new() } else { last_key(token, binding)? };
        Ok(Self { size, after, binding: *binding })
    }

    /// How many items it holds.
    pub const fn size(&self) -> usize {
        self.size
    }

    /// The key after which it starts; empty at the start of the list.
    pub fn after(&self) -> &[u8] {
        &self.after
    }

    /// The id after which it starts, in a list that is in order of ids.
    pub fn after_id(&self) -> Result<&str, Refusal> {
        std::str::from_utf8(&self.after).map_err(|_| invalid_token())
    }

    /// Its items, and the token of the next page; empty if there is none.
    pub fn take<'a, T>(&self, mut items: impl Iterator<Item = (&'a str, T)>) -> (Vec<T>, String) {
        let mut taken = Vec::new();
        let mut last = "";
        for (id, item) in items.by_ref().take(self.size) {
            last = id;
            taken.push(item);
        }
        let next = if items.next().is_some() { self.token(last.as_bytes()) } else { String::new() };
        (taken, next)
    }

    /// The token of the page after the item with a key, which is not empty.
    pub fn token(&self, last: &[u8]) -> String {
        self.binding.iter().chain(last).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What is said of a token that no list made.
pub fn invalid_token() -> Refusal {
    let what = "must be the next_page_token of this list, with the same filters and caller";
    Refusal::field(Reason::InvalidPageToken, "page_token", what)
}

fn last_key(token: &str, binding: &[u8; BINDING]) -> Result<Vec<u8>, Refusal> {
    let bytes = (token.len() <= MAX_TOKEN).then(|| from_hex(token)).flatten().ok_or_else(invalid_token)?;
    let (made_with, key) = bytes.split_first_chunk::<BINDING>().ok_or_else(invalid_token)?;
    if made_with != binding || key.is_empty() {
        return Err(invalid_token());
    }
    Ok(key.to_vec())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |character: u8| char::from(character).to_digit(16).map(|digit| digit as u8);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    if rest.is_empty() { bytes.collect() } else { None }
}
