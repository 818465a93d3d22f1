//! Brokers: the one that is there, and ones of our own that can be killed.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use engines::engine;
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};

use crate::proxy::Proxy;

/// Where a broker listens that is there for all tests, and that none of them may stop.
pub(crate) fn shared() -> Option<String> {
    engine("KIBAN_TEST_KAFKA")
}

/// One at a time: each is a JVM.
static ONE: Mutex<()> = Mutex::const_new(());

/// A broker of one test's own. It is killed when it is dropped.
pub(crate) struct Broker {
    scripts: PathBuf,
    folder: TempDir,
    address: String,
    _one: MutexGuard<'static, ()>,
}

impl Broker {
    /// Starts one, if there are scripts for it.
    pub(crate) async fn start() -> Option<Self> {
        let scripts = engine("KIBAN_TEST_KAFKA_SCRIPTS")?;
        // Tests run in the folder of their crate, scripts are named from the root.
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(scripts);
        let one = ONE.lock().await;
        let mut broker =
            Self { scripts, folder: tempfile::tempdir().unwrap(), address: String::new(), _one: one };
        broker.address = broker.run("start", &[]).await.trim().to_owned();
        assert!(!broker.address.is_empty(), "the script told no address");
        Some(broker)
    }

    /// Where it listens; the same after a restart.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Where it speaks TLS, and the file of its certificate.
    pub(crate) fn tls(&self) -> (String, PathBuf) {
        let address = std::fs::read_to_string(self.folder.path().join("tls")).unwrap();
        (address.trim().to_owned(), self.folder.path().join("tls.crt"))
    }

    /// A network before it that may fail. It listens for it on a port of its own, and tells those clients who come
    /// through it to use the proxy's.
    pub(crate) async fn proxy(&self) -> Proxy {
        let text = std::fs::read_to_string(self.folder.path().join("proxied")).unwrap();
        let (behind, before) = text.trim().split_once(' ').unwrap();
        let at = |port: &str| SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
        Proxy::between(at(before), at(behind)).await
    }

    /// As a failing machine would.
    pub(crate) async fn kill(&self) {
        self.run("stop", &["--kill"]).await;
    }

    /// As an operator would.
    pub(crate) async fn stop(&self) {
        self.run("stop", &[]).await;
    }

    /// Brings it back with what it had.
    pub(crate) async fn restart(&self) {
        assert_eq!(self.run("start", &[]).await.trim(), self.address);
    }

    async fn run(&self, script: &str, arguments: &[&str]) -> String {
        let mut command = self.command(script, arguments);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script} failed: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn command(&self, script: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.scripts.join(script));
        command.arg(self.folder.path()).args(arguments).stdin(Stdio::null());
        command
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // Whether it can be stopped matters to nobody any more, and a panic would hide another one.
        let _ = self.command("stop", &["--kill"]).output();
    }
}
