//! What may be told of ventures, and the histories of investments and events of the forum.

use std::collections::BTreeMap;

use domain::{
    forum_event::ForumEvent,
    id::OrganisationId,
    investment::Investment,
    time::{Month, Timestamp},
    venture::{Event as VentureEvent, Teaser},
};
use engine::Fold;
use event_log::Position;
use events::{Category, Defect, Event, Histories, Recorded};

/// Ventures without their full cards, investments and events of the forum as they stand at one position.
#[derive(Default)]
pub struct DealFlowFold {
    pub(crate) ventures: BTreeMap<String, VentureRow>,
    pub(crate) investments: Histories<Investment>,
    pub(crate) forum_events: Histories<ForumEvent>,
}

/// What may be told of a venture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VentureRow {
    /// Whose it is.
    pub lister: OrganisationId,
    /// The teaser of every card that it has had, oldest first.
    pub cards: Vec<CardShown>,
    /// Where and when its card was taken back, if it was.
    pub withdrawn: Option<(Position, Timestamp)>,
    /// How far each investor has come with it.
    pub investors: BTreeMap<OrganisationId, Steps>,
    /// How often the full card was shown, by month.
    pub views: BTreeMap<Month, u64>,
}

/// A teaser, and since when it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CardShown {
    /// Where its event stands.
    pub position: Position,
    /// When it was entered.
    pub at: Timestamp,
    /// What investors may browse.
    pub teaser: Teaser,
}

/// When an investor first came so far with a venture.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Steps {
    /// The full card was shown.
    pub viewed: Option<Timestamp>,
    /// It told of an interest.
    pub interested: Option<Timestamp>,
    /// A data room was opened for it.
    pub let_in: Option<Timestamp>,
}

impl Fold for DealFlowFold {
    const NAME: &'static str = "deal-flow";
    const VERSION: u32 = 1;
    const CATEGORIES: &'static [Category] = &[Category::Venture, Category::ForumEvent, Category::Investment];

    fn apply(&mut self, recorded: &Recorded) {
        let id = recorded.stream.id();
        match &recorded.event {
            Event::Venture(event) => self.take(id, recorded.position, event),
            Event::ForumEvent(event) => self.forum_events.apply(id, event),
            Event::Investment(event) => self.investments.apply(id, event),
            // Other contexts are not delivered. Within the three, each match is exhaustive.
            _ => {}
        }
    }

    fn encode(&self) -> Vec<u8> {
        crate::stored::encode(self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, Defect> {
        crate::stored::decode(bytes)
    }
}

impl DealFlowFold {
    /// The ventures after an id, in order of ids.
    pub fn ventures_after<'a>(
        &'a self,
        id: &str,
    ) -> impl Iterator<Item = (&'a str, &'a VentureRow)> + use<'a> {
        let after = (std::ops::Bound::Excluded(id.to_owned()), std::ops::Bound::Unbounded);
        self.ventures.range(after).map(|(id, row)| (id.as_str(), row))
    }

    /// A venture, and its id as it is kept here.
    pub fn venture(&self, id: &str) -> Option<(&str, &VentureRow)> {
        self.ventures.get_key_value(id).map(|(id, row)| (id.as_str(), row))
    }

    fn take(&mut self, id: &str, position: Position, event: &VentureEvent) {
        let row = match (self.ventures.get_mut(id), event) {
            (None, VentureEvent::VentureListed(listed)) => {
                let row = VentureRow {
                    lister: listed.lister,
                    cards: vec![CardShown { position, at: listed.at, teaser: listed.card.teaser.clone() }],
                    withdrawn: None,
                    investors: BTreeMap::new(),
                    views: BTreeMap::new(),
                };
                self.ventures.insert(id.to_owned(), row);
                return;
            }
            (None, _) => return,
            (Some(row), _) => row,
        };
        match event {
            VentureEvent::VentureListed(_)
            | VentureEvent::DataRoomEntered(_)
            | VentureEvent::JointVentureFormed(_) => {}
            VentureEvent::VentureRevised(revised) => {
                let teaser = revised.card.teaser.clone();
                row.cards.push(CardShown { position, at: revised.at, teaser });
            }
            VentureEvent::VentureWithdrawn(withdrawn) => row.withdrawn = Some((position, withdrawn.at)),
            VentureEvent::DealViewed(viewed) => {
                *row.views.entry(Month::of(viewed.at)).or_default() += 1;
                row.steps(viewed.investor).viewed.get_or_insert(viewed.at);
            }
            VentureEvent::InterestExpressed(told) => {
                row.steps(told.investor).interested.get_or_insert(told.at);
            }
            VentureEvent::DataRoomOpened(opened) => {
                row.steps(opened.investor).let_in.get_or_insert(opened.at);
            }
        }
    }
}

impl VentureRow {
    /// The teaser as it is now; `None` if the venture was withdrawn.
    pub fn browsed(&self) -> Option<&CardShown> {
        self.cards.last().filter(|_| self.withdrawn.is_none())
    }

    fn steps(&mut self, investor: OrganisationId) -> &mut Steps {
        self.investors.entry(investor).or_default()
    }
}
