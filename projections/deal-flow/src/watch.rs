//! Changes of teasers as they happen, while the caller's agreement lasts.

use std::sync::Arc;

use domain::id::{ContractId, OrganisationId};
use engine::{Clock, Investors, Projection, Refusal, Watched, wire_time};
use event_log::{Frame, Position};
use events::Category;
use futures::stream::BoxStream;
use proto::kiban::deal_flow::v1::{DealChange, DealChangeKind, WatchResponse, watch_response::Message};
use tonic::Status;

use crate::{DealFlowFold, VentureRow, filter::Filter, view};

/// What the caller is sent.
pub(crate) type Watch = BoxStream<'static, Result<WatchResponse, Status>>;

/// Who watches, and so what must still hold before each message.
pub(crate) struct Watcher {
    /// The calling organisation.
    pub(crate) organisation: OrganisationId,
    /// Its agreement; none of an operator, who needs none.
    pub(crate) contract: Option<ContractId>,
}

/// Watches for teasers.
pub(crate) struct Deals {
    pub(crate) projection: Arc<Projection<DealFlowFold>>,
    pub(crate) investors: Arc<Investors>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) watcher: Watcher,
    pub(crate) filter: Filter,
}

impl Watched for Deals {
    type Message = WatchResponse;

    /// Teasers are read from the fold, which has no full card, once it has come so far.
    async fn examine(&mut self, frame: &Frame, after: Position) -> Result<Vec<WatchResponse>, Refusal> {
        if Category::of(&frame.stream) != Some(Category::Venture) {
            return Ok(Vec::new());
        }
        let last = frame.last_position();
        self.projection.reached(last).await?;
        let first = frame.first_position.max(Position(after.0 + 1));
        self.projection.look(|fold, _, _| {
            let row = fold.venture(frame.stream.id());
            let changes = row.map(|(id, row)| changes(id, row, first, last, &self.filter));
            changes
                .into_iter()
                .flatten()
                .map(|change| WatchResponse { message: Some(Message::Change(change)) })
                .collect()
        })
    }

    fn progress(&self, examined: Position) -> WatchResponse {
        WatchResponse { message: Some(Message::ExaminedPosition(examined.to_string())) }
    }

    /// The agreement as it stands in the log, at this moment of the clock.
    async fn may_go_on(&mut self) -> Result<(), Refusal> {
        match self.watcher.contract {
            None => Ok(()),
            Some(contract) => {
                self.investors.check(self.watcher.organisation, contract, self.clock.now()).await
            }
        }
    }
}

/// What happened to the teaser of a venture from one position to another, both included, as far as it matches.
fn changes(id: &str, row: &VentureRow, first: Position, last: Position, filter: &Filter) -> Vec<DealChange> {
    let within = |position: Position| first <= position && position <= last;
    let cards = row.cards.iter().enumerate().filter(|(_, card)| within(card.position));
    let told = cards.filter_map(|(index, card)| {
        let before = index.checked_sub(1).and_then(|before| row.cards.get(before));
        let matched = before.is_some_and(|before| filter.lets_pass(&before.teaser));
        let kind = match (filter.lets_pass(&card.teaser), index) {
            (true, 0) => DealChangeKind::Listed,
            (true, _) => DealChangeKind::Revised,
            (false, _) if matched => DealChangeKind::NoMatch,
            (false, _) => return None,
        };
        // What has been taken back is not shown again to those who look at the past; but whoever was shown it before
        // must learn that it does not match any more, for then nothing is told of its withdrawal.
        if row.withdrawn.is_some() && kind != DealChangeKind::NoMatch {
            return None;
        }
        let deal = view::deal(id, row, index).filter(|_| kind != DealChangeKind::NoMatch);
        Some(DealChange { deal, ..change(id, card.position, card.at, kind) })
    });
    let matched = row.cards.last().is_some_and(|card| filter.lets_pass(&card.teaser));
    let withdrawn = row.withdrawn.filter(|(position, _)| within(*position) && matched);
    let withdrawn = withdrawn.map(|(position, at)| change(id, position, at, DealChangeKind::Withdrawn));
    told.chain(withdrawn).collect()
}

fn change(id: &str, position: Position, at: domain::time::Timestamp, kind: DealChangeKind) -> DealChange {
    DealChange {
        position: position.to_string(),
        kind: kind.into(),
        venture_id: id.to_owned(),
        deal: None,
        happened_at: Some(wire_time(at)),
    }
}
