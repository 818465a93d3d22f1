//! What is refused outright. A refusal of use is no rejection: it is the event `AccessDenied`.

use crate::{
    access::{
        Access, Command, Event, Found, RecordKey, RegisterSource, ReplacedUse, ReversalTarget, ReverseUsage,
        SourceRegistered, UsageReversed, admit, report,
    },
    id::{DatasetId, SourceId},
    terms::Right,
    time::Timestamp,
};

/// Why a command to the use under a contract was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The source has been entered before, under another name.
    #[error("source {source_id} is already registered under another name")]
    SourceAlreadyRegistered {
        /// The source.
        source_id: SourceId,
    },
    /// The source is none of this contract's.
    #[error("source {source_id} is not registered under this contract")]
    UnknownSource {
        /// The source.
        source_id: SourceId,
    },
    /// The dataset has not been entered.
    #[error("the dataset is not registered")]
    DatasetNotRegistered,
    /// An analysis of another kind than there is.
    #[error("{right} is no analysis: it must be a simple or a detailed one")]
    NotAnAnalysis {
        /// The right that was asked for.
        right: Right,
    },
    /// An analysis of nothing.
    #[error("an analysis is of at least one case")]
    NoCases,
    /// A report names a dataset that has not been entered.
    #[error("entry {index} of the datasets, {dataset}, is not registered")]
    UnknownDataset {
        /// Its index in the dictionary.
        index: usize,
        /// The dataset.
        dataset: DatasetId,
    },
    /// A record of what has not happened yet.
    #[error("record {index} occurred at {occurred_at}, but it is {now}")]
    OccurredInFuture {
        /// Its index in the call.
        index: usize,
        /// When it says that it occurred.
        occurred_at: Timestamp,
        /// The instant of the question.
        now: Timestamp,
    },
    /// A record that names an admission that there never was.
    #[error("record {index} names admission {admission}, but the newest is {newest}")]
    UnknownSettledAdmission {
        /// Its index in the call.
        index: usize,
        /// The number that it names.
        admission: u64,
        /// The newest number; 0: there is none.
        newest: u64,
    },
    /// Not for the caller: what stands already under some keys was not looked up, or more stands there since.
    #[error("records that stand under the same keys must be looked up first")]
    EarlierRecordsMissing,
    /// A reversal of a record that never came.
    #[error("no record has sequence {} in epoch {} of source {}", key.sequence, key.epoch, key.source)]
    UnknownRecord {
        /// Its key.
        key: RecordKey,
    },
    /// A reversal of a record that never stood.
    #[error("the record was stored as a conflict: it never stood, so there is nothing to take back")]
    RecordIsConflict {
        /// Its key.
        key: RecordKey,
    },
    /// A reversal of an admission that there never was.
    #[error("there is no admission {admission}, the newest is {newest}")]
    UnknownAdmission {
        /// The number.
        admission: u64,
        /// The newest number; 0: there is none.
        newest: u64,
    },
    /// A reversal of an admission in whose place a record stands.
    #[error("admission {admission} is settled: reverse the record that settled it")]
    AdmissionSettled {
        /// The number.
        admission: u64,
    },
    /// A second reversal.
    #[error("it has been reversed before")]
    AlreadyReversed {
        /// Of what.
        target: ReversalTarget,
    },
}

pub(super) fn decide(state: &Access, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::RegisterSource(command) => register(state, command),
        Command::ViewDataset(command) => admit::view(state, command),
        Command::RunAnalysis(command) => admit::run(state, command),
        Command::ReportUsage(command) => report::report(state, &command),
        Command::ReverseUsage(command) => reverse(state, command),
    }
}

fn register(state: &Access, command: RegisterSource) -> Result<Vec<Event>, Rejection> {
    let RegisterSource { source, name, at } = command;
    match state.sources.get(&source) {
        None => Ok(vec![Event::SourceRegistered(SourceRegistered { source, name, at })]),
        Some(known) if known.name == name => Ok(vec![]),
        Some(_) => Err(Rejection::SourceAlreadyRegistered { source_id: source }),
    }
}

fn reverse(state: &Access, command: ReverseUsage) -> Result<Vec<Event>, Rejection> {
    let ReverseUsage { target, found, reason, at } = command;
    let reversed = match target {
        ReversalTarget::Record(key) => reversed_record(state, key, found)?,
        ReversalTarget::Admission(number) => reversed_admission(state, number, found)?,
    };
    Ok(vec![Event::UsageReversed(UsageReversed { target, reason, reversed, at })])
}

fn reversed_record(state: &Access, key: RecordKey, found: Option<Found>) -> Result<ReplacedUse, Rejection> {
    if !state.sources.contains_key(&key.source) {
        return Err(Rejection::UnknownSource { source_id: key.source });
    }
    let meter = state.meter(key.source, key.epoch).filter(|meter| meter.seen.contains(key.sequence));
    let meter = meter.ok_or(Rejection::UnknownRecord { key })?;
    if meter.reversed.contains(key.sequence) {
        return Err(Rejection::AlreadyReversed { target: ReversalTarget::Record(key) });
    }
    match found {
        Some(Found::Use(standing)) => Ok(standing),
        Some(Found::Conflict(_)) => Err(Rejection::RecordIsConflict { key }),
        None => Err(Rejection::EarlierRecordsMissing),
    }
}

fn reversed_admission(state: &Access, number: u64, found: Option<Found>) -> Result<ReplacedUse, Rejection> {
    if number == 0 || number > state.last_admission {
        return Err(Rejection::UnknownAdmission { admission: number, newest: state.last_admission });
    }
    if state.reversed.contains(number) {
        return Err(Rejection::AlreadyReversed { target: ReversalTarget::Admission(number) });
    }
    if state.settled.contains(number) {
        return Err(Rejection::AdmissionSettled { admission: number });
    }
    match (state.open.get(&number), found) {
        (Some(open), _) => Ok(open.admitted.clone()),
        (None, Some(Found::Use(standing))) => Ok(standing),
        (None, Some(Found::Conflict(_)) | None) => Err(Rejection::EarlierRecordsMissing),
    }
}
