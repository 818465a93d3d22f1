//! A broker in memory: for tests, with the contract of the real ones, and with their moods on demand.

use crate::{
    live::held,
    relay::{Acknowledged, EventRelay, Overloaded, RelayConnector, RelayError, RelayRecord},
};
use futures::future::BoxFuture;
use std::{
    collections::HashMap,
    future::ready,
    sync::{Arc, Mutex},
};
use tokio::sync::watch;

/// A broker that lives as long as the process. What it holds is what consumers would see.
#[derive(Clone, Default)]
pub struct MemoryBroker(Arc<Inner>);

#[derive(Default)]
struct Inner {
    topics: Mutex<HashMap<Arc<str>, Vec<RelayRecord>>>,
    mood: watch::Sender<Mood>,
}

/// How a [`MemoryBroker`] answers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Mood {
    /// It keeps what comes and acknowledges it.
    #[default]
    Well,
    /// It keeps what comes, and its acknowledgements do not arrive before it is well again.
    Mute,
    /// It keeps nothing, and every producer fails.
    Failing(RelayError),
}

impl MemoryBroker {
    /// Changes how it answers from now on.
    pub fn become_of(&self, mood: Mood) {
        self.0.mood.send_replace(mood);
    }

    /// The names of its topics, sorted.
    pub fn topics(&self) -> Vec<Arc<str>> {
        let mut names: Vec<_> = held(&self.0.topics).keys().cloned().collect();
        names.sort();
        names
    }

    /// The records of a topic, in the order in which it took them.
    pub fn records(&self, topic: &str) -> Vec<RelayRecord> {
        held(&self.0.topics).get(topic).cloned().unwrap_or_default()
    }
}

impl RelayConnector for MemoryBroker {
    fn connect(&self, topics: Vec<Arc<str>>) -> BoxFuture<'static, Result<Box<dyn EventRelay>, RelayError>> {
        if let Mood::Failing(error) = &*self.0.mood.borrow() {
            return Box::pin(ready(Err(error.clone())));
        }
        let mut known = held(&self.0.topics);
        for topic in topics {
            known.entry(topic).or_default();
        }
        let producer = Producer { broker: self.0.clone(), failure: watch::Sender::new(None) };
        Box::pin(ready(Ok(Box::new(producer) as Box<dyn EventRelay>)))
    }
}

struct Producer {
    broker: Arc<Inner>,
    failure: watch::Sender<Option<RelayError>>,
}

impl EventRelay for Producer {
    fn publish(&self, records: &[RelayRecord]) -> Result<Acknowledged, Overloaded> {
        Ok(self.take(records))
    }
}

impl Producer {
    fn take(&self, records: &[RelayRecord]) -> Acknowledged {
        if let Mood::Failing(error) = &*self.broker.mood.borrow() {
            self.failure.send_if_modified(|failure| {
                let first = failure.is_none();
                failure.get_or_insert_with(|| error.clone());
                first
            });
        }
        if let Some(error) = &*self.failure.borrow() {
            return Box::pin(ready(Err(error.clone())));
        }
        {
            let mut topics = held(&self.broker.topics);
            for record in records {
                let Some(topic) = topics.get_mut(&record.topic) else {
                    let error = RelayError::Fatal(format!("there is no topic {}", record.topic));
                    self.failure.send_replace(Some(error.clone()));
                    return Box::pin(ready(Err(error)));
                };
                topic.push(record.clone());
            }
        }
        let (mut mood, mut failure) = (self.broker.mood.subscribe(), self.failure.subscribe());
        Box::pin(async move {
            tokio::select! {
                biased;
                failed = failure.wait_for(Option::is_some) => {
                    Err(failed.ok().and_then(|failed| (*failed).clone()).unwrap_or(RelayError::GivenUp))
                }
                well = mood.wait_for(|mood| *mood != Mood::Mute) => match well.as_deref() {
                    Ok(Mood::Failing(error)) => Err(error.clone()),
                    Ok(Mood::Well | Mood::Mute) => Ok(()),
                    Err(_) => Err(RelayError::GivenUp),
                },
            }
        })
    }
}
