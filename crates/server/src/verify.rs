//! `kiban verify`: the log from end to end, and every projection rebuilt and compared.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use engine::{FoldCheck, SystemClock};
use event_log::{EventLog, OpenError, SqliteLog, SqliteOptions, VerifyReport};

use crate::{
    cli::{Outcome, VerifyArguments},
    node::{Node, log_clock},
};

/// Checks a data directory and prints what it finds; fails if it finds anything.
pub async fn run(arguments: VerifyArguments) -> Outcome {
    let data_dir = arguments.data_dir;
    let report = verify_log(data_dir.clone()).await?;
    print!("{}", log_lines(&data_dir, &report));
    let mut sound = report.is_sound();
    if report.live {
        println!("projections     not compared: a server has {} open", data_dir.display());
    } else if sound {
        for check in verify_folds(&data_dir).await? {
            println!("{}", fold_line(&check));
            sound &= check.findings.is_empty();
        }
    }
    println!("{}", verdict(sound, report.live));
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Checks the log of a directory: checksums, hash chain, positions, revisions and the command index.
pub async fn verify_log(data_dir: PathBuf) -> Result<VerifyReport, Box<dyn std::error::Error + Send + Sync>> {
    Ok(tokio::task::spawn_blocking(move || event_log::verify(&data_dir)).await??)
}

/// Rebuilds every projection of a directory that no server has open, and compares.
pub async fn verify_folds(data_dir: &Path) -> Result<Vec<FoldCheck>, OpenError> {
    let log = SqliteLog::open(data_dir, SqliteOptions::new(log_clock(Arc::new(SystemClock))))?;
    let checks = Node::check_folds(&*log, data_dir).await;
    log.close().await;
    Ok(checks)
}

/// What was not looked at is not called right.
const fn verdict(sound: bool, log_alone: bool) -> &'static str {
    match (sound, log_alone) {
        (false, _) => "something is wrong: see above",
        (true, true) => "nothing is wrong with the log",
        (true, false) => "nothing is wrong",
    }
}

fn log_lines(data_dir: &Path, report: &VerifyReport) -> String {
    let hash: String = report.head.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut lines = format!(
        "log             {}\nhead            position {}, hash {hash}\n",
        data_dir.display(),
        report.head.position
    );
    if report.is_sound() {
        lines += "log             checksums, hash chain, positions, revisions and command ids are right\n";
    }
    for finding in &report.findings {
        lines += &format!("log             WRONG: {finding}\n");
    }
    lines
}

fn fold_line(check: &FoldCheck) -> String {
    let name = format!("{:<22}", check.name);
    match (check.position, check.findings.as_slice()) {
        (None, []) => format!("{name} no snapshot is kept; it is built from the log at the next start"),
        (Some(position), []) => format!("{name} rebuilt to position {position}: the same bytes"),
        (_, findings) => {
            let wrong = findings.iter().map(|finding| format!("{name} WRONG: {finding}"));
            wrong.collect::<Vec<_>>().join("\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::verdict;

    #[test]
    fn what_was_not_compared_is_not_called_right() {
        assert_eq!(verdict(true, true), "nothing is wrong with the log");
        assert_eq!(verdict(true, false), "nothing is wrong");
        assert_eq!(verdict(false, true), verdict(false, false));
    }
}
