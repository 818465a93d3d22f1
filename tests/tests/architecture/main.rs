//! The walls of the house, as far as a program can see them (ARCHITECTURE.md, "Invariants").
//!
//! Each rule is a function from facts to a list of breaches. The facts of this tree come from `cargo metadata`
//! and from the sources; made-up facts show, beside each rule, that it can fail.

mod sources;
mod tree;
mod walls;

use std::path::Path;

use tree::Workspace;

#[test]
fn dependencies_point_the_way_a_request_passes() {
    assert_none(&walls::against_the_flow(&Workspace::read()));
}

#[test]
fn pure_crates_reach_no_clock_no_io_no_wire() {
    assert_none(&walls::impure(&Workspace::read()));
}

#[test]
fn outside_crates_stay_behind_their_walls() {
    assert_none(&walls::outside_their_walls(&Workspace::read()));
}

#[test]
fn kiban_is_the_only_binary() {
    assert_none(&walls::binaries(&Workspace::read()));
}

#[test]
fn the_tests_crate_ships_nothing() {
    assert_none(&walls::shipped_by_tests(&Workspace::read()));
}

#[test]
fn only_tests_name_what_tests_share() {
    assert_none(&walls::shipping_test_support(&Workspace::read()));
}

#[test]
fn plain_cargo_test_tests_everything() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(!manifest.contains("default-members"), "default-members would hide crates from cargo test");
}

#[test]
fn every_crate_takes_the_workspace_lints() {
    assert_none(&sources::without_lints(&sources::manifests(root())));
}

#[test]
fn time_and_randomness_come_in_one_place() {
    assert_none(&sources::impure_calls(&sources::rust_files(root())));
}

#[test]
fn folds_match_every_event_by_name() {
    assert_none(&sources::wildcards_in_folds(&sources::rust_files(root())));
}

#[test]
fn there_are_no_floats_near_money() {
    assert_none(&sources::without_float_ban(&sources::rust_files(root())));
}

#[test]
fn long_files_have_a_reason() {
    assert_none(&sources::too_long(&sources::rust_files(root())));
}

/// The top of the tree: this crate's folder is `tests/` in it.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn assert_none(breaches: &[String]) {
    assert!(breaches.is_empty(), "{} breaches:\n  {}\n", breaches.len(), breaches.join("\n  "));
}
