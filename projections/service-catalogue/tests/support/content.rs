//! What vendors say of their services.

use domain::{
    listing::{
        Attributes, ConsentToShare, DerivedModel, Host, InputMaterial, ListingCode, ListingContent,
        OmicsAnalysis, OmicsModality, PatientDerivedModel, UnitPrice,
    },
    terms::{Material, Unit},
    text::{Name, Text},
};
use money::{Currency, Money};

/// A transcriptome analysis without a price and without a turnaround.
pub(crate) fn omics(title: &str, description: &str) -> ListingContent {
    content(title, description, omics_attributes(OmicsModality::Transcriptome, "Illumina NovaSeq X"))
}

pub(crate) fn omics_attributes(modality: OmicsModality, platform: &str) -> Attributes {
    Attributes::OmicsAnalysis(OmicsAnalysis {
        modality,
        platform: Text::new(platform).unwrap(),
        input: InputMaterial {
            material: Material::new("ffpe").unwrap(),
            minimum_amount: Text::new("200 ng").unwrap(),
        },
    })
}

/// A xenograft of a tumour.
pub(crate) fn xenograft(title: &str, tumour: &str) -> ListingContent {
    let text = |text: &str| Text::new(text).unwrap();
    let host = Host {
        species: text("Mus musculus"),
        strain: text("NOD SCID gamma"),
        engraftment_site: text("subcutaneous"),
        engraftment_type: text("tumour fragment"),
    };
    let attributes = Attributes::PatientDerivedModel(PatientDerivedModel {
        model: DerivedModel::Xenograft(host),
        passage_number: 3,
        tumour_type: text(tumour),
        consent_to_share: ConsentToShare::Yes,
    });
    content(title, "患者由来モデル", attributes)
}

pub(crate) fn content(title: &str, description: &str, attributes: Attributes) -> ListingContent {
    ListingContent {
        code: ListingCode::new("CODE-1").unwrap(),
        title: Name::new(title).unwrap(),
        description: Text::new(description).unwrap(),
        attributes,
        turnaround_days: None,
        list_price: None,
        minimum_quantity: 1,
    }
}

pub(crate) fn priced(content: ListingContent, yen: i64, days: u32) -> ListingContent {
    let price = UnitPrice { unit: Unit::new("specimen").unwrap(), price: Money::new(Currency::Jpy, yen) };
    ListingContent { list_price: Some(price), turnaround_days: Some(days), ..content }
}

pub(crate) fn yen(minor_units: i64) -> proto::kiban::common::v1::Money {
    proto::kiban::common::v1::Money { currency_code: "JPY".into(), minor_units }
}
