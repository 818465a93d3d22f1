//! What happens once in the year, by subject; of each month in the order of its days.

use crate::demo::{error::DemoError, stage::Stage, world::World};

mod contests;
pub(super) mod finances;
mod orders;
mod quotes;
pub(super) mod recruiting;
mod sales;
pub(super) mod selling;
pub(super) mod specimens;
mod terms;
pub(super) mod ventures;

pub(super) use terms::before_the_year;

/// The episodes of a month.
pub(super) async fn of_month(stage: &mut Stage, world: &mut World, index: i32) -> Result<(), DemoError> {
    terms::of_month(stage, world, index).await?;
    finances::of_month(stage, world, index).await?;
    selling::of_month(stage, world, index).await?;
    quotes::of_month(stage, world, index).await?;
    sales::of_month(stage, world, index).await?;
    recruiting::of_month(stage, world, index).await?;
    ventures::of_month(stage, world, index).await
}
