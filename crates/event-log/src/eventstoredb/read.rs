//! Reading over the protocol.

use super::{
    Shared,
    connect::{ConnectError, Connection},
    deadline,
    frames::{Assembly, Piece},
};
use crate::{
    Frame, Page, Position, ReadError, StreamName,
    frame::Names,
    protocol::{
        self, shared,
        streams::{
            ReadReq, ReadResp,
            read_req::{self, Options, options},
            read_resp::{Content, ReadEvent},
        },
    },
};
use std::sync::Arc;
use tokio::time::{Instant, timeout, timeout_at};
use tonic::{Response, Status, Streaming};

/// The most events asked for at once.
const MAX_COUNT: usize = 4_096;
/// How often a read is tried on a new connection.
const TRIES: u32 = 3;

/// Where to begin, and in which direction.
pub(super) enum Reach<'a> {
    /// All streams, from an event's position, which is included; 0 is the beginning.
    AllFrom(Position),
    /// All streams, backwards from the end.
    AllEnd,
    /// A stream from a revision on.
    StreamFrom(&'a StreamName, u64),
    /// A stream backwards from its end.
    StreamEnd(&'a StreamName),
}

pub(super) fn request(reach: &Reach<'_>, count: options::CountOption) -> ReadReq {
    let empty = shared::Empty {};
    let all = |option| options::StreamOption::All(options_all(option));
    let of = |stream: &StreamName, option| {
        options::StreamOption::Stream(options::StreamOptions {
            stream_identifier: Some(protocol::identifier(stream.as_str())),
            revision_option: Some(option),
        })
    };
    let at = |position: Position| {
        options::all_options::AllOption::Position(options::Position {
            commit_position: position.0,
            prepare_position: position.0,
        })
    };
    let (stream, direction) = match reach {
        Reach::AllFrom(Position::START) => (all(options::all_options::AllOption::Start(empty)), FORWARDS),
        Reach::AllFrom(position) => (all(at(*position)), FORWARDS),
        Reach::AllEnd => (all(options::all_options::AllOption::End(empty)), BACKWARDS),
        Reach::StreamFrom(stream, revision) => {
            (of(stream, options::stream_options::RevisionOption::Revision(*revision)), FORWARDS)
        }
        Reach::StreamEnd(stream) => {
            (of(stream, options::stream_options::RevisionOption::End(empty)), BACKWARDS)
        }
    };
    ReadReq {
        options: Some(Options {
            stream_option: Some(stream),
            read_direction: direction.into(),
            resolve_links: false,
            count_option: Some(count),
            filter_option: Some(options::FilterOption::NoFilter(empty)),
            uuid_option: Some(options::UuidOption {
                content: Some(options::uuid_option::Content::Structured(empty)),
            }),
            control_option: Some(options::ControlOption { compatibility: 1 }),
        }),
    }
}

const FORWARDS: read_req::options::ReadDirection = read_req::options::ReadDirection::Forwards;
const BACKWARDS: read_req::options::ReadDirection = read_req::options::ReadDirection::Backwards;

fn options_all(option: options::all_options::AllOption) -> options::AllOptions {
    options::AllOptions { all_option: Some(option) }
}

/// Answers as they come, each in the time that a call may take: how long all of them take depends on how many they are.
/// On an error, and when none comes, the connection is let go.
pub(super) struct Answers<'a> {
    shared: &'a Shared,
    connection: Connection,
    answers: Streaming<ReadResp>,
    names: Names,
    /// The position of the last event, whosever it is.
    last: Option<Position>,
}

impl<'a> Answers<'a> {
    pub(super) async fn ask(shared: &'a Shared, reach: Reach<'_>, count: u64) -> Result<Self, ReadError> {
        let request = request(&reach, options::CountOption::Count(count));
        let until = deadline::after(shared.connector.options.deadline);
        let mut tries = 0;
        loop {
            tries += 1;
            let connection = shared.connection(until).await?;
            let answers = timeout_at(until, connection.streams().read(request.clone())).await;
            match answers.unwrap_or_else(|_| Err(too_late())) {
                Ok(answers) => {
                    let answers = answers.into_inner();
                    return Ok(Self { shared, connection, answers, names: Names::default(), last: None });
                }
                Err(status) => {
                    shared.connector.lost(&connection, &status);
                    if tries >= TRIES || !is_passing(&status) || deadline::has_come(until) {
                        return Err(unavailable(&status));
                    }
                }
            }
        }
    }

    /// The next event that is Kiban's, if there is one.
    pub(super) async fn next(&mut self) -> Result<Option<Piece>, ReadError> {
        while let Some(event) = self.next_of_any().await? {
            if let Some(piece) = Piece::of(event, &mut self.names)? {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }

    /// The next event, whosever it is.
    pub(super) async fn next_of_any(&mut self) -> Result<Option<ReadEvent>, ReadError> {
        loop {
            let answer = self.shared.answered(&self.connection, self.answers.message()).await?;
            match answer.map(|answer| answer.content) {
                Some(Some(Content::Event(event))) => {
                    let position = event.event.as_ref().map(|event| Position(event.commit_position));
                    self.last = position.or(self.last);
                    return Ok(Some(event));
                }
                Some(Some(Content::StreamNotFound(_))) | None => return Ok(None),
                Some(_) => {}
            }
        }
    }
}

/// Whether another connection may do better.
pub(super) fn is_passing(status: &Status) -> bool {
    use tonic::Code::{Aborted, Cancelled, DeadlineExceeded, Internal, NotFound, Unavailable, Unknown};
    matches!(
        status.code(),
        Aborted | Cancelled | DeadlineExceeded | Internal | NotFound | Unavailable | Unknown
    )
}

pub(super) fn unavailable(status: &Status) -> ReadError {
    ReadError::Unavailable(format!("{:?}: {}", status.code(), status.message()))
}

/// What is said of a call that was not answered.
fn too_late() -> Status {
    Status::deadline_exceeded("the event log did not answer in time")
}

pub(super) fn unreachable(error: ConnectError) -> ReadError {
    ReadError::Unavailable(error.to_string())
}

impl Shared {
    /// The connection that there is, or a new one, if it is there in time.
    pub(super) async fn connection(&self, until: Instant) -> Result<Connection, ReadError> {
        match timeout_at(until, self.connector.connection()).await {
            Ok(connection) => connection.map_err(unreachable),
            Err(_) => Err(unavailable(&too_late())),
        }
    }

    /// What a call answers in the time that it may take; the connection on which none comes is let go.
    pub(super) async fn answered<T>(
        &self,
        connection: &Connection,
        call: impl Future<Output = Result<T, Status>>,
    ) -> Result<T, ReadError> {
        let answer = timeout(self.connector.options.deadline, call).await;
        answer.unwrap_or_else(|_| Err(too_late())).map_err(|status| {
            if is_passing(&status) {
                self.connector.lost(connection, &status);
            }
            unavailable(&status)
        })
    }

    /// A question that is answered at once, on the connection that there is.
    pub(super) async fn question<T, F>(&self, ask: impl FnOnce(Connection) -> F) -> Result<T, ReadError>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let connection = self.connection(deadline::after(self.connector.options.deadline)).await?;
        let answer = self.answered(&connection, ask(connection.clone())).await?;
        Ok(answer.into_inner())
    }

    /// The frames of a stream that hold revisions from one on; at most a page.
    pub(super) async fn stream_page(
        &self,
        stream: &StreamName,
        from: u64,
        page: Page,
    ) -> Result<Vec<Arc<Frame>>, ReadError> {
        // Revisions are signed numbers in EventStoreDB.
        if i64::try_from(from).is_err() {
            return Ok(Vec::new());
        }
        let wanted = page.frames.clamp(1, MAX_COUNT) as u64;
        let mut answers = Answers::ask(self, Reach::StreamFrom(stream, from), wanted).await?;
        while let Some(piece) = answers.next().await? {
            if piece.revision >= from {
                return self.page_from(piece, answers, page, None).await;
            }
        }
        Ok(Vec::new())
    }

    /// The frames after a position; at most a page.
    pub(super) async fn all_page(&self, after: Position, page: Page) -> Result<Vec<Arc<Frame>>, ReadError> {
        if after >= self.live.head().position {
            return Ok(Vec::new());
        }
        let (mut begin, mut floor) = (after, i64::MIN);
        loop {
            // The event at the position itself comes first and says no more than how late it was.
            let wanted = page.frames.clamp(1, MAX_COUNT) as u64 + 1;
            let mut answers = Answers::ask(self, Reach::AllFrom(begin), wanted).await?;
            while let Some(piece) = answers.next().await? {
                if piece.event.position > after {
                    return self.page_from(piece, answers, page, Some(floor)).await;
                }
                floor = piece.recorded_at;
            }
            // A page full of what is not Kiban's: go on behind it.
            match answers.last {
                Some(last) if last > begin => begin = last,
                _ => return Ok(Vec::new()),
            }
        }
    }

    /// As many frames as a page holds, from a first event on. A frame that has begun before it is read whole. Over all
    /// streams times do not decrease from a `floor` on.
    async fn page_from(
        &self,
        first: Piece,
        mut answers: Answers<'_>,
        page: Page,
        floor: Option<i64>,
    ) -> Result<Vec<Arc<Frame>>, ReadError> {
        let mut assembly = Assembly::default();
        let (mut frames, mut bytes) = (Vec::<Arc<Frame>>::new(), 0usize);
        let mut next = Some(first);
        let mut open_at = None;
        while let Some(piece) = next {
            let latest = frames.last().map(|frame| frame.recorded_at).max(floor);
            let least = floor.and(latest).unwrap_or(i64::MIN);
            let begun = frames.is_empty() && !assembly.is_open() && piece.index > 0;
            let frame = if begun {
                let first = piece.revision - u64::from(piece.index);
                let frame = self.frame_of(&piece.stream, first, piece.events, least).await?;
                // The rest of it comes again, and is passed over.
                for _ in piece.index + 1..piece.events {
                    answers.next().await?;
                }
                Some(frame)
            } else {
                if piece.index == 0 {
                    open_at = Some((piece.stream.clone(), piece.revision, piece.events, least));
                }
                assembly.push(piece, least)?
            };
            if let Some(frame) = frame {
                bytes = bytes.saturating_add(frame.size());
                if !frames.is_empty() && bytes > page.bytes {
                    return Ok(frames);
                }
                frames.push(frame);
                if frames.len() >= page.frames.max(1) {
                    return Ok(frames);
                }
            }
            next = answers.next().await?;
        }
        // The count ended within the first frame.
        if frames.is_empty()
            && let Some((stream, revision, events, least)) = open_at
        {
            frames.push(self.frame_of(&stream, revision, events, least).await?);
        }
        Ok(frames)
    }

    /// A frame whose place in its stream is known, recorded not before `least`.
    pub(super) async fn frame_of(
        &self,
        stream: &StreamName,
        first_revision: u64,
        events: u32,
        least: i64,
    ) -> Result<Arc<Frame>, ReadError> {
        let reach = Reach::StreamFrom(stream, first_revision);
        let mut answers = Answers::ask(self, reach, u64::from(events)).await?;
        let mut assembly = Assembly::default();
        while let Some(piece) = answers.next().await? {
            if let Some(frame) = assembly.push(piece, least)? {
                return Ok(frame);
            }
        }
        Err(ReadError::Unavailable(format!("{stream} ends within the frame at revision {first_revision}")))
    }

    /// The frame that holds an event at exactly this position.
    pub(super) async fn frame_holding(&self, position: Position) -> Result<Option<Arc<Frame>>, ReadError> {
        if position == Position::START || position > self.live.head().position {
            return Ok(None);
        }
        let mut answers = Answers::ask(self, Reach::AllFrom(position), 1).await?;
        let Some(piece) = answers.next().await? else { return Ok(None) };
        if piece.event.position != position {
            return Ok(None);
        }
        self.frame_with(&piece).await.map(Some)
    }

    /// The frame to which an event belongs.
    async fn frame_with(&self, piece: &Piece) -> Result<Arc<Frame>, ReadError> {
        let first = piece.revision - u64::from(piece.index);
        self.frame_of(&piece.stream, first, piece.events, i64::MIN).await
    }

    /// The revision of a stream's last event.
    pub(super) async fn last_revision(&self, stream: &StreamName) -> Result<Option<u64>, ReadError> {
        let mut answers = Answers::ask(self, Reach::StreamEnd(stream), 1).await?;
        Ok(answers.next().await?.map(|piece| piece.revision))
    }

    /// The last frame, if the log has one.
    pub(super) async fn last_frame(&self) -> Result<Option<Arc<Frame>>, ReadError> {
        let mut answers = Answers::ask(self, Reach::AllEnd, u64::MAX >> 1).await?;
        let Some(piece) = answers.next().await? else { return Ok(None) };
        drop(answers);
        self.frame_with(&piece).await.map(Some)
    }

    /// The last position recorded not after a time, by reading backwards: the protocol has no question for it.
    pub(super) async fn position_at_by_reading(&self, recorded_at: i64) -> Result<Position, ReadError> {
        let head = self.live.head();
        if recorded_at >= head.recorded_at {
            return Ok(head.position);
        }
        let mut answers = Answers::ask(self, Reach::AllEnd, u64::MAX >> 1).await?;
        let mut end = Position::START;
        while let Some(piece) = answers.next().await? {
            if piece.index + 1 == piece.events {
                end = piece.event.position;
            }
            // A frame's first event says when it was recorded.
            if piece.index == 0 && piece.recorded_at <= recorded_at && end <= head.position {
                return Ok(end);
            }
        }
        Ok(Position::START)
    }
}
