//! How the finance projections read their ledgers. It stands here because no projection imports another, and
//! because what a ledger knew at a position lies partly in memory, partly in the fold's table and partly in
//! the log.

use std::collections::{BTreeMap, BTreeSet, btree_map};

use domain::{
    id::ContractId,
    time::{Month, Timestamp},
};
use event_log::{EventLog, Position};
use events::{Event, Recorded, decode_frame};
use futures::{StreamExt, TryStreamExt};
use proto::kiban::common::v1::{AsOf, as_of};
use rating::{
    ledger::{InvalidHistory, Ledger, LineKey, Lookup, Totals},
    statement::StatementError,
};

use crate::{
    clock::Clock,
    error::Refusal,
    fold::Fold,
    parse,
    read::{refusal_of_decode, refusal_of_read},
    reason::Reason,
    shards::Shards,
    store::{HistoryRow, Store},
};

/// How many frames are read from the log at the same time.
const READS_AHEAD: usize = 16;

/// A fold that keeps a ledger.
pub trait LedgerFold: Fold {
    /// The ledger.
    fn ledger(&self) -> &Ledger;
}

/// About which moment a question is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// About now: whatever has been examined when the answer is made.
    Live {
        /// The clock.
        now: Timestamp,
    },
    /// About what the log knew at a position.
    AsOf {
        /// The position; it has been examined.
        position: Position,
        /// Up to when fees have fallen due: recorded-at of the position, the time that was asked about, or the clock.
        now: Timestamp,
    },
}

impl Moment {
    /// The moment of a request; waits until the shards that are asked have come to it and to `min_position`. Several
    /// may stand on different positions, so a question about now is answered as of the least of them.
    pub async fn asked<F: Fold>(
        shards: &Shards<F>,
        log: &dyn EventLog,
        clock: &dyn Clock,
        as_of: Option<&AsOf>,
        min_position: &str,
    ) -> Result<Self, Refusal> {
        shards.come_to_min_position(log, min_position).await?;
        let clock = clock.now();
        match as_of.and_then(|as_of| as_of.moment.as_ref()) {
            None if shards.are_several() => Ok(Self::AsOf { position: shards.examined(), now: clock }),
            None => Ok(Self::Live { now: clock }),
            Some(as_of::Moment::Position(token)) => {
                let field = "as_of.position";
                let position = parse::position(field, token)?;
                let position = position.ok_or_else(|| Refusal::invalid(field, "is missing"))?;
                shards.come_to(log, field, position).await?;
                let frame = log.frame_at(position).await.map_err(refusal_of_read)?;
                let recorded_at = frame.and_then(|frame| Timestamp::from_micros(frame.recorded_at));
                Ok(Self::AsOf { position, now: recorded_at.unwrap_or(Timestamp::MIN) })
            }
            Some(as_of::Moment::Time(time)) => {
                // What will be known later is not known yet.
                let now = parse::instant("as_of.time", Some(time))?.min(clock);
                let position = log.position_at(now.as_micros()).await.map_err(refusal_of_read)?;
                shards.come_to(log, "as_of.time", position).await?;
                Ok(Self::AsOf { position, now })
            }
        }
    }

    /// Up to when fees have fallen due.
    pub const fn now(self) -> Timestamp {
        match self {
            Self::Live { now } | Self::AsOf { now, .. } => now,
        }
    }

    /// The position, for a question that is not about now.
    pub const fn position(self) -> Option<Position> {
        match self {
            Self::Live { .. } => None,
            Self::AsOf { position, .. } => Some(position),
        }
    }
}

/// The rows that a ledger lets go of, for the table of its fold.
pub fn take_history(ledger: &mut Ledger) -> Vec<HistoryRow> {
    let rows = ledger.take_rows().into_iter();
    rows.map(|row| HistoryRow { key: row.key, position: row.start, value: row.value }).collect()
}

/// What the lines of contracts held in months.
#[derive(Debug, Clone, Default)]
pub struct HeldLines(BTreeMap<(ContractId, Month), Vec<(LineKey, Totals)>>);

impl HeldLines {
    /// What the lines of a contract held in a month; nothing if that was not looked up.
    pub fn of(&self, contract: ContractId, month: Month) -> Vec<(LineKey, Totals)> {
        self.0.get(&(contract, month)).cloned().unwrap_or_default()
    }
}

/// What the lines of these contracts held in these months at a position that has been examined. They are looked
/// up one contract and month after the other, so that no more frames are held at a time than those need.
pub async fn lines_as_of<F: LedgerFold>(
    shards: &Shards<F>,
    log: &dyn EventLog,
    wanted: impl IntoIterator<Item = (ContractId, Month)>,
    position: Position,
) -> Result<HeldLines, Refusal> {
    let mut held = HeldLines::default();
    for (contract, month) in wanted {
        if let btree_map::Entry::Vacant(entry) = held.0.entry((contract, month)) {
            entry.insert(month_as_of(shards, log, contract, month, position).await?);
        }
    }
    Ok(held)
}

/// What the lines of a contract held in a month at a position that has been examined.
async fn month_as_of<F: LedgerFold>(
    shards: &Shards<F>,
    log: &dyn EventLog,
    contract: ContractId,
    month: Month,
    position: Position,
) -> Result<Vec<(LineKey, Totals)>, Refusal> {
    let projection = shards.owner(contract);
    let found: Vec<(LineKey, Lookup)> = projection.look(|fold, store, _| {
        let first_row = |key: &[u8], from| first_row(store, key, from);
        fold.ledger().lines_as_of::<Refusal>(contract, month, position.0, first_row)
    })??;
    let wanted = found.iter().flat_map(|(_, lookup)| match lookup {
        Lookup::Known(_) => &[][..],
        Lookup::Behind { frames, .. } => frames,
    });
    let frames = read_frames(log, wanted.copied()).await?;
    projection.look(|fold, _, _| {
        let complete = |(key, lookup)| {
            let totals = complete(fold.ledger(), &key, lookup, &frames, position);
            (key, totals)
        };
        found.into_iter().map(complete).collect()
    })
}

/// The frames that touched a line, after a frame and up to a position, at most `limit`.
pub fn touched<F: LedgerFold>(
    shards: &Shards<F>,
    key: &LineKey,
    after: u64,
    position: Position,
    limit: usize,
) -> Result<Vec<u64>, Refusal> {
    shards.owner(key.contract).look(|fold, store, _| {
        fold.ledger().touched(key, after, position.0, limit, |key, from| first_row(store, key, from))
    })?
}

/// The events of frames, by the position of the frame.
pub async fn read_frames(
    log: &dyn EventLog,
    frames: impl IntoIterator<Item = u64>,
) -> Result<BTreeMap<u64, Vec<Recorded>>, Refusal> {
    let frames: BTreeSet<u64> = frames.into_iter().collect();
    let read = |first: u64| async move {
        let frame = log.frame_at(Position(first)).await.map_err(refusal_of_read)?;
        let frame = frame.ok_or_else(|| {
            Refusal::new(Reason::LogCorrupt, format!("the log has no frame at {first}"))
                .with("position", first)
        })?;
        let events = decode_frame(&frame).map_err(|error| refusal_of_decode(&error))?;
        Ok((first, events))
    };
    futures::stream::iter(frames).map(read).buffered(READS_AHEAD).try_collect().await
}

impl From<InvalidHistory> for Refusal {
    fn from(error: InvalidHistory) -> Self {
        Self::new(Reason::LogUnavailable, error.to_string())
    }
}

impl From<StatementError> for Refusal {
    fn from(error: StatementError) -> Self {
        let (StatementError::Line { contract, .. } | StatementError::Total { contract, .. }) = &error;
        let contract = contract.to_string();
        let why = std::error::Error::source(&error).map_or_else(String::new, |why| format!(": {why}"));
        Self::new(Reason::AmountOutOfRange, format!("{error}{why}")).with("contract_id", contract)
    }
}

fn first_row(store: &Store, key: &[u8], from: u64) -> Result<Option<(u64, Vec<u8>)>, Refusal> {
    Ok(store.first_row(key, from)?.map(|row| (row.position, row.value)))
}

fn complete(
    ledger: &Ledger,
    key: &LineKey,
    lookup: Lookup,
    read: &BTreeMap<u64, Vec<Recorded>>,
    position: Position,
) -> Totals {
    let (mut totals, frames, since) = match lookup {
        Lookup::Known(totals) => return totals,
        Lookup::Behind { totals, frames, since } => (totals, frames, since),
    };
    let events = frames.iter().filter_map(|frame| read.get(frame)).flatten();
    for recorded in events.filter(|event| (since..=position.0).contains(&event.position.0)) {
        if let Event::Access(event) = &recorded.event
            && let Some(delta) = ledger.delta(key, recorded.position.0, event)
        {
            totals.add_all(&delta.change);
        }
    }
    totals
}
