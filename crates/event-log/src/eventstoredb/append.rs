//! Appends: one long call carries all of them in their order. When it breaks, what was not answered is sent again on the
//! next connection; that changes nothing that stands, because it bears its revision and its ids. What the server was not
//! ready to take up is sent again, too.

use super::{
    Shared,
    connect::Connection,
    deadline,
    refusal::{Refusal, bare},
};
use crate::{
    Append, AppendError, AppendOutcome, ExpectedRevision, NewEvent, StreamName,
    protocol::{
        self,
        kiban::{AppendTerms, StoredMetadata},
        streams::{BatchAppendReq, BatchAppendResp, batch_append_req},
    },
};
use futures::future::BoxFuture;
use prost::Message;
use std::{
    collections::{BTreeMap, HashMap},
    mem::take,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep, sleep_until},
};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{Response, Status, Streaming};

/// How many appends may be on their way, and how many bytes.
const MAX_APPENDS: usize = 4_096;
const MAX_BYTES: usize = 64 * 1_024 * 1_024;
/// The wait before a lost connection is made anew, and the longest one while nothing is answered.
const WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_millis(800);
/// How long the others in a call are waited for once the server has not taken one of them up.
const REMAINDER: Duration = Duration::from_secs(1);

/// What the server says to an append.
pub(super) enum Reply {
    /// The answer of Kiban's own log, in full.
    Full(Result<AppendOutcome, AppendError>),
    /// The answer of another log: the last revision and the position, or why not.
    Bare(Result<(u64, u64), AppendError>),
}

/// What is written down with an append on a log that does not keep it by itself.
pub(super) struct Beside {
    /// What it stood on.
    pub(super) terms: Option<AppendTerms>,
    /// Of what stands in the log, as far as it was seen, when the last was recorded.
    pub(super) recorded_at_least: i64,
}

struct Job {
    stream: StreamName,
    expected: ExpectedRevision,
    request: BatchAppendReq,
    /// When nobody waits for it any more.
    until: Instant,
    /// Whether the same append again changes nothing: it says where it must stand, or bears a command id that the log
    /// knows.
    repeatable: bool,
    /// How often it was sent without a word that it was not taken up: if never, it surely was not written.
    sent: u32,
    reply: oneshot::Sender<Result<Reply, AppendError>>,
    room: Room,
}

/// A place among those on their way, given back when it goes.
struct Room {
    taken: Arc<Taken>,
    bytes: usize,
}

#[derive(Default)]
struct Taken {
    appends: AtomicUsize,
    bytes: AtomicUsize,
}

impl Room {
    fn take(taken: &Arc<Taken>, bytes: usize) -> Option<Self> {
        let appends = taken.appends.fetch_add(1, SeqCst);
        let before = taken.bytes.fetch_add(bytes, SeqCst);
        let room = Self { taken: taken.clone(), bytes };
        (appends < MAX_APPENDS && (before == 0 || before + bytes <= MAX_BYTES)).then_some(room)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.taken.appends.fetch_sub(1, SeqCst);
        self.taken.bytes.fetch_sub(self.bytes, SeqCst);
    }
}

/// Takes appends in the order in which they come.
#[derive(Clone)]
pub(super) struct Appender {
    jobs: mpsc::UnboundedSender<Job>,
    taken: Arc<Taken>,
}

impl Appender {
    /// Starts the task that sends them. It ends with the last appender.
    pub(super) fn start(shared: Arc<Shared>) -> Self {
        let (jobs, received) = mpsc::unbounded_channel();
        tokio::spawn(run(shared, received));
        Self { jobs, taken: Arc::default() }
    }

    /// Appends and bytes on their way.
    pub(super) fn depth(&self) -> (usize, usize) {
        (self.taken.appends.load(SeqCst), self.taken.bytes.load(SeqCst))
    }

    /// Takes the append's place in the order; the future waits for the server's reply. Kiban's own log needs nothing
    /// `beside`.
    pub(super) fn send(
        &self,
        append: &Append,
        beside: Option<&Beside>,
        until: Instant,
    ) -> BoxFuture<'static, Result<Reply, AppendError>> {
        let kiban = beside.is_none();
        let request = request(append, beside);
        let (reply, answer) = oneshot::channel();
        let Some(room) = Room::take(&self.taken, request.encoded_len()) else {
            return Box::pin(std::future::ready(Err(AppendError::Overloaded)));
        };
        let placed = matches!(append.expected, ExpectedRevision::NoStream | ExpectedRevision::Exact(_));
        let job = Job {
            stream: append.stream.clone(),
            expected: append.expected,
            request,
            until,
            repeatable: placed || (kiban && append.command.is_some()),
            sent: 0,
            reply,
            room,
        };
        let closed = || AppendError::Unavailable("it is closed".to_owned());
        if self.jobs.send(job).is_err() {
            return Box::pin(std::future::ready(Err(closed())));
        }
        Box::pin(async move { answer.await.map_err(|_| closed())? })
    }
}

fn request(append: &Append, beside: Option<&Beside>) -> BatchAppendReq {
    let count = append.events.len() as u32;
    let proposed = append.events.iter().zip(0..).map(|(event, index)| proposed(event, index, count, beside));
    BatchAppendReq {
        correlation_id: None,
        options: Some(batch_append_req::Options {
            stream_identifier: Some(protocol::identifier(append.stream.as_str())),
            expected_stream_position: Some(append.expected.into()),
            deadline_option: None,
        }),
        proposed_messages: proposed.collect(),
        is_final: true,
        terms: beside.is_none().then(|| protocol::terms(append.command.as_ref(), &append.guards)),
    }
}

fn proposed(
    event: &NewEvent,
    index: u32,
    events: u32,
    beside: Option<&Beside>,
) -> batch_append_req::ProposedMessage {
    let stored = StoredMetadata {
        format: protocol::FORMAT.to_owned(),
        metadata: event.metadata.clone(),
        index,
        events,
        terms: beside.and_then(|beside| beside.terms.clone()),
        recorded_at_least: beside.map(|beside| beside.recorded_at_least),
    };
    batch_append_req::ProposedMessage {
        id: Some(protocol::uuid(event.id)),
        metadata: HashMap::from([
            ("type".to_owned(), event.event_type.to_string()),
            ("content-type".to_owned(), "application/octet-stream".to_owned()),
        ]),
        custom_metadata: stored.encode_to_vec().into(),
        data: event.payload.clone(),
    }
}

/// Sends what comes, and again what was not answered, until nobody can send any more.
async fn run(shared: Arc<Shared>, mut jobs: mpsc::UnboundedReceiver<Job>) {
    let mut pending = Pending::default();
    let mut wait = WAIT;
    loop {
        if pending.jobs.is_empty() {
            match jobs.recv().await {
                Some(job) => pending.add(job),
                None => return,
            };
        }
        pending.forget_abandoned();
        match shared.connector.connection().await {
            Ok(connection) => {
                let deadline = shared.connector.options.deadline;
                let status = match session(&connection, &mut jobs, &mut pending, deadline).await {
                    Ok(()) => return,
                    Err(status) => status,
                };
                tracing::warn!(code = ?status.code(), why = status.message(), "the appends have lost the event log");
                shared.connector.lost(&connection, &status);
                pending.give_up_unrepeatable(&status);
            }
            Err(error) => pending.refuse_unsent(&error.to_string()),
        }
        // A server that takes nothing up is not asked ever faster.
        wait = if take(&mut pending.answered) { WAIT } else { (wait * 2).min(LONGEST_WAIT) };
        pending.take_back(deadline::after(wait));
        sleep(wait).await;
    }
}

/// One call, until it breaks or the server does not take something up; `Ok` once there is nothing more to send.
async fn session(
    connection: &Connection,
    jobs: &mut mpsc::UnboundedReceiver<Job>,
    pending: &mut Pending,
    deadline: Duration,
) -> Result<(), Status> {
    let (requests, sent) = mpsc::unbounded_channel();
    for (number, job) in &mut pending.jobs {
        job.send(*number, &requests);
    }
    let mut streams = connection.streams();
    // Some servers answer the call only with their first answer to what is sent in it.
    let mut opening = Box::pin(streams.batch_append(UnboundedReceiverStream::new(sent)));
    let mut answers: Option<Streaming<BatchAppendResp>> = None;
    let mut open = true;
    let mut refused: Option<Status> = None;
    // By when the next answer must come.
    let mut by = deadline::after(deadline);
    while open || !pending.jobs.is_empty() {
        tokio::select! {
            opened = &mut opening, if answers.is_none() => answers = Some(opened.map(Response::into_inner)?),
            answer = next(&mut answers) => {
                let Some(answer) = answer? else {
                    return Err(Status::unavailable("the server has ended the call"));
                };
                let taken_up = pending.answer(answer, connection.kiban);
                if refused.is_none() {
                    refused = taken_up.err();
                    by = deadline::after(if refused.is_some() { REMAINDER } else { deadline });
                }
            },
            job = jobs.recv(), if open && refused.is_none() => match job {
                Some(job) => {
                    if pending.jobs.is_empty() {
                        by = deadline::after(deadline);
                    }
                    let number = pending.add(job);
                    if let Some(job) = pending.jobs.get_mut(&number) {
                        job.send(number, &requests);
                    }
                }
                None => open = false,
            },
            () = sleep_until(by), if !pending.jobs.is_empty() => {
                return Err(refused.unwrap_or_else(|| Status::deadline_exceeded("no append is answered")));
            }
        }
        if pending.jobs.is_empty()
            && let Some(status) = refused.take()
        {
            return Err(status);
        }
    }
    Ok(())
}

async fn next(answers: &mut Option<Streaming<BatchAppendResp>>) -> Result<Option<BatchAppendResp>, Status> {
    match answers {
        Some(answers) => answers.message().await,
        None => std::future::pending().await,
    }
}

impl Job {
    fn send(&mut self, number: u64, requests: &mpsc::UnboundedSender<BatchAppendReq>) {
        let correlation = Some(protocol::uuid(u128::from(number).to_be_bytes()));
        // The receiver goes only with the call, and then this is sent again.
        let _ = requests.send(BatchAppendReq { correlation_id: correlation, ..self.request.clone() });
        self.sent += 1;
    }

    fn answer(self, answer: Result<Reply, AppendError>) {
        // Whoever no longer waits finds its own in the log.
        let _ = self.reply.send(answer);
        drop(self.room);
    }
}

/// What was not answered yet, in its order.
#[derive(Default)]
struct Pending {
    jobs: BTreeMap<u64, Job>,
    /// What the server did not take up: for the next connection.
    returned: BTreeMap<u64, Job>,
    /// Why it did not.
    why: String,
    last: u64,
    /// Whether something was answered since this was last asked.
    answered: bool,
}

impl Pending {
    fn add(&mut self, job: Job) -> u64 {
        self.last += 1;
        self.jobs.insert(self.last, job);
        self.last
    }

    /// An error if the server did not take it up.
    fn answer(&mut self, answer: BatchAppendResp, kiban: bool) -> Result<(), Status> {
        let number = protocol::id_of(answer.correlation_id.as_ref()).map(u128::from_be_bytes);
        let number = number.and_then(|number| u64::try_from(number).ok());
        let Some((number, mut job)) = number.and_then(|number| self.jobs.remove_entry(&number)) else {
            return Ok(());
        };
        let reply = match (kiban, answer.outcome) {
            (true, Some(outcome)) => Reply::Full(protocol::answer(outcome)),
            _ => match bare(answer.result, &job.stream, job.expected) {
                Ok(place) => Reply::Bare(Ok(place)),
                Err(Refusal::Answered(error)) => Reply::Bare(Err(error)),
                Err(Refusal::NotTakenUp(why)) => {
                    job.sent -= 1;
                    self.returned.insert(number, job);
                    self.why.clone_from(&why);
                    return Err(Status::unavailable(why));
                }
            },
        };
        self.answered = true;
        job.answer(Ok(reply));
        Ok(())
    }

    /// Those for whom nobody waits any more.
    fn forget_abandoned(&mut self) {
        self.jobs.retain(|_, job| !job.reply.is_closed());
    }

    /// What may have been written and cannot be sent twice.
    fn give_up_unrepeatable(&mut self, status: &Status) {
        let given_up = self.jobs.extract_if(.., |_, job| job.sent > 0 && !job.repeatable);
        for (_, job) in given_up.collect::<Vec<_>>() {
            job.answer(Err(AppendError::Unknown(format!("the connection was lost: {}", status.message()))));
        }
    }

    /// What was never sent surely was not written.
    fn refuse_unsent(&mut self, why: &str) {
        let unsent = self.jobs.extract_if(.., |_, job| job.sent == 0);
        for (_, job) in unsent.collect::<Vec<_>>() {
            job.answer(Err(AppendError::Unavailable(why.to_owned())));
        }
    }

    /// Puts what was not taken up among what is to be sent, if there is time for it at `next`.
    fn take_back(&mut self, next: Instant) {
        let too_late = self.returned.extract_if(.., |_, job| job.sent == 0 && job.until <= next);
        for (_, job) in too_late.collect::<Vec<_>>() {
            job.answer(Err(AppendError::Unavailable(self.why.clone())));
        }
        self.jobs.append(&mut self.returned);
    }
}
