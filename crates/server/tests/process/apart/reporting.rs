//! All that is reported to a forum while its processes come to harm, and what is billed of it in the end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use domain::time::{Month, Timestamp};
use engine::{Clock, SystemClock};
use proto::kiban::{access::v1::Outcome, billing::v1::Statement};
use tonic::{Code, transport::Channel};

use crate::{BATCH, SOURCES, report, send, support::Forum, try_statement};

/// A forum that is reported to from many sources.
pub(super) struct Reporting {
    pub(super) channel: Channel,
    pub(super) forum: Forum,
    pub(super) at: Timestamp,
    sources: Vec<String>,
    /// One that reports once all others have.
    last: String,
    /// They may stop.
    enough: AtomicBool,
    /// How often something had to be sent again.
    again: AtomicU64,
}

impl Reporting {
    /// All is ready to report: from here on processes may come to harm.
    pub(super) async fn to(channel: Channel) -> Arc<Self> {
        let forum = Forum::found(channel.clone(), &SystemClock, 1).await;
        let mut sources = Vec::new();
        for number in 0..SOURCES {
            sources.push(forum.add_source(&forum.contract, &format!("meter-{number}")).await);
        }
        let last = forum.add_source(&forum.contract, "the last").await;
        let at = SystemClock.now();
        Arc::new(Self {
            channel,
            forum,
            at,
            sources,
            last,
            enough: AtomicBool::new(false),
            again: AtomicU64::new(0),
        })
    }

    /// Each source reports so many times, or more until it is [`enough`](Self::enough), each report again until it is
    /// acknowledged. How many each of them made.
    pub(super) async fn run(self: Arc<Self>, least: [u64; SOURCES], pause: Duration) -> [u64; SOURCES] {
        let loads: Vec<_> = least
            .into_iter()
            .enumerate()
            .map(|(source, least)| tokio::spawn(self.clone().load(source, least, pause)))
            .collect();
        let mut made = [0; SOURCES];
        for (made, load) in made.iter_mut().zip(loads) {
            *made = load.await.unwrap();
        }
        made
    }

    /// Each source reports so many times, and nothing happens.
    pub(super) async fn run_undisturbed(self: &Arc<Self>, reports: [u64; SOURCES]) {
        self.enough();
        assert_eq!(self.clone().run(reports, Duration::ZERO).await, reports);
        assert_eq!(self.again.load(SeqCst), 0);
    }

    async fn load(self: Arc<Self>, source: usize, least: u64, pause: Duration) -> u64 {
        let mut number = 0;
        while number < least || !self.enough.load(SeqCst) {
            self.report(&self.sources[source], 1 + number * BATCH).await;
            number += 1;
            tokio::time::sleep(pause).await;
        }
        number
    }

    /// Another report of the first source, after those that were run.
    pub(super) async fn once_more(&self, number: u64) -> String {
        self.report(&self.sources[0], 1 + number * BATCH).await
    }

    /// Sends a report until it is acknowledged. The position of its event.
    async fn report(&self, source: &str, first: u64) -> String {
        let passing = [Code::Unavailable, Code::Unknown, Code::Cancelled, Code::Internal, Code::Aborted];
        for tried in 0..3_000 {
            let report = report(&self.forum, source, first, self.at);
            match send(self.channel.clone(), &self.forum, report).await {
                Ok(reply) => {
                    let fits = |outcome| outcome == Outcome::New || (tried > 0 && outcome == Outcome::Known);
                    assert!(reply.outcomes().all(fits), "{:?}", reply.outcomes);
                    return reply.receipt.unwrap().position;
                }
                Err(status) => {
                    assert!(passing.contains(&status.code()), "a retry cannot help: {status:?}");
                    self.again.fetch_add(1, SeqCst);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
        panic!("{source} cannot report {first}");
    }

    pub(super) fn enough(&self) {
        self.enough.store(true, SeqCst);
    }

    /// Comes once something has to be sent again from now on.
    pub(super) async fn felt(&self) {
        let before = self.again.load(SeqCst);
        for _ in 0..6_000 {
            if self.again.load(SeqCst) > before {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nobody feels it");
    }

    /// The statement once billing has taken in everything, one more report included, which tells where the log stands.
    pub(super) async fn statement_in_the_end(&self) -> Statement {
        let position = self.report(&self.last, 1).await;
        statement_once_it_can(self.channel.clone(), &self.forum, Month::of(self.at), position).await
    }
}

pub(super) async fn statement_once_it_can(
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
