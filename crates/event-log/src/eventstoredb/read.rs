//! Reading over the protocol.

use super::{
    Shared,
    connect::{ConnectError, Connection},
    frames::{Assembly, Piece},
};
use crate::{
    Frame, Page, Position, ReadError, StreamName,
    frame::Names,
    live::held,
    protocol::{
        self, shared,
        streams::{
            ReadReq, ReadResp,
            read_req::{self, Options, options},
            read_resp::Content,
        },
    },
};
use std::sync::Arc;
use tonic::{Status, Streaming};

/// The most events asked for at once.
const MAX_COUNT: usize = 4_096;
/// How many events before a page are looked at for the latest time, where nothing is known of them.
const LOOK_BACK: u64 = 256;
/// How often a read is tried on a new connection.
const TRIES: u32 = 3;

/// Where to begin, and in which direction.
pub(super) enum Reach<'a> {
    /// All streams, from an event's position, which is included; 0 is the beginning.
    AllFrom(Position),
    /// All streams, backwards from before a position; `None` is the end.
    AllBefore(Option<Position>),
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
        Reach::AllBefore(None) => (all(options::all_options::AllOption::End(empty)), BACKWARDS),
        Reach::AllBefore(Some(position)) => (all(at(*position)), BACKWARDS),
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

/// Answers as they come; on an error the connection is let go.
struct Answers<'a> {
    shared: &'a Shared,
    connection: Connection,
    answers: Streaming<ReadResp>,
    names: Names,
}

impl<'a> Answers<'a> {
    async fn ask(shared: &'a Shared, reach: Reach<'_>, count: u64) -> Result<Self, ReadError> {
        let request = request(&reach, options::CountOption::Count(count));
        let mut tries = 0;
        loop {
            tries += 1;
            let connection = shared.connector.connection().await.map_err(unreachable)?;
            match connection.streams().read(request.clone()).await {
                Ok(answers) => {
                    let answers = answers.into_inner();
                    return Ok(Self { shared, connection, answers, names: Names::default() });
                }
                Err(status) => {
                    shared.connector.lost(&connection, &status).await;
                    if tries >= TRIES || !is_passing(&status) {
                        return Err(unavailable(&status));
                    }
                }
            }
        }
    }

    /// The next event that is Kiban's, if there is one.
    async fn next(&mut self) -> Result<Option<Piece>, ReadError> {
        loop {
            match self.answers.message().await {
                Ok(None) => return Ok(None),
                Ok(Some(ReadResp { content: Some(Content::Event(event)) })) => {
                    if let Some(piece) = Piece::of(event, &mut self.names)? {
                        return Ok(Some(piece));
                    }
                }
                Ok(Some(ReadResp { content: Some(Content::StreamNotFound(_)) })) => return Ok(None),
                Ok(Some(_)) => {}
                Err(status) => {
                    self.shared.connector.lost(&self.connection, &status).await;
                    return Err(unavailable(&status));
                }
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

pub(super) fn unreachable(error: ConnectError) -> ReadError {
    ReadError::Unavailable(error.to_string())
}

impl Shared {
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
        let answers = Answers::ask(self, Reach::StreamFrom(stream, from), wanted).await?;
        self.page(answers, page, i64::MIN, |piece| piece.revision >= from).await
    }

    /// The frames after a position; at most a page.
    pub(super) async fn all_page(&self, after: Position, page: Page) -> Result<Vec<Arc<Frame>>, ReadError> {
        if after >= self.live.head().position {
            return Ok(Vec::new());
        }
        let floor = self.recorded_before(after).await?;
        let mut begin = after;
        loop {
            // The event at the position itself comes first and is passed over.
            let wanted = page.frames.clamp(1, MAX_COUNT) as u64 + 1;
            let mut answers = Answers::ask(self, Reach::AllFrom(begin), wanted).await?;
            let mut seen = Vec::new();
            while let Some(piece) = answers.next().await? {
                if piece.event.position > after {
                    seen.push(piece);
                    break;
                }
            }
            if seen.is_empty() {
                // A page full of what is not Kiban's: go on behind it.
                match self.next_position(begin, wanted).await? {
                    Some(next) if next > begin => begin = next,
                    _ => return Ok(Vec::new()),
                }
                continue;
            }
            let frames = self.page_from(seen, answers, page, floor).await?;
            if let Some(last) = frames.last() {
                held(&self.seen).put(last.last_position(), last.recorded_at);
            }
            return Ok(frames);
        }
    }

    /// The position of the last event of a page, whosever it is.
    async fn next_position(&self, from: Position, count: u64) -> Result<Option<Position>, ReadError> {
        let request = request(&Reach::AllFrom(from), options::CountOption::Count(count));
        let connection = self.connector.connection().await.map_err(unreachable)?;
        let answers = connection.streams().read(request).await;
        let mut answers = answers.map_err(|status| unavailable(&status))?.into_inner();
        let mut last = None;
        while let Some(answer) = answers.message().await.map_err(|status| unavailable(&status))? {
            if let Some(Content::Event(event)) = answer.content {
                last = event.event.map(|event| Position(event.commit_position)).or(last);
            }
        }
        Ok(last)
    }

    async fn page(
        &self,
        mut answers: Answers<'_>,
        page: Page,
        floor: i64,
        wanted: impl Fn(&Piece) -> bool,
    ) -> Result<Vec<Arc<Frame>>, ReadError> {
        while let Some(piece) = answers.next().await? {
            if wanted(&piece) {
                return self.page_from(vec![piece], answers, page, floor).await;
            }
        }
        Ok(Vec::new())
    }

    /// As many frames as a page holds, from a first event on. A frame that has begun before it is read whole.
    async fn page_from(
        &self,
        first: Vec<Piece>,
        mut answers: Answers<'_>,
        page: Page,
        floor: i64,
    ) -> Result<Vec<Arc<Frame>>, ReadError> {
        let mut assembly = Assembly::default();
        let (mut frames, mut bytes, mut recorded_at) = (Vec::new(), 0usize, floor);
        let mut pieces = first.into_iter();
        let mut open_at = None;
        loop {
            let piece = match pieces.next() {
                Some(piece) => piece,
                None => match answers.next().await? {
                    Some(piece) => piece,
                    None => break,
                },
            };
            recorded_at = recorded_at.max(piece.recorded_at);
            let begun = frames.is_empty() && !assembly.is_open() && piece.index > 0;
            let frame = if begun {
                let first = piece.revision - u64::from(piece.index);
                let frame = self.frame_of(&piece.stream, first, piece.events, recorded_at).await?;
                // The rest of it comes again, and is passed over.
                for _ in piece.index + 1..piece.events {
                    answers.next().await?;
                }
                Some(frame)
            } else {
                if piece.index == 0 {
                    open_at = Some((piece.stream.clone(), piece.revision, piece.events));
                }
                assembly.push(piece, recorded_at)?
            };
            let Some(frame) = frame else { continue };
            bytes = bytes.saturating_add(frame.size());
            if !frames.is_empty() && bytes > page.bytes {
                return Ok(frames);
            }
            frames.push(frame);
            if frames.len() >= page.frames.max(1) {
                return Ok(frames);
            }
        }
        // The count ended within the first frame.
        if frames.is_empty()
            && let Some((stream, revision, events)) = open_at
        {
            frames.push(self.frame_of(&stream, revision, events, recorded_at).await?);
        }
        Ok(frames)
    }

    /// A frame whose place in its stream is known.
    pub(super) async fn frame_of(
        &self,
        stream: &StreamName,
        first_revision: u64,
        events: u32,
        recorded_at: i64,
    ) -> Result<Arc<Frame>, ReadError> {
        let reach = Reach::StreamFrom(stream, first_revision);
        let mut answers = Answers::ask(self, reach, u64::from(events)).await?;
        let mut assembly = Assembly::default();
        while let Some(piece) = answers.next().await? {
            if let Some(frame) = assembly.push(piece, recorded_at)? {
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
        let first = piece.revision - u64::from(piece.index);
        let floor = self.recorded_before(position).await?;
        let recorded_at = piece.recorded_at.max(floor);
        self.frame_of(&piece.stream, first, piece.events, recorded_at).await.map(Some)
    }

    /// The revision of a stream's last event.
    pub(super) async fn last_revision(&self, stream: &StreamName) -> Result<Option<u64>, ReadError> {
        let mut answers = Answers::ask(self, Reach::StreamEnd(stream), 1).await?;
        Ok(answers.next().await?.map(|piece| piece.revision))
    }

    /// The last frame before a position, or of the whole log, if it has one.
    pub(super) async fn last_frame(&self, before: Option<Position>) -> Result<Option<Arc<Frame>>, ReadError> {
        let mut answers = Answers::ask(self, Reach::AllBefore(before), u64::MAX >> 1).await?;
        let Some(piece) = answers.next().await? else { return Ok(None) };
        let mut recorded_at = piece.recorded_at;
        // Clocks of servers may go back: the latest time of those before it counts.
        for _ in 0..if answers.connection.kiban { 0 } else { LOOK_BACK } {
            let Some(earlier) = answers.next().await? else { break };
            recorded_at = recorded_at.max(earlier.recorded_at);
        }
        drop(answers);
        let first = piece.revision - u64::from(piece.index);
        self.frame_of(&piece.stream, first, piece.events, recorded_at).await.map(Some)
    }

    /// The latest time recorded up to a position. Kiban's own log never goes back, so nothing needs to be known there;
    /// elsewhere pages that were read say it, and else the events before.
    async fn recorded_before(&self, position: Position) -> Result<i64, ReadError> {
        if position == Position::START || self.connector.connection().await.map_err(unreachable)?.kiban {
            return Ok(i64::MIN);
        }
        if let Some(recorded_at) = held(&self.seen).get(&position) {
            return Ok(*recorded_at);
        }
        let mut answers = Answers::ask(self, Reach::AllBefore(Some(position)), LOOK_BACK).await?;
        let mut latest = i64::MIN;
        while let Some(piece) = answers.next().await? {
            latest = latest.max(piece.recorded_at);
        }
        Ok(latest)
    }

    /// The last position recorded not after a time, by reading backwards: the protocol has no question for it.
    pub(super) async fn position_at_by_reading(&self, recorded_at: i64) -> Result<Position, ReadError> {
        let head = self.live.head();
        if recorded_at >= head.recorded_at {
            return Ok(head.position);
        }
        let mut answers = Answers::ask(self, Reach::AllBefore(None), u64::MAX >> 1).await?;
        while let Some(piece) = answers.next().await? {
            let ends_frame = piece.index + 1 == piece.events;
            if ends_frame && piece.recorded_at <= recorded_at && piece.event.position <= head.position {
                return Ok(piece.event.position);
            }
        }
        Ok(Position::START)
    }
}
