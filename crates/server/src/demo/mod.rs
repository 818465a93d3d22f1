//! `kiban demo`: a year of a forum in a minute. A server on a directory of its own, driven over TCP by the
//! generated clients, everybody with a header of their own; then what the year came to, and whether every yen
//! and every record is where it belongs.

use std::{
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
        progress::Progress,
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
mod metering;
mod prices;
mod progress;
mod random;
mod reading;
mod report;
mod stage;
mod tally;
mod usage;
mod world;
mod year;

/// What the progress bar counts: the preparations, the months, the questions.
const STEPS: u64 = 5 + 12 + 3;
/// The month whose statement is shown: October, in which the tier changes.
const SHOWN_MONTH: i32 = 6;

/// Plays the year and prints what it came to; fails if anything is not as it must be.
pub async fn run(arguments: DemoArguments) -> Outcome {
    let place = Place::new(&arguments)?;
    let clock = Arc::new(ManualClock::at(moment(month(-1), 2, 9)));
    let node = Node::open(place.path(), clock.clone())?;
    let server = Running::start(node, TcpListener::bind("127.0.0.1:0").await?)?;
    let channel = Endpoint::from_shared(format!("http://{}", server.address()))?.connect().await?;
    let mut stage = stage(&arguments, clock, channel);
    let played = tokio::select! {
        played = play(&mut stage, &server, &arguments) => played.map_err(Into::into),
        failure = server.failed() => Err(failure.into()),
    };
    server.stop().await;
    stage.progress.step("verifying the log, rebuilding the projections");
    let verified = verify(&mut stage, place.path()).await;
    stage.progress.finish();
    let mut report: Report = match played {
        Ok(report) => report,
        Err(error) => {
            let _ = place.keep(arguments.keep);
            return Err(error);
        }
    };
    verified?;
    report.checks.clone_from(&stage.checks);
    report.elapsed = stage.progress.elapsed();
    report.kept = place.keep(arguments.keep);
    if arguments.json {
        println!("{:#}", report.for_programs());
    } else {
        print!("{}", report.for_people());
    }
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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

/// March: organisations, prices and shares, datasets, contracts, meters.
async fn prepare(stage: &mut Stage, arguments: &DemoArguments) -> Result<World, DemoError> {
    stage.progress.step("registering organisations");
    let cast = actors::register(stage).await?;
    stage.now(moment(month(-1), 5, 9));
    stage.progress.step("publishing prices and shares");
    let published = prices::publish(stage, &cast).await?;
    stage.now(moment(month(-1), 10, 9));
    stage.progress.step("registering datasets");
    let holdings = datasets::register(stage, &cast, arguments.seed).await?;
    stage.progress.step("concluding contracts");
    let contracts = contracts::conclude(stage, &cast, &published, arguments.records).await?;
    stage.progress.step("registering meters");
    let meters = usage::register(stage, &cast, &contracts, &holdings, arguments.seed).await?;
    Ok(World { cast, published, holdings, contracts, meters, tally: Tally::default(), asked: 0 })
}

/// What the server answers when the year is over, and whether it is right.
async fn ask(stage: &mut Stage, world: &World, year: year::Year) -> Result<Answers, DemoError> {
    stage.progress.step("reading statements and shares");
    let books = reading::books(stage, world).await?;
    checks::money(stage, &books, &world.cast.of(Part::Base).id);
    checks::quantities(stage, world, &books);
    stage.progress.step("asking why, and as of when");
    let sources = reading::sources(stage, world).await?;
    checks::metering(stage, world, &sources, year.late);
    if let Some(then) = &year.as_it_was {
        let again = reading::at_position(stage, world, then.month, &then.position).await?;
        checks::history(stage, then, &again, &books);
    }
    let listed = reading::listed(stage, world, Part::Hokuto).await?;
    checks::directory(stage, world, world.cast.of(Part::Hokuto).name, listed, 2);
    let shown = month(SHOWN_MONTH);
    let statement = reading::own_statement(stage, world, Deal::Aozora, shown).await?;
    checks::own_view(stage, &statement, &books, Deal::Aozora, shown);
    let most_bands =
        statement.lines.iter().filter(|line| line.right != 0).max_by_key(|line| line.bands.len());
    let explained = match most_bands {
        Some(line) => Some(reading::explain(stage, world, Deal::Aozora, shown, &line.line_id).await?),
        None => None,
    };
    if let Some(explained) = &explained {
        checks::explained(stage, explained);
    }
    checks::refusals(stage);
    Ok(Answers { books, year, sources, statement, explained, shown })
}

/// The log from end to end, and every projection rebuilt.
async fn verify(stage: &mut Stage, data_dir: &Path) -> Outcome {
    let log = verify_log(data_dir.to_owned()).await?;
    let text = format!("the log's {} events: checksums, hash chain, positions, revisions", log.head.position);
    stage.check(checks::HISTORY, log.is_sound(), text);
    for fold in verify_folds(data_dir).await? {
        let text = format!("{} rebuilt from the log is the same to the byte", fold.name);
        stage.check(checks::HISTORY, fold.findings.is_empty(), text);
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the data lie: a directory of the caller's, or a temporary one.
enum Place {
    Named(PathBuf),
    Temporary(TempDir),
}

impl Place {
    fn new(arguments: &DemoArguments) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
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
