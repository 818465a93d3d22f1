//! `kiban serve` as a process, and the one call that most tests make.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use engine::PLATFORM;
use proto::kiban::membership::v1::{
    RegisterOrganisationRequest, RegisterOrganisationResponse,
    membership_service_client::MembershipServiceClient,
};
use tonic::{Status, transport::Channel};

use crate::support::{by, corporate_number};

/// How long anything that must happen may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server on free ports.
pub(crate) struct Kiban {
    process: Child,
    /// Held open: a server whose output nobody takes would have nowhere to say goodbye to.
    output: BufReader<ChildStdout>,
    said: Arc<Mutex<String>>,
    address: String,
}

impl Kiban {
    /// Serves a directory and waits until it says so.
    pub(crate) fn start(data_dir: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut process = serve(data_dir, arguments, environment);
        let said = listen(process.stderr.take().unwrap());
        let output = BufReader::new(process.stdout.take().unwrap());
        let mut kiban = Self { process, output, said, address: String::new() };
        let address = kiban.line("gRPC on ");
        kiban.address = address.split(',').next().unwrap().to_owned();
        kiban
    }

    /// The rest of the next line of its output that begins so.
    pub(crate) fn line(&mut self, start: &str) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            let read = self.output.read_line(&mut line).unwrap();
            assert!(read > 0, "it ended before it said {start:?}: {}", self.said());
            if let Some(rest) = line.trim().strip_prefix(start) {
                return rest.to_owned();
            }
        }
    }

    pub(crate) async fn connect(&self) -> Channel {
        let address = format!("http://{}", self.address);
        Channel::from_shared(address).unwrap().tcp_nodelay(true).connect().await.unwrap()
    }

    /// The number of its process.
    #[cfg(feature = "otlp")]
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it has said to stderr.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// SIGTERM, and how it ended.
    pub(crate) async fn stop(mut self) -> ExitStatus {
        let kill = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.process.id())]).status();
        assert!(kill.unwrap().success());
        let mut ended = None;
        until("it ends", || {
            ended = self.process.try_wait().unwrap();
            ended.is_some()
        })
        .await;
        ended.unwrap()
    }
}

impl Drop for Kiban {
    fn drop(&mut self) {
        // It has ended, unless a test has failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts a server that may fail to start.
pub(crate) fn serve(data_dir: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_kiban"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data_dir)
        .args(arguments)
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn listen(mut errors: ChildStderr) -> Arc<Mutex<String>> {
    let said = Arc::<Mutex<String>>::default();
    let heard = said.clone();
    std::thread::spawn(move || {
        let mut bytes = [0; 4_096];
        while let Ok(read @ 1..) = errors.read(&mut bytes) {
            heard.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
    });
    said
}

/// Waits for a condition.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(waited.await.is_ok(), "after {PATIENCE:?} it is not yet true that {what}");
}

/// Registers an organisation, whose number is its own, in a trace or in none.
pub(crate) async fn register(
    channel: &Channel,
    number: u64,
    traceparent: Option<&str>,
) -> Result<RegisterOrganisationResponse, Status> {
    let register = RegisterOrganisationRequest {
        command_id: format!("register-{number}"),
        name: format!("Confidential name {number}"),
        country: "JP".into(),
        sector: "pharma".into(),
        registration_number: corporate_number(number),
        ..Default::default()
    };
    let mut request = by(&PLATFORM.to_string(), register);
    if let Some(traceparent) = traceparent {
        request.metadata_mut().insert("traceparent", traceparent.parse().unwrap());
    }
    let mut members = MembershipServiceClient::new(channel.clone());
    Ok(members.register_organisation(request).await?.into_inner())
}

/// The position of a receipt.
pub(crate) fn position(registered: &RegisterOrganisationResponse) -> String {
    registered.receipt.as_ref().unwrap().position.clone()
}
