//! The rules of an append, once for every engine whose writer can see its own uncommitted frames.

use crate::{
    AppendError, Appended, CommandKey, ExpectedRevision, Guard, RecordedEvent, StoredCommand, StreamName,
};

/// A frame that stands already: its place and the ids of its events.
pub(crate) type Standing = (Appended, Vec<[u8; 16]>);

/// What the writer sees: everything committed, and what it has written since.
pub(crate) trait View {
    type Error;

    /// The revision of the last event of a stream.
    fn revision(&mut self, stream: &StreamName) -> Result<Option<u64>, Self::Error>;

    /// What a command id was used for.
    fn command(&mut self, key: &CommandKey) -> Result<Option<StoredCommand>, Self::Error>;

    /// The frame whose first event has this revision.
    fn frame_from(
        &mut self,
        stream: &StreamName,
        first_revision: u64,
    ) -> Result<Option<Standing>, Self::Error>;
}

/// What an append asks for, without its bytes.
pub(crate) struct Question<'a> {
    pub(crate) stream: &'a StreamName,
    pub(crate) expected: ExpectedRevision,
    pub(crate) guards: &'a [Guard],
    pub(crate) command: Option<&'a CommandKey>,
    pub(crate) events: &'a [RecordedEvent],
}

/// What is to be done with an append.
pub(crate) enum Verdict {
    /// Write it, from this revision on.
    Write(u64),
    /// It stands already.
    Already(Appended),
    /// It must not be written.
    Refuse(AppendError),
}

/// Judges an append. A retry is recognised before anything that may have moved since the first try.
pub(crate) fn judge<V: View>(view: &mut V, question: Question<'_>) -> Result<Verdict, V::Error> {
    let Question { stream, expected, guards, command, events } = question;
    if let Some(key) = command
        && let Some(stored) = view.command(key)?
    {
        return Ok(match stored.digest == key.digest {
            true => Verdict::Already(stored.appended),
            false => Verdict::Refuse(AppendError::IdMismatch),
        });
    }
    let actual = view.revision(stream)?;
    if !expected.admits(actual) {
        if command.is_none()
            && let Some(place) = expected.place()
            && let Some((appended, stored)) = view.frame_from(stream, place)?
            && events.iter().map(|event| event.id).eq(stored)
        {
            return Ok(Verdict::Already(appended));
        }
        return Ok(Verdict::Refuse(AppendError::Conflict { stream: stream.clone(), expected, actual }));
    }
    for guard in guards {
        let actual = view.revision(&guard.stream)?;
        if actual != guard.revision {
            let expected = guard.revision.map_or(ExpectedRevision::NoStream, ExpectedRevision::Exact);
            let stream = guard.stream.clone();
            return Ok(Verdict::Refuse(AppendError::Conflict { stream, expected, actual }));
        }
    }
    Ok(Verdict::Write(actual.map_or(0, |revision| revision + 1)))
}

impl ExpectedRevision {
    /// Whether a stream whose last event has this revision (`None`: it does not exist) is as expected.
    pub fn admits(self, actual: Option<u64>) -> bool {
        match self {
            Self::Any => true,
            Self::NoStream => actual.is_none(),
            Self::StreamExists => actual.is_some(),
            Self::Exact(revision) => actual == Some(revision),
        }
    }

    /// The one revision at which the append would start; `None` if more than one would do.
    pub(crate) fn place(self) -> Option<u64> {
        match self {
            Self::Any | Self::StreamExists => None,
            Self::NoStream => Some(0),
            Self::Exact(revision) => revision.checked_add(1),
        }
    }
}
