//! Who may depend on whom.

use crate::tree::{Crate, Workspace};

/// The floors that a crate of this workspace may stand on, by its folder: all that it may name under
/// `[dependencies]`. What is not written here is not allowed, so that a new edge is a decision.
const FLOORS: &[(&str, &[&str])] = &[
    ("proto", &[]),
    ("crates/money", &[]),
    ("crates/domain", &["money"]),
    ("crates/rating", &["money", "domain"]),
    // Opaque bytes: neither `domain` nor `events`.
    ("crates/event-log", &[]),
    // `rating` is pure; what a ledger keeps beside the log is converted here as every state is.
    ("crates/events", &["money", "domain", "rating", "event-log", "proto"]),
    ("crates/engine", &["money", "domain", "rating", "event-log", "events", "proto"]),
    // No service imports a service, and no projection a projection: what one context needs of another it
    // folds from that context's events.
    ("services/", &["money", "rating", "domain", "event-log", "events", "engine", "proto"]),
    ("projections/", &["money", "rating", "domain", "event-log", "events", "engine", "proto"]),
    // Clients of others: they know nothing of Kiban.
    ("tests/clients", &[]),
    // What the tests of services and projections share: it knows neither, but the ledger that two of them fold.
    (TEST_SUPPORT, &["domain", "rating", "event-log", "events", "engine"]),
];

/// The crate that only tests use.
const TEST_SUPPORT: &str = "tests/world";

/// Tests against engines that other people wrote. What it needs of them is optional, and so stands under
/// `[dependencies]`; nothing of it ships.
const ENGINE_TESTS: &str = "tests/engines";

/// Those that may import everything.
const ABOVE_ALL: &[&str] = &["crates/server", "tests", ENGINE_TESTS];

/// Crates that bring async, input or output, a clock, randomness, serde or protobuf, by the start of their
/// names.
const IMPURE: &[&str] = &[
    "async-",
    "bytes",
    "chrono",
    "clap",
    "fastrand",
    "futures",
    "getrandom",
    "h2",
    "http",
    "hyper",
    "indicatif",
    "iana-time-zone",
    "libsqlite3",
    "lru",
    "mio",
    "opentelemetry",
    "prometheus",
    "prost",
    "protox",
    "rand",
    "rusqlite",
    "serde",
    "sha2",
    "socket2",
    "time",
    "tokio",
    "tonic",
    "tower",
    "tracing",
    "uuid",
];

/// The crates whose rules are pure functions.
const PURE: &[&str] = &["crates/money", "crates/rating", "crates/domain"];

/// Crates from outside that only these folders may name, and why.
const BEHIND_WALLS: &[(&str, &[&str], &str)] = &[
    (
        "rusqlite",
        &["crates/event-log", "crates/engine"],
        "only the log writes truth, only the store keeps folds",
    ),
    (
        "rdkafka",
        &["crates/event-log", ENGINE_TESTS],
        "what is published is decided above, and how is nobody else's business",
    ),
    (
        "tonic",
        &[
            "proto",
            // The EventStoreDB protocol is gRPC, too.
            "crates/event-log",
            "crates/engine",
            "crates/server",
            "services/",
            "projections/",
            TEST_SUPPORT,
        ],
        "gRPC ends where deciding and recording begin",
    ),
    (
        "tonic-types",
        &["crates/engine", "crates/server", TEST_SUPPORT],
        "refusals become statuses in one place",
    ),
    ("tonic-prost", &["proto", "crates/event-log"], "only generated code needs it"),
    (
        "prost",
        &[
            "proto",
            // For the messages of the EventStoreDB protocol; the payloads of events stay opaque.
            "crates/event-log",
            "crates/events",
            "crates/engine",
            "crates/server",
            "services/",
            "projections/",
        ],
        "the pure crates know no protobuf",
    ),
    (
        "tantivy",
        &["projections/service-catalogue"],
        "an index of texts is derived, and one read model searches texts",
    ),
    // The protocol writes ids as UUIDs; none is made there.
    ("uuid", &["crates/engine", "crates/event-log"], "ids are derived in one place"),
    ("clap", &["crates/server"], "only the binary has a command line"),
    ("indicatif", &["crates/server"], "only the binary has a screen"),
    (
        "axum",
        &["crates/server"],
        "the endpoint for Prometheus is the process's, and nothing else speaks HTTP/1",
    ),
    ("opentelemetry", &["crates/server"], "who tells of itself does not know to whom"),
    ("opentelemetry_sdk", &["crates/server"], "who tells of itself does not know to whom"),
    ("prometheus", &["crates/server"], "who tells of itself does not know to whom"),
];

/// Edges between crates of the workspace that the floors do not have.
pub(crate) fn against_the_flow(workspace: &Workspace) -> Vec<String> {
    let mut breaches = Vec::new();
    for member in &workspace.crates {
        if ABOVE_ALL.contains(&member.folder.as_str()) {
            continue;
        }
        let Some((_, floors)) = FLOORS.iter().find(|(folder, _)| stands_in(member, folder)) else {
            breaches.push(format!("{} stands on no floor: name it in FLOORS", member.folder));
            continue;
        };
        for name in &member.direct {
            if workspace.has(name) && !floors.contains(&name.as_str()) {
                breaches.push(format!("{} may not depend on {name}", member.folder));
            }
        }
    }
    breaches
}

/// Crates that would make a pure crate impure, anywhere in what is linked into it.
pub(crate) fn impure(workspace: &Workspace) -> Vec<String> {
    let mut breaches = Vec::new();
    for folder in PURE {
        let Some(member) = workspace.crates.iter().find(|member| member.folder == *folder) else {
            breaches.push(format!("{folder} is gone"));
            continue;
        };
        for name in member.tree.iter().filter(|name| IMPURE.iter().any(|start| name.starts_with(start))) {
            breaches.push(format!("{folder} reaches {name}"));
        }
    }
    breaches
}

/// Crates from outside that are named where they should not be.
pub(crate) fn outside_their_walls(workspace: &Workspace) -> Vec<String> {
    let mut breaches = Vec::new();
    for (outside, folders, why) in BEHIND_WALLS {
        let named = workspace.crates.iter().filter(|member| member.direct.contains(*outside));
        for member in named.filter(|member| !folders.iter().any(|folder| stands_in(member, folder))) {
            breaches.push(format!("{} may not depend on {outside}: {why}", member.folder));
        }
    }
    breaches
}

/// Binaries beside `kiban`, or its absence.
pub(crate) fn binaries(workspace: &Workspace) -> Vec<String> {
    let all: Vec<&String> = workspace.crates.iter().flat_map(|member| &member.binaries).collect();
    if all == ["kiban"] { vec![] } else { vec![format!("the binaries are {all:?}, not just kiban")] }
}

/// What the crate of tests has beside development dependencies.
pub(crate) fn shipped_by_tests(workspace: &Workspace) -> Vec<String> {
    let tests = workspace.crates.iter().find(|member| member.folder == "tests");
    let direct = tests.map(|tests| tests.direct.clone()).unwrap_or_else(|| ["nothing".into()].into());
    direct.into_iter().map(|name| format!("tests depends on {name} in what ships")).collect()
}

/// Crates that what only tests use is named by, or linked into, otherwise than for tests.
pub(crate) fn shipping_test_support(workspace: &Workspace) -> Vec<String> {
    [TEST_SUPPORT, ENGINE_TESTS].into_iter().flat_map(|folder| shipping(workspace, folder)).collect()
}

fn shipping(workspace: &Workspace, folder: &str) -> Vec<String> {
    let Some(support) = workspace.crates.iter().find(|member| member.folder == folder) else {
        return vec![format!("{folder} is gone")];
    };
    let ships =
        |member: &&Crate| member.direct.contains(&support.name) || member.tree.contains(&support.name);
    let shipping = workspace.crates.iter().filter(ships);
    shipping.map(|member| format!("{} ships {}", member.folder, support.name)).collect()
}

/// Whether a crate stands in a folder: that very one, or, if it ends with a slash, one below it.
fn stands_in(member: &Crate, folder: &str) -> bool {
    if folder.ends_with('/') { member.folder.starts_with(folder) } else { member.folder == folder }
}

fn made_up(folder: &str, direct: &[&str]) -> Crate {
    let names = || direct.iter().map(|name| (*name).to_owned());
    let name = folder.rsplit('/').next().unwrap().to_owned();
    Crate {
        name,
        folder: folder.to_owned(),
        direct: names().collect(),
        tree: names().collect(),
        binaries: vec![],
    }
}

#[test]
fn an_edge_against_the_flow_is_seen() {
    let below = [
        "proto",
        "crates/money",
        "crates/domain",
        "crates/events",
        "crates/engine",
        "services/access",
        "services/contract",
        "tests/world",
    ];
    for (folder, dependency, breaches) in [
        ("services/contract", "access", 1),
        ("projections/billing", "access", 1),
        ("crates/engine", "access", 1),
        ("crates/event-log", "domain", 1),
        ("crates/event-log", "events", 1),
        ("crates/domain", "proto", 1),
        ("crates/money", "domain", 1),
        ("crates/attic", "money", 1),
        ("crates/attic", "serde", 1),
        ("services/contract", "engine", 0),
        ("services/contract", "tonic", 0),
        ("crates/domain", "money", 0),
        ("crates/server", "access", 0),
        ("services/contract", "world", 1),
        ("tests/world", "contract", 1),
        ("tests/world", "engine", 0),
    ] {
        let mut crates: Vec<Crate> = below.iter().map(|folder| made_up(folder, &[])).collect();
        crates.retain(|member| member.folder != folder);
        crates.push(made_up(folder, &[dependency]));
        let found = against_the_flow(&Workspace { crates });
        assert_eq!(found.len(), breaches, "{folder} -> {dependency}: {found:?}");
    }
}

#[test]
fn an_impure_crate_is_seen_however_deep() {
    let crates = |deep: &[&str]| {
        let domain = Crate { direct: [].into(), ..made_up("crates/domain", deep) };
        Workspace {
            crates: vec![made_up("crates/money", &["num-bigint"]), made_up("crates/rating", &[]), domain],
        }
    };
    assert_eq!(impure(&crates(&["jiff", "thiserror"])), [""; 0]);
    assert_eq!(impure(&crates(&["jiff", "serde_core"])), ["crates/domain reaches serde_core"]);
    assert_eq!(impure(&Workspace::default()).len(), 3);
}

#[test]
fn a_database_outside_its_wall_is_seen() {
    let workspace = |folder| Workspace { crates: vec![made_up(folder, &["rusqlite"])] };
    assert_eq!(outside_their_walls(&workspace("crates/event-log")), [""; 0]);
    assert_eq!(outside_their_walls(&workspace("projections/billing")).len(), 1);
    let crates = vec![made_up("services/order", &["tonic"]), made_up("crates/events", &["tonic"])];
    assert_eq!(outside_their_walls(&Workspace { crates }).len(), 1);
}

#[test]
fn another_binary_is_seen() {
    let mut server = made_up("crates/server", &[]);
    assert_eq!(binaries(&Workspace { crates: vec![server.clone()] }).len(), 1);
    server.binaries = vec!["kiban".into()];
    assert_eq!(binaries(&Workspace { crates: vec![server.clone()] }), [""; 0]);
    server.binaries.push("standalone".into());
    assert_eq!(binaries(&Workspace { crates: vec![server] }).len(), 1);
}

#[test]
fn a_dependency_of_the_tests_is_seen() {
    let workspace = |direct: &[&str]| Workspace { crates: vec![made_up("tests", direct)] };
    assert_eq!(shipped_by_tests(&workspace(&[])), [""; 0]);
    assert_eq!(shipped_by_tests(&workspace(&["tokio"])).len(), 1);
    assert_eq!(shipped_by_tests(&Workspace::default()).len(), 1);
}

#[test]
fn what_only_tests_use_is_seen_in_what_ships() {
    let workspace = |direct: &[&str], tree: &[&str]| {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let server = Crate { direct: names(direct), tree: names(tree), ..made_up("crates/server", &[]) };
        let engines = made_up(ENGINE_TESTS, &["event-log"]);
        Workspace { crates: vec![made_up(TEST_SUPPORT, &["engine"]), engines, server] }
    };
    assert_eq!(shipping_test_support(&workspace(&["engine"], &["engine"])), [""; 0]);
    assert_eq!(shipping_test_support(&workspace(&["world"], &[])).len(), 1);
    assert_eq!(shipping_test_support(&workspace(&["engine"], &["world"])).len(), 1);
    assert_eq!(shipping_test_support(&workspace(&["engines"], &[])).len(), 1);
    assert_eq!(shipping_test_support(&Workspace::default()).len(), 2);
}
