//! The real binary, as a process.

#![allow(dead_code, reason = "each user needs a part of it")]

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
};

/// `kiban serve`, while it runs. It is killed when it is dropped.
pub(crate) struct Process {
    pub(crate) child: Child,
    /// Held open: a server whose output nobody takes would have nowhere to say goodbye to.
    pub(crate) output: BufReader<ChildStdout>,
    pub(crate) address: String,
}

impl Process {
    /// Starts it, and waits until it listens.
    pub(crate) fn serve(
        binary: impl AsRef<OsStr>,
        data_dir: &Path,
        listen: &str,
        arguments: &[String],
    ) -> Self {
        let mut child = Command::new(binary)
            .args(["serve", "--listen", listen, "--data-dir"])
            .arg(data_dir)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert!(output.read_line(&mut line).unwrap() > 0, "it ended before it served");
            if let Some((address, _)) =
                line.trim().strip_prefix("gRPC on ").and_then(|rest| rest.split_once(','))
            {
                break address.to_owned();
            }
        };
        Self { child, output, address }
    }

    /// SIGTERM: it ends by itself, and says how.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        // The shell's own kill: a bare machine has no other.
        let kill = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        self.child.wait().unwrap()
    }

    /// SIGKILL: no goodbye, nothing flushed.
    pub(crate) fn kill(self) {}
}

impl Drop for Process {
    fn drop(&mut self) {
        // A test that fails leaves no server behind; one that has ended already needs no kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
