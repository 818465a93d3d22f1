//! What the loop behind every watch promises, whatever is watched for.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use engine::{Reason, Refusal, Watched, watch};
use event_log::{Append, EventLog, ExpectedRevision, Frame, MemoryLog, NewEvent, Position, StreamName};
use futures::StreamExt;

/// Watches for everything; tells positions. A frame after `stuck` cannot be examined, as when a fold does not come
/// so far, and after so many questions nothing more may be told.
struct Everything {
    stuck: Position,
    questions: usize,
}

impl Watched for Everything {
    type Message = (bool, u64);

    async fn examine(&mut self, frame: &Frame, after: Position) -> Result<Vec<(bool, u64)>, Refusal> {
        if frame.first_position > self.stuck {
            std::future::pending::<()>().await;
        }
        let positions = frame.first_position.max(Position(after.0 + 1)).0..=frame.last_position().0;
        Ok(positions.map(|position| (true, position)).collect())
    }

    fn progress(&self, examined: Position) -> (bool, u64) {
        (false, examined.0)
    }

    async fn may_go_on(&mut self) -> Result<(), Refusal> {
        self.questions = self.questions.checked_sub(1).ok_or(Refusal::new(Reason::ContractEnded, "over"))?;
        Ok(())
    }
}

/// A log of two frames of two events each.
async fn log() -> Arc<MemoryLog> {
    let log = MemoryLog::new(Arc::new(|| 0));
    for number in 0..2u8 {
        let event = |index: u8| NewEvent {
            id: [number * 2 + index; 16],
            event_type: "test.Happened".into(),
            metadata: Bytes::new(),
            payload: Bytes::new(),
        };
        let append = Append {
            stream: StreamName::new("test-1").unwrap(),
            expected: ExpectedRevision::Any,
            guards: vec![],
            command: None,
            events: vec![event(0), event(1)],
        };
        log.append(append).await.unwrap();
    }
    log
}

const NEVER: usize = usize::MAX;

#[tokio::test]
async fn a_watch_from_within_a_frame_tells_the_rest_of_it_once() {
    let log = log().await;
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    let everything = Everything { stuck: Position(99), questions: NEVER };
    let told = watch(&*log, everything, Position(1), log.head().position, stopped).take(4);
    let told: Vec<_> = told.map(|told| told.unwrap()).collect().await;
    assert_eq!(told, [(true, 2), (true, 3), (true, 4), (false, 4)]);
}

#[tokio::test]
async fn nothing_is_told_once_nothing_may_be() {
    let log = log().await;
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    let everything = Everything { stuck: Position(99), questions: 1 };
    let told = watch(&*log, everything, Position::START, log.head().position, stopped);
    let told: Vec<_> = told.map(|told| told.ok()).collect().await;
    assert_eq!(
        told,
        [Some((true, 1)), None],
        "the second event of the frame is not told, nor anything after"
    );
}

#[tokio::test]
async fn a_stop_ends_a_watch_that_waits_for_a_fold() {
    let log = log().await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let everything = Everything { stuck: Position(2), questions: NEVER };
    let mut stream = watch(&*log, everything, Position::START, log.head().position, stopped);
    for position in [1, 2] {
        assert_eq!(stream.next().await.unwrap().unwrap(), (true, position));
    }
    let ended = async {
        let (last, ()) = tokio::join!(stream.next(), async {
            tokio::task::yield_now().await;
            stop.send(true).unwrap();
        });
        assert_eq!(last.unwrap().unwrap(), (false, 2), "what could not be examined is not said to have been");
        assert!(stream.next().await.is_none());
    };
    tokio::time::timeout(Duration::from_secs(2), ended).await.expect("it ends without the fold");
}
