//! The year of the demo, as services wrote it down: in however many shards it is folded, whatever is asked about it is
//! answered with the same bytes.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use domain::{
    contract,
    organisation::{self, Capacity},
    time::{Month, Timestamp},
};
use engine::ManualClock;
use event_log::{Page, Position};
use events::{Event, Recorded, decode_frame};
use prost::Message;
use proto::kiban::{
    billing::v1::{ExplainLineRequest, GetStatementRequest, billing_service_client::BillingServiceClient},
    common::v1::{AsOf, as_of::Moment},
    revenue_share::v1::{
        GetInstitutionPageRequest, GetRevenueSharesRequest, GetVendorPageRequest,
        revenue_share_service_client::RevenueShareServiceClient,
    },
};
use server::{cli::DemoArguments, demo, verify::verify_folds};
use tonic::{Response, Status, transport::Channel};

use crate::support::{self, Server, by, connect, serve_sharded};

/// What there is to ask about.
struct Subjects {
    operator: String,
    organisations: Vec<String>,
    contracts: Vec<String>,
    head: u64,
}

/// Questions with the bytes of their answers.
type Answers = BTreeMap<String, Result<Vec<u8>, String>>;

async fn history(server: &Server) -> Vec<Recorded> {
    let (mut events, mut after) = (Vec::new(), Position::START);
    loop {
        let frames =
            server.keeper().log().expect("it keeps the log").read_all(after, Page::default()).await.unwrap();
        let Some(last) = frames.last() else { return events };
        after = last.last_position();
        events.extend(frames.iter().flat_map(|frame| decode_frame(frame).unwrap()));
    }
}

impl Subjects {
    async fn of(server: &Server) -> Self {
        let history = history(server).await;
        let (mut operator, mut organisations, mut contracts) = (None, Vec::new(), Vec::new());
        for recorded in &history {
            match &recorded.event {
                Event::Organisation(organisation::Event::OrganisationRegistered(event)) => {
                    organisations.push(event.id.to_string());
                    if event.capacities.iter().any(|grant| grant.capacity == Capacity::BaseOperator) {
                        operator = Some(event.id.to_string());
                    }
                }
                Event::Contract(contract::Event::ContractApplied(event)) => {
                    contracts.push(event.id.to_string());
                }
                _ => {}
            }
        }
        let head = history.last().unwrap().position.0;
        Self { operator: operator.unwrap(), organisations, contracts, head }
    }
}

fn bytes<T: Message>(answer: Result<Response<T>, Status>) -> Result<Vec<u8>, String> {
    // What comes with a refusal besides, such as the date, is not part of the answer.
    let refused = |status: Status| format!("{:?} {} {:?}", status.code(), status.message(), status.details());
    answer.map(|answer| answer.into_inner().encode_to_vec()).map_err(refused)
}

/// The months of the year, and one before and after it.
fn months() -> Vec<Month> {
    let first: Month = "2026-03".parse().unwrap();
    std::iter::successors(Some(first), |month| Some(month.next())).take(14).collect()
}

/// Asks everything, as of a position or about now.
async fn ask(channel: &Channel, subjects: &Subjects, position: Option<u64>) -> Answers {
    let as_of = position.map(|position| AsOf { moment: Some(Moment::Position(position.to_string())) });
    let mut answers = Answers::new();
    let mut shares = RevenueShareServiceClient::new(channel.clone());
    for month in months() {
        for contract in &subjects.contracts {
            statements(channel, subjects, contract, month, as_of.as_ref(), &mut answers).await;
        }
        for contract_id in subjects.contracts.iter().cloned().chain([String::new()]) {
            let what = format!("shares {month} {contract_id}");
            let asked = GetRevenueSharesRequest {
                month: month.to_string(),
                contract_id,
                as_of: as_of.clone(),
                min_position: subjects.head.to_string(),
                ..Default::default()
            };
            answers.insert(what, bytes(shares.get_revenue_shares(by(&subjects.operator, asked)).await));
        }
    }
    for organisation in &subjects.organisations {
        let asked = GetInstitutionPageRequest {
            institution_id: organisation.clone(),
            start_month: "2026-04".into(),
            end_month: "2027-04".into(),
            as_of: as_of.clone(),
            min_position: subjects.head.to_string(),
        };
        let answer = shares.get_institution_page(by(&subjects.operator, asked)).await;
        answers.insert(format!("institution {organisation}"), bytes(answer));
        let asked = GetVendorPageRequest {
            vendor_id: organisation.clone(),
            as_of: as_of.clone(),
            min_position: subjects.head.to_string(),
            ..Default::default()
        };
        let answer = shares.get_vendor_page(by(&subjects.operator, asked)).await;
        answers.insert(format!("vendor {organisation}"), bytes(answer));
    }
    answers
}

/// The statement of a contract and month, and why each of its lines is what it is.
async fn statements(
    channel: &Channel,
    subjects: &Subjects,
    contract: &str,
    month: Month,
    as_of: Option<&AsOf>,
    answers: &mut Answers,
) {
    let mut billing = BillingServiceClient::new(channel.clone());
    let asked = GetStatementRequest {
        contract_id: contract.to_owned(),
        month: month.to_string(),
        as_of: as_of.cloned(),
        min_position: subjects.head.to_string(),
        ..Default::default()
    };
    let answer = billing.get_statement(by(&subjects.operator, asked)).await;
    let stated = answer.as_ref().ok().and_then(|answer| answer.get_ref().statement.clone());
    answers.insert(format!("statement {contract} {month}"), bytes(answer));
    for line in stated.into_iter().flat_map(|statement| statement.lines) {
        let what = format!("line {contract} {month} {}", line.line_id);
        let asked = ExplainLineRequest {
            contract_id: contract.to_owned(),
            month: month.to_string(),
            line_id: line.line_id,
            as_of: as_of.cloned(),
            min_position: subjects.head.to_string(),
            page_size: 20,
            ..Default::default()
        };
        answers.insert(what, bytes(billing.explain_line(by(&subjects.operator, asked)).await));
    }
}

/// What a directory answers in so many shards, and that each of them is what the log gives.
async fn in_shards(data_dir: &Path, shards: u32, positions: &[Option<u64>]) -> Vec<Answers> {
    let now = Timestamp::start_of_tokyo_date(jiff::civil::date(2027, 6, 1));
    let server = serve_sharded(data_dir, Arc::new(ManualClock::at(now)), shards).await;
    let channel = connect(&server).await;
    let subjects = Subjects::of(&server).await;
    let mut all = Vec::new();
    for position in positions {
        all.push(ask(&channel, &subjects, *position).await);
    }
    server.stop().await;
    if support::topology::APART {
        // What is folded lies in the directories of other processes than the log.
        return all;
    }
    let checks = verify_folds(data_dir).await.unwrap();
    let of = |fold: &str| checks.iter().filter(|check| check.name.starts_with(fold)).count() as u32;
    assert_eq!((of("billing"), of("revenue-share")), (shards, shards));
    for check in checks {
        assert_eq!(check.findings, [""; 0], "{}", check.name);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_of_the_forum_is_told_the_same_by_any_number_of_shards() {
    let directory = tempfile::tempdir().unwrap();
    let data_dir = directory.path().join("data");
    let (records, seed, json) = (6_000, 7, true);
    let played = DemoArguments { records, seed, keep: false, data_dir: Some(data_dir.clone()), json };
    demo::run(played).await.unwrap();

    let head = {
        let server = serve_sharded(&data_dir, Arc::new(engine::SystemClock), 1).await;
        let head = server.keeper().log().expect("it keeps the log").head().position.0;
        server.stop().await;
        head
    };
    let positions = [None, Some(head * 2 / 3)];
    let one = in_shards(&data_dir, 1, &positions).await;
    let told = one[0].values().filter(|answer| answer.is_ok()).count();
    assert!(told > 500, "{told} of {} questions were answered", one[0].len());
    let three = in_shards(&data_dir, 3, &positions).await;
    for ((one, three), position) in one.iter().zip(&three).zip(positions) {
        assert_eq!(one.len(), three.len());
        for (question, answer) in one {
            let other = three.get(question);
            assert!(Some(answer) == other, "{question} at {position:?}:\n{answer:?}\nis not\n{other:?}");
        }
    }
}
