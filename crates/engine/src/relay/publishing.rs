//! One producer's time: reads, publishes, waits, saves.

use std::{sync::Arc, time::Duration};

use domain::relay::{Event, Rejection};
use event_log::{EventRelay, Frame, Overloaded, Position, ReadError, RelayError, RelayRecord, StreamName};
use events::{Category, DecodeError, Recordable};
use futures::{
    FutureExt, StreamExt,
    future::{BoxFuture, ready},
    stream::{BoxStream, FuturesOrdered},
};
use tokio::{
    sync::watch,
    time::{Interval, MissedTickBehavior, interval, sleep},
};

use super::{
    Relay,
    lease::{Held, Refused, later},
    record::{Topics, records},
    told_to_stop,
};
use crate::error::Refusal;

/// The part of a term, at its end, in which nothing is published any more: clocks may differ by so much.
const MARGIN: u32 = 6;
/// How soon a batch that was refused as too much is tried again, should nothing be acknowledged meanwhile.
const SOON: Duration = Duration::from_millis(1);

/// Why it ended.
pub(super) enum End {
    /// It was told to.
    Stopped,
    /// Another publishes.
    Lost(Rejection),
    /// The producer has failed.
    Producer(RelayError),
    /// The log cannot be read.
    Log(ReadError),
    /// Whether it holds the lease cannot be told.
    Unsure(Refusal),
    /// An event's envelope cannot be read.
    Event(DecodeError),
}

pub(super) struct Publishing<'r> {
    relay: &'r Relay,
    held: Held,
    producer: Box<dyn EventRelay>,
    reader: Reader<'r>,
    /// In the order of the log, which is the order in which they are awaited.
    in_flight: FuturesOrdered<BoxFuture<'static, (Result<(), RelayError>, Sent)>>,
    /// What the producer would not take yet.
    waiting: Option<Batch>,
    acknowledged: Position,
    /// Whether something other than relays' own events was acknowledged since the cursor was saved.
    unsaved: bool,
    /// How many records were acknowledged since then.
    unsaved_records: u64,
}

/// What is known of a batch in flight.
struct Sent {
    end: Position,
    records: u64,
    bytes: u64,
    work: bool,
}

impl<'r> Publishing<'r> {
    /// Publishes what comes after a position.
    pub(super) fn new(relay: &'r Relay, held: Held, producer: Box<dyn EventRelay>, after: Position) -> Self {
        let reader = Reader {
            frames: relay.feed.subscribe(after),
            topics: &relay.topics,
            lease: relay.leases.stream(),
            examined: after,
            most_records: relay.options.batch_records,
            most_bytes: relay.options.batch_bytes,
        };
        let unsaved = after > Position(held.cursor);
        let in_flight = FuturesOrdered::new();
        Self {
            relay,
            held,
            producer,
            reader,
            in_flight,
            waiting: None,
            acknowledged: after,
            unsaved,
            unsaved_records: 0,
        }
    }

    /// Gives up what is in flight. Tells how the lease stands and what was acknowledged.
    pub(super) fn give_up(self) -> (Held, Position) {
        (self.held, self.acknowledged)
    }

    pub(super) async fn run(&mut self, stopped: &mut watch::Receiver<bool>) -> End {
        match self.go_on(stopped).await {
            Ok(()) => End::Stopped,
            Err(end) => end,
        }
    }

    async fn go_on(&mut self, stopped: &mut watch::Receiver<bool>) -> Result<(), End> {
        let options = &self.relay.options;
        let (mut ticks, mut saves) = (every(options.term / MARGIN), every(options.save_every));
        loop {
            let more = self.waiting.is_none() && self.in_flight.len() < options.batches_in_flight;
            let stuck = self.waiting.is_some() && self.in_flight.is_empty();
            tokio::select! {
                biased;
                () = told_to_stop(stopped) => return self.finish().await,
                Some((outcome, sent)) = self.in_flight.next(), if !self.in_flight.is_empty() => {
                    self.acknowledge(outcome, &sent)?;
                    if self.unsaved_records >= options.save_records {
                        self.save().await?;
                    }
                    self.publish_waiting().await?;
                }
                _ = ticks.tick() => self.keep_lease().await?,
                _ = saves.tick() => self.save().await?,
                () = sleep(SOON), if stuck => self.publish_waiting().await?,
                batch = self.reader.next(), if more => self.publish(batch?).await?,
            }
        }
    }

    fn acknowledge(&mut self, outcome: Result<(), RelayError>, sent: &Sent) -> Result<(), End> {
        outcome.map_err(End::Producer)?;
        self.acknowledged = sent.end;
        self.unsaved |= sent.work;
        self.unsaved_records += sent.records;
        let now = self.relay.clock.now();
        self.relay.counters.acknowledged(sent.end, sent.records, sent.bytes, now);
        Ok(())
    }

    async fn publish_waiting(&mut self) -> Result<(), End> {
        match self.waiting.take() {
            Some(batch) => self.publish(batch).await,
            None => Ok(()),
        }
    }

    async fn publish(&mut self, batch: Batch) -> Result<(), End> {
        if let Some(newest) = batch.newest_epoch.filter(|newest| *newest > self.held.epoch) {
            return Err(End::Lost(Rejection::Superseded { epoch: self.held.epoch, newest }));
        }
        let mut acknowledged: event_log::Acknowledged = ready(Ok(())).boxed();
        if !batch.records.is_empty() {
            self.make_sure().await?;
            acknowledged = match self.producer.publish(&batch.records) {
                Ok(acknowledged) => acknowledged,
                Err(Overloaded) => {
                    self.waiting = Some(batch);
                    return Ok(());
                }
            };
        }
        let sent = Sent {
            end: batch.end,
            records: batch.records.len() as u64,
            bytes: batch.bytes as u64,
            work: batch.work,
        };
        self.relay.counters.sent(sent.records);
        self.in_flight.push_back(acknowledged.map(|outcome| (outcome, sent)).boxed());
        Ok(())
    }

    /// Makes sure of the lease before something is published.
    async fn make_sure(&mut self) -> Result<(), End> {
        let term = self.relay.options.term;
        if later(self.relay.clock.now(), term / MARGIN) < self.held.until {
            return Ok(());
        }
        match self.relay.leases.renew(self.held.epoch).await {
            Ok(until) => {
                self.held.until = until;
                return Ok(());
            }
            // Nothing was to be done for a while.
            Err(Refused::Lost(Rejection::Lapsed { .. })) => {}
            Err(refused) => return Err(end(refused)),
        }
        let taken = self.relay.leases.take().await.map_err(end)?;
        // If another had it in between, the cursor may be anywhere: begin there.
        if taken.epoch != self.held.epoch + 1 {
            return Err(End::Lost(Rejection::Superseded { epoch: self.held.epoch, newest: taken.epoch }));
        }
        self.held = Held { cursor: self.held.cursor, ..taken };
        Ok(())
    }

    /// Renews the lease in good time, while there is something to do.
    async fn keep_lease(&mut self) -> Result<(), End> {
        let term = self.relay.options.term;
        let busy = !self.in_flight.is_empty() || self.unsaved;
        if !busy || later(self.relay.clock.now(), term - term / 3) < self.held.until {
            return Ok(());
        }
        match self.relay.leases.renew(self.held.epoch).await {
            Ok(until) => self.held.until = until,
            // Nothing is published before it is taken again.
            Err(Refused::Lost(Rejection::Lapsed { .. })) => {}
            Err(Refused::Unknown(refusal)) => {
                tracing::warn!(message = %refusal.message, "the relay's lease could not be renewed; trying again");
            }
            Err(lost) => return Err(end(lost)),
        }
        Ok(())
    }

    /// Saves the cursor, if something was published since.
    async fn save(&mut self) -> Result<(), End> {
        if !self.unsaved {
            return Ok(());
        }
        match self.relay.leases.advance(self.held.epoch, self.acknowledged).await {
            Ok(()) => {
                self.held.cursor = self.acknowledged.0;
                self.unsaved = false;
                self.unsaved_records = 0;
                self.relay.counters.saved();
                Ok(())
            }
            Err(Refused::Unknown(refusal)) => {
                tracing::warn!(message = %refusal.message, "the relay's cursor could not be saved; trying again");
                Ok(())
            }
            Err(lost) => Err(end(lost)),
        }
    }

    /// Waits for what is in flight, but not for ever: what is not acknowledged is published again by the next.
    async fn finish(&mut self) -> Result<(), End> {
        let grace = sleep(self.relay.options.grace);
        tokio::pin!(grace);
        while !self.in_flight.is_empty() {
            tokio::select! {
                Some((outcome, sent)) = self.in_flight.next() => self.acknowledge(outcome, &sent)?,
                () = &mut grace => break,
            }
        }
        Ok(())
    }
}

fn end(refused: Refused) -> End {
    match refused {
        Refused::Lost(rejection) => End::Lost(rejection),
        Refused::Unknown(refusal) => End::Unsure(refusal),
    }
}

fn every(period: Duration) -> Interval {
    let mut ticks = interval(period.max(Duration::from_millis(1)));
    // The first tick would be now.
    ticks.reset();
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Frames, mapped and gathered to batches.
struct Reader<'r> {
    frames: BoxStream<'static, Result<Arc<Frame>, ReadError>>,
    topics: &'r Topics,
    lease: &'r StreamName,
    examined: Position,
    most_records: usize,
    most_bytes: usize,
}

/// What is published at once.
#[derive(Default)]
struct Batch {
    records: Vec<RelayRecord>,
    bytes: usize,
    /// The position of the last event examined.
    end: Position,
    /// Whether there was anything but relays' own events.
    work: bool,
    /// The newest lease that was met on the way.
    newest_epoch: Option<u64>,
}

impl Reader<'_> {
    /// Waits for a frame, and takes along what else is there already. Nothing is lost if it is not waited for.
    async fn next(&mut self) -> Result<Batch, End> {
        let mut next = self.frames.next().await;
        let mut batch = Batch::default();
        if next.is_none() {
            return Err(End::Log(ReadError::Closed));
        }
        while let Some(frame) = next {
            let frame = frame.map_err(End::Log)?;
            self.take(&frame, &mut batch).map_err(End::Event)?;
            let full = batch.records.len() >= self.most_records || batch.bytes >= self.most_bytes;
            next = if full { None } else { self.frames.next().now_or_never().flatten() };
        }
        Ok(batch)
    }

    fn take(&mut self, frame: &Frame, batch: &mut Batch) -> Result<(), DecodeError> {
        if frame.stream == *self.lease {
            batch.newest_epoch = batch.newest_epoch.max(epoch_in(frame)?);
        }
        batch.work |= Category::of(&frame.stream) != Some(Category::Relay);
        if let Some(topic) = self.topics.of(&frame.stream) {
            let before = batch.records.len();
            records(frame, topic, self.examined, &mut batch.records)?;
            batch.bytes += batch.records[before..].iter().map(RelayRecord::size).sum::<usize>();
        }
        self.examined = frame.last_position();
        batch.end = self.examined;
        Ok(())
    }
}

/// The newest lease that was taken in a frame of the lease's stream.
fn epoch_in(frame: &Frame) -> Result<Option<u64>, DecodeError> {
    let mut newest = None;
    for event in &frame.events {
        let position = event.position;
        let decoded = Event::decode(&event.event_type, &event.payload).map_err(|defect| {
            let event_type = event.event_type.to_string();
            DecodeError { position, event_type, defect }
        })?;
        if let Event::RelayLeaseTaken(taken) = decoded {
            newest = newest.max(Some(taken.epoch));
        }
    }
    Ok(newest)
}
