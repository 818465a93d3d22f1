//! Reading: pages, look-ups, times.

use super::*;
use crate::{Frame, Page, Position, StoredCommand};
use ExpectedRevision::Any;

const ALL: Page = Page { frames: usize::MAX, bytes: usize::MAX };

/// A log of ten frames of one to three events on two streams, recorded at 1000, 1010, 1020…
async fn ten_frames<H: Harness>(harness: &H) -> (Arc<H::Log>, Vec<Appended>) {
    let clock = ManualClock::at(0);
    let log = harness.open(clock.clock());
    let mut places = Vec::new();
    for frame in 0..10u64 {
        clock.set(1_000 + 10 * frame as i64);
        let numbers: Vec<_> = (0..=frame % 3).map(|index| frame * 10 + index).collect();
        let stream = stream(if frame % 2 == 0 { "even" } else { "odd" });
        places.push(written(&*log, append(&stream, Any, &numbers)).await);
    }
    (log, places)
}

fn firsts(frames: &[Arc<Frame>]) -> Vec<u64> {
    frames.iter().map(|frame| frame.first_position.0).collect()
}

/// Everything that went in comes out, byte for byte.
pub async fn what_was_written_is_read(harness: &impl Harness) {
    let log = harness.open(ManualClock::at(5).clock());
    let odd = NewEvent {
        id: [255; 16],
        event_type: "型".into(),
        metadata: Bytes::new(),
        payload: vec![0, 255, 10].into(),
    };
    let a = stream("ä'\"\\");
    written(&*log, Append { events: vec![event(1), odd.clone()], ..append(&a, Any, &[]) }).await;
    let frames = log.read_all(Position::START, ALL).await.unwrap();
    assert_eq!(frames, log.read_stream(&a, 0, ALL).await.unwrap());
    let [frame] = &frames[..] else { panic!("expected one frame: {frames:?}") };
    assert_eq!(
        (frame.stream.as_str(), frame.first_position, frame.first_revision),
        ("test-ä'\"\\", Position(1), 0)
    );
    for (found, written) in frame.events.iter().zip([event(1), odd]) {
        assert_eq!((found.id, &found.event_type), (written.id, &written.event_type));
        assert_eq!((&found.metadata, &found.payload), (&written.metadata, &written.payload));
    }
}

/// A page stops before its bounds but never before one frame; an empty one is the end.
pub async fn pages_are_bounded(harness: &impl Harness) {
    let (log, places) = ten_frames(harness).await;
    let all: Vec<u64> = places.iter().map(|place| place.first_position.0).collect();
    assert_eq!(firsts(&log.read_all(Position::START, ALL).await.unwrap()), all);
    for (frames, bytes) in [(1, usize::MAX), (3, usize::MAX), (0, 0), (usize::MAX, 0), (usize::MAX, 150)] {
        let page = Page { frames, bytes };
        let (mut after, mut seen) = (Position::START, Vec::new());
        loop {
            let read = log.read_all(after, page).await.unwrap();
            let Some(last) = read.last() else { break };
            let size: usize = read.iter().map(|frame| frame.size()).sum();
            assert!(read.len() == 1 || (read.len() <= frames && size <= bytes), "{page:?}: {}", read.len());
            after = last.last_position();
            seen.extend(firsts(&read));
        }
        assert_eq!(seen, all, "{page:?}");

        let (mut from, mut seen) = (0, Vec::new());
        loop {
            let read = log.read_stream(&stream("odd"), from, page).await.unwrap();
            let Some(last) = read.last() else { break };
            from = last.last_revision() + 1;
            seen.extend(firsts(&read));
        }
        assert_eq!(seen, all.iter().copied().skip(1).step_by(2).collect::<Vec<_>>(), "{page:?}");
    }
    assert_eq!(log.read_stream(&stream("missing"), 0, ALL).await.unwrap(), []);
    assert_eq!(log.read_stream(&stream("odd"), u64::MAX, ALL).await.unwrap(), []);
    assert_eq!(log.read_all(Position(u64::MAX), ALL).await.unwrap(), []);
}

/// A frame is read whole, from any of its positions or revisions.
pub async fn pages_may_start_within_a_frame(harness: &impl Harness) {
    let (log, places) = ten_frames(harness).await;
    for place in &places {
        for position in place.first_position.0..=place.last_position.0 {
            let read = log.read_all(Position(position - 1), ALL).await.unwrap();
            assert_eq!(read[0].appended(), *place);
        }
        let stream = log.frame_at(place.first_position).await.unwrap().unwrap().stream.clone();
        for revision in place.first_revision..=place.last_revision {
            let read = log.read_stream(&stream, revision, ALL).await.unwrap();
            assert_eq!(read[0].appended(), *place);
        }
    }
}

/// One frame by position, one revision by stream.
pub async fn single_frames_and_revisions_are_found(harness: &impl Harness) {
    let (log, places) = ten_frames(harness).await;
    for place in &places {
        for position in place.first_position.0..=place.last_position.0 {
            let frame = log.frame_at(Position(position)).await.unwrap().unwrap();
            assert_eq!(frame.appended(), *place);
        }
    }
    let head = log.head().position;
    for position in [Position::START, Position(head.0 + 1), Position(u64::MAX)] {
        assert_eq!(log.frame_at(position).await.unwrap(), None);
    }
    assert_eq!(log.stream_revision(&stream("even")).await.unwrap(), Some(places[8].last_revision));
    assert_eq!(log.stream_revision(&stream("odd")).await.unwrap(), Some(places[9].last_revision));
    assert_eq!(log.stream_revision(&stream("missing")).await.unwrap(), None);
}

/// A command is found with its digest and the place that it was given.
pub async fn commands_are_found(harness: &impl Harness) {
    let log = harness.open(ManualClock::at(5).clock());
    let mut stored = Vec::new();
    for number in 0..20u64 {
        let key = command(&format!("c-{number}"), number as u8);
        let append =
            Append { command: Some(key.clone()), ..append(&stream("a"), Any, &[number, 100 + number]) };
        stored.push((key, written(&*log, append).await));
    }
    for (key, appended) in stored {
        let found = log.find_command(&stream("a"), key.scope, &key.id).await.unwrap();
        assert_eq!(found, Some(StoredCommand { digest: key.digest, appended }));
        assert_eq!(log.find_command(&stream("a"), [9; 16], &key.id).await.unwrap(), None);
    }
    assert_eq!(log.find_command(&stream("a"), [1; 16], "c-20").await.unwrap(), None);
}

/// What the log knew at a time. Only engines that take the test's clock can be asked for exact times.
pub async fn positions_are_found_by_time(harness: &impl Harness) {
    let (log, places) = ten_frames(harness).await;
    for (index, place) in places.iter().enumerate() {
        let last_then = places.iter().rfind(|other| other.recorded_at <= place.recorded_at).unwrap();
        assert_eq!(log.position_at(place.recorded_at).await.unwrap(), last_then.last_position, "{index}");
        let before = places.iter().rfind(|other| other.recorded_at < place.recorded_at);
        assert_eq!(
            log.position_at(place.recorded_at - 1).await.unwrap(),
            before.map_or(Position::START, |before| before.last_position)
        );
    }
    assert_eq!(log.position_at(i64::MIN).await.unwrap(), Position::START);
    assert_eq!(log.position_at(i64::MAX).await.unwrap(), log.head().position);
    let empty = harness.open(ManualClock::at(5).clock());
    assert_eq!(empty.position_at(i64::MAX).await.unwrap(), Position::START);
}

/// The head's hash changes with every frame and does not depend on who asks.
pub async fn the_head_seals_the_log(harness: &impl Harness) {
    let log = harness.open(ManualClock::at(5).clock());
    assert_eq!(log.head(), crate::Head::default());
    let mut hashes = vec![log.head().hash];
    for number in 0..5 {
        let place = written(&*log, append(&stream("a"), Any, &[number])).await;
        let head = log.head();
        assert_eq!((head.position, head.recorded_at), (place.last_position, place.recorded_at));
        assert!(!hashes.contains(&head.hash));
        hashes.push(head.hash);
    }
}
