//! Random appends against a model: a list of frames and the rules, nothing else.

use super::*;
use crate::{Page, Position};
use futures::future::join_all;
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};

/// What a random append asks for.
#[derive(Clone, Debug)]
struct Ask {
    stream: u8,
    expected: ExpectedRevision,
    guard: Option<(u8, Option<u64>)>,
    command: Option<(u8, u8)>,
    /// Ids are few, so that retries happen.
    events: Vec<u64>,
    now: i64,
}

fn ask() -> impl Strategy<Value = Ask> {
    let expected = prop_oneof![
        3 => Just(ExpectedRevision::Any),
        2 => Just(ExpectedRevision::NoStream),
        1 => Just(ExpectedRevision::StreamExists),
        4 => (0..6u64).prop_map(ExpectedRevision::Exact),
    ];
    let guard = proptest::option::weighted(0.3, (0..3u8, proptest::option::of(0..4u64)));
    let command = proptest::option::weighted(0.4, (0..6u8, 0..2u8));
    (0..3u8, expected, guard, command, vec(0..3u64, 1..3), 0..50i64).prop_map(
        |(stream, expected, guard, command, events, now)| Ask {
            stream,
            expected,
            guard,
            command,
            events,
            now,
        },
    )
}

impl Ask {
    fn append(&self) -> Append {
        Append {
            guards: self.guard.iter().map(|(of, revision)| guard(&name(*of), *revision)).collect(),
            command: self.command.map(|(id, digest)| command(&format!("c-{id}"), digest)),
            ..append(&name(self.stream), self.expected, &self.events)
        }
    }
}

fn name(number: u8) -> StreamName {
    stream(&number.to_string())
}

/// What the log should answer, without positions that only the model's own list gives.
#[derive(PartialEq, Debug)]
enum Expected {
    Written(u64, u64),
    Already(u64, u64),
    Conflict(StreamName, Option<u64>),
    Mismatch,
}

struct Written {
    stream: u8,
    revision: u64,
    position: u64,
    events: Vec<u64>,
    command: Option<(u8, u8)>,
}

#[derive(Default)]
struct Model {
    frames: Vec<Written>,
    events: u64,
}

impl Model {
    fn revision(&self, stream: u8) -> Option<u64> {
        let events: usize =
            self.frames.iter().filter(|frame| frame.stream == stream).map(|frame| frame.events.len()).sum();
        (events as u64).checked_sub(1)
    }

    fn append(&mut self, ask: &Ask) -> Expected {
        let same = |frame: &&Written| frame.command.map(|c| c.0) == ask.command.map(|c| c.0);
        let known = self.frames.iter().filter(|_| ask.command.is_some()).find(same);
        if let Some(frame) = known {
            return match frame.command == ask.command {
                true => Expected::Already(frame.position, frame.revision),
                false => Expected::Mismatch,
            };
        }
        let actual = self.revision(ask.stream);
        let (admitted, place) = match ask.expected {
            ExpectedRevision::Any => (true, None),
            ExpectedRevision::NoStream => (actual.is_none(), Some(0)),
            ExpectedRevision::StreamExists => (actual.is_some(), None),
            ExpectedRevision::Exact(revision) => (actual == Some(revision), Some(revision + 1)),
        };
        if !admitted {
            let there =
                self.frames.iter().find(|frame| (frame.stream, Some(frame.revision)) == (ask.stream, place));
            return match there {
                Some(frame) if ask.command.is_none() && frame.events == ask.events => {
                    Expected::Already(frame.position, frame.revision)
                }
                _ => Expected::Conflict(name(ask.stream), actual),
            };
        }
        if let Some((of, revision)) = ask.guard
            && self.revision(of) != revision
        {
            return Expected::Conflict(name(of), self.revision(of));
        }
        let (position, revision) = (self.events + 1, actual.map_or(0, |revision| revision + 1));
        let Ask { stream, command, events, .. } = ask.clone();
        self.frames.push(Written { stream, revision, position, events, command });
        self.events += ask.events.len() as u64;
        Expected::Written(position, revision)
    }
}

fn answered(answer: Result<AppendOutcome, AppendError>) -> Expected {
    match answer {
        Ok(AppendOutcome::Appended(place)) => Expected::Written(place.first_position.0, place.first_revision),
        Ok(AppendOutcome::AlreadyAppended(place)) => {
            Expected::Already(place.first_position.0, place.first_revision)
        }
        Err(AppendError::Conflict { stream, actual, .. }) => Expected::Conflict(stream, actual),
        Err(AppendError::IdMismatch) => Expected::Mismatch,
        Err(other) => panic!("the model knows no such answer: {other:?}"),
    }
}

/// All appends of a case are in flight at once, so that they share drains; the order is that of the calls.
pub fn random_appends_agree_with_the_model(harness: &impl Harness) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() });
    let outcome = runner.run(&vec(ask(), 1..60), |asks| {
        let _entered = runtime.enter();
        let clock = ManualClock::default();
        let log = harness.open(clock.clock());
        let mut model = Model::default();
        runtime.block_on(async {
            let mut flights = Vec::new();
            for ask in &asks {
                clock.set(ask.now);
                flights.push(log.append(ask.append()));
            }
            let answers = join_all(flights).await;
            for (index, (ask, answer)) in asks.iter().zip(answers).enumerate() {
                assert_eq!(answered(answer), model.append(ask), "append {index}: {ask:?}");
            }
            assert_eq!(log.head().position, Position(model.events));
            let frames =
                log.read_all(Position::START, Page { frames: 1_000, bytes: usize::MAX }).await.unwrap();
            assert_eq!(frames.len(), model.frames.len());
            assert!(frames.is_sorted_by_key(|frame| frame.recorded_at));
            for (frame, model) in frames.iter().zip(&model.frames) {
                assert_eq!((&frame.stream, frame.first_revision), (&name(model.stream), model.revision));
                assert_eq!(frame.first_position, Position(model.position));
                assert!(
                    frame.events.iter().map(|event| event.id).eq(model.events.iter().map(|id| event(*id).id))
                );
            }
            log.close().await;
        });
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
