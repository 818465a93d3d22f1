//! The methods that are served: only they have names in telemetry. What anybody calls besides is one thing, so that
//! no outsider makes more of it than there is.

use std::{collections::HashMap, sync::Arc};

use opentelemetry::KeyValue;
use prost::{DecodeError, Message};
use prost_types::FileDescriptorSet;

/// The service and the method of calls of what there is not.
const UNKNOWN: &str = "unknown";

/// Whether a call of a service is where something begins. What processes ask of each other is none: the log that a
/// role appends to, and health. It is traced if its caller is.
fn begins_traces(service: &str) -> bool {
    service.starts_with("kiban.") && !service.starts_with("kiban.event_log.")
}

/// A method.
#[derive(Debug)]
pub(super) struct Method {
    pub(super) service: Arc<str>,
    pub(super) name: Arc<str>,
    /// The name of its spans.
    pub(super) full: String,
    /// Whether calls of it are traced though their callers are not.
    pub(super) begins_traces: bool,
}

impl Method {
    fn new(service: &Arc<str>, name: &str) -> Self {
        let full = format!("{service}/{name}");
        Self { service: service.clone(), name: name.into(), full, begins_traces: begins_traces(service) }
    }

    /// The labels of a call.
    pub(super) fn labels(&self, code: i32) -> [KeyValue; 3] {
        [
            KeyValue::new("rpc.service", self.service.clone()),
            KeyValue::new("rpc.method", self.name.clone()),
            KeyValue::new("rpc.grpc.status_code", i64::from(code)),
        ]
    }
}

/// All methods, by their paths.
#[derive(Debug)]
pub(super) struct Methods {
    known: HashMap<String, Arc<Method>>,
    unknown: Arc<Method>,
}

impl Methods {
    /// The methods of encoded sets of file descriptors.
    pub(super) fn of(descriptors: &[&[u8]]) -> Result<Self, DecodeError> {
        let mut known = HashMap::new();
        for set in descriptors {
            for file in FileDescriptorSet::decode(*set)?.file {
                for service in &file.service {
                    let name: Arc<str> = format!("{}.{}", file.package(), service.name()).into();
                    for method in &service.method {
                        let method = Method::new(&name, method.name());
                        known.insert(format!("/{}", method.full), Arc::new(method));
                    }
                }
            }
        }
        let unknown = Method { full: UNKNOWN.into(), ..Method::new(&UNKNOWN.into(), UNKNOWN) };
        Ok(Self { known, unknown: Arc::new(unknown) })
    }

    /// The method that a path names.
    pub(super) fn at(&self, path: &str) -> Arc<Method> {
        self.known.get(path).unwrap_or(&self.unknown).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_served_has_a_name() {
        let methods = Methods::of(super::super::DESCRIPTORS).unwrap();
        let method = methods.at("/kiban.access.v1.AccessService/ReportUsage");
        assert_eq!((&*method.service, &*method.name), ("kiban.access.v1.AccessService", "ReportUsage"));
        assert!(method.begins_traces);
        for path in ["/grpc.health.v1.Health/Check", "/event_store.client.streams.Streams/Append"] {
            let method = methods.at(path);
            assert_eq!(format!("/{}", method.full), path);
            assert!(!method.begins_traces, "{path}");
        }
        for path in ["", "/", "/unknown", "/kiban.access.v1.AccessService/Steal", "/a/b/c"] {
            let method = methods.at(path);
            assert_eq!((&*method.service, &*method.name), (UNKNOWN, UNKNOWN), "{path}");
        }
    }

    #[test]
    fn bytes_that_are_no_descriptors_are_refused() {
        assert!(Methods::of(&[&[0xff]]).is_err());
    }

    /// Every label of every call fits what is kept of one metric.
    #[test]
    fn all_methods_with_all_codes_fit_one_metric() {
        let methods = Methods::of(super::super::DESCRIPTORS).unwrap();
        assert!(methods.known.len() > 50);
        assert!((methods.known.len() + 1) * 17 <= super::super::meter::MOST_SERIES);
    }
}
