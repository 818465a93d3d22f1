//! A network that fails: connections pass through it until somebody cuts them, or makes them pass nothing, as a network
//! does that lost its way.

#![allow(dead_code, reason = "each user needs a part of it")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
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

/// Stands between clients and a server.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    weather: watch::Sender<Weather>,
    accepted: Arc<AtomicU64>,
    accepting: JoinHandle<()>,
}

/// What connections meet. They are numbered from zero on.
#[derive(Clone, Copy, Default)]
struct Weather {
    /// New connections are closed at once.
    shut: bool,
    /// Connections with numbers below this one are closed.
    cut_below: u64,
    /// Connections with numbers below this one stay open and pass nothing.
    frozen_below: u64,
    /// At most so many bytes a second pass each way on a connection.
    rate: Option<u32>,
}

impl Proxy {
    /// Before a server, on a free port of the loopback.
    pub(crate) async fn before(server: SocketAddr) -> Self {
        Self::between(([127, 0, 0, 1], 0).into(), server).await
    }

    /// Before a server, at an address.
    pub(crate) async fn between(address: SocketAddr, server: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (weather, met) = watch::channel(Weather::default());
        let accepted = Arc::new(AtomicU64::new(0));
        let count = accepted.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = count.fetch_add(1, SeqCst);
                if !met.borrow().shut {
                    tokio::spawn(pass_on(client, server, number, met.clone()));
                }
            }
        });
        Self { address, weather, accepted, accepting }
    }

    /// Cuts every connection that there is.
    pub(crate) fn cut(&self) {
        self.weather.send_modify(|weather| weather.cut_below = self.accepted());
    }

    /// Cuts every connection and lets no new one in.
    pub(crate) fn close(&self) {
        self.weather.send_modify(|weather| weather.shut = true);
        self.cut();
    }

    /// Lets connections in again.
    pub(crate) fn open(&self) {
        self.weather.send_modify(|weather| weather.shut = false);
    }

    /// Passes nothing more on the connections that there are. New ones are not concerned.
    pub(crate) fn freeze(&self) {
        self.weather.send_modify(|weather| weather.frozen_below = self.accepted());
    }

    /// Passes everything again, what was held back first.
    pub(crate) fn thaw(&self) {
        self.weather.send_modify(|weather| weather.frozen_below = 0);
    }

    /// Passes at most so many bytes a second each way on a connection.
    pub(crate) fn slow(&self, rate: u32) {
        self.weather.send_modify(|weather| weather.rate = Some(rate));
    }

    /// How many connections were accepted so far.
    pub(crate) fn accepted(&self) -> u64 {
        self.accepted.load(SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn pass_on(client: TcpStream, server: SocketAddr, number: u64, weather: watch::Receiver<Weather>) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let mut cut = weather.clone();
    // As soon as one side ends both do.
    tokio::select! {
        () = copy(from_client, to_server, number, weather.clone()) => {}
        () = copy(from_server, to_client, number, weather) => {}
        _ = cut.wait_for(|weather| number < weather.cut_below) => {}
    }
}

async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    number: u64,
    mut weather: watch::Receiver<Weather>,
) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let Ok(read @ 1..) = from.read(&mut buffer).await else { return };
        let Ok(rate) =
            weather.wait_for(|weather| number >= weather.frozen_below).await.map(|weather| weather.rate)
        else {
            return;
        };
        if let Some(rate) = rate {
            tokio::time::sleep(Duration::from_secs_f64(read as f64 / f64::from(rate))).await;
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
