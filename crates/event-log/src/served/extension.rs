//! What the log can do, who leads, and what Kiban asks beyond the protocol.

use super::{Served, status_of};
use crate::{StreamName, protocol};
use bytes::Bytes;
use protocol::{
    gossip, kiban,
    server_features::{self, SupportedMethod, SupportedMethods},
    shared,
};
use tonic::{Request, Response, Status};

/// The version of the protocol's servers whose behaviour this one has.
const SPOKEN_VERSION: &str = "24.10.0";

/// The features by which the engine knows that a log is Kiban's own.
pub(crate) const EXTENSION: &str = "kiban.event_log.v1.eventlogservice";

#[tonic::async_trait]
impl server_features::server_features_server::ServerFeatures for Served {
    async fn get_supported_methods(
        &self,
        _: Request<shared::Empty>,
    ) -> Result<Response<SupportedMethods>, Status> {
        let method = |service: &str, name: &str, features: &[&str]| SupportedMethod {
            service_name: service.to_owned(),
            method_name: name.to_owned(),
            features: features.iter().map(|feature| (*feature).to_owned()).collect(),
        };
        let streams = "event_store.client.streams.streams";
        let mut methods = vec![
            method(streams, "append", &[]),
            // Without "deadline_duration": an append is answered when it is durable, however long that takes.
            method(streams, "batchappend", &[]),
            method(streams, "read", &["position", "events"]),
            method("event_store.client.gossip.gossip", "read", &[]),
        ];
        if !self.bare {
            methods.push(method(EXTENSION, "batchappend", &["guards", "commands"]));
            methods.extend(["findcommand", "positionat"].map(|name| method(EXTENSION, name, &[])));
        }
        let version = SPOKEN_VERSION.to_owned();
        Ok(Response::new(SupportedMethods { methods, event_store_server_version: version }))
    }
}

#[tonic::async_trait]
impl gossip::gossip_server::Gossip for Served {
    /// A cluster of one. Its address is the one at which it was asked.
    async fn read(&self, request: Request<shared::Empty>) -> Result<Response<gossip::ClusterInfo>, Status> {
        let address = request.local_addr();
        let member = gossip::MemberInfo {
            instance_id: Some(protocol::uuid([0; 16])),
            time_stamp: self.log.head().recorded_at.saturating_mul(10),
            state: gossip::member_info::VNodeState::Leader.into(),
            is_alive: true,
            http_end_point: address.map(|address| gossip::EndPoint {
                address: address.ip().to_string(),
                port: u32::from(address.port()),
            }),
        };
        Ok(Response::new(gossip::ClusterInfo { members: vec![member] }))
    }
}

#[tonic::async_trait]
impl kiban::event_log_service_server::EventLogService for Served {
    async fn find_command(
        &self,
        request: Request<kiban::FindCommandRequest>,
    ) -> Result<Response<kiban::FindCommandResponse>, Status> {
        self.kiban_only(&request)?;
        let kiban::FindCommandRequest { stream, scope, id } = request.into_inner();
        let stream = StreamName::new(stream).map_err(|error| Status::invalid_argument(error.to_string()))?;
        let scope = (*scope).try_into().map_err(|_| Status::invalid_argument("the scope is not 16 bytes"))?;
        let found = self.log.find_command(&stream, scope, &id).await.map_err(status_of)?;
        Ok(Response::new(kiban::FindCommandResponse {
            place: found.as_ref().map(|stored| protocol::place(&stored.appended)),
            digest: found.map(|stored| Bytes::copy_from_slice(&stored.digest)).unwrap_or_default(),
        }))
    }

    async fn position_at(
        &self,
        request: Request<kiban::PositionAtRequest>,
    ) -> Result<Response<kiban::PositionAtResponse>, Status> {
        self.kiban_only(&request)?;
        let recorded_at = request.into_inner().recorded_at;
        let position = self.log.position_at(recorded_at).await.map_err(status_of)?;
        Ok(Response::new(kiban::PositionAtResponse { position: position.0 }))
    }
}
