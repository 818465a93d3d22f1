//! Specimens of the base operator, reserved for orders until there are none left.

use engine::Role;
use proto::kiban::order::v1::{RegisterSpecimenRequest, ReserveSpecimenRequest};
use tonic::Code;

use crate::demo::{
    actors::Part,
    contracts::Deal,
    error::DemoError,
    stage::{Expected, Stage},
    world::World,
};

/// The aliquots of the specimen, and what is reserved of them for the order that stays and for the one that is
/// cancelled.
pub(in crate::demo) const STOCK: u32 = 60;
pub(in crate::demo) const FOR_GOOD: u32 = 48;
const FOR_A_WHILE: u32 = 12;

/// July: the vendor reserves for two orders all that there is; one aliquot more is refused.
pub(super) async fn reserve(
    stage: &mut Stage,
    world: &mut World,
    stays: &str,
    cancelled: &str,
) -> Result<(), DemoError> {
    let base = world.cast.session(stage, Part::Base, Role::Administrator);
    let request = RegisterSpecimenRequest {
        command_id: "specimen".into(),
        validate_only: false,
        code: "PAAD-PL-0001".into(),
        dataset_id: world.holding("TCGA-PAAD")?.id.clone(),
        material: "plasma".into(),
        stock: STOCK,
        diagnosis: "膵管腺癌 (ICD-O-3 8500/3)".into(),
    };
    let registered =
        stage.done("registering a specimen", base.specimens().register_specimen(request).await)?;
    world.market.specimen = registered.specimen_id;

    let (vendor, _) = world.under(stage, Deal::Mitsuba);
    let wanted = |command_id: &str, order: &str, aliquots| ReserveSpecimenRequest {
        command_id: command_id.into(),
        specimen_id: world.market.specimen.clone(),
        order_id: world.market.order(order),
        aliquots,
        ..Default::default()
    };
    let first = wanted("reserve-first", stays, FOR_GOOD);
    stage.done("reserving specimens", vendor.specimens().reserve_specimen(first).await)?;
    let outcome =
        vendor.specimens().reserve_specimen(wanted("reserve-more", cancelled, FOR_A_WHILE + 1)).await;
    let expected = Expected::new(Code::FailedPrecondition, "STOCK_EXCEEDED").naming("aliquots");
    let name = world.cast.of(Part::Mitsuba).name;
    stage.refused(name, "reserve 13 aliquots of the 12 that are left", expected, outcome);
    let rest = wanted("reserve-rest", cancelled, FOR_A_WHILE);
    stage.done("reserving specimens", vendor.specimens().reserve_specimen(rest).await)?;
    Ok(())
}
