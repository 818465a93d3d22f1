//! Events of orders as bytes and back.

use domain::order::{Event, Milestone, OmicsAnalysisOrdered, OmicsModality, OrderedAnalysis};
use prost::Message;
use proto::kiban::order::v1 as form;

use crate::{
    Category, Defect, Recordable,
    field::{amount, amount_form, defect, id, id_bytes, instant, text},
};

const OMICS_ANALYSIS_ORDERED: &str = "kiban.order.v1.OmicsAnalysisOrdered";

impl Recordable for Event {
    const CATEGORY: Category = Category::Order;

    fn event_type(&self) -> &'static str {
        match self {
            Self::OmicsAnalysisOrdered(_) => OMICS_ANALYSIS_ORDERED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        let Self::OmicsAnalysisOrdered(event) = self;
        let OmicsAnalysisOrdered { id, contract, contract_revision, analysis, at } = event;
        let milestone = |milestone: &Milestone| form::OrderedMilestone {
            name: milestone.name.as_str().into(),
            amount: Some(amount_form(milestone.amount)),
        };
        form::OmicsAnalysisOrdered {
            order: id_bytes(*id),
            contract: id_bytes(*contract),
            contract_revision: *contract_revision,
            member: id_bytes(analysis.member),
            vendor: id_bytes(analysis.vendor),
            modality: modality_number(analysis.modality),
            specimens: analysis.specimens,
            price: Some(amount_form(analysis.price)),
            milestones: analysis.milestones.iter().map(milestone).collect(),
            ordered_at_us: at.as_micros(),
        }
        .encode_to_vec()
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        if event_type != OMICS_ANALYSIS_ORDERED {
            return Err(Defect::UnknownType(event_type.into()));
        }
        let message = form::OmicsAnalysisOrdered::decode(payload)?;
        let modality =
            OmicsModality::ALL.iter().copied().find(|known| modality_number(*known) == message.modality);
        let milestone = |milestone: form::OrderedMilestone| -> Result<Milestone, Defect> {
            Ok(Milestone {
                name: text("milestones.name", &milestone.name)?,
                amount: amount("milestones.amount", milestone.amount)?,
            })
        };
        Ok(Self::OmicsAnalysisOrdered(OmicsAnalysisOrdered {
            id: id("order", &message.order)?,
            contract: id("contract", &message.contract)?,
            contract_revision: message.contract_revision,
            analysis: OrderedAnalysis {
                member: id("member", &message.member)?,
                vendor: id("vendor", &message.vendor)?,
                modality: modality
                    .ok_or_else(|| defect("modality", format!("{} is no modality", message.modality)))?,
                specimens: message.specimens,
                price: amount("price", message.price)?,
                milestones: message.milestones.into_iter().map(milestone).collect::<Result<_, _>>()?,
            },
            at: instant("ordered_at_us", message.ordered_at_us)?,
        }))
    }
}

/// The number of `kiban.order.v1.OmicsModality`.
const fn modality_number(modality: OmicsModality) -> u32 {
    let modality = match modality {
        OmicsModality::Transcriptome => form::OmicsModality::Transcriptome,
        OmicsModality::Proteome => form::OmicsModality::Proteome,
        OmicsModality::Metabolome => form::OmicsModality::Metabolome,
        OmicsModality::Epigenome => form::OmicsModality::Epigenome,
    };
    modality as u32
}

#[cfg(test)]
mod tests {
    use domain::{
        id::{ContractId, OrderId, OrganisationId},
        time::Timestamp,
    };
    use money::Money;

    use super::*;

    fn sample(modality: OmicsModality) -> Event {
        let milestone = |name: &str, yen| Milestone { name: name.parse().unwrap(), amount: Money::jpy(yen) };
        Event::OmicsAnalysisOrdered(OmicsAnalysisOrdered {
            id: OrderId::from_u128(1),
            contract: ContractId::from_u128(2),
            contract_revision: 5,
            analysis: OrderedAnalysis {
                member: OrganisationId::from_u128(3),
                vendor: OrganisationId::from_u128(4),
                modality,
                specimens: 48,
                price: Money::jpy(1_000_000),
                milestones: vec![milestone("raw data", 600_000), milestone("report", 400_000)],
            },
            at: Timestamp::from_micros(1_774_000_000_000_000).unwrap(),
        })
    }

    #[test]
    fn every_event_reads_back() {
        for modality in OmicsModality::ALL {
            let event = sample(*modality);
            assert_eq!(Event::decode(event.event_type(), &event.encode()), Ok(event));
        }
    }

    #[test]
    fn defects_name_the_field() {
        let defect = |change: fn(&mut form::OmicsAnalysisOrdered)| {
            let bytes = sample(OmicsModality::Proteome).encode();
            let mut message = form::OmicsAnalysisOrdered::decode(bytes.as_slice()).unwrap();
            change(&mut message);
            Event::decode(OMICS_ANALYSIS_ORDERED, &message.encode_to_vec()).unwrap_err().to_string()
        };
        for (defect, what) in [
            (defect(|message| message.modality = 0), "field modality: 0 is no modality"),
            (defect(|message| message.price = None), "field price: missing"),
            (
                defect(|message| {
                    message.price =
                        Some(proto::kiban::common::v1::Money { currency_code: "USD".into(), minor_units: 1 });
                }),
                "field price: currency USD is not accepted",
            ),
            (
                defect(|message| message.milestones[0].name.clear()),
                "field milestones.name: the text is empty",
            ),
            (defect(|message| message.vendor.clear()), "field vendor: 0 bytes are no id"),
        ] {
            assert!(defect.starts_with(what), "{defect}");
        }
        assert_eq!(Event::decode("Ordered", &[]), Err(Defect::UnknownType("Ordered".into())));
    }
}
