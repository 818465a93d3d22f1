//! Reading: what is asked, and what stands already.

use super::{Answers, Served, events::Shape, filter::Filter, status_of, subscribe};
use crate::{Frame, Page, Position, StreamName, protocol};
use protocol::streams::{
    ReadResp,
    read_req::{
        Options,
        options::{CountOption, FilterOption, ReadDirection, StreamOption, all_options, stream_options},
    },
    read_resp::{Content, StreamNotFound},
};
use std::sync::Arc;
use tonic::Status;

/// How many events are read at once when reading backwards.
const BACKWARDS: u64 = 64;

/// Where a read begins.
#[derive(Clone, Copy)]
pub(super) enum From {
    Start,
    End,
    /// A position or a revision.
    At(u64),
}

/// What a client asks for.
pub(super) enum Asked {
    Stream {
        stream: StreamName,
        from: From,
        count: u64,
        backwards: bool,
    },
    All {
        from: From,
        count: u64,
        backwards: bool,
        filter: Option<Filter>,
    },
    FollowStream {
        stream: StreamName,
        from: From,
    },
    FollowAll {
        from: From,
        filter: Option<Filter>,
    },
    /// No log of Kiban can have a stream of this name.
    NoSuchStream {
        name: String,
        followed: bool,
    },
}

impl Asked {
    pub(super) fn of(options: &Options) -> Result<Self, Status> {
        let backwards = options.read_direction() == ReadDirection::Backwards;
        let count = match options.count_option {
            Some(CountOption::Count(count)) => Some(count),
            Some(CountOption::Subscription(_)) => None,
            None => return Err(Status::invalid_argument("it says neither how many events nor to subscribe")),
        };
        if count.is_none() && backwards {
            return Err(Status::invalid_argument("a subscription goes forwards"));
        }
        let filter = match &options.filter_option {
            Some(FilterOption::Filter(filter)) => Some(Filter::of(filter)?),
            Some(FilterOption::NoFilter(_)) | None => None,
        };
        match &options.stream_option {
            Some(StreamOption::All(all)) => {
                let from = match &all.all_option {
                    Some(all_options::AllOption::Position(position)) => From::At(position.commit_position),
                    Some(all_options::AllOption::Start(_)) => From::Start,
                    Some(all_options::AllOption::End(_)) => From::End,
                    None => return Err(Status::invalid_argument("it does not say where to begin")),
                };
                Ok(match count {
                    Some(count) => Self::All { from, count, backwards, filter },
                    None => Self::FollowAll { from, filter },
                })
            }
            Some(StreamOption::Stream(_)) if filter.is_some() => {
                Err(Status::invalid_argument("filters are for reading all streams"))
            }
            Some(StreamOption::Stream(one)) => {
                let from = match &one.revision_option {
                    Some(stream_options::RevisionOption::Revision(revision)) => From::At(*revision),
                    Some(stream_options::RevisionOption::Start(_)) => From::Start,
                    Some(stream_options::RevisionOption::End(_)) => From::End,
                    None => return Err(Status::invalid_argument("it does not say where to begin")),
                };
                let name = protocol::name_of(one.stream_identifier.as_ref());
                let name = name.ok_or_else(|| Status::invalid_argument("it names no stream"))?;
                Ok(match (StreamName::new(name), count) {
                    (Ok(stream), Some(count)) => Self::Stream { stream, from, count, backwards },
                    (Ok(stream), None) => Self::FollowStream { stream, from },
                    (Err(_), count) => {
                        Self::NoSuchStream { name: name.to_owned(), followed: count.is_none() }
                    }
                })
            }
            None => Err(Status::invalid_argument("it says neither which stream nor all")),
        }
    }
}

/// Whether the reader wants more; it does not once it has gone or has its count.
pub(super) type More = Result<bool, Status>;

/// Answers what was asked, until everything was said or nobody listens.
pub(super) async fn answer(
    served: &Served,
    asked: Asked,
    shape: &Shape,
    answers: &Answers,
) -> Result<(), Status> {
    match asked {
        Asked::Stream { stream, from, count, backwards } => {
            read_stream(served, &stream, from, count, backwards, shape, answers).await
        }
        Asked::All { from, count, backwards, filter } => {
            let reader = Reader { shape, answers, filter: filter.as_ref(), left: count };
            match backwards {
                false => reader.forwards(served, from).await,
                true => reader.backwards(served, from).await,
            }
        }
        Asked::FollowStream { stream, from } => {
            subscribe::to_stream(served, &stream, from, shape, answers).await
        }
        Asked::FollowAll { from, filter } => {
            subscribe::to_all(served, from, filter.as_ref(), shape, answers).await
        }
        Asked::NoSuchStream { followed: true, name } => Err(Status::invalid_argument(format!(
            "{name:?} can be no stream: it must be a category, a dash and an id"
        ))),
        Asked::NoSuchStream { followed: false, name } => {
            send(answers, not_found(&name)).await;
            Ok(())
        }
    }
}

/// Whether somebody took it.
pub(super) async fn send(answers: &Answers, content: Content) -> bool {
    answers.send(Ok(ReadResp { content: Some(content) })).await.is_ok()
}

fn not_found(name: &str) -> Content {
    Content::StreamNotFound(StreamNotFound { stream_identifier: Some(protocol::identifier(name)) })
}

async fn read_stream(
    served: &Served,
    stream: &StreamName,
    from: From,
    count: u64,
    backwards: bool,
    shape: &Shape,
    answers: &Answers,
) -> Result<(), Status> {
    let Some(last) = served.log.stream_revision(stream).await.map_err(status_of)? else {
        send(answers, not_found(stream.as_str())).await;
        return Ok(());
    };
    let mut reader = Reader { shape, answers, filter: None, left: count };
    if backwards {
        let mut end = match from {
            From::End => last + 1,
            From::Start => 1,
            From::At(revision) => revision.min(last).saturating_add(1),
        };
        while end > 0 {
            let begin = end.saturating_sub(BACKWARDS);
            let frames = stream_between(served, stream, begin, end).await?;
            let placed = frames.iter().flat_map(|frame| events(frame).map(move |at| (frame, at)));
            let wanted = placed
                .filter(|(frame, (index, _))| (begin..end).contains(&(frame.first_revision + *index as u64)));
            for (frame, (index, event)) in wanted.collect::<Vec<_>>().into_iter().rev() {
                if !reader.tell(frame, index, event).await? {
                    return Ok(());
                }
            }
            end = begin;
        }
        return Ok(());
    }
    let mut next = match from {
        From::Start => 0,
        From::End => return Ok(()),
        From::At(revision) => revision,
    };
    while next <= last {
        let frames = served.log.read_stream(stream, next, Page::default()).await.map_err(status_of)?;
        let Some(end) = frames.last().map(|frame| frame.last_revision()) else { return Ok(()) };
        for frame in &frames {
            for (index, event) in events(frame) {
                let revision = frame.first_revision + index as u64;
                if revision >= next && (revision > last || !reader.tell(frame, index, event).await?) {
                    return Ok(());
                }
            }
        }
        next = end + 1;
    }
    Ok(())
}

/// The frames of a stream that hold revisions from `begin` up to and without `end`.
async fn stream_between(
    served: &Served,
    stream: &StreamName,
    begin: u64,
    end: u64,
) -> Result<Vec<Arc<Frame>>, Status> {
    let mut found = Vec::new();
    let mut next = begin;
    while next < end {
        let frames = served.log.read_stream(stream, next, Page::default()).await.map_err(status_of)?;
        let Some(last) = frames.last() else { break };
        next = last.last_revision() + 1;
        found.extend(frames.into_iter().filter(|frame| frame.first_revision < end));
    }
    Ok(found)
}

pub(super) fn events(frame: &Frame) -> impl Iterator<Item = (usize, &crate::RecordedEvent)> {
    frame.events.iter().enumerate()
}

/// A reader of what stands already.
struct Reader<'a> {
    shape: &'a Shape,
    answers: &'a Answers,
    filter: Option<&'a Filter>,
    /// How many events it still wants.
    left: u64,
}

impl Reader<'_> {
    /// From a position, which is included, to the end as it is now.
    async fn forwards(mut self, served: &Served, from: From) -> Result<(), Status> {
        let head = served.log.head().position;
        let mut after = match from {
            From::Start => Position::START,
            From::End => return Ok(()),
            From::At(position) => Position(position.saturating_sub(1)),
        };
        while after < head && self.left > 0 {
            let frames = served.log.read_all(after, Page::default()).await.map_err(status_of)?;
            let Some(end) = frames.last().map(|frame| frame.last_position()) else { break };
            for frame in &frames {
                for (index, event) in events(frame).filter(|(_, event)| event.position > after) {
                    if event.position > head || !self.tell(frame, index, event).await? {
                        return Ok(());
                    }
                }
            }
            after = end;
        }
        Ok(())
    }

    /// From a position, which is not included, to the beginning.
    async fn backwards(mut self, served: &Served, from: From) -> Result<(), Status> {
        let past = served.log.head().position.0.saturating_add(1);
        let mut end = match from {
            From::Start => return Ok(()),
            From::End => past,
            From::At(position) => position.min(past),
        };
        while end > 1 && self.left > 0 {
            let begin = end.saturating_sub(BACKWARDS).max(1);
            let frames = all_between(served, begin, end).await?;
            let placed = frames.iter().flat_map(|frame| events(frame).map(move |at| (frame, at)));
            let wanted = placed.filter(|(_, (_, event))| (begin..end).contains(&event.position.0));
            for (frame, (index, event)) in wanted.collect::<Vec<_>>().into_iter().rev() {
                if !self.tell(frame, index, event).await? {
                    return Ok(());
                }
            }
            end = begin;
        }
        Ok(())
    }

    /// Tells of one event if it is wanted.
    async fn tell(&mut self, frame: &Frame, index: usize, event: &crate::RecordedEvent) -> More {
        if self.left == 0 {
            return Ok(false);
        }
        if let Some(filter) = self.filter
            && !filter.admits(frame.stream.as_str(), &event.event_type)?
        {
            return Ok(true);
        }
        self.left -= 1;
        Ok(self.answers.send(Ok(self.shape.event(frame, index, event))).await.is_ok())
    }
}

/// The frames that hold positions from `begin` up to and without `end`.
async fn all_between(served: &Served, begin: u64, end: u64) -> Result<Vec<Arc<Frame>>, Status> {
    let mut found = Vec::new();
    let mut after = Position(begin.saturating_sub(1));
    while after.0 + 1 < end {
        let frames = served.log.read_all(after, Page::default()).await.map_err(status_of)?;
        let Some(last) = frames.last() else { break };
        after = last.last_position();
        found.extend(frames.into_iter().filter(|frame| frame.first_position.0 < end));
    }
    Ok(found)
}
