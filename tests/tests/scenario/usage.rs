//! Use, as members and their meters bring it.

use domain::time::Timestamp;
use proto::kiban::{
    access::v1::{
        self as access, Outcome, ReportUsageResponse, RunAnalysisRequest, UsageRecord, ViewDatasetRequest,
        access_service_client::AccessServiceClient,
    },
    common::v1::{Receipt, Right},
};
use tonic::Status;

use crate::support::{Forum, by};

const VIEWER: &str = "per_00000000000000000000000002";

/// A report of simple analyses: from a sequence on, so many cases each.
pub(crate) fn report(forum: &Forum, first: u64, cases: &[u32], at: Timestamp) -> access::ReportUsageRequest {
    let record = |(sequence, cases): (u64, &u32)| UsageRecord {
        sequence,
        right: Right::SimpleAnalysis.into(),
        cases: *cases,
        occurred_at_us: at.as_micros(),
        ..Default::default()
    };
    access::ReportUsageRequest {
        contract_id: forum.contract.clone(),
        source_id: forum.source.clone(),
        epoch: 1,
        dataset_ids: vec![forum.datasets[0].clone()],
        viewer_ids: vec![VIEWER.into()],
        records: (first..).zip(cases).map(record).collect(),
        ..Default::default()
    }
}

/// Sends a report as the member.
pub(crate) async fn send(
    forum: &Forum,
    report: access::ReportUsageRequest,
) -> Result<ReportUsageResponse, Status> {
    let mut accesses = AccessServiceClient::new(forum.channel.clone()).max_decoding_message_size(1 << 24);
    Ok(accesses.report_usage(by(&forum.member, report)).await?.into_inner())
}

/// Looks at the dataset.
pub(crate) async fn view(forum: &Forum, command_id: &str, country: &str) -> Result<Receipt, Status> {
    let request = ViewDatasetRequest {
        command_id: command_id.into(),
        contract_id: forum.contract.clone(),
        dataset_id: forum.datasets[0].clone(),
        purpose: "drug-discovery".into(),
        country: country.into(),
        ..Default::default()
    };
    let mut accesses = AccessServiceClient::new(forum.channel.clone());
    let reply = accesses.view_dataset(by(&forum.member, request)).await?.into_inner();
    Ok(reply.receipt.unwrap())
}

/// Asks for leave to analyse. The number of the admission.
pub(crate) async fn admit(forum: &Forum, command_id: &str, cases: u32) -> Result<u64, Status> {
    let request = RunAnalysisRequest {
        command_id: command_id.into(),
        contract_id: forum.contract.clone(),
        dataset_id: forum.datasets[0].clone(),
        right: Right::SimpleAnalysis.into(),
        cases,
        purpose: "drug-discovery".into(),
        country: "JP".into(),
        ..Default::default()
    };
    let mut accesses = AccessServiceClient::new(forum.channel.clone());
    let reply = accesses.run_analysis(by(&forum.member, request)).await?.into_inner();
    Ok(reply.admission.unwrap().number)
}

/// How many records of a reply were new.
pub(crate) fn new(reply: &ReportUsageResponse) -> usize {
    reply.outcomes().filter(|outcome| *outcome == Outcome::New).count()
}
