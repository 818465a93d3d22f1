//! Subscriptions: what stands already and then what comes, without a seam. They begin after what the client has seen.

use super::{
    Answers, Served,
    events::Shape,
    filter::Filter,
    read::{From, events, send},
    status_of,
};
use crate::{Page, Position, StreamName, protocol};
use futures::StreamExt;
use protocol::streams::read_resp::{self, Content, SubscriptionConfirmation};
use tonic::Status;

fn confirmation(what: &str, after: u64) -> Content {
    Content::Confirmation(SubscriptionConfirmation { subscription_id: format!("{what}-after-{after}") })
}

fn caught_up(position: Option<Position>, revision: Option<u64>) -> Content {
    Content::CaughtUp(read_resp::CaughtUp {
        timestamp: None,
        stream_revision: revision.and_then(|revision| i64::try_from(revision).ok()),
        position: position.map(|at| read_resp::Position { commit_position: at.0, prepare_position: at.0 }),
    })
}

fn checkpoint(at: Position) -> Content {
    Content::Checkpoint(read_resp::Checkpoint {
        commit_position: at.0,
        prepare_position: at.0,
        timestamp: None,
    })
}

/// Follows all streams. With a filter the client is told from time to time how far the log was examined, so that it
/// need not begin again where the last wanted event stood.
pub(super) async fn to_all(
    served: &Served,
    from: From,
    filter: Option<&Filter>,
    shape: &Shape,
    answers: &Answers,
) -> Result<(), Status> {
    let head = served.log.head().position;
    let after = match from {
        From::Start => Position::START,
        From::End => head,
        From::At(position) => Position(position),
    };
    let mut frames = served.log.subscribe(after);
    let mut alive = send(answers, confirmation("all", after.0)).await;
    let mut behind = after < head;
    if !behind {
        alive = alive && send(answers, caught_up(Some(after), None)).await;
    }
    let mut unreported = 0;
    while alive {
        let frame = next(&mut frames).await?;
        for (index, event) in events(&frame).filter(|(_, event)| event.position > after) {
            let wanted = match filter {
                Some(filter) => filter.admits(frame.stream.as_str(), &event.event_type)?,
                None => true,
            };
            if wanted {
                alive = alive && answers.send(Ok(shape.event(&frame, index, event))).await.is_ok();
            }
        }
        let end = frame.last_position();
        unreported += frame.events.len() as u64;
        let arrived = behind && end >= head;
        if filter.is_some_and(|filter| unreported >= filter.checkpoint_interval || arrived) {
            unreported = 0;
            alive = alive && send(answers, checkpoint(end)).await;
        }
        if arrived {
            behind = false;
            alive = alive && send(answers, caught_up(Some(end), None)).await;
        }
    }
    Ok(())
}

/// Follows one stream, whether it exists yet or not.
pub(super) async fn to_stream(
    served: &Served,
    stream: &StreamName,
    from: From,
    shape: &Shape,
    answers: &Answers,
) -> Result<(), Status> {
    let mut next_revision = match from {
        From::Start => 0,
        From::At(revision) => revision.saturating_add(1),
        From::End => {
            let last = served.log.stream_revision(stream).await.map_err(status_of)?;
            last.map_or(0, |last| last + 1)
        }
    };
    let mut alive = send(answers, confirmation(stream.as_str(), next_revision)).await;
    // What comes after this head is followed; what stands before it is read.
    let mut head = served.log.head().position;
    while alive {
        let frames =
            served.log.read_stream(stream, next_revision, Page::default()).await.map_err(status_of)?;
        let Some(last) = frames.last().map(|frame| frame.last_revision()) else { break };
        for frame in &frames {
            for (index, event) in events(frame) {
                if frame.first_revision + index as u64 >= next_revision {
                    alive = alive && answers.send(Ok(shape.event(frame, index, event))).await.is_ok();
                }
            }
        }
        next_revision = next_revision.max(last + 1);
        head = served.log.head().position;
    }
    alive = alive && send(answers, caught_up(None, next_revision.checked_sub(1))).await;
    let mut frames = served.log.subscribe(head);
    while alive {
        let frame = next(&mut frames).await?;
        for (index, event) in events(&frame).filter(|_| frame.stream == *stream) {
            if frame.first_revision + index as u64 >= next_revision {
                alive = alive && answers.send(Ok(shape.event(&frame, index, event))).await.is_ok();
            }
        }
    }
    Ok(())
}

type Frames = futures::stream::BoxStream<'static, Result<std::sync::Arc<crate::Frame>, crate::ReadError>>;

async fn next(frames: &mut Frames) -> Result<std::sync::Arc<crate::Frame>, Status> {
    match frames.next().await {
        Some(frame) => frame.map_err(status_of),
        None => Err(Status::unavailable("the log is closed")),
    }
}
