//! A fold that is run in shards: each is fed, kept and asked by itself, and answers are put together.
//!
//! A question about one contract asks the shard to which it belongs ([`Shards::of`]) and no other. One about many asks
//! all of them, and stands on the least position that they have examined.

use std::{io, num::NonZeroU32, path::Path, sync::Arc};

use domain::id::ContractId;
use event_log::{EventLog, Position};
use futures::future::try_join_all;

use crate::{
    error::Refusal,
    fold::{Fold, Projection, check_reached},
    parse,
    shard::{Shard, Sharded},
    store::Store,
    store_error::{OpenError, StoreError},
};

/// The projections of a fold's shards: of all, or of the one that a question is about.
pub struct Shards<F: Fold>(Sharded<Arc<Projection<F>>>);

impl<F: Fold> Clone for Shards<F> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<F: Fold> From<Arc<Projection<F>>> for Shards<F> {
    fn from(only: Arc<Projection<F>>) -> Self {
        Self(Sharded::one(only))
    }
}

impl<F: Fold> Shards<F> {
    /// Starts so many shards from their files in a folder, or from nothing where a snapshot was made from another history
    /// than the log's. Files of a fold that was run in another number of shards are removed: each contract may be in another
    /// shard now.
    pub async fn open(folder: &Path, count: NonZeroU32, log: &dyn EventLog) -> Result<Self, OpenError> {
        for other in kept_shards::<F>(folder)?.into_iter().filter(|kept| kept.count() != count) {
            tracing::warn!(fold = F::NAME, %other, "it was run in another number of shards; building it again");
            remove(&folder.join(other.file_name(F::NAME)))?;
        }
        let open = async |shard: &Shard| {
            let store = Store::open(&folder.join(shard.file_name(F::NAME)))?;
            Projection::open_on(store.for_shard(*shard), log).await
        };
        Shard::each(count).try_join(open).await.map(Self)
    }

    /// Starts so many shards without files.
    pub fn in_memory(count: NonZeroU32) -> Result<Self, StoreError> {
        let open = |shard: &Shard| Projection::open(Store::in_memory()?.for_shard(*shard));
        Shard::each(count).try_map(open).map(Self)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Projection<F>>> {
        self.0.iter()
    }

    /// Whether several are asked: then they may stand on different positions.
    pub fn are_several(&self) -> bool {
        self.0.count() > NonZeroU32::MIN
    }

    /// The one to which a contract belongs.
    pub fn owner(&self, contract: ContractId) -> &Arc<Projection<F>> {
        self.0.of(contract)
    }

    /// Only the one to which a contract belongs: who asks about this contract need not wait for the others.
    pub fn of(&self, contract: ContractId) -> Self {
        self.owner(contract).clone().into()
    }

    /// Everything up to here was examined by each of them.
    pub fn examined(&self) -> Position {
        let first = self.0.first().examined();
        self.iter().fold(first, |least, shard| least.min(shard.examined()))
    }

    /// Waits until each has examined a position.
    pub async fn reached(&self, position: Position) -> Result<(), Refusal> {
        try_join_all(self.iter().map(|shard| shard.reached(position))).await.map(drop)
    }

    /// Waits until each has come to a position, unless that lies after the end of the log.
    pub async fn come_to(&self, log: &dyn EventLog, field: &str, position: Position) -> Result<(), Refusal> {
        check_reached(log, field, position).await?;
        self.reached(position).await
    }

    /// Waits until each has come to the position of the token in the field `min_position`; an empty one asks for none.
    pub async fn come_to_min_position(&self, log: &dyn EventLog, token: &str) -> Result<(), Refusal> {
        let field = "min_position";
        match parse::position(field, token)? {
            None => Ok(()),
            Some(least) => self.come_to(log, field, least).await,
        }
    }

    /// Looks at all of them at once, with the least position that they have examined; refused if one has stopped.
    /// One that has examined more knows what came after it, too.
    pub fn look<T>(&self, look: impl FnOnce(&Sharded<&F>, Position) -> T) -> Result<T, Refusal> {
        let held = self.0.try_map(|shard| shard.held())?;
        Ok(look(&held.map(|fold| &**fold), self.examined()))
    }
}

/// The shards of which a folder has files, of whatever number.
pub(crate) fn kept_shards<F: Fold>(folder: &Path) -> Result<Vec<Shard>, StoreError> {
    let failed = |error: io::Error| StoreError::new(folder, error);
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut kept = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        kept.extend(name.to_str().and_then(|name| Shard::of_file(name, F::NAME)));
    }
    Ok(kept)
}

/// Removes a file that can be built again, what SQLite keeps beside it first: a new file must not find that.
fn remove(path: &Path) -> Result<(), StoreError> {
    for beside in ["-wal", "-shm", ""] {
        let mut name = path.as_os_str().to_owned();
        name.push(beside);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::new(Path::new(&name), error));
            }
            _ => {}
        }
    }
    Ok(())
}
