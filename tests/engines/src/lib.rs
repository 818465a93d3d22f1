//! What the tests against real engines share: whether there is such an engine, and what it means if there is none.
//!
//! A test that needs one says so and passes where it is absent, so that `cargo test` works on any machine. Where
//! `KIBAN_TEST_REQUIRE_ENGINES=1` it fails instead: there the engines are said to be there, and a test that skips
//! itself would prove nothing.

/// The value of a variable that says where an engine is. Without it, the test that asks is to return at once.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub fn engine(variable: &str) -> Option<String> {
    match std::env::var(variable) {
        Ok(value) if !value.is_empty() => Some(value),
        _ => {
            let required = std::env::var("KIBAN_TEST_REQUIRE_ENGINES").is_ok_and(|value| value == "1");
            assert!(!required, "{variable} is not set, and KIBAN_TEST_REQUIRE_ENGINES asks for it");
            eprintln!("skipped: {variable} is not set");
            None
        }
    }
}
