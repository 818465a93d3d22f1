//! `kiban demo`: a year of a forum in a minute. A server on a directory of its own, driven over TCP by the
//! generated clients, everybody with a header of their own; then what the year came to, and whether every yen
//! and every record is where it belongs.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use engine::ManualClock;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tonic::transport::{Channel, Endpoint};

use crate::{
    cli::{DemoArguments, Outcome},
    demo::{
        actors::Part,
        calendar::{moment, month},
        contracts::Deal,
        error::DemoError,
        market::Market,
        prices::Published,
        progress::Progress,
        reading::{Books, Explained, market::Scene},
        report::{Answers, Report},
        stage::Stage,
        tally::Tally,
        world::World,
    },
    node::Node,
    serve::Running,
    verify::{verify_folds, verify_log},
};

mod actors;
mod calendar;
mod checks;
mod client;
mod contracts;
mod datasets;
mod episodes;
mod error;
mod market;
mod metering;
mod offers;
mod plans;
mod prices;
mod progress;
mod random;
mod reading;
mod replies;
mod report;
mod shares;
mod stage;
mod tally;
mod usage;
mod world;
mod year;

/// Why the demo could not be played to its end.
type Failure = Box<dyn Error + Send + Sync>;

/// What the progress bar counts: the preparations, the months, the questions.
const STEPS: u64 = 5 + 12 + 4;
/// The month whose statement is shown: October, in which the tier changes.
const SHOWN_MONTH: i32 = 6;

/// Plays the year and prints what it came to; fails if anything is not as it must be.
pub async fn run(arguments: DemoArguments) -> Outcome {
    let report = play_on_a_server(&arguments).await?;
    if arguments.json {
        println!("{:#}", report.for_programs());
    } else {
        print!("{}", report.for_people());
    }
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Starts a server, lets the year pass on it, stops it and looks at what it left on disk.
async fn play_on_a_server(arguments: &DemoArguments) -> Result<Report, Failure> {
    let place = Place::new(arguments)?;
    let clock = Arc::new(ManualClock::at(moment(month(-1), 2, 9)));
    let node = Node::open(place.path(), clock.clone()).await?;
    let server = Running::start(node, TcpListener::bind("127.0.0.1:0").await?)?;
    let channel = Endpoint::from_shared(format!("http://{}", server.address()))?.connect().await?;
    let mut stage = stage(arguments, clock, channel);
    let played: Result<Report, Failure> = tokio::select! {
        played = play(&mut stage, &server, arguments) => played.map_err(Into::into),
        failure = server.failed() => Err(failure.into()),
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
    };
    server.stop().await;
    let finished = finish(&mut stage, played, &place).await;
    stage.progress.finish();
    let kept = place.keep(arguments.keep);
    finished.map(|report| Report { kept, elapsed: stage.progress.elapsed(), ..report })
}

/// Adds to a report what the data directory shows once nobody has it open.
async fn finish(
    stage: &mut Stage,
    played: Result<Report, Failure>,
    place: &Place,
) -> Result<Report, Failure> {
    let report = played?;
    stage.progress.step("verifying the log, rebuilding the projections");
    verify(stage, place.path()).await?;
    Ok(Report { checks: stage.checks.clone(), ..report })
}

fn stage(arguments: &DemoArguments, clock: Arc<ManualClock>, channel: Channel) -> Stage {
    Stage {
        clock,
        channel,
        progress: Progress::new(STEPS, arguments.records, arguments.json),
        position: String::new(),
        refusals: Vec::new(),
        checks: Vec::new(),
    }
}

async fn play(stage: &mut Stage, server: &Running, arguments: &DemoArguments) -> Result<Report, DemoError> {
    let mut world = prepare(stage, arguments).await?;
    episodes::before_the_year(stage, &mut world).await?;
    let year = year::pass(stage, &mut world, arguments.records).await?;
    let answers = ask(stage, &world, year).await?;
    Ok(Report::new(arguments.seed, server.address(), stage, world, answers))
}

/// March: organisations, prices and shares, contracts, datasets, meters.
async fn prepare(stage: &mut Stage, arguments: &DemoArguments) -> Result<World, DemoError> {
    stage.progress.step("registering organisations");
    let cast = actors::register(stage).await?;
    actors::attest(stage, &cast).await?;
    stage.now(moment(month(-1), 5, 9));
    stage.progress.step("publishing prices and shares");
    let published = Published {
        share_rule: shares::publish(stage, &cast).await?,
        price_book: prices::publish(stage, &cast).await?,
    };
    stage.progress.step("concluding contracts");
    let contracts = contracts::conclude(stage, &cast, &published, arguments.records).await?;
    stage.now(moment(month(-1), 27, 9));
    stage.progress.step("registering datasets");
    let holdings = datasets::register(stage, &cast, &contracts, arguments.seed).await?;
    stage.progress.step("registering meters");
    let meters = usage::register(stage, &cast, &contracts, &holdings, arguments.seed).await?;
    Ok(World {
        cast,
        published,
        holdings,
        contracts,
        meters,
        market: Market::default(),
        tally: Tally::default(),
        asked: 0,
    })
}

/// What the server answers when the year is over, and whether it is right.
async fn ask(stage: &mut Stage, world: &World, year: year::Year) -> Result<Answers, DemoError> {
    stage.progress.step("reading statements and shares");
    let books = reading::books(stage, world).await?;
    checks::money(stage, &books, &world.cast.of(Part::Base).id);
    checks::fee(stage, world, &books);
    checks::quantities(stage, world, &books);
    checks::charges::charged(stage, &world.tally, &books);
    checks::charges::earned(stage, world, &books);
    checks::charges::data_fees(stage, world, &books);
    let scene = look(stage, world, &books).await?;
    let asked = month(SHOWN_MONTH);
    let supposed = reading::shares_if(stage, world, asked, shares::in_question()).await?;
    checks::charges::what_if(stage, world, &books, asked, &supposed);
    stage.progress.step("asking why, and as of when");
    let sources = reading::sources(stage, world).await?;
    checks::metering(stage, world, &sources, year.late);
    if let Some(then) = &year.as_it_was {
        let again = reading::at_position(stage, world, then.month, &then.position).await?;
        checks::history(stage, then, &again, &books);
    }
    let datasets = reading::datasets(stage, world, Part::Hokuto).await?;
    let own = reading::contracts(stage, world, Part::Hokuto).await?;
    checks::directory(stage, world, world.cast.of(Part::Hokuto).name, datasets, &own);
    let contracts = reading::contracts(stage, world, Part::Promoter).await?;
    checks::stages(stage, &contracts);
    let shown = month(SHOWN_MONTH);
    let statement = reading::own_statement(stage, world, Deal::Aozora, shown).await?;
    checks::own_view(stage, &statement, &books, Deal::Aozora, shown);
    let explained = explain(stage, world, &books).await?;
    checks::refusals(stage);
    Ok(Answers { books, scene, year, sources, contracts, statement, explained, shown })
}

/// Lines of each sort with everything behind them: use in most bands, a milestone of a consortium's sale, what a
/// minimum commitment lacked.
async fn explain(stage: &mut Stage, world: &World, books: &Books) -> Result<Vec<Explained>, DemoError> {
    let sorts = [
        (Deal::Aozora, SHOWN_MONTH, "data-usage"),
        (Deal::Minato, 8, "service-order"),
        (Deal::Minato, 11, "commitment-true-up"),
    ];
    let mut explained = Vec::with_capacity(sorts.len());
    for (deal, index, kind) in sorts {
        let month = month(index);
        let account = books.accounts.iter().find(|account| (account.deal, account.month) == (deal, month));
        let lines = account.into_iter().flat_map(|account| &account.statement.lines);
        let lines = lines.filter(|line| line.charge_kind == kind);
        let line = lines.max_by_key(|line| (line.bands.len(), checks::amount(line.amount.as_ref())));
        let line_id = line.map(|line| line.line_id.clone()).unwrap_or_default();
        let found = reading::explain(stage, world, deal, month, &line_id).await?;
        checks::explained(stage, &found);
        explained.push(found);
    }
    Ok(explained)
}

/// What stands on the market, and whether it is what the year has left there.
async fn look(stage: &mut Stage, world: &World, books: &Books) -> Result<Scene, DemoError> {
    stage.progress.step("looking at the market");
    let scene = reading::market::scene(stage, world).await?;
    checks::charges::funding(stage, &scene, books);
    checks::pages::vendor(stage, world, &scene.pages);
    checks::pages::institution(stage, world, books, &scene.pages);
    checks::market::orders(stage, world, &scene);
    checks::market::catalogue(stage, world, &scene);
    checks::market::funnels(stage, world, &scene);
    checks::market::lists(stage, &scene);
    checks::market::recruitment(stage, world, &scene);
    checks::deals::funnel(stage, world, &scene.deals);
    checks::deals::investments(stage, world, &scene.deals, books);
    checks::deals::teasers(stage, world, &scene.deals);
    Ok(scene)
}

/// The log from end to end, and every projection rebuilt.
async fn verify(stage: &mut Stage, data_dir: &Path) -> Result<(), Failure> {
    let log = verify_log(data_dir.to_owned()).await?;
    let text = format!("the log's {} events: checksums, hash chain, positions, revisions", log.head.position);
    stage.check(checks::HISTORY, log.is_sound(), text);
    for fold in verify_folds(data_dir).await? {
        let text = format!("{} rebuilt from the log is the same to the byte", fold.name);
        stage.check(checks::HISTORY, fold.findings.is_empty(), text);
    }
    Ok(())
}

/// Where the data lie: a directory of the caller's, or a temporary one.
enum Place {
    Named(PathBuf),
    Temporary(TempDir),
}

impl Place {
    fn new(arguments: &DemoArguments) -> Result<Self, Failure> {
        let Some(named) = &arguments.data_dir else {
            return Ok(Self::Temporary(tempfile::Builder::new().prefix("kiban-demo-").tempdir()?));
        };
        fs::create_dir_all(named)?;
        if fs::read_dir(named)?.next().is_some() {
            return Err(DemoError::NotEmpty(named.display().to_string()).into());
        }
        Ok(Self::Named(named.clone()))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Named(path) => path,
            Self::Temporary(directory) => directory.path(),
        }
    }

    /// Where the data are kept, if they are.
    fn keep(self, keep: bool) -> Option<PathBuf> {
        match self {
            Self::Named(path) => Some(path),
            Self::Temporary(directory) => keep.then(|| directory.keep()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(data_dir: Option<PathBuf>) -> DemoArguments {
        DemoArguments { records: 6_000, seed: 7, keep: false, data_dir, json: true }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_small_year_is_sound_and_reads_the_same_both_ways() {
        let report = play_on_a_server(&arguments(None)).await.unwrap();
        let failed: Vec<_> = report.checks.iter().filter(|check| !check.holds).collect();
        assert!(failed.is_empty(), "{failed:#?}");
        let (text, json) = (report.for_people(), report.for_programs());
        assert_eq!(json["sound"], true);
        let total = json["statement"]["total_yen"].as_i64().unwrap();
        assert!(total > 0 && text.contains(&report::format::yen(total)));
        let base = json["revenue_shares"]["year"]["base_operator_total_yen"].as_i64().unwrap();
        assert!(base > 0 && text.contains(&report::format::yen(base)));
        let earned = json["market"]["earned"].as_array().unwrap();
        let earned: i64 = earned.iter().map(|earned| earned["amount_yen"].as_i64().unwrap()).sum();
        assert_eq!(json["revenue_shares"]["year"]["charged_yen"], earned);
        for order in json["market"]["orders"].as_array().unwrap() {
            for milestone in order["milestones"].as_array().unwrap() {
                assert!(text.contains(milestone["name"].as_str().unwrap()));
            }
        }
        for attempt in json["refusals"].as_array().unwrap() {
            assert!(text.contains(attempt["reason"].as_str().unwrap()));
        }
    }

    #[tokio::test]
    async fn a_directory_with_something_in_it_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("diary.txt"), "mine").unwrap();
        let refused = play_on_a_server(&arguments(Some(directory.path().to_owned()))).await;
        assert!(refused.is_err_and(|error| error.to_string().contains("holds something already")));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
