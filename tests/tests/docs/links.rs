//! Links between pages lead somewhere.

use std::fs;

use crate::{files, root};

/// Pages of the repository besides those in `docs/`.
const PAGES: &[&str] =
    &["README.md", "ARCHITECTURE.md", "BENCHMARKS.md", "CHANGELOG.md", "examples/python/README.md"];

#[test]
fn every_link_to_a_file_finds_it() {
    let mut pages: Vec<_> = PAGES.iter().map(|page| root().join(page)).collect();
    pages.extend(files(&root().join("docs")));
    let mut broken = Vec::new();
    for page in pages.iter().filter(|page| page.extension().is_some_and(|extension| extension == "md")) {
        let text = fs::read_to_string(page).unwrap();
        for target in targets(&text).filter(|target| !target.contains("://") && !target.starts_with('#')) {
            let path = target.split('#').next().unwrap_or(target);
            if !page.parent().unwrap().join(path).exists() {
                broken.push(format!("{} -> {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// What the links of a page point to.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}
