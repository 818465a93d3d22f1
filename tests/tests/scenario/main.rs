//! The forum from end to end, driven over TCP as its clients drive it: as `scenario`, every role in one process; as
//! `scenario_apart`, each role by itself.

#[path = "../../support/mod.rs"]
mod support;

mod backup;
mod concurrency;
mod kinds;
mod money;
mod refusals;
mod restart;
mod shards;
mod usage;
mod watch;

use std::sync::Arc;

use domain::time::Timestamp;
use engine::ManualClock;
use support::{Forum, Server, connect, serve};
use tempfile::TempDir;

/// A forum that stands, the clock of its server, and the directory of its data.
struct World {
    forum: Forum,
    server: Server,
    clock: Arc<ManualClock>,
    directory: TempDir,
}

impl World {
    /// A forum founded in the first minute of April 2026 in Tokyo, so that contract years and months begin
    /// together.
    async fn found() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(day(1)));
        let server = serve(directory.path(), clock.clone()).await;
        let forum = Forum::found(connect(&server).await, &*clock, 1).await;
        Self { forum, server, clock, directory }
    }

    /// Stops the server cleanly and starts another on the same data.
    async fn restart(self) -> Self {
        let Self { mut forum, server, clock, directory } = self;
        server.stop().await;
        let server = serve(directory.path(), clock.clone()).await;
        forum.channel = connect(&server).await;
        Self { forum, server, clock, directory }
    }
}

/// Midnight in Tokyo at which so many days of April 2026 have begun.
fn day(day: i8) -> Timestamp {
    Timestamp::start_of_tokyo_date(jiff::civil::date(2026, 4, day))
}

/// The month of all scenarios.
const APRIL: &str = "2026-04";
