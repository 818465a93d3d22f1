//! The relay against a real Kafka broker.
//!
//! `KIBAN_TEST_KAFKA=host:port` is a broker that is up. Tests that kill it and bring it back start one of their own
//! with the scripts in the folder `KIBAN_TEST_KAFKA_SCRIPTS` (`.ci/kafka`). `KIBAN_TEST_BINARY` is a `kiban` built with
//! the feature `kafka`. What is absent is skipped, aloud.

mod broker;
mod chaos;
mod leasing;
mod plain;
mod process;
#[path = "../../../support/proxy.rs"]
mod proxy;
mod reading;
mod stage;
mod watchdog;
