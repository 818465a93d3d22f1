//! Ventures as investors may browse them.

use engine::wire_time;
use events::venture_form::teaser_form;
use proto::kiban::deal_flow::v1::Deal;

use crate::VentureRow;

/// The deal with the card at an index; `None` if there is none. Nothing but its teaser is known here.
pub(crate) fn deal(id: &str, row: &VentureRow, index: usize) -> Option<Deal> {
    let card = row.cards.get(index)?;
    Some(Deal {
        venture_id: id.to_owned(),
        lister_id: row.lister.to_string(),
        teaser: Some(teaser_form(&card.teaser)),
        card_number: u32::try_from(index + 1).unwrap_or(u32::MAX),
        listed_at: row.cards.first().map(|first| wire_time(first.at)),
        revised_at: (index > 0).then(|| wire_time(card.at)),
    })
}
