//! Many real processes on one embedded log, killed or cut off from it at random points under load.

mod parts;
mod reporting;

use std::time::Duration;

use domain::time::Month;
use engine::{Clock, SystemClock};
use proto::kiban::{billing::v1::Statement, common::v1::Right};
use tonic::{Code, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::{
    BATCH, SOURCES, assert_sound, connect, report, run, send, start, statement, support::Forum, try_statement,
};
use parts::{ACCESS, Apart, BILLING, DEADLINE, Harm, LOG, SERVICES};
use reporting::{Reporting, statement_once_it_can};

/// Reports of each source, at least.
const REPORTS: u64 = 40;

/// What a statement comes to: everything but ids, which differ from forum to forum.
fn figures(statement: &Statement) -> Vec<(String, i32, String, i64)> {
    let amount =
        |line: &proto::kiban::billing::v1::StatementLine| line.amount.as_ref().map_or(0, |it| it.minor_units);
    let lines = statement.lines.iter();
    lines.map(|line| (line.charge_kind.clone(), line.right, line.quantity.clone(), amount(line))).collect()
}

/// How many cases are billed; each record is of one.
fn cases(statement: &Statement) -> u64 {
    let detailed = statement.lines.iter().find(|line| line.right() == Right::DetailedAnalysis).unwrap();
    detailed.quantity.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_are_killed_under_load_lose_nothing_and_bill_nothing_twice() {
    let parts = [LOG, BILLING, ACCESS, BILLING, LOG, ACCESS, LOG, ACCESS, BILLING];
    through(&parts.map(|part| (part, Harm::Killed)), "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_are_cut_off_from_the_log_lose_nothing_and_bill_nothing_twice() {
    let impatient = format!("&keepAliveInterval=500&keepAliveTimeout=500&defaultDeadline={DEADLINE}");
    let each = [ACCESS, BILLING, SERVICES].map(|part| [(part, Harm::CutOff), (part, Harm::Silenced)]);
    through(&each.concat(), &impatient).await;
}

/// Some parts come to harm one after another while everything is reported. What is billed is what is billed of a forum
/// where nothing happened.
async fn through(harms: &[(usize, Harm)], options: &str) {
    let directory = tempfile::tempdir().unwrap();
    let mut apart = Apart::start(directory.path(), options).await;
    let reporting = Reporting::to(apart.connect().await).await;
    let loading = tokio::spawn(reporting.clone().run([REPORTS; SOURCES], Duration::from_millis(200)));
    // Looks random, and is the same every time.
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    for (part, harm) in harms {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        tokio::time::sleep(Duration::from_millis(60 + dice % 250)).await;
        let length = Duration::from_millis(harm.least() + (dice >> 40) % 400);
        let over = async {
            tokio::time::sleep(length).await;
            // All reports go through it, while nobody may ask others anything meanwhile. One that is silenced may help
            // itself to a new connection before it has to refuse anything.
            if *part == ACCESS && *harm != Harm::Silenced {
                reporting.felt().await;
            }
        };
        apart.parts[*part].suffer(*harm, over).await;
    }
    reporting.enough();
    let made = loading.await.unwrap();

    let disturbed = reporting.statement_in_the_end().await;
    let undisturbed = undisturbed(made).await;
    assert_eq!(figures(&disturbed), figures(&undisturbed));
    assert_eq!(cases(&disturbed), (made.iter().sum::<u64>() + 1) * BATCH);
    for part in &mut apart.parts {
        part.kill();
    }
    apart.gateway.kill();
    assert_sound(&directory.path().join("log"));
}

/// Whether a caller may see something is in the log, too: without it nothing is answered from what once was so.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_is_cut_off_says_so_and_goes_on_afterwards() {
    let directory = tempfile::tempdir().unwrap();
    let apart = Apart::start(directory.path(), &format!("&defaultDeadline={DEADLINE}")).await;
    let channel = apart.connect().await;
    let forum = Forum::found(channel.clone(), &SystemClock, 1).await;
    let at = SystemClock.now();
    let month = Month::of(at);
    let first = send(channel.clone(), &forum, report(&forum, &forum.source, 1, at)).await.unwrap();
    let seen = first.receipt.unwrap().position;
    let before = statement(channel.clone(), &forum, month, seen.clone()).await;
    let (access, billing) = (&apart.parts[ACCESS], &apart.parts[BILLING]);

    billing.network().close();
    let second = report(&forum, &forum.source, 1 + BATCH, at);
    let second = send(channel.clone(), &forum, second).await.unwrap();
    let unseen = second.receipt.unwrap().position;
    for position in [String::new(), seen, unseen.clone()] {
        let refused = try_statement(channel.clone(), &forum, month, position).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
    }
    billing.network().open();
    let after = statement_once_it_can(channel.clone(), &forum, month, unseen).await;
    assert_ne!(figures(&after), figures(&before));

    access.network().close();
    let third = report(&forum, &forum.source, 1 + 2 * BATCH, at);
    let refused = send(channel.clone(), &forum, third.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
    access.network().open();
    let mut sent = send(channel.clone(), &forum, third.clone()).await;
    for _ in 0..600 {
        if sent.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        sent = send(channel.clone(), &forum, third.clone()).await;
    }
    let position = sent.expect("it answers again").receipt.unwrap().position;
    let last = statement_once_it_can(channel, &forum, month, position).await;
    assert_eq!(cases(&last), 3 * BATCH);
}

/// A new process does not take the place of one that knows more.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_starts_anew_is_ready_once_it_has_caught_up() {
    let directory = tempfile::tempdir().unwrap();
    let mut apart = Apart::start(directory.path(), "").await;
    let reporting = Reporting::to(apart.connect().await).await;
    reporting.run_undisturbed([REPORTS; SOURCES]).await;
    let before = reporting.statement_in_the_end().await;

    let billing = &mut apart.parts[BILLING];
    billing.kill();
    std::fs::remove_dir_all(&billing.data_dir).unwrap();
    // It comes to everything in more than the ten seconds for which a question waits.
    billing.network().slow(40_000);
    billing.come_back();
    let own = connect(billing.server.as_ref().expect("it runs")).await;
    assert_eq!(health(&own, "").await, ServingStatus::Serving);
    assert_eq!(health(&own, "readiness").await, ServingStatus::NotServing);
    let mut looks = 0;
    while health(&own, "readiness").await != ServingStatus::Serving {
        looks += 1;
        assert!(looks < 600, "it does not get ready");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let after = statement(own, &reporting.forum, Month::of(reporting.at), String::new()).await;
    assert_eq!(figures(&after), figures(&before));
}

/// The log was restored from a copy and went on while a part was away, which kept what does not stand in it any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_discards_what_it_kept_of_another_history() {
    let directory = tempfile::tempdir().unwrap();
    let mut apart = Apart::start(directory.path(), "").await;
    let reporting = Reporting::to(apart.connect().await).await;
    reporting.run_undisturbed([1; SOURCES]).await;
    let (kept, copy) = (apart.parts[LOG].data_dir.clone(), directory.path().join("copy"));
    let copied = run(&["backup"], &[("--data-dir", &kept), ("--to", &copy)]);
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    reporting.forum.add_source(&reporting.forum.contract, "of a history that is given up").await;
    let given_up = reporting.statement_in_the_end().await;
    assert_eq!(cases(&given_up), (SOURCES as u64 + 1) * BATCH);

    let order = [BILLING, ACCESS, SERVICES, LOG];
    order.into_iter().for_each(|part| apart.parts[part].stop());
    std::fs::rename(&kept, directory.path().join("given-up")).unwrap();
    std::fs::rename(&copy, &kept).unwrap();
    [LOG, ACCESS, SERVICES].into_iter().for_each(|part| apart.parts[part].come_back());
    let mut position = String::new();
    for number in 1..=3 {
        position = reporting.once_more(number).await;
    }
    // What it kept ends before this, and tells of a report that never was.
    apart.parts[BILLING].come_back();
    let (forum, month) = (&reporting.forum, Month::of(reporting.at));
    let after = statement_once_it_can(reporting.channel.clone(), forum, month, position).await;
    assert_eq!(cases(&after), (SOURCES as u64 + 3) * BATCH);
    order.into_iter().for_each(|part| apart.parts[part].stop());
    assert_sound(&kept);
}

async fn health(channel: &Channel, service: &str) -> ServingStatus {
    let request = HealthCheckRequest { service: service.into() };
    HealthClient::new(channel.clone()).check(request).await.unwrap().into_inner().status()
}

/// The same reports to one process that nobody kills.
async fn undisturbed(reports: [u64; SOURCES]) -> Statement {
    let directory = tempfile::tempdir().unwrap();
    let server = start(directory.path());
    let reporting = Reporting::to(connect(&server).await).await;
    reporting.run_undisturbed(reports).await;
    let statement = reporting.statement_in_the_end().await;
    server.kill();
    statement
}
