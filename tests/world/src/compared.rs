//! One service over its projection and over shards of it: whatever is asked, all give the same answer.

use std::{fmt::Debug, num::NonZeroU32, path::Path, pin::Pin, sync::Arc};

use engine::{Fold, Folds, RunningFolds, Shards};
use event_log::{EventLog, MemoryLog};
use futures::FutureExt;
use tonic::{Request, Response, Status};

use crate::{Past, again, same};

/// In how many shards the projection is run, each beside the others.
const COUNTS: [u32; 4] = [1, 2, 3, 7];

/// A service over its projection in several numbers of shards.
pub struct Compared<F: Fold, S> {
    log: Arc<MemoryLog>,
    layouts: Vec<Layout<F, S>>,
}

struct Layout<F: Fold, S> {
    count: NonZeroU32,
    shards: Shards<F>,
    folds: RunningFolds,
    service: S,
}

type Answer<'s, A> = Pin<Box<dyn Future<Output = Result<Response<A>, Status>> + Send + 's>>;

impl<F: Fold, S> Compared<F, S> {
    /// The service over each of them, with files in a folder: of the projection that is not sharded in the folder
    /// itself, of the others in folders of their own; or without files.
    pub fn new(past: &Past, folder: Option<&Path>, serve: impl Fn(Shards<F>) -> S) -> Self {
        let layout = |count| {
            let count = NonZeroU32::new(count).unwrap();
            let shards = start(past, folder, count);
            let mut folds = Folds::default();
            folds.add_shards(&shards);
            let folds = folds.run(past.log.clone());
            Layout { count, service: serve(shards.clone()), shards, folds }
        };
        Self { log: past.log.clone(), layouts: COUNTS.into_iter().map(layout).collect() }
    }

    /// Asks each of them once everything that was written is known to it; fails unless all answer alike.
    pub async fn ask<Q: Clone, A: PartialEq + Debug>(
        &self,
        request: Request<Q>,
        ask: impl for<'s> Fn(&'s S, Request<Q>) -> Answer<'s, A>,
    ) -> Result<Response<A>, Status> {
        let head = self.log.head().position;
        let mut first = None;
        for Layout { count, shards, service, .. } in &self.layouts {
            shards.reached(head).await.unwrap();
            let answer = ask(service, again(&request)).await;
            match &first {
                None => first = Some(answer),
                Some(first) => same(first, &answer, &format!("in {count} shards")),
            }
        }
        first.unwrap()
    }

    /// Stops the projections, which take their last snapshots.
    pub async fn stop(self) {
        for layout in self.layouts {
            layout.folds.stop().await;
        }
    }
}

fn start<F: Fold>(past: &Past, folder: Option<&Path>, count: NonZeroU32) -> Shards<F> {
    let Some(folder) = folder else { return Shards::in_memory(count).unwrap() };
    let folder = if count.get() == 1 { folder.to_owned() } else { folder.join(format!("of-{count}")) };
    std::fs::create_dir_all(&folder).unwrap();
    let opening = Shards::open(&folder, count, &*past.log);
    opening.now_or_never().expect("a log in memory answers at once").unwrap()
}
