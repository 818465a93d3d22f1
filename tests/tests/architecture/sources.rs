//! What must stand in a source file, and what must not.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A file of the tree: its path from the top, with slashes, and its text.
pub(crate) type File = (String, String);

/// Calls that read a clock or roll dice.
const IMPURE_CALLS: &[&str] = &[
    "SystemTime::now",
    "Instant::now",
    "Zoned::now",
    "Timestamp::now",
    "Utc::now",
    "new_v4",
    "now_v7",
    "thread_rng",
    "rand::",
];

/// Where such calls may stand, beside benchmarks, and why.
const MAY_CALL: &[(&str, &str)] = &[
    ("crates/engine/src/clock.rs", "this is the clock"),
    (
        "crates/event-log/src/eventstoredb/deadline.rs",
        "how long a network may take; nothing that is written or decided depends on it",
    ),
    ("tests/tests/architecture/sources.rs", "these are their names"),
];

/// The longest file, in lines.
const LONGEST: usize = 400;

/// Longer files, and why.
const LONGER: &[(&str, &str)] = &[(
    "crates/engine/src/aggregate.rs",
    "one invariant (no answer before what it stands on is durable) is argued and kept in one place",
)];

/// Every Rust source file of the tree.
pub(crate) fn rust_files(root: &Path) -> Vec<File> {
    files(root, |path| path.extension().is_some_and(|extension| extension == "rs"))
}

/// The manifest of every crate, the workspace's own aside.
pub(crate) fn manifests(root: &Path) -> Vec<File> {
    let mut manifests = files(root, |path| path.file_name().is_some_and(|name| name == "Cargo.toml"));
    manifests.retain(|(path, _)| path != "Cargo.toml");
    manifests
}

/// Crates that do not take the workspace's lints. `proto` holds generated code and is let off.
pub(crate) fn without_lints(manifests: &[File]) -> Vec<String> {
    let takes_them = |text: &str| text.contains("[lints]\nworkspace = true");
    let all = manifests.iter().filter(|(path, text)| path != "proto/Cargo.toml" && !takes_them(text));
    all.map(|(path, _)| format!("{path} does not take the workspace's lints")).collect()
}

/// Clocks and dice outside the one place for them.
pub(crate) fn impure_calls(files: &[File]) -> Vec<String> {
    let let_off = |path: &str| {
        path.contains("/benches/")
            || path.contains("/src/bench")
            || MAY_CALL.iter().any(|(allowed, _)| *allowed == path)
    };
    let mut breaches = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| !let_off(path)) {
        for (number, line) in code(text).lines().enumerate() {
            for call in IMPURE_CALLS.iter().filter(|call| line.contains(**call)) {
                breaches.push(format!("{path}:{}: {call}", number + 1));
            }
        }
    }
    breaches
}

/// Arms of folds that swallow events which they do not name. One may stand where a fold chooses among
/// contexts, because others are not delivered to it; the comment above it says so.
pub(crate) fn wildcards_in_folds(files: &[File]) -> Vec<String> {
    let is_fold = |path: &str| {
        let in_projection = path.ends_with("/src/fold.rs") || path.contains("/src/fold/");
        (path.starts_with("projections/") && in_projection) || path == "crates/events/src/ledger.rs"
    };
    let wild = |line: &str| {
        let line = line.trim_start();
        line.starts_with("_ =>") || line.starts_with("_ if ") || line.contains("| _ =>")
    };
    let mut breaches = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| is_fold(path)) {
        let mut above = "";
        for (number, (code, line)) in code(text).lines().zip(text.lines()).enumerate() {
            if wild(code) && !above.trim_start().starts_with("// Other contexts are not delivered") {
                breaches.push(format!("{path}:{}: `_ =>` hides events that come later", number + 1));
            }
            above = line;
        }
    }
    if !files.iter().any(|(path, _)| is_fold(path)) {
        breaches.push("no fold was found: do they stand elsewhere now?".into());
    }
    breaches
}

/// Crates near money that do not deny arithmetic with floats.
pub(crate) fn without_float_ban(files: &[File]) -> Vec<String> {
    let near = |path: &str| {
        let crates = ["crates/money/src/lib.rs", "crates/rating/src/lib.rs", "crates/domain/src/lib.rs"];
        crates.contains(&path) || (path.starts_with("projections/") && path.ends_with("/src/lib.rs"))
    };
    let roots = files.iter().filter(|(path, _)| near(path));
    let open = roots.filter(|(_, text)| !code(text).contains("#![deny(clippy::float_arithmetic)]"));
    open.map(|(path, _)| format!("{path} does not deny float_arithmetic")).collect()
}

/// Files over [`LONGEST`] lines without a reason, and reasons without such a file.
pub(crate) fn too_long(files: &[File]) -> Vec<String> {
    let is_long = |text: &str| text.lines().count() > LONGEST;
    let has_reason = |path: &str| LONGER.iter().any(|(allowed, _)| *allowed == path);
    let long = files.iter().filter(|(path, text)| is_long(text) && !has_reason(path));
    let mut breaches: Vec<String> =
        long.map(|(path, text)| format!("{path} has {} lines", text.lines().count())).collect();
    for (path, _) in LONGER {
        if !files.iter().any(|(found, text)| found == path && is_long(text)) {
            breaches.push(format!("{path} is not long any more: strike it off the list"));
        }
    }
    breaches
}

fn files(root: &Path, wanted: impl Fn(&Path) -> bool) -> Vec<File> {
    let mut found = Vec::new();
    for folder in ["proto", "services", "crates", "projections", "tests"] {
        collect(&root.join(folder), &wanted, &mut found);
    }
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        (name, fs::read_to_string(&path).unwrap())
    };
    let mut files: Vec<File> = found.into_iter().map(read).collect();
    files.sort();
    files
}

fn collect(folder: &Path, wanted: &impl Fn(&Path) -> bool, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            collect(&path, wanted, found);
        } else if path.is_file() && wanted(&path) {
            found.push(path);
        }
    }
}

/// The text with comments and what stands in quotes blanked out, line by line as before.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = blank(rest);
        let taken = if length == 0 { first.len_utf8() } else { length };
        let (part, after) = rest.split_at(taken);
        if length == 0 {
            code.push(first);
        } else {
            code.extend(part.chars().filter(|character| *character == '\n'));
        }
        rest = after;
    }
    code
}

/// How many bytes at the start are a comment or a literal with quotes; 0: none.
fn blank(text: &str) -> usize {
    let until =
        |end: &str, from: usize| text[from..].find(end).map_or(text.len(), |at| from + at + end.len());
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return until("*/", 2);
    }
    if text.starts_with("r\"") {
        return until("\"", 2);
    }
    if text.starts_with("r#\"") {
        return until("\"#", 3);
    }
    if text.starts_with('"') {
        let mut escaped = false;
        let end = text.char_indices().skip(1).find(|(_, character)| {
            let ends = *character == '"' && !escaped;
            escaped = *character == '\\' && !escaped;
            ends
        });
        return end.map_or(text.len(), |(at, _)| at + 1);
    }
    // Of characters only those matter that could be taken for the start of something else.
    ["'\"'", "'\\''", "'\\\"'", "'/'"]
        .iter()
        .find(|literal| text.starts_with(**literal))
        .map_or(0, |it| it.len())
}

fn made_up(path: &str, text: &str) -> Vec<File> {
    vec![(path.to_owned(), text.to_owned())]
}

#[test]
fn comments_and_quotes_are_no_code() {
    assert_eq!(code("a // b\nc /* d\n e */ f"), "a \nc \n f");
    assert_eq!(code(r#"x("a \" // b", 'c', r"\", '"') + 'y"#), "x(, 'c', , ) + 'y");
    assert_eq!(code("r#\"a \" b\"# + 1"), " + 1");
}

#[test]
fn a_clock_in_the_wrong_place_is_seen() {
    let call = "fn now() {\n    Instant::now()\n}";
    let breach = impure_calls(&made_up("crates/rating/src/lib.rs", call));
    assert_eq!(breach, ["crates/rating/src/lib.rs:2: Instant::now"]);
    assert_eq!(impure_calls(&made_up("crates/rating/benches/rate.rs", call)), [""; 0]);
    assert_eq!(impure_calls(&made_up("crates/engine/src/clock.rs", call)), [""; 0]);
    assert_eq!(impure_calls(&made_up("crates/rating/src/lib.rs", "// not SystemTime::now")), [""; 0]);
}

#[test]
fn a_wildcard_in_a_fold_is_seen() {
    let fold = "match event {\n    Event::A => 1,\n    _ => 0,\n}";
    assert_eq!(wildcards_in_folds(&made_up("projections/billing/src/fold.rs", fold)).len(), 1);
    assert_eq!(wildcards_in_folds(&made_up("projections/billing/src/fold/usage.rs", fold)).len(), 1);
    let contexts =
        "match event {\n    Event::A => 1,\n    // Other contexts are not delivered.\n    _ => 0,\n}";
    assert_eq!(wildcards_in_folds(&made_up("projections/billing/src/fold.rs", contexts)), [""; 0]);
    let full = "match event { Event::A => 1, Event::B(_) => 0 }";
    assert_eq!(wildcards_in_folds(&made_up("projections/billing/src/fold.rs", full)), [""; 0]);
    assert_eq!(
        wildcards_in_folds(&made_up("projections/billing/src/view.rs", fold)).len(),
        1,
        "no fold at all"
    );
}

#[test]
fn a_crate_without_lints_is_seen() {
    assert_eq!(without_lints(&made_up("crates/money/Cargo.toml", "[package]\n")).len(), 1);
    let manifest = "[package]\n\n[lints]\nworkspace = true\n";
    assert_eq!(without_lints(&made_up("crates/money/Cargo.toml", manifest)), [""; 0]);
}

#[test]
fn a_crate_open_to_floats_is_seen() {
    assert_eq!(without_float_ban(&made_up("projections/billing/src/lib.rs", "//! Bills.\n")).len(), 1);
    let denied = "#![deny(clippy::float_arithmetic)]\n";
    assert_eq!(without_float_ban(&made_up("crates/money/src/lib.rs", denied)), [""; 0]);
    assert_eq!(without_float_ban(&made_up("crates/money/src/lib.rs", &format!("// {denied}"))).len(), 1);
}

#[test]
fn a_long_file_is_seen() {
    let listed = || LONGER.iter().map(|(path, _)| ((*path).to_owned(), "\n".repeat(LONGEST + 1)));
    let mut files: Vec<File> = listed().collect();
    assert_eq!(too_long(&files), [""; 0]);
    files.push(("crates/server/src/node.rs".into(), "\n".repeat(LONGEST + 1)));
    assert_eq!(too_long(&files).len(), 1);
    assert_eq!(too_long(&[]).len(), LONGER.len());
}
