//! What goes wrong with meters, and what must become of it.

use domain::time::Timestamp;
use engine::Role;
use proto::kiban::{
    access::v1::{Outcome, RecordKey, ReverseUsageRequest, reverse_usage_request::Target},
    common::v1::Right,
};
use tonic::Code;

use crate::demo::{
    actors::Part,
    calendar::{moment, month},
    checks,
    contracts::Deal,
    error::DemoError,
    reading,
    stage::{Expected, Stage},
    usage::{Use, place},
    world::{Ask, World},
    year::resend,
};

/// How many sequences the pipeline loses in July.
pub(super) const LOST: u64 = 7;

/// What happens to a meter before it reports a month.
pub(super) fn before_reports(world: &mut World, meter: usize, index: i32) {
    match (meter, index) {
        // It loses records that it had numbered: a gap that stays.
        (place::PIPELINE, 3) => world.meter(meter).next += LOST,
        // It is replaced and starts to count anew.
        (place::CLOUD, 8) => {
            let meter = world.meter(meter);
            (meter.epoch, meter.next) = (2, 1);
        }
        _ => {}
    }
}

/// What happens between the reports on a month and its close.
pub(super) async fn after_reports(
    stage: &mut Stage,
    world: &mut World,
    index: i32,
    sample: &[Use],
) -> Result<(), DemoError> {
    stage.now(moment(month(index + 1), 3, 9));
    match index {
        1 => malformed(stage, world, sample).await,
        4 => repeats(stage, world, sample).await,
        6 => settle(stage, world).await,
        10 => reverse(stage, world, sample).await,
        _ => Ok(()),
    }
}

/// Reports that are refused as a whole, naming the index.
async fn malformed(stage: &mut Stage, world: &mut World, sample: &[Use]) -> Result<(), DemoError> {
    let member = world.cast.session(stage, Part::Aozora, Role::Meter);
    let name = world.meters[place::PIPELINE].name;
    let valid = world.delivery(place::PIPELINE, sample.to_vec(), Outcome::New).request;

    let mut empty = valid.clone();
    if let Some(record) = empty.records.get_mut(17) {
        record.cases = 0;
    }
    let expected = Expected::new(Code::InvalidArgument, "INVALID_FIELD").naming("records[17].cases");
    let outcome = member.access().report_usage(empty).await;
    stage.refused(name, "report a record of no cases", expected, outcome);

    let mut ahead = valid.clone();
    if let Some(record) = ahead.records.get_mut(3) {
        record.occurred_at_us = stage.time().plus_days(1).as_micros();
    }
    let expected =
        Expected::new(Code::InvalidArgument, "OCCURRED_IN_FUTURE").naming("records[3].occurred_at_us");
    let outcome = member.access().report_usage(ahead).await;
    stage.refused(name, "report a use of tomorrow", expected, outcome);

    let mut foreign = valid;
    foreign.source_id.clone_from(&world.meters[place::CLOUD].source);
    let outcome = member.access().report_usage(foreign).await;
    let expected = Expected::new(Code::NotFound, "UNKNOWN_SOURCE");
    stage.refused(name, "report as a meter of another contract", expected, outcome);
    Ok(())
}

/// Records that come again: as they were, at another time, with another content.
async fn repeats(stage: &mut Stage, world: &mut World, sample: &[Use]) -> Result<(), DemoError> {
    let before = reading::statement(stage, world, Deal::Aozora, month(4), None).await?;
    resend(stage, world, place::PIPELINE, sample).await?;

    let moved = sample.iter().take(3).map(|seen| Use { at: an_hour_before(seen.at), ..seen.clone() });
    let moved = world.delivery(place::PIPELINE, moved.collect(), Outcome::KnownAtAnotherTime);
    world.deliver(stage, vec![moved]).await?;
    let after = reading::statement(stage, world, Deal::Aozora, month(4), None).await?;
    let unchanged = before.statement == after.statement;
    stage.check(checks::METERING, unchanged, "the statement of 2026-08 is the same after records came again");

    let changed = sample.iter().take(2).map(|seen| Use { cases: seen.cases + 1, ..seen.clone() });
    let changed = world.delivery(place::PIPELINE, changed.collect(), Outcome::Conflicting);
    // In one call the same key twice, and a third time with another content; an old record beside them.
    let first = world.one_use(place::PIPELINE, moment(month(4), 30, 9));
    let contrary = Use { cases: first.cases + 1, ..first.clone() };
    let old = sample.last().cloned();
    let uses: Vec<Use> =
        [Some(first.clone()), Some(first), Some(contrary), old].into_iter().flatten().collect();
    let outcomes = [Outcome::New, Outcome::Known, Outcome::Conflicting, Outcome::Known];
    let mixed = world.mixed_delivery(place::PIPELINE, uses, outcomes.to_vec());
    world.deliver(stage, vec![changed, mixed]).await?;
    let last = reading::statement(stage, world, Deal::Aozora, month(4), None).await?;
    let statement = last.statement.unwrap_or_default();
    let text =
        format!("{} conflicts stand on the statement of 2026-08, none of them billed", statement.conflicts);
    stage.check(checks::METERING, statement.conflicts == 3, text);
    Ok(())
}

/// An analysis of fewer cases than were admitted; a second record for the same admission conflicts.
async fn settle(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    const ADMITTED: u32 = 120;
    const USED: u32 = 95;
    let ask = Ask::run(Deal::Hokuto, "TCGA-BRCA", Right::DetailedAnalysis, ADMITTED);
    let class = world.holding(ask.dataset)?.class;
    let admission = world.admit(stage, ask).await?;
    let admitted_at = stage.time();
    stage.now(moment(month(7), 4, 9));
    let settling = Use {
        dataset: world.place_of(ask.dataset),
        right: ask.right,
        cases: USED,
        settles: admission.number,
        counted: false,
        ..world.one_use(place::CLOUD, stage.time())
    };
    let again = Use { sequence: world.one_use(place::CLOUD, stage.time()).sequence, ..settling.clone() };
    let outcomes = vec![Outcome::New, Outcome::Conflicting];
    let delivery = world.mixed_delivery(place::CLOUD, vec![settling, again], outcomes);
    world.deliver(stage, vec![delivery]).await?;
    let difference = i64::from(USED) - i64::from(ADMITTED);
    world.tally.add(Deal::Hokuto, admitted_at, ask.right, class, "", difference);
    Ok(())
}

/// A record and an admission are taken back, each once.
async fn reverse(stage: &mut Stage, world: &mut World, sample: &[Use]) -> Result<(), DemoError> {
    let viewed = world.admit(stage, Ask::view(Deal::Hokuto, "TCGA-OV")).await?;
    let viewed_at = stage.time();
    let session = world.cast.session(stage, Part::Promoter, Role::Finance);
    let meter = &world.meters[place::PIPELINE];
    let Some(seen) = sample.iter().find(|seen| seen.right != Right::Browse) else { return Ok(()) };
    let key = RecordKey { source_id: meter.source.clone(), epoch: meter.epoch, sequence: seen.sequence };
    let request = |command_id: &str, deal, target| ReverseUsageRequest {
        command_id: command_id.into(),
        validate_only: false,
        contract_id: world.contracts.of(deal).id.clone(),
        target: Some(target),
        reason: "計測の誤り".into(),
    };
    let record = request("reverse-record", Deal::Aozora, Target::Record(key.clone()));
    stage.done("reversing a record", session.access().reverse_usage(record).await)?;
    let again = request("reverse-again", Deal::Aozora, Target::Record(key));
    let outcome = session.access().reverse_usage(again).await;
    let expected = Expected::new(Code::FailedPrecondition, "ALREADY_REVERSED");
    stage.refused(world.cast.of(Part::Promoter).name, "reverse a record twice", expected, outcome);
    let admission = request("reverse-view", Deal::Hokuto, Target::Admission(viewed.number));
    stage.done("reversing an admission", session.access().reverse_usage(admission).await)?;

    let class = world.holdings.all.get(seen.dataset).map_or("", |holding| holding.class);
    world.tally.add(Deal::Aozora, seen.at, seen.right, class, &seen.order, -i64::from(seen.cases));
    let class = world.holding("TCGA-OV")?.class;
    world.tally.add(Deal::Hokuto, viewed_at, Right::Browse, class, "", -1);
    Ok(())
}

fn an_hour_before(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.as_micros() - 3_600_000_000).unwrap_or(at)
}
