//! What an operator may say on the command line.

use std::{
    error::Error,
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use event_log::EventStoreOptions;
use ipnet::IpNet;

use crate::{
    node::NodeOptions,
    relay::RelayArguments,
    roles::{Role, Route},
    telemetry::TelemetryArguments,
};

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
    /// Serve: everything in one process on the embedded log, or the parts that are named.
    Serve(Box<ServeArguments>),
    /// Check a data directory: checksums, hash chain, positions, revisions, and every projection rebuilt.
    Verify(VerifyArguments),
    /// Copy a log, even while it is being written, to a new directory from which a server can start.
    Backup(BackupArguments),
    /// Play a year of a forum on a server of its own, and check that every yen is where it belongs.
    Demo(DemoArguments),
}

impl Cli {
    /// What the command line, and the environment, ask for.
    pub fn asked() -> Command {
        // Plain `kiban` is `kiban serve`, which heeds the environment.
        let asked = Self::parse().command.or_else(|| Self::parse_from(["kiban", "serve"]).command);
        asked.expect("the second line names a command")
    }
}

/// Where data lie unless the operator says otherwise.
const DATA_DIR: &str = "kiban-data";

/// Arguments of `kiban serve`.
#[derive(Args, Debug)]
pub struct ServeArguments {
    /// The address to listen on. The development header that names the caller works on loopback only.
    #[arg(long, env = "KIBAN_LISTEN", default_value = "127.0.0.1:50051")]
    pub listen: SocketAddr,
    /// The directory of the log and of everything built from it.
    #[arg(long, env = "KIBAN_DATA_DIR", default_value = DATA_DIR)]
    pub data_dir: PathBuf,
    /// A part to play; may be given several times. Without it, everything that needs nothing beside it.
    #[arg(long = "role", env = "KIBAN_ROLES", value_delimiter = ',', value_name = "ROLE")]
    pub roles: Vec<Role>,
    /// The log in another process: esdb://host:port?tls=false. Without it, the embedded log in the data directory.
    // A text, parsed later: a refusal of the command line's own would show the password in it.
    #[arg(long, env = "KIBAN_EVENT_LOG", hide_env_values = true, value_name = "URL")]
    pub event_log: Option<String>,
    /// A file with the secret by which processes of Kiban prove themselves to a log of Kiban.
    #[arg(long, env = "KIBAN_EVENT_LOG_SECRET_FILE", value_name = "FILE")]
    pub event_log_secret_file: Option<PathBuf>,
    /// Where the gateway finds roles, such as billing=http://127.0.0.1:50052 or order+venture=http://orders:50051; may
    /// be given several times.
    #[arg(long = "route", env = "KIBAN_ROUTES", value_delimiter = ',', value_name = "ROLE[+ROLE]=URL")]
    pub routes: Vec<Route>,
    /// A network from which, beside loopback, callers are believed to be who they say; may be given several times.
    #[arg(long, env = "KIBAN_TRUSTED_PEERS", value_delimiter = ',', value_name = "NETWORK")]
    pub trusted_peers: Vec<IpNet>,
    /// A network from which, beside loopback, everything in the served log may be read without a proof, by clients of
    /// the EventStoreDB protocol; may be given several times.
    #[arg(long, env = "KIBAN_EVENT_LOG_READERS", value_delimiter = ',', value_name = "NETWORK")]
    pub event_log_readers: Vec<IpNet>,
    /// In how many shards billing and revenue-share are folded, each on a task of its own; their answers are the same
    /// bytes in any number. Another number than the last time builds them again from the log.
    #[arg(long, env = "KIBAN_SHARDS", default_value_t = NonZeroU32::MIN, value_parser = shards)]
    pub shards: NonZeroU32,
    /// Where the relay publishes, and what.
    #[command(flatten)]
    pub relay: RelayArguments,
    /// The server's certificate, a PEM file; with --tls-key, clients must speak TLS.
    #[arg(long, env = "KIBAN_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's key, a PEM file.
    #[arg(long, env = "KIBAN_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Where the process tells how it does.
    #[command(flatten)]
    pub telemetry: TelemetryArguments,
}

impl ServeArguments {
    /// What the process is to be.
    pub fn node(&self) -> Result<NodeOptions, String> {
        let secret = self.event_log_secret_file.as_deref().map(secret).transpose()?;
        let event_log = self.event_log.as_deref().map(str::parse::<EventStoreOptions>).transpose();
        let event_log = event_log.map_err(|error| format!("--event-log: {error}"))?;
        let event_log = event_log.map(|log| EventStoreOptions { secret: secret.clone(), ..log });
        let mut roles = if self.roles.is_empty() { Role::WHOLE.to_vec() } else { self.roles.clone() };
        if self.roles.is_empty() && event_log.is_some() {
            // The log is kept elsewhere.
            roles.retain(|role| *role != Role::EventLog);
        }
        if self.roles.is_empty() && self.relay.kafka.is_some() {
            roles.push(Role::Relay);
        }
        roles.sort_unstable();
        roles.dedup();
        Ok(NodeOptions {
            data_dir: self.data_dir.clone(),
            roles,
            event_log,
            secret,
            trusted_peers: self.trusted_peers.clone(),
            event_log_readers: self.event_log_readers.clone(),
            routes: self.routes.clone(),
            shards: self.shards,
            relay: self.relay.clone(),
        })
    }
}

/// The most shards: each has a file of its own open.
const MOST_SHARDS: u32 = 256;

fn shards(text: &str) -> Result<NonZeroU32, String> {
    let number = text.parse().ok().filter(|number: &NonZeroU32| number.get() <= MOST_SHARDS);
    number.ok_or_else(|| format!("must be a number from 1 to {MOST_SHARDS}"))
}

/// The shortest secret that is taken: one that can be guessed proves nothing.
const SHORTEST_SECRET: usize = 16;

fn secret(path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let text = text.trim();
    if text.len() < SHORTEST_SECRET || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let path = path.display();
        return Err(format!(
            "{path}: a secret has at least {SHORTEST_SECRET} letters, digits or signs of ASCII, and no spaces"
        ));
    }
    Ok(text.to_owned())
}

/// Arguments of `kiban verify`.
#[derive(Args, Debug)]
pub struct VerifyArguments {
    /// The directory of the log and of everything built from it. While a server has it open only the log is
    /// checked.
    #[arg(long, env = "KIBAN_DATA_DIR", default_value = DATA_DIR)]
    pub data_dir: PathBuf,
}

/// Arguments of `kiban backup`.
#[derive(Args, Debug)]
pub struct BackupArguments {
    /// The directory of the log; a server may have it open.
    #[arg(long, env = "KIBAN_DATA_DIR", default_value = DATA_DIR)]
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
