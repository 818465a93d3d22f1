//! A year of the forum, month by month: use under contracts, reports at the month's end, the month closed on
//! the fifth of the next, and what comes after that.

use engine::Role;
use proto::kiban::{access::v1::Outcome, common::v1::Right, finance::v1::ClosePeriodRequest};

use crate::demo::{
    actors::Part,
    calendar::{moment, month},
    checks,
    client::written,
    contracts::Deal,
    episodes,
    error::DemoError,
    metering,
    reading::{self, AsItWas},
    stage::Stage,
    usage::{Use, place},
    world::{Ask, Delivery, World},
};

/// Of a hundred records of a month so many arrive after it was closed.
const LATE_PERCENT: u64 = 2;
/// The month whose answers are kept as they were right after its close: June.
const KEPT_MONTH: i32 = 2;

/// What the year left behind, beside the log.
pub(super) struct Year {
    /// The answers on June as they were on 5 July.
    pub(super) as_it_was: Option<AsItWas>,
    /// How many records arrived after their month was closed.
    pub(super) late: u64,
}

/// Lets the year pass.
pub(super) async fn pass(stage: &mut Stage, world: &mut World, records: u64) -> Result<Year, DemoError> {
    let mut year = Year { as_it_was: None, late: 0 };
    for index in 0..12 {
        stage.progress.step(format!("{}: use, reports, close", month(index)));
        interactive(stage, world, index).await?;
        episodes::of_month(stage, world, index).await?;
        let late = report(stage, world, index, records).await?;
        metering::after_reports(stage, world, index, &late.sample).await?;
        close(stage, world, index).await?;
        if index == KEPT_MONTH {
            year.as_it_was = Some(reading::as_it_is(stage, world, month(index)).await?);
        }
        stage.now(moment(month(index + 1), 12, 10));
        year.late += late.deliveries.iter().map(|delivery| delivery.uses.len() as u64).sum::<u64>();
        world.deliver(stage, late.deliveries).await?;
    }
    Ok(year)
}

/// Researchers look at datasets and run analyses.
async fn interactive(stage: &mut Stage, world: &mut World, index: i32) -> Result<(), DemoError> {
    let codes = ["TCGA-LUAD", "TCGA-STAD", "TCGA-COAD", "TCGA-LIHC", "TCGA-BRCA", "TCGA-PAAD"];
    let code = |shift: i32| codes[(index + shift).rem_euclid(codes.len() as i32) as usize];
    let cases = 20 + 5 * index.unsigned_abs();
    stage.now(moment(month(index), 8, 10));
    for deal in [Deal::Aozora, Deal::Hokuto] {
        for shift in 0..3 {
            world.admit(stage, Ask::view(deal, code(shift))).await?;
        }
    }
    stage.now(moment(month(index), 9, 15));
    world.admit(stage, Ask::run(Deal::Aozora, code(0), Right::SimpleAnalysis, cases)).await?;
    world.admit(stage, Ask::run(Deal::Hokuto, code(1), Right::DetailedAnalysis, cases)).await?;
    world.admit(stage, Ask::run(Deal::Hokuto, "TBB-COHORT", Right::SimpleAnalysis, 2 * cases)).await?;
    Ok(())
}

/// What is held back until the month is closed, and some of what was reported in time.
struct Late {
    deliveries: Vec<Delivery>,
    sample: Vec<Use>,
}

/// The meters report what they saw in the month, all but what they hold back.
async fn report(stage: &mut Stage, world: &mut World, index: i32, records: u64) -> Result<Late, DemoError> {
    let mut in_time = Vec::new();
    let mut late = Late { deliveries: Vec::new(), sample: Vec::new() };
    for meter in 0..world.meters.len() {
        metering::before_reports(world, meter, index);
        let number = world.meters[meter].records_in(records, index.unsigned_abs().into());
        let uses = world.meters[meter].see(&world.holdings, month(index), number);
        let (now, later) = uses.split_at(uses.len() - uses.len() * LATE_PERCENT as usize / 100);
        if meter == place::PIPELINE {
            late.sample = now.iter().rev().take(200).rev().cloned().collect();
        }
        in_time.extend(world.deliveries(meter, now));
        late.deliveries.extend(world.deliveries(meter, later));
    }
    stage.now(moment(month(index + 1), 1, 1));
    world.deliver(stage, in_time).await?;
    Ok(late)
}

/// The promoter, who issues the contracts, closes the month.
async fn close(stage: &mut Stage, world: &World, index: i32) -> Result<(), DemoError> {
    stage.now(moment(month(index + 1), 5, 18));
    let month = month(index);
    let request = ClosePeriodRequest {
        command_id: format!("close-{month}"),
        month: month.to_string(),
        ..Default::default()
    };
    let session = world.cast.session(stage, Part::Promoter, Role::Finance);
    stage.done(&format!("closing {month}"), session.finance().close_period(request).await)?;
    Ok(())
}

/// Records that a meter sends again must all be known.
pub(super) async fn resend(
    stage: &mut Stage,
    world: &mut World,
    meter: usize,
    uses: &[Use],
) -> Result<(), DemoError> {
    let again = world.delivery(meter, uses.to_vec(), Outcome::Known);
    let replies = world.deliver(stage, vec![again]).await?;
    let nothing = replies.iter().all(|reply| written(reply.receipt.as_ref()).is_none());
    stage.check(checks::METERING, nothing, format!("a batch of {} sent again writes nothing", uses.len()));
    Ok(())
}
