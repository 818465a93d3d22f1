//! The one subscription of a process: it follows the log's end through reconnections, without a gap and without
//! spinning, and shows each frame to all who follow it here.

use super::{
    Shared,
    frames::{Assembly, Piece},
    read::{Reach, request, unavailable, unreachable},
};
use crate::{
    Frame, Head, Position, ReadError,
    frame::Names,
    live::State,
    protocol::streams::{ReadResp, read_req::options, read_resp::Content},
};
use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};
use tokio::time::sleep;

/// The wait before the first reconnection, and the longest one.
pub(super) const FIRST_WAIT: Duration = Duration::from_millis(50);
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Passes over what the server itself writes.
const NOT_OF_THE_SYSTEM: &str = "^[^$]";

/// Follows the log until it is closed or cannot be read: a corrupt frame fails it, a lost connection does not.
pub(super) async fn follow(shared: Arc<Shared>) {
    let mut wait = FIRST_WAIT;
    loop {
        let before = shared.live.head().position;
        let Err(error) = session(&shared).await else { return };
        if let ReadError::Corrupt { .. } = error {
            tracing::error!(%error, "the event log cannot be followed");
            shared.live.end(State::Failed(error.to_string().into()));
            return;
        }
        shared.reconnections.fetch_add(1, Relaxed);
        // Whoever ends each subscription at once, with or without an error, is not asked ever faster.
        wait = if shared.live.head().position > before { FIRST_WAIT } else { (wait * 2).min(LONGEST_WAIT) };
        tracing::warn!(%error, ?wait, "the subscription to the event log has ended; it is made anew");
        sleep(wait).await;
    }
}

/// One subscription, from what was seen last until it ends.
async fn session(shared: &Shared) -> Result<(), ReadError> {
    let connection = shared.connector.connection().await.map_err(unreachable)?;
    let head = shared.live.head();
    let subscription = options::CountOption::Subscription(options::SubscriptionOptions {});
    let mut asked = request(&Reach::AllFrom(head.position), subscription);
    if let (false, Some(options)) = (connection.kiban, &mut asked.options) {
        options.filter_option = Some(options::FilterOption::Filter(options::FilterOptions {
            filter: Some(options::filter_options::Filter::EventType(options::filter_options::Expression {
                regex: NOT_OF_THE_SYSTEM.to_owned(),
                prefix: Vec::new(),
            })),
            window: Some(options::filter_options::Window::Max(32)),
            checkpoint_interval_multiplier: 32,
        }));
    }
    let mut streams = connection.streams();
    let mut answers = shared.answered(&connection, streams.read(asked)).await?.into_inner();
    let mut tail = Tail { shared, assembly: Assembly::default(), names: Names::default(), head };
    loop {
        match answers.message().await {
            Ok(Some(answer)) => tail.take(answer)?,
            Ok(None) => {
                let status = tonic::Status::unavailable("the server has ended the subscription");
                shared.connector.lost(&connection, &status);
                return Err(unavailable(&status));
            }
            Err(status) => {
                shared.connector.lost(&connection, &status);
                return Err(unavailable(&status));
            }
        }
    }
}

struct Tail<'a> {
    shared: &'a Shared,
    assembly: Assembly,
    names: Names,
    head: Head,
}

impl Tail<'_> {
    fn take(&mut self, answer: ReadResp) -> Result<(), ReadError> {
        // Confirmations, checkpoints and "caught up" say nothing that the events do not.
        let Some(Content::Event(event)) = answer.content else { return Ok(()) };
        let Some(piece) = Piece::of(event, &mut self.names)? else { return Ok(()) };
        // What comes twice was seen.
        if piece.event.position <= self.head.position {
            return Ok(());
        }
        match self.assembly.push(piece, self.head.recorded_at)? {
            Some(frame) => self.show(frame),
            None => Ok(()),
        }
    }

    fn show(&mut self, frame: Arc<Frame>) -> Result<(), ReadError> {
        let position = frame.last_position();
        self.head = Head { position, recorded_at: frame.recorded_at, hash: [0; 32] };
        self.shared.live.publish([frame], self.head);
        Ok(())
    }
}

/// The head as the log has it now: the last frame of Kiban's, or none.
pub(super) async fn head_now(shared: &Shared) -> Result<Head, ReadError> {
    let last = shared.last_frame().await?;
    Ok(last.map_or_else(Head::default, |frame| Head {
        position: frame.last_position(),
        recorded_at: frame.recorded_at,
        hash: [0; 32],
    }))
}

impl Shared {
    /// Waits until what was appended can be read here too; not for ever, for it holds anyway.
    pub(super) async fn seen(&self, position: Position) {
        if self.live.head().position < position {
            let _ = tokio::time::timeout(self.connector.options.deadline, self.live.reached(position)).await;
        }
    }
}
