//! What never reaches a handler is refused as clearly as what does; health and reflection answer.

use std::sync::Arc;

use engine::{PLATFORM, SystemClock};
use proto::kiban::{
    common::v1::Receipt,
    directory::v1::{ListOrganisationsRequest, directory_service_client::DirectoryServiceClient},
    membership::v1::GetOrganisationResponse,
};
use support::{Server, by, connect, serve};
use tempfile::TempDir;
use tonic::{Code, Status, codegen::http::uri::PathAndQuery, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_types::StatusExt;

#[path = "../support/mod.rs"]
mod support;

async fn started() -> (TempDir, Server, Channel) {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), Arc::new(SystemClock)).await;
    let channel = connect(&server).await;
    (folder, server, channel)
}

/// Sends a message of another type than the method takes.
async fn call(channel: Channel, path: &'static str) -> Status {
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<Receipt, GetOrganisationResponse>::default();
    let request = by(&PLATFORM.to_string(), Receipt { revision: 7, ..Default::default() });
    client.unary(request, PathAndQuery::from_static(path), codec).await.unwrap_err()
}

fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

#[tokio::test]
async fn bytes_that_are_no_message_are_the_callers_fault() {
    let (_folder, server, channel) = started().await;
    let refused = call(channel, "/kiban.membership.v1.MembershipService/GetOrganisation").await;
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "MALFORMED_MESSAGE"));
    assert!(refused.message().contains("organisation_id"), "it names the field: {}", refused.message());
    server.stop().await;
}

#[tokio::test]
async fn a_method_that_there_is_not_is_said_to_be_none() {
    let (_folder, server, channel) = started().await;
    for path in ["/kiban.membership.v1.MembershipService/Forget", "/kiban.gossip.v1.GossipService/Tell"] {
        let refused = call(channel.clone(), path).await;
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unimplemented, "UNKNOWN_METHOD"));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_message_that_is_too_large_is_refused_with_the_limit() {
    let (_folder, server, channel) = started().await;
    let request = ListOrganisationsRequest { name_contains: "x".repeat(5 << 20), ..Default::default() };
    let mut directory = DirectoryServiceClient::new(channel).max_encoding_message_size(8 << 20);
    let refused = directory.list_organisations(by(&PLATFORM.to_string(), request)).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::ResourceExhausted, "MESSAGE_TOO_LARGE"));
    assert!(refused.message().contains("4194304"), "it names the limit: {}", refused.message());
    server.stop().await;
}

#[tokio::test]
async fn health_answers_for_all_and_for_each_service() {
    let (_folder, server, channel) = started().await;
    let mut health = HealthClient::new(channel);
    let services = server.keeper().services().into_iter().map(|(name, _)| name).chain([""]);
    for service in services {
        let checked = health.check(HealthCheckRequest { service: service.into() }).await.unwrap();
        assert_eq!(checked.into_inner().status(), ServingStatus::Serving, "{service}");
    }
    server.stop().await;
}
