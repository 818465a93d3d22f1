//! The generated part of `docs/` says what the code says: the catalogue of refusals and the reference of the API
//! are written from what is compiled, and committed so that they can be read without building anything.
//!
//! `KIBAN_BLESS=1 cargo test -p tests --test docs` writes them anew.

mod errors;
mod links;
mod reference;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A page that is written from the code.
struct Page {
    /// Its path below `docs/`.
    path: String,
    text: String,
}

#[test]
fn the_generated_pages_are_those_of_this_build() {
    let mut pages = vec![errors::page()];
    pages.extend(reference::pages());
    let folder = root().join("docs");
    if std::env::var_os("KIBAN_BLESS").is_some() {
        for page in &pages {
            fs::write(folder.join(&page.path), &page.text).unwrap();
        }
    }
    let stale: Vec<&str> = pages
        .iter()
        .filter(|page| fs::read_to_string(folder.join(&page.path)).ok().as_deref() != Some(&*page.text))
        .map(|page| page.path.as_str())
        .collect();
    assert!(stale.is_empty(), "written otherwise now, bless them: {stale:?}");
    let known: Vec<PathBuf> = pages.iter().map(|page| folder.join(&page.path)).collect();
    let orphans: Vec<PathBuf> =
        files(&folder.join("reference")).into_iter().filter(|path| !known.contains(path)).collect();
    assert!(orphans.is_empty(), "of packages that are gone: {orphans:?}");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The files of a folder and of the folders in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
