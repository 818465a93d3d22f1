//! A proxy that can stop passing bytes without closing anything, as a network does that lost its way.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

pub(crate) struct Proxy {
    accepting: JoinHandle<()>,
    /// Connections with numbers below this one pass nothing.
    frozen_below: watch::Sender<u64>,
    accepted: Arc<AtomicU64>,
}

impl Proxy {
    /// Listens on one port of the loopback and passes bytes to another.
    pub(crate) async fn start(before: u16, behind: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", before)).await.unwrap();
        let (frozen_below, frozen) = watch::channel(0);
        let accepted = Arc::new(AtomicU64::new(0));
        let count = accepted.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(pass_on(client, behind, number, frozen.clone()));
            }
        });
        Self { accepting, frozen_below, accepted }
    }

    /// Passes nothing more on the connections that there are. New ones are not concerned.
    pub(crate) fn freeze(&self) {
        self.frozen_below.send_replace(self.accepted.load(Ordering::SeqCst));
    }

    /// Passes everything again, what was held back first.
    pub(crate) fn thaw(&self) {
        self.frozen_below.send_replace(0);
    }

    /// How many connections were accepted so far.
    pub(crate) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn pass_on(client: TcpStream, behind: u16, number: u64, frozen: watch::Receiver<u64>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", behind)).await else { return };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    // As soon as one side ends both do.
    tokio::select! {
        () = copy(from_client, to_server, number, frozen.clone()) => {}
        () = copy(from_server, to_client, number, frozen) => {}
    }
}

async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    number: u64,
    mut frozen: watch::Receiver<u64>,
) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let Ok(read @ 1..) = from.read(&mut buffer).await else { return };
        if frozen.wait_for(|below| number >= *below).await.is_err() {
            return;
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
