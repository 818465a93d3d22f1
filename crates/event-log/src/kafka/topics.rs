//! The topics that the relay writes to.

use std::{collections::HashSet, sync::Arc};

use rdkafka::{
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    error::{KafkaError, RDKafkaErrorCode},
};

use super::options::{KafkaOptions, MOST_MESSAGE_BYTES};
use crate::relay::RelayError;

/// The brokers' own number of replicas.
const REPLICATION_OF_THE_BROKERS: i32 = -1;

/// Makes the topics that are not there yet. Those that stand are left as they are, so that an operator may make them
/// otherwise, or forbid the relay to make any.
pub(super) async fn make_missing(options: &KafkaOptions, topics: Vec<Arc<str>>) -> Result<(), RelayError> {
    let admin: AdminClient<DefaultClientContext> = options.client().create().map_err(misconfigured)?;
    let admin = Arc::new(admin);
    let known = known(admin.clone(), options).await?;
    let missing: Vec<&Arc<str>> = topics.iter().filter(|topic| !known.contains(&***topic)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let replication = options.replication.unwrap_or(REPLICATION_OF_THE_BROKERS);
    let new: Vec<NewTopic<'_>> = missing
        .iter()
        .map(|topic| {
            NewTopic::new(topic, options.partitions, TopicReplication::Fixed(replication))
                // Whoever comes late reads from the beginning.
                .set("retention.ms", "-1")
                .set("max.message.bytes", MOST_MESSAGE_BYTES)
        })
        .collect();
    let patience =
        AdminOptions::new().operation_timeout(Some(options.connect)).request_timeout(Some(options.connect));
    let made = admin.create_topics(&new, &patience).await.map_err(|error| unavailable(&error))?;
    for outcome in made {
        match outcome {
            // Another relay may be as fast.
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((topic, code)) => return Err(unmade(&topic, code)),
        }
    }
    Ok(())
}

/// The names of the topics that stand.
async fn known(
    admin: Arc<AdminClient<DefaultClientContext>>,
    options: &KafkaOptions,
) -> Result<HashSet<String>, RelayError> {
    let patience = options.connect;
    let asked = tokio::task::spawn_blocking(move || {
        let metadata = admin.inner().fetch_metadata(None, patience)?;
        Ok(metadata.topics().iter().map(|topic| topic.name().to_owned()).collect())
    });
    match asked.await {
        Ok(answer) => answer.map_err(|error: KafkaError| unavailable(&error)),
        Err(_) => Err(RelayError::GivenUp),
    }
}

fn unavailable(error: &KafkaError) -> RelayError {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::ClusterAuthorizationFailed | RDKafkaErrorCode::SaslAuthenticationFailed) => {
            RelayError::Fatal(error.to_string())
        }
        _ => RelayError::Unavailable(error.to_string()),
    }
}

/// Why a topic could not be made: what passes, such as a controller that is being chosen, or what does not.
fn unmade(topic: &str, code: RDKafkaErrorCode) -> RelayError {
    let what = format!("topic {topic} cannot be made: {code}");
    match code {
        RDKafkaErrorCode::RequestTimedOut
        | RDKafkaErrorCode::OperationTimedOut
        | RDKafkaErrorCode::NotController
        | RDKafkaErrorCode::NotCoordinator
        | RDKafkaErrorCode::BrokerTransportFailure
        | RDKafkaErrorCode::ThrottlingQuotaExceeded => RelayError::Unavailable(what),
        _ => RelayError::Fatal(what),
    }
}

/// What librdkafka does not take is wrong for good.
pub(super) fn misconfigured(error: KafkaError) -> RelayError {
    RelayError::Fatal(format!("the configuration of the client: {error}"))
}
