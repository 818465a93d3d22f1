//! `kiban`: the industry forum's backend in one binary. Plain `kiban` serves.

use std::{io::IsTerminal, process::ExitCode};

use clap::Parser;
use server::cli::{Cli, Command};

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()),
        )
        .with_writer(std::io::stderr)
        // Colours are for people: in a file they would be noise.
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let outcome = match Cli::parse().command.unwrap_or_default() {
        Command::Serve(arguments) => server::serve::run(arguments).await,
        Command::Verify(arguments) => server::verify::run(arguments).await,
        Command::Backup(arguments) => server::backup::run(arguments).await,
        Command::Demo(arguments) => server::demo::run(arguments).await,
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("kiban: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                eprintln!("  because: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}
