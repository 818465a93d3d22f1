//! `kiban backup`: a consistent copy of the log, which a server may be writing. Projections are not copied:
//! the server that starts from the copy builds them.

use std::process::ExitCode;

use crate::cli::{BackupArguments, Outcome};

/// Copies a log and prints what was copied.
pub async fn run(arguments: BackupArguments) -> Outcome {
    let BackupArguments { data_dir, to } = arguments;
    let target = to.clone();
    let report = tokio::task::spawn_blocking(move || event_log::backup(&data_dir, &target)).await??;
    let hash: String = report.head.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    println!(
        "copied {frames} frames ({bytes} bytes) to {to}\nhead   position {position}, hash {hash}\n\nstart from it with: kiban serve --data-dir {to}",
        frames = report.frames,
        bytes = report.body_bytes,
        to = to.display(),
        position = report.head.position,
    );
    Ok(ExitCode::SUCCESS)
}
