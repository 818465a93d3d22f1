//! `kiban`: the industry forum's backend in one binary. Plain `kiban` serves.

use std::process::ExitCode;

use server::{
    cli::{Cli, Command, Outcome},
    telemetry::{Telemetry, TelemetryArguments},
};

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::asked()).await {
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

async fn run(command: Command) -> Outcome {
    let arguments = match &command {
        Command::Serve(arguments) => arguments.telemetry.clone(),
        Command::Verify(_) | Command::Backup(_) | Command::Demo(_) => TelemetryArguments::default(),
    };
    let telemetry = Telemetry::start(&arguments).await?;
    let outcome = match command {
        Command::Serve(arguments) => server::serve::run(*arguments, &telemetry).await,
        Command::Verify(arguments) => server::verify::run(arguments).await,
        Command::Backup(arguments) => server::backup::run(arguments).await,
        Command::Demo(arguments) => server::demo::run(arguments).await,
    };
    telemetry.stop().await;
    outcome
}
