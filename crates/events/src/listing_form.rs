//! What vendors say of their services as messages and back.
//!
//! The API and the log have `ListingContent` in common, so this is the one place that is used by both: the
//! events of listings, and the reading of requests in the order service.

mod attributes;

use domain::listing::{ListingContent, OmicsModality, ServiceKind, UnitPrice};
use proto::kiban::order::v1 as form;

use crate::{
    field::amount_form,
    form::{FormError, amount, required, text},
};

/// Reads what a vendor says of a service.
pub fn listing_content(message: &form::ListingContent) -> Result<ListingContent, FormError> {
    Ok(ListingContent {
        code: text("code", &message.code)?,
        title: text("title", &message.title)?,
        description: text("description", &message.description)?,
        attributes: attributes::attributes(required("attributes", message.attributes.as_ref())?)?,
        turnaround_days: message.turnaround_days,
        list_price: message.list_price.as_ref().map(unit_price).transpose()?,
        minimum_quantity: message.minimum_quantity,
    })
}

/// What a vendor says of a service.
pub fn listing_content_form(content: &ListingContent) -> form::ListingContent {
    let unit_price = |UnitPrice { unit, price }: &UnitPrice| form::UnitPrice {
        unit: unit.to_string(),
        price: Some(amount_form(*price)),
    };
    form::ListingContent {
        code: content.code.to_string(),
        title: content.title.as_str().into(),
        description: content.description.as_str().into(),
        attributes: Some(attributes::attributes_form(&content.attributes)),
        turnaround_days: content.turnaround_days,
        list_price: content.list_price.as_ref().map(unit_price),
        minimum_quantity: content.minimum_quantity,
    }
}

/// A kind of service.
pub const fn service_kind_form(kind: ServiceKind) -> form::ServiceKind {
    match kind {
        ServiceKind::OmicsAnalysis => form::ServiceKind::OmicsAnalysis,
        ServiceKind::DataAnalysis => form::ServiceKind::DataAnalysis,
        ServiceKind::PatientRecruiting => form::ServiceKind::PatientRecruiting,
        ServiceKind::PatientDerivedModel => form::ServiceKind::PatientDerivedModel,
        ServiceKind::LifestyleData => form::ServiceKind::LifestyleData,
        ServiceKind::SpecimenArchive => form::ServiceKind::SpecimenArchive,
    }
}

/// The kind of service with this number of `kiban.order.v1.ServiceKind`; `None` if there is none.
pub fn service_kind(number: i32) -> Option<ServiceKind> {
    ServiceKind::ALL.iter().copied().find(|known| service_kind_form(*known) as i32 == number)
}

/// What is measured.
pub const fn omics_modality_form(modality: OmicsModality) -> form::OmicsModality {
    match modality {
        OmicsModality::Transcriptome => form::OmicsModality::Transcriptome,
        OmicsModality::Proteome => form::OmicsModality::Proteome,
        OmicsModality::Metabolome => form::OmicsModality::Metabolome,
        OmicsModality::Epigenome => form::OmicsModality::Epigenome,
    }
}

/// What is measured with this number of `kiban.order.v1.OmicsModality`; `None` if nothing is.
pub fn omics_modality(number: i32) -> Option<OmicsModality> {
    OmicsModality::ALL.iter().copied().find(|known| omics_modality_form(*known) as i32 == number)
}

fn unit_price(message: &form::UnitPrice) -> Result<UnitPrice, FormError> {
    let read = || {
        let price = amount("price", required("price", message.price.as_ref())?)?;
        Ok(UnitPrice { unit: text("unit", &message.unit)?, price })
    };
    read().map_err(|error: FormError| error.within("list_price"))
}
