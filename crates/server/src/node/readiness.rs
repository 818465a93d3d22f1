//! Whether a node's projections know what the log holds.

use engine::{Reason, Refusal};
use event_log::Position;
use futures::{
    FutureExt,
    future::{BoxFuture, try_join_all},
};

use super::Node;

impl Node {
    /// Waits until every projection has examined the log up to its present end.
    pub async fn caught_up(&self) -> Result<(), Refusal> {
        let Some(kept) = &self.kept else { return Ok(()) };
        let head = kept.log.head_now().await.map_err(engine::refusal_of_read)?.position;
        self.examined(head).await
    }

    /// Waits until every projection has examined the log up to where it ended when the node was opened: until then
    /// one that was there before answers better.
    pub fn ready(&self) -> BoxFuture<'static, Result<(), Refusal>> {
        self.examined(self.opened_at)
    }

    fn examined(&self, position: Position) -> BoxFuture<'static, Result<(), Refusal>> {
        let waits = self.waits.clone();
        async move {
            loop {
                match try_join_all(waits.iter().map(|wait| wait(position))).await {
                    // A projection waits for as long as a caller would; a long log takes longer.
                    Err(refusal) if refusal.reason == Reason::NotYetThere => {}
                    ended => return ended.map(drop),
                }
            }
        }
        .boxed()
    }
}
