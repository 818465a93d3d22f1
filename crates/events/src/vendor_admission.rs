//! Events of the admission to kinds of services as bytes and back.

use domain::vendor_admission::{AdmissionMode, Event, VendorAdmissionSet};
use prost::Message;
use proto::kiban::order::v1::{self as form, vendor_admission_set::Mode};

use crate::{
    Category, Defect, Recordable,
    field::{id, id_bytes, instant, required, service_kind},
    listing_form::service_kind_form,
};

const SET: &str = "kiban.order.v1.VendorAdmissionSet";

impl Recordable for Event {
    const CATEGORY: Category = Category::VendorAdmission;

    fn event_type(&self) -> &'static str {
        match self {
            Self::VendorAdmissionSet(_) => SET,
        }
    }

    fn encode(&self) -> Vec<u8> {
        let Self::VendorAdmissionSet(event) = self;
        form::VendorAdmissionSet {
            kind: service_kind_form(event.kind) as u32,
            mode: Some(encode_mode(&event.mode)),
            set_at_us: event.at.as_micros(),
        }
        .encode_to_vec()
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        if event_type != SET {
            return Err(Defect::UnknownType(event_type.into()));
        }
        let message = form::VendorAdmissionSet::decode(payload)?;
        Ok(Self::VendorAdmissionSet(VendorAdmissionSet {
            kind: service_kind("kind", message.kind)?,
            mode: decode_mode(required("mode", message.mode)?)?,
            at: instant("set_at_us", message.set_at_us)?,
        }))
    }
}

fn encode_mode(mode: &AdmissionMode) -> Mode {
    match mode {
        AdmissionMode::Open => Mode::Open(form::OpenAdmission {}),
        AdmissionMode::Limited(vendors) => {
            Mode::Limited(form::AdmittedVendors { vendors: vendors.iter().copied().map(id_bytes).collect() })
        }
        AdmissionMode::Exclusive(vendor) => Mode::Exclusive(id_bytes(*vendor)),
    }
}

fn decode_mode(mode: Mode) -> Result<AdmissionMode, Defect> {
    Ok(match mode {
        Mode::Open(form::OpenAdmission {}) => AdmissionMode::Open,
        Mode::Limited(admitted) => {
            let vendor = |bytes: &Vec<u8>| id("limited.vendors", bytes);
            AdmissionMode::Limited(admitted.vendors.iter().map(vendor).collect::<Result<_, _>>()?)
        }
        Mode::Exclusive(vendor) => AdmissionMode::Exclusive(id("exclusive", &vendor)?),
    })
}
