//! The log's format is a promise: what was once written reads back for ever.
//!
//! `tests/golden/` holds samples of every type: `<type>.<number>.hex`, the bytes as they stand in the log, and
//! beside it `.txt`, what they mean. The bytes are never changed. When an event takes a new form, its samples
//! get a new number and the old ones stay, to be read still.
//!
//! `KIBAN_BLESS=1 cargo test -p tests --test golden` writes what is missing: samples of `samples/` that no
//! file has, and a text that was removed because the same bytes have come to be described otherwise. It never
//! overwrites.

mod catalogue;
mod samples;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use events::{Event, Metadata};

/// What a sample is a sample of.
#[derive(PartialEq, Debug)]
enum Meaning {
    Event(Box<Event>),
    Metadata(Box<Metadata>),
}

/// The envelope stands in the log beside every event; it has no name there, and here that of its message.
const METADATA: &str = "kiban.common.v1.EventMetadata";

/// Files whose form is no longer written, though it is read: today's build writes the same meaning otherwise.
const OLD_FORMS: &[&str] = &[];

#[test]
fn every_sample_reads_back_to_what_it_meant() {
    bless();
    for Sample { name, event_type, bytes, text } in committed() {
        let meaning = decode(&event_type, &bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(text, described(&meaning), "{name} means something else now");
        let again = encode(&meaning);
        if OLD_FORMS.contains(&name.as_str()) {
            assert_ne!(again, bytes, "{name} is the form of today: strike it off the list");
            assert_eq!(
                decode(&event_type, &again).unwrap(),
                meaning,
                "{name} changes when it is written anew"
            );
        } else {
            assert_eq!(hex(&again), hex(&bytes), "{name} is written otherwise now");
        }
    }
}

#[test]
fn every_type_has_a_sample() {
    bless();
    let with_samples: BTreeSet<String> = committed().into_iter().map(|sample| sample.event_type).collect();
    let types = catalogue::event_types();
    let without: Vec<&String> = types.iter().filter(|name| !with_samples.contains(*name)).collect();
    assert!(without.is_empty(), "add to tests/tests/golden/samples and bless: {without:?}");
    let unknown: Vec<&String> = with_samples.iter().filter(|name| !types.contains(*name)).collect();
    assert!(unknown.iter().all(|name| *name == METADATA), "types that are known no more: {unknown:?}");
}

#[test]
fn the_samples_of_this_build_are_committed() {
    bless();
    let committed: BTreeSet<(String, Vec<u8>)> =
        committed().into_iter().map(|sample| (sample.event_type, sample.bytes)).collect();
    for (event_type, meaning) in samples() {
        let found = committed.contains(&(event_type.clone(), encode(&meaning)));
        assert!(found, "{event_type} is written in a form that is not committed: bless it");
    }
}

/// One committed sample.
struct Sample {
    name: String,
    event_type: String,
    bytes: Vec<u8>,
    text: String,
}

fn committed() -> Vec<Sample> {
    let mut names: Vec<PathBuf> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some_and(|extension| extension == "hex"));
    names.sort();
    assert!(!names.is_empty(), "no samples in {}", folder().display());
    names.into_iter().map(read).collect()
}

fn read(path: PathBuf) -> Sample {
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let (event_type, _) = name.rsplit_once('.').unwrap();
    Sample {
        event_type: event_type.to_owned(),
        bytes: bytes(&fs::read_to_string(&path).unwrap()),
        text: fs::read_to_string(path.with_extension("txt")).unwrap_or_default(),
        name,
    }
}

/// What this build would write, by type.
fn samples() -> Vec<(String, Meaning)> {
    let events = samples::events().into_iter();
    let events =
        events.map(|event| (catalogue::event_type(&event).to_owned(), Meaning::Event(Box::new(event))));
    let metadata = samples::metadata().into_iter();
    let metadata = metadata.map(|metadata| (METADATA.to_owned(), Meaning::Metadata(Box::new(metadata))));
    events.chain(metadata).collect()
}

fn encode(meaning: &Meaning) -> Vec<u8> {
    match meaning {
        Meaning::Event(event) => catalogue::encode(event),
        Meaning::Metadata(metadata) => metadata.encode(),
    }
}

fn decode(event_type: &str, bytes: &[u8]) -> Result<Meaning, String> {
    if event_type == METADATA {
        let metadata = Metadata::decode(bytes).map_err(|defect| defect.to_string())?;
        return Ok(Meaning::Metadata(Box::new(metadata)));
    }
    let event = catalogue::decode(event_type, bytes).map_err(|error| error.to_string())?;
    Ok(Meaning::Event(Box::new(event)))
}

fn described(meaning: &Meaning) -> String {
    match meaning {
        Meaning::Event(event) => format!("{event:#?}\n"),
        Meaning::Metadata(metadata) => format!("{metadata:#?}\n"),
    }
}

/// Writes what is missing, if asked to.
fn bless() {
    // Tests run at once, and each of them blesses first: one of them does it.
    static ONCE: std::sync::Once = std::sync::Once::new();
    if std::env::var_os("KIBAN_BLESS").is_some() {
        ONCE.call_once(write_missing);
    }
}

fn write_missing() {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut known: BTreeSet<(String, Vec<u8>)> = BTreeSet::new();
    fs::create_dir_all(folder()).unwrap();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "hex") {
            let sample = read(path.clone());
            let number: usize = sample.name.rsplit_once('.').unwrap().1.parse().unwrap();
            let highest = numbers.entry(sample.event_type.clone()).or_default();
            *highest = number.max(*highest);
            if !path.with_extension("txt").exists() {
                let meaning = decode(&sample.event_type, &sample.bytes).unwrap();
                fs::write(path.with_extension("txt"), described(&meaning)).unwrap();
            }
            known.insert((sample.event_type, sample.bytes));
        }
    }
    for (event_type, meaning) in samples() {
        let bytes = encode(&meaning);
        if known.insert((event_type.clone(), bytes.clone())) {
            let number = numbers.entry(event_type.clone()).or_default();
            *number += 1;
            let path = folder().join(format!("{event_type}.{number}.hex"));
            fs::write(path.with_extension("txt"), described(&meaning)).unwrap();
            fs::write(path, lines(&hex(&bytes))).unwrap();
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// In lines of 32 bytes.
fn lines(hex: &str) -> String {
    let lines = hex.as_bytes().chunks(64).map(|line| format!("{}\n", std::str::from_utf8(line).unwrap()));
    lines.collect()
}

fn bytes(lines: &str) -> Vec<u8> {
    let digits: Vec<u32> =
        lines.split_whitespace().flat_map(str::chars).map(|digit| digit.to_digit(16).unwrap()).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/golden"))
}
