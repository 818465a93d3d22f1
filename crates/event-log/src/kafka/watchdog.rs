//! The watchdog: gives a client up that has gone quiet.

use std::{sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval};

use super::acks::Flight;
use crate::relay::RelayError;

/// How often it looks within the time that a client may be quiet.
const LOOKS: u32 = 4;
/// For how many such times a client that reports errors, and so is at work, may go without an acknowledgement.
const PATIENCE: u32 = 4;

/// Watches a producer until it has to be given up.
pub(super) async fn watch(flight: Arc<Flight>, quiet: Duration) {
    let mut ticks = interval((quiet / LOOKS).max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = flight.heard();
    let (mut silent, mut unacknowledged) = (0, 0);
    loop {
        ticks.tick().await;
        let (acknowledgements, errors) = flight.heard();
        let idle = flight.bytes() == 0;
        unacknowledged = if idle || acknowledgements != heard.0 { 0 } else { unacknowledged + 1 };
        silent = if unacknowledged == 0 || errors != heard.1 { 0 } else { silent + 1 };
        heard = (acknowledgements, errors);
        if silent >= LOOKS || unacknowledged >= LOOKS * PATIENCE {
            return flight.fail(RelayError::Quiet(quiet * (unacknowledged / LOOKS).max(1)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::acks::{Batch, Context};
    use rdkafka::{
        ClientContext,
        error::{KafkaError, RDKafkaErrorCode},
    };

    const QUIET: Duration = Duration::from_secs(8);

    #[tokio::test(start_paused = true)]
    async fn an_idle_client_may_be_quiet() {
        let flight = Flight::new();
        let watching = tokio::time::timeout(QUIET * 100, watch(flight.clone(), QUIET)).await;
        assert!(watching.is_err());
        assert_eq!(flight.failure(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_goes_quiet_is_given_up() {
        let flight = Flight::new();
        let (_batch, waits) = Batch::new(&flight, 1, 100);
        let watching = tokio::spawn(watch(flight.clone(), QUIET));
        tokio::time::sleep(QUIET / 2).await;
        assert_eq!(flight.failure(), None);
        assert_eq!(waits.await, Err(RelayError::Quiet(QUIET)));
        watching.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn errors_are_signs_of_life_but_not_for_ever() {
        let flight = Flight::new();
        let (_batch, waits) = Batch::new(&flight, 1, 100);
        tokio::spawn(watch(flight.clone(), QUIET));
        let context = Context(flight.clone());
        let complaining = async {
            loop {
                tokio::time::sleep(QUIET / 8).await;
                context.error(KafkaError::Global(RDKafkaErrorCode::AllBrokersDown), "1/1 brokers are down");
            }
        };
        let mut waits = waits;
        let early = tokio::time::timeout(QUIET * 3, async {
            tokio::select! { result = &mut waits => result, () = complaining => unreachable!() }
        });
        assert!(early.await.is_err(), "it was given up though it was at work");
        let complaining = async {
            loop {
                tokio::time::sleep(QUIET / 8).await;
                context.error(KafkaError::Global(RDKafkaErrorCode::AllBrokersDown), "1/1 brokers are down");
            }
        };
        let late = tokio::select! { result = waits => result, () = complaining => unreachable!() };
        assert_eq!(late, Err(RelayError::Quiet(QUIET * PATIENCE)));
    }
}
