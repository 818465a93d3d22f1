//! Events of specimens as bytes and back.

use domain::specimen::{Event, SpecimenDescription, SpecimenRegistered, SpecimenReleased, SpecimenReserved};
use prost::Message;
use proto::kiban::order::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{id, id_bytes, instant, optional_text, text},
};

const REGISTERED: &str = "kiban.order.v1.SpecimenRegistered";
const RESERVED: &str = "kiban.order.v1.SpecimenReserved";
const RELEASED: &str = "kiban.order.v1.SpecimenReleased";

impl Recordable for Event {
    const CATEGORY: Category = Category::Specimen;

    fn event_type(&self) -> &'static str {
        match self {
            Self::SpecimenRegistered(_) => REGISTERED,
            Self::SpecimenReserved(_) => RESERVED,
            Self::SpecimenReleased(_) => RELEASED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::SpecimenRegistered(SpecimenRegistered { id, description, at }) => {
                let SpecimenDescription { code, dataset, material, stock, diagnosis } = description;
                form::SpecimenRegistered {
                    specimen: id_bytes(*id),
                    code: code.to_string(),
                    dataset: id_bytes(*dataset),
                    material: material.to_string(),
                    stock: *stock,
                    diagnosis: diagnosis.as_ref().map(ToString::to_string).unwrap_or_default(),
                    registered_at_us: at.as_micros(),
                }
                .encode_to_vec()
            }
            Self::SpecimenReserved(SpecimenReserved { order, aliquots, at }) => form::SpecimenReserved {
                order: id_bytes(*order),
                aliquots: *aliquots,
                reserved_at_us: at.as_micros(),
            }
            .encode_to_vec(),
            Self::SpecimenReleased(SpecimenReleased { order, at }) => {
                form::SpecimenReleased { order: id_bytes(*order), released_at_us: at.as_micros() }
                    .encode_to_vec()
            }
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        match event_type {
            REGISTERED => {
                let message = form::SpecimenRegistered::decode(payload)?;
                let description = SpecimenDescription {
                    code: text("code", &message.code)?,
                    dataset: id("dataset", &message.dataset)?,
                    material: text("material", &message.material)?,
                    stock: message.stock,
                    diagnosis: optional_text("diagnosis", &message.diagnosis)?,
                };
                let at = instant("registered_at_us", message.registered_at_us)?;
                let id = id("specimen", &message.specimen)?;
                Ok(Self::SpecimenRegistered(SpecimenRegistered { id, description, at }))
            }
            RESERVED => {
                let message = form::SpecimenReserved::decode(payload)?;
                Ok(Self::SpecimenReserved(SpecimenReserved {
                    order: id("order", &message.order)?,
                    aliquots: message.aliquots,
                    at: instant("reserved_at_us", message.reserved_at_us)?,
                }))
            }
            RELEASED => {
                let message = form::SpecimenReleased::decode(payload)?;
                Ok(Self::SpecimenReleased(SpecimenReleased {
                    order: id("order", &message.order)?,
                    at: instant("released_at_us", message.released_at_us)?,
                }))
            }
            unknown => Err(Defect::UnknownType(unknown.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        id::{DatasetId, OrderId, SpecimenId},
        text::Name,
        time::Timestamp,
    };

    use super::*;

    fn at() -> Timestamp {
        Timestamp::from_micros(1_774_000_000_000_000).unwrap()
    }

    fn registered(diagnosis: Option<&str>) -> Event {
        let description = SpecimenDescription {
            code: "FFPE-0001".parse().unwrap(),
            dataset: DatasetId::from_u128(2),
            material: "ffpe".parse().unwrap(),
            stock: 12,
            diagnosis: diagnosis.map(|text| Name::new(text).unwrap()),
        };
        Event::SpecimenRegistered(SpecimenRegistered { id: SpecimenId::from_u128(1), description, at: at() })
    }

    #[test]
    fn every_event_reads_back() {
        let order = OrderId::from_u128(3);
        for event in [
            registered(None),
            registered(Some("肺腺癌")),
            Event::SpecimenReserved(SpecimenReserved { order, aliquots: 4, at: at() }),
            Event::SpecimenReleased(SpecimenReleased { order, at: at() }),
        ] {
            assert_eq!(Event::decode(event.event_type(), &event.encode()), Ok(event));
        }
    }

    #[test]
    fn defects_name_the_field() {
        let mut message = form::SpecimenRegistered::decode(registered(None).encode().as_slice()).unwrap();
        message.material = "FFPE block".into();
        let defect = Event::decode(REGISTERED, &message.encode_to_vec()).unwrap_err().to_string();
        assert!(defect.starts_with("field material: \"FFPE block\" is no material"), "{defect}");
        assert_eq!(Event::decode("Kept", &[]), Err(Defect::UnknownType("Kept".into())));
    }
}
