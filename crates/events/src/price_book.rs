//! Events of price books as bytes and back.

use domain::price_book::{Event, PriceBookPublished};
use prost::Message;
use proto::kiban::finance::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{defect, id, id_bytes, instant, required},
    finance_form::{price_book_version, price_list},
};

const PUBLISHED: &str = "kiban.finance.v1.PriceBookPublished";

impl Recordable for Event {
    const CATEGORY: Category = Category::PriceBook;

    fn event_type(&self) -> &'static str {
        match self {
            Self::PriceBookPublished(_) => PUBLISHED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        let Self::PriceBookPublished(event) = self;
        form::PriceBookPublished {
            price_book: id_bytes(event.id),
            version: Some(price_book_version(event.version, &event.prices)),
            published_by: id_bytes(event.published_by),
            published_at_us: event.at.as_micros(),
        }
        .encode_to_vec()
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        if event_type != PUBLISHED {
            return Err(Defect::UnknownType(event_type.into()));
        }
        let message = form::PriceBookPublished::decode(payload)?;
        let version = required("version", message.version)?;
        if version.version == 0 {
            return Err(defect("version.version", "versions are numbered from 1"));
        }
        Ok(Self::PriceBookPublished(PriceBookPublished {
            id: id("price_book", &message.price_book)?,
            version: version.version,
            prices: price_list(&version).map_err(|error| defect("version", error))?,
            published_by: id("published_by", &message.published_by)?,
            at: instant("published_at_us", message.published_at_us)?,
        }))
    }
}
