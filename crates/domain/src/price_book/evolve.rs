//! How events change what is known of a price book.

use crate::price_book::{Event, PriceBook, PriceBookVersion};

pub(super) fn evolve(state: PriceBook, event: &Event) -> PriceBook {
    let Event::PriceBookPublished(event) = event;
    let version =
        PriceBookVersion { number: event.version, prices: event.prices.clone(), published_at: event.at };
    match state {
        PriceBook::Vacant => PriceBook::Published { owner: event.published_by, versions: vec![version] },
        PriceBook::Published { owner, mut versions } => {
            versions.push(version);
            PriceBook::Published { owner, versions }
        }
    }
}
