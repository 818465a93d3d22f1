//! Requests into commands, as far as the request goes.

use domain::specimen::SpecimenDescription;
use engine::{
    Refusal,
    parse::{id, text},
};
use proto::kiban::order::v1 as wire;

pub(super) fn description(request: &wire::RegisterSpecimenRequest) -> Result<SpecimenDescription, Refusal> {
    Ok(SpecimenDescription {
        code: text("code", &request.code)?,
        dataset: id("dataset_id", &request.dataset_id)?,
        material: text("material", &request.material)?,
        stock: request.stock,
        diagnosis: match request.diagnosis.as_str() {
            "" => None,
            diagnosis => Some(text("diagnosis", diagnosis)?),
        },
    })
}
