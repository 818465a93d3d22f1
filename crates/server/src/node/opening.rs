//! Opens what is kept beside the log, each thing for one process.

use std::{
    fs::{File, TryLockError},
    num::NonZeroU32,
    path::Path,
    sync::Arc,
};

use engine::{Fold, Folds, Projection, Refusal, Shards, Store};
use event_log::{EventLog, Position};
use futures::{FutureExt, future::BoxFuture};

use super::{OpenFailure, PROJECTIONS, store_path};

/// Waits until a projection has come to a position.
pub(super) type Wait = Box<dyn Fn(Position) -> BoxFuture<'static, Result<(), Refusal>> + Send + Sync>;

/// Opens the projections of a directory.
pub(super) struct Opening<'a> {
    data_dir: &'a Path,
    /// None if no part needs it.
    log: Option<&'a dyn EventLog>,
    pub(super) folds: Folds,
    pub(super) waits: Vec<Wait>,
    /// Held for as long as the process has what it opened.
    pub(super) locks: Vec<File>,
}

impl<'a> Opening<'a> {
    pub(super) fn new(data_dir: &'a Path, log: Option<&'a dyn EventLog>) -> Self {
        Self { data_dir, log, folds: Folds::default(), waits: Vec::new(), locks: Vec::new() }
    }

    /// A projection that starts from its snapshot, if it is wanted.
    pub(super) async fn projection<F: Fold>(
        &mut self,
        wanted: bool,
    ) -> Result<Option<Arc<Projection<F>>>, OpenFailure> {
        let (true, Some(log)) = (wanted, self.log) else { return Ok(None) };
        self.lock(F::NAME)?;
        let store = Store::open(&store_path(self.data_dir, F::NAME))?;
        let projection = Projection::open_on(store, log).await?;
        self.folds.add(&projection);
        let waited = projection.clone();
        self.waits.push(Box::new(move |position| {
            let waited = waited.clone();
            async move { waited.reached(position).await }.boxed()
        }));
        Ok(Some(projection))
    }

    /// A fold in shards, if it is wanted.
    pub(super) async fn shards<F: Fold>(
        &mut self,
        wanted: bool,
        count: NonZeroU32,
    ) -> Result<Option<Shards<F>>, OpenFailure> {
        let (true, Some(log)) = (wanted, self.log) else { return Ok(None) };
        self.lock(F::NAME)?;
        let shards = Shards::<F>::open(&self.data_dir.join(PROJECTIONS), count, log).await?;
        self.folds.add_shards(&shards);
        let waited = shards.clone();
        self.waits.push(Box::new(move |position| {
            let waited = waited.clone();
            async move { waited.reached(position).await }.boxed()
        }));
        Ok(Some(shards))
    }

    /// The file of snapshots of aggregates.
    pub(super) fn snapshots(&mut self, name: &str) -> Result<Arc<Store>, OpenFailure> {
        self.lock(name)?;
        Ok(Arc::new(Store::open(&store_path(self.data_dir, name))?))
    }

    /// Takes what is kept under a name for this process.
    fn lock(&mut self, name: &str) -> Result<(), OpenFailure> {
        let folder = self.data_dir.join(PROJECTIONS);
        std::fs::create_dir_all(&folder)?;
        let lock = folder.join(format!("{name}.lock"));
        let file = File::options().create(true).truncate(false).write(true).open(&lock)?;
        match file.try_lock() {
            Ok(()) => self.locks.push(file),
            Err(TryLockError::WouldBlock) => {
                let folder = folder.display();
                let what =
                    format!("another process has {name} in {folder}: give each a --data-dir of its own");
                return Err(what.into());
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        Ok(())
    }
}
