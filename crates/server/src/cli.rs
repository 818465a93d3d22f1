//! What an operator may say on the command line.

use std::{error::Error, net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::telemetry::TelemetryArguments;

/// How a command of the operator ends.
pub type Outcome = Result<ExitCode, Box<dyn Error + Send + Sync>>;

/// Kiban (基盤): the backend of a data-access marketplace for a national cancer whole-genome platform.
#[derive(Parser, Debug)]
#[command(name = "kiban", version)]
pub struct Cli {
    /// What to do; without it, `serve`.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The operator's commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Serve everything in one process on the embedded log.
    Serve(ServeArguments),
    /// Check a data directory: checksums, hash chain, positions, revisions, and every projection rebuilt.
    Verify(VerifyArguments),
    /// Copy a log, even while it is being written, to a new directory from which a server can start.
    Backup(BackupArguments),
    /// Play a year of a forum on a server of its own, and check that every yen is where it belongs.
    Demo(DemoArguments),
}

impl Default for Command {
    fn default() -> Self {
        Self::Serve(ServeArguments::default())
    }
}

/// Where data lie unless the operator says otherwise.
const DATA_DIR: &str = "kiban-data";

/// Arguments of `kiban serve`.
#[derive(Args, Debug)]
pub struct ServeArguments {
    /// The address to listen on. The development header that names the caller works on loopback only.
    #[arg(long, default_value = "127.0.0.1:50051")]
    pub listen: SocketAddr,
    /// The directory of the log and of everything built from it.
    #[arg(long, default_value = DATA_DIR)]
    pub data_dir: PathBuf,
    /// Where the process tells how it does.
    #[command(flatten)]
    pub telemetry: TelemetryArguments,
}

impl Default for ServeArguments {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 50051));
        Self { listen, data_dir: DATA_DIR.into(), telemetry: TelemetryArguments::default() }
    }
}

/// Arguments of `kiban verify`.
#[derive(Args, Debug)]
pub struct VerifyArguments {
    /// The directory of the log and of everything built from it. While a server has it open only the log is
    /// checked.
    #[arg(long, default_value = DATA_DIR)]
    pub data_dir: PathBuf,
}

/// Arguments of `kiban backup`.
#[derive(Args, Debug)]
pub struct BackupArguments {
    /// The directory of the log; a server may have it open.
    #[arg(long, default_value = DATA_DIR)]
    pub data_dir: PathBuf,
    /// A directory that is empty or does not exist yet.
    #[arg(long)]
    pub to: PathBuf,
}

/// Arguments of `kiban demo`.
#[derive(Args, Debug)]
pub struct DemoArguments {
    /// How many records of use the meters report in the year.
    #[arg(long, default_value_t = 120_000, value_parser = clap::value_parser!(u64).range(6_000..=20_000_000))]
    pub records: u64,
    /// From what all that looks random follows.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Keep the temporary directory, and say where it is.
    #[arg(long)]
    pub keep: bool,
    /// A directory for the data that is empty or does not exist yet; it is kept.
    #[arg(long)]
    pub data_dir: Option<PathBuf>,
    /// Print one JSON document and nothing else on stdout.
    #[arg(long)]
    pub json: bool,
}
