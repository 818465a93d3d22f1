//! What every engine must do, as tests: `event_log::conformance_tests!(harness)` makes a test of each.
//!
//! An engine gives a [`Harness`]; the suite speaks only to the traits. The proptest runs random appends
//! against a model that knows no disk, no queue and no threads.

pub mod appending;
pub mod following;
pub mod model;
pub mod reading;

use crate::{
    Append, AppendError, AppendOutcome, Appended, Clock, CommandKey, EventFeed, EventLog, ExpectedRevision,
    Guard, NewEvent, StreamName,
};
use bytes::Bytes;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// How an engine is opened for a test.
pub trait Harness: Send + Sync + 'static {
    /// The engine.
    type Log: EventLog + EventFeed;

    /// A new and empty log on this clock.
    fn open(&self, clock: Clock) -> Arc<Self::Log>;

    /// The tests that the engine does not pass because it lacks what they try, each with what it lacks. They run all
    /// the same and must fail: what is not lacking any more is to be named no more.
    const LACKS: &'static [(&'static str, &'static str)] = &[];
}

/// What an engine lacks of a test, by the test's name.
pub fn lacking<H: Harness>(_: &H, test: &str) -> Option<&'static str> {
    H::LACKS.iter().find(|(name, _)| *name == test).map(|(_, what)| *what)
}

/// A clock that is set by hand, in microseconds since the Unix epoch.
#[derive(Clone, Default)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that stands at a time.
    pub fn at(micros: i64) -> Self {
        Self(Arc::new(AtomicI64::new(micros)))
    }

    /// Sets the time.
    pub fn set(&self, micros: i64) {
        self.0.store(micros, Ordering::SeqCst);
    }

    /// The clock as engines take it.
    pub fn clock(&self) -> Clock {
        let clock = self.0.clone();
        Arc::new(move || clock.load(Ordering::SeqCst))
    }
}

/// The stream `test-<id>`.
pub fn stream(id: &str) -> StreamName {
    StreamName::new(format!("test-{id}")).expect("a valid name")
}

/// An event whose id, metadata and payload come from a number.
pub fn event(number: u64) -> NewEvent {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    NewEvent {
        id,
        event_type: "kiban.test.v1.Happened".into(),
        metadata: Bytes::from(format!("metadata {number}")),
        payload: Bytes::from(format!("payload {number}")),
    }
}

/// An append of the events with these numbers, without guards or command.
pub fn append(stream: &StreamName, expected: ExpectedRevision, numbers: &[u64]) -> Append {
    Append {
        stream: stream.clone(),
        expected,
        guards: Vec::new(),
        command: None,
        events: numbers.iter().copied().map(event).collect(),
    }
}

/// A command key of the scope `[1; 16]`.
pub fn command(id: &str, digest: u8) -> CommandKey {
    CommandKey { scope: [1; 16], id: id.into(), digest: [digest; 32] }
}

/// A guard.
pub fn guard(stream: &StreamName, revision: Option<u64>) -> Guard {
    Guard { stream: stream.clone(), revision }
}

/// Appends and expects that it was written.
pub async fn written(log: &impl EventLog, append: Append) -> Appended {
    match log.append(append).await {
        Ok(AppendOutcome::Appended(appended)) => appended,
        other => panic!("expected it to be written, but: {other:?}"),
    }
}

/// Appends and expects that it stood already.
pub async fn already(log: &impl EventLog, append: Append) -> Appended {
    match log.append(append).await {
        Ok(AppendOutcome::AlreadyAppended(appended)) => appended,
        other => panic!("expected it to stand already, but: {other:?}"),
    }
}

/// Appends and expects a conflict: its stream and the revision found.
pub async fn conflict(log: &impl EventLog, append: Append) -> (StreamName, ExpectedRevision, Option<u64>) {
    match log.append(append).await {
        Err(AppendError::Conflict { stream, expected, actual }) => (stream, expected, actual),
        other => panic!("expected a conflict, but: {other:?}"),
    }
}

/// Makes a test of everything that an engine must do. The harness is an expression; tests need tokio's macros.
#[macro_export]
macro_rules! conformance_tests {
    ($harness:expr) => {
        $crate::conformance_tests!(@ $harness;
            appending: positions_and_revisions_have_no_gaps, expected_revisions_are_checked,
                guards_are_checked_in_the_same_commit, a_command_is_carried_out_once,
                a_command_id_with_another_content_is_refused, a_refused_append_leaves_the_command_free,
                a_retry_without_a_command_changes_nothing, a_chain_of_appends_in_flight_holds,
                a_refused_append_does_not_hurt_its_neighbours, recorded_at_never_decreases,
                limits_are_enforced, nothing_is_taken_after_closing;
            reading: what_was_written_is_read, pages_are_bounded, pages_may_start_within_a_frame,
                single_frames_and_revisions_are_found, commands_are_found, positions_are_found_by_time,
                the_head_seals_the_log;
            following: subscribers_see_every_frame_once, a_subscription_may_start_anywhere,
                nothing_is_read_before_it_is_durable, waiting_for_a_position, feeds_end_when_the_log_closes;
        );
        /// Random appends against the model.
        #[test]
        fn random_appends_agree_with_the_model() {
            let harness = $harness;
            match $crate::conformance::lacking(&harness, "random_appends_agree_with_the_model") {
                Some(what) => println!("this engine lacks {what}"),
                None => $crate::conformance::model::random_appends_agree_with_the_model(&harness),
            }
        }
    };
    (@ $harness:expr; $($module:ident: $($name:ident),+ $(,)?;)+) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let harness = $harness;
                let Some(what) = $crate::conformance::lacking(&harness, stringify!($name)) else {
                    return $crate::conformance::$module::$name(&harness).await;
                };
                println!("this engine lacks {what}");
                let tried = ::tokio::spawn(async move {
                    $crate::conformance::$module::$name(&harness).await;
                });
                assert!(tried.await.is_err(), "it has {what} now: name it no more");
            }
        )+)+
    };
}
