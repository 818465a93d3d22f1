//! Only tests: what clients of the EventStoreDB protocol that others wrote may do on the served log. The Rust client is
//! tried by `cargo test -p clients --features foreign`, the Python client by `kurrentdb_client.py`.
