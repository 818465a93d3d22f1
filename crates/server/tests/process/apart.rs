//! Many real processes on one embedded log, killed or cut off from it at random points under load.

mod parts;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use domain::time::{Month, Timestamp};
use engine::{Clock, SystemClock};
use proto::kiban::{access::v1::Outcome, billing::v1::Statement, common::v1::Right};
use tonic::{Code, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::{
    BATCH, SOURCES, assert_sound, connect, report, send, start, statement, support::Forum, try_statement,
};
use parts::{ACCESS, Apart, BILLING, DEADLINE, Harm, LOG, SERVICES};

/// Reports of each source, at least.
const REPORTS: u64 = 40;

/// What all who report have in common.
#[derive(Default)]
struct Reporting {
    /// They may stop.
    enough: AtomicBool,
    /// How often something had to be sent again.
    again: AtomicU64,
}

impl Reporting {
    /// Comes once something has to be sent again from now on.
    async fn felt(&self) {
        let before = self.again.load(SeqCst);
        for _ in 0..6_000 {
            if self.again.load(SeqCst) > before {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nobody feels it");
    }
}

/// Reports until it is enough, `least` times or more, each report again until it is acknowledged. How many there were.
async fn load(
    channel: Channel,
    forum: Arc<Forum>,
    source: String,
    at: Timestamp,
    pause: Duration,
    least: u64,
    reporting: Arc<Reporting>,
) -> u64 {
    let mut number = 0;
    while number < least || !reporting.enough.load(SeqCst) {
        let mut tried = false;
        loop {
            match send(channel.clone(), &forum, report(&forum, &source, 1 + number * BATCH, at)).await {
                Ok(reply) => {
                    let fits = |outcome| outcome == Outcome::New || (tried && outcome == Outcome::Known);
                    assert!(reply.outcomes().all(fits), "{:?}", reply.outcomes);
                    break;
                }
                Err(status) => {
                    let passing =
                        [Code::Unavailable, Code::Unknown, Code::Cancelled, Code::Internal, Code::Aborted];
                    assert!(passing.contains(&status.code()), "a retry cannot help: {status:?}");
                    tried = true;
                    reporting.again.fetch_add(1, SeqCst);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
        number += 1;
        tokio::time::sleep(pause).await;
    }
    number
}

/// All sources report at once. How many reports each of them made.
async fn report_everything(
    channel: &Channel,
    forum: &Arc<Forum>,
    at: Timestamp,
    pause: Duration,
    least: [u64; SOURCES],
    reporting: &Arc<Reporting>,
) -> [u64; SOURCES] {
    let mut loads = Vec::new();
    for (number, least) in least.into_iter().enumerate() {
        let source = forum.add_source(&forum.contract, &format!("meter-{number}")).await;
        let (channel, forum, reporting) = (channel.clone(), forum.clone(), reporting.clone());
        loads.push(tokio::spawn(load(channel, forum, source, at, pause, least, reporting)));
    }
    let mut made = [0; SOURCES];
    for (made, load) in made.iter_mut().zip(loads) {
        *made = load.await.unwrap();
    }
    made
}

/// So many reports of each source, where nothing happens.
async fn report_undisturbed(channel: &Channel, forum: &Arc<Forum>, at: Timestamp, reports: [u64; SOURCES]) {
    let reporting = Arc::new(Reporting { enough: true.into(), ..Reporting::default() });
    let made = report_everything(channel, forum, at, Duration::ZERO, reports, &reporting).await;
    assert_eq!((made, reporting.again.load(SeqCst)), (reports, 0));
}

/// What a statement comes to: everything but ids, which differ from forum to forum.
fn figures(statement: &Statement) -> Vec<(String, i32, String, i64)> {
    let amount =
        |line: &proto::kiban::billing::v1::StatementLine| line.amount.as_ref().map_or(0, |it| it.minor_units);
    let lines = statement.lines.iter();
    lines.map(|line| (line.charge_kind.clone(), line.right, line.quantity.clone(), amount(line))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_are_killed_under_load_lose_nothing_and_bill_nothing_twice() {
    let parts = [LOG, BILLING, ACCESS, BILLING, LOG, ACCESS, LOG, ACCESS, BILLING];
    through(&parts.map(|part| (part, Harm::Killed)), "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_are_cut_off_from_the_log_lose_nothing_and_bill_nothing_twice() {
    let impatient = format!("&keepAliveInterval=250&keepAliveTimeout=250&defaultDeadline={DEADLINE}");
    let each = [ACCESS, BILLING, SERVICES].map(|part| [(part, Harm::CutOff), (part, Harm::Silenced)]);
    through(&each.concat(), &impatient).await;
}

/// Some parts come to harm one after another while everything is reported. What is billed is what is billed of a forum
/// where nothing happened.
async fn through(harms: &[(usize, Harm)], options: &str) {
    let directory = tempfile::tempdir().unwrap();
    let mut apart = Apart::start(directory.path(), options).await;
    let channel = apart.connect().await;
    let forum = Arc::new(Forum::found(channel.clone(), &SystemClock, 1).await);
    let at = SystemClock.now();
    let reporting = Arc::new(Reporting::default());
    let loading = {
        let (channel, forum, reporting) = (channel.clone(), forum.clone(), reporting.clone());
        let pause = Duration::from_millis(200);
        let least = [REPORTS; SOURCES];
        tokio::spawn(async move { report_everything(&channel, &forum, at, pause, least, &reporting).await })
    };
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
    reporting.enough.store(true, SeqCst);
    let made = loading.await.unwrap();

    let disturbed = statement_in_the_end(&channel, &forum, at).await;
    let undisturbed = undisturbed(made).await;
    assert_eq!(figures(&disturbed), figures(&undisturbed));
    let detailed = disturbed.lines.iter().find(|line| line.right() == Right::DetailedAnalysis).unwrap();
    assert_eq!(
        detailed.quantity,
        ((made.iter().sum::<u64>() + 1) * BATCH).to_string(),
        "each record is of one case"
    );
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
    let detailed = last.lines.iter().find(|line| line.right() == Right::DetailedAnalysis).unwrap();
    assert_eq!(detailed.quantity, (3 * BATCH).to_string());
}

/// A new process does not take the place of one that knows more.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_starts_anew_is_ready_once_it_has_caught_up() {
    let directory = tempfile::tempdir().unwrap();
    let mut apart = Apart::start(directory.path(), "").await;
    let channel = apart.connect().await;
    let forum = Arc::new(Forum::found(channel.clone(), &SystemClock, 1).await);
    let at = SystemClock.now();
    report_undisturbed(&channel, &forum, at, [REPORTS; SOURCES]).await;
    let before = statement_in_the_end(&channel, &forum, at).await;

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
    let after = statement(own, &forum, Month::of(at), String::new()).await;
    assert_eq!(figures(&after), figures(&before));
}

async fn health(channel: &Channel, service: &str) -> ServingStatus {
    let request = HealthCheckRequest { service: service.into() };
    HealthClient::new(channel.clone()).check(request).await.unwrap().into_inner().status()
}

async fn statement_once_it_can(
    channel: Channel,
    forum: &Forum,
    month: Month,
    min_position: String,
) -> Statement {
    for _ in 0..600 {
        if let Ok(statement) = try_statement(channel.clone(), forum, month, min_position.clone()).await {
            return statement;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("billing does not come to {min_position}");
}

/// The statement once billing has taken in everything, one more report included, which tells where the log stands.
async fn statement_in_the_end(channel: &Channel, forum: &Forum, at: Timestamp) -> Statement {
    let source = forum.add_source(&forum.contract, "the last").await;
    let mut last = None;
    for _ in 0..600 {
        match send(channel.clone(), forum, report(forum, &source, 1, at)).await {
            Ok(reply) => {
                last = reply.receipt;
                break;
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    let position = last.expect("it answers again").position;
    statement_once_it_can(channel.clone(), forum, Month::of(at), position).await
}

/// The same reports to one process that nobody kills.
async fn undisturbed(reports: [u64; SOURCES]) -> Statement {
    let directory = tempfile::tempdir().unwrap();
    let server = start(directory.path());
    let channel = connect(&server).await;
    let forum = Arc::new(Forum::found(channel.clone(), &SystemClock, 1).await);
    let at = SystemClock.now();
    report_undisturbed(&channel, &forum, at, reports).await;
    let statement = statement_in_the_end(&channel, &forum, at).await;
    server.kill();
    statement
}
