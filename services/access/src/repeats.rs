//! Fetches the old records of repeats: the index says where they stand, the log holds them.

use std::collections::BTreeSet;

use domain::{
    access::{Access, AdmittedUse, Batch, Earlier, Event, Found, RecordKey, UsageRecorded},
    id::ContractId,
};
use engine::{Reason, Refusal, decode, refusal_of_read};
use event_log::Position;

use crate::{
    context::{Context, use_of},
    usage_index,
};

/// The most frames that the repeats of one call may lie in.
const MOST_FRAMES: usize = 5_000;
/// The most records that are read again for the repeats of one call.
const MOST_ROWS: usize = 1_000_000;

impl Context {
    /// Waits until the index holds everything that is durable, whichever process wrote it.
    async fn come_to_head(&self) -> Result<(), Refusal> {
        let head = self.log.head_now().await.map_err(refusal_of_read)?;
        self.index.reached(head.position).await
    }

    /// What stands already under keys of a batch: nothing for the usual one.
    pub(crate) async fn earlier(&self, contract: ContractId, batch: &Batch) -> Result<Earlier, Refusal> {
        let stream = use_of(contract);
        // What is only sent to the log is among the repeats, so that a retry never overtakes its original.
        if self.uses.peek(&stream, |state| state.repeats(batch).sequences.is_empty()).await? {
            return Ok(Earlier::default());
        }
        let repeats = self.uses.read(&stream, |state, _| state.repeats(batch)).await?;
        self.come_to_head().await?;
        let with_conflicts = repeats.conflicts > 0;
        let positions = self.index.look(|index, store, _| {
            index.positions(store, batch.source(), batch.epoch(), &repeats.sequences, with_conflicts)
        })??;
        let mut earlier = Earlier::new(repeats);
        let mut rows = 0;
        if positions.len() > MOST_FRAMES {
            return Err(too_many());
        }
        for position in positions {
            if let Event::UsageRecorded(recorded) = self.event_at(contract, position).await? {
                rows += recorded.parts().rows.len();
                earlier.add(&recorded);
            }
            if rows > MOST_ROWS {
                return Err(too_many());
            }
        }
        Ok(earlier)
    }

    /// The record with a key, for a reversal.
    pub(crate) async fn find_record(
        &self,
        contract: ContractId,
        key: RecordKey,
    ) -> Result<Option<Found>, Refusal> {
        // The index knows records by their source alone, and the source may be another contract's.
        let known = |state: &Access| state.sources.contains_key(&key.source);
        if !self.uses.peek(&use_of(contract), known).await? {
            return Ok(None);
        }
        self.come_to_head().await?;
        let positions = self.index.look(|index, store, _| {
            index.positions(store, key.source, key.epoch, &[key.sequence], false)
        })??;
        for position in positions {
            if let Event::UsageRecorded(recorded) = self.event_at(contract, position).await?
                && is_of(&recorded, key)
            {
                return Ok(Found::in_usage(&recorded, key.sequence));
            }
        }
        Ok(None)
    }

    /// The admission with a number, for a reversal.
    pub(crate) async fn find_admission(
        &self,
        contract: ContractId,
        number: u64,
    ) -> Result<Option<Found>, Refusal> {
        self.come_to_head().await?;
        let position = self.index.look(|index, store, _| index.admission(store, contract, number))??;
        let Some(position) = position else { return Ok(None) };
        match self.event_at(contract, position).await? {
            Event::DatasetViewed(admitted) | Event::AnalysisAdmitted(admitted) => {
                Ok(found(&admitted, number))
            }
            Event::SourceRegistered(_)
            | Event::AccessDenied(_)
            | Event::UsageRecorded(_)
            | Event::UsageReversed(_) => Ok(None),
        }
    }

    async fn event_at(&self, contract: ContractId, position: u64) -> Result<Event, Refusal> {
        let lost = || {
            let message = format!("the index of usage points to position {position}, where no use stands");
            Refusal::new(Reason::LogCorrupt, message)
        };
        let frame = self.log.frame_at(Position(position)).await.map_err(refusal_of_read)?;
        let frame = frame.filter(|frame| frame.stream == use_of(contract)).ok_or_else(lost)?;
        let index = frame.events.iter().position(|event| event.position.0 == position);
        let mut events = decode::<Event>(&frame)?;
        match index {
            Some(index) if index < events.len() => Ok(events.swap_remove(index)),
            _ => Err(lost()),
        }
    }
}

impl usage_index::UsageIndex {
    /// The positions of the events that hold records of these sequences, in order of the log.
    fn positions(
        &self,
        store: &engine::Store,
        source: domain::id::SourceId,
        epoch: u32,
        sequences: &[u64],
        with_conflicts: bool,
    ) -> Result<BTreeSet<u64>, Refusal> {
        let mut positions = BTreeSet::new();
        let mut run: Option<(u64, u64)> = None;
        for sequence in sequences {
            // Neighbours usually stand in one run, which is looked up once.
            if run.is_none_or(|(first, last)| !(first..=last).contains(sequence)) {
                run = match self.run(store, source, epoch, *sequence)? {
                    Some(found) => {
                        positions.insert(found.position);
                        Some((found.first, found.last))
                    }
                    None => None,
                };
            }
            if with_conflicts {
                positions.extend(self.conflicts(store, source, epoch, *sequence)?);
            }
        }
        Ok(positions)
    }
}

fn is_of(recorded: &UsageRecorded, key: RecordKey) -> bool {
    let parts = recorded.parts();
    parts.source == key.source && parts.epoch == key.epoch
}

fn found(admitted: &AdmittedUse, number: u64) -> Option<Found> {
    (admitted.number == number).then(|| Found::from(admitted))
}

fn too_many() -> Refusal {
    let message = "the repeats of this call lie in too many old reports; send fewer records in a call";
    Refusal::field(Reason::TooManyRepeats, "records", message)
}
