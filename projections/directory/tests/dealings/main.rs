//! Orders, requests for quotes, recruitments, ventures and events of the forum: who sees what of them in the
//! lists, and what lists never show.

mod fixture;
#[path = "../support/mod.rs"]
mod support;

use domain::id::OrganisationId;
use engine::Fold;
use event_log::{EventLog, Page, Position};
use events::decode_frame;
use fixture::*;
use jiff::civil::date;
use proto::kiban::{
    directory::v1::{
        ListForumEventsRequest, ListOrdersRequest, ListQuotesRequest, ListRecruitmentsRequest,
        ListVenturesRequest, OrderSummary, QuoteRequestSummary, RecruitmentSummary, VentureSummary,
        directory_service_server::DirectoryService,
    },
    order::v1::{OrderStage, QuoteRequestStage, ServiceKind},
    recruitment::v1::{Answer, RecruitmentStage},
    venture::v1::{DevelopmentStage, ForumEvent, ForumEventKind},
};
use support::*;

/// Nobody of whom anything is told.
const STRANGER: OrganisationId = RIVAL;

async fn orders(world: &World, caller: OrganisationId, request: ListOrdersRequest) -> Vec<OrderSummary> {
    let request = ListOrdersRequest { min_position: world.head(), ..request };
    message(world.directory.list_orders(by(caller, request)).await).orders
}

async fn quotes(
    world: &World,
    caller: OrganisationId,
    request: ListQuotesRequest,
) -> Vec<QuoteRequestSummary> {
    let request = ListQuotesRequest { min_position: world.head(), ..request };
    message(world.directory.list_quotes(by(caller, request)).await).quote_requests
}

async fn recruitments(
    world: &World,
    caller: OrganisationId,
    request: ListRecruitmentsRequest,
) -> Vec<RecruitmentSummary> {
    let request = ListRecruitmentsRequest { min_position: world.head(), ..request };
    message(world.directory.list_recruitments(by(caller, request)).await).recruitments
}

async fn ventures(
    world: &World,
    caller: OrganisationId,
    request: ListVenturesRequest,
) -> Vec<VentureSummary> {
    let request = ListVenturesRequest { min_position: world.head(), ..request };
    message(world.directory.list_ventures(by(caller, request)).await).ventures
}

async fn forum_events(
    world: &World,
    caller: OrganisationId,
    request: ListForumEventsRequest,
) -> Vec<ForumEvent> {
    let request = ListForumEventsRequest { min_position: world.head(), ..request };
    message(world.directory.list_forum_events(by(caller, request)).await).forum_events
}

#[tokio::test]
async fn an_order_is_seen_by_the_member_the_sellers_and_the_operators() {
    let world = market().await;
    for (caller, seen) in [(PHARMA, 2), (VENDOR, 2), (PARTNER, 1), (PROMOTER, 2), (STRANGER, 0)] {
        assert_eq!(orders(&world, caller, Default::default()).await.len(), seen, "seen by {caller}");
    }
    let of_kind = |kind: ServiceKind| ListOrdersRequest { kind: kind.into(), ..Default::default() };
    let [ref omics] = orders(&world, PHARMA, of_kind(ServiceKind::OmicsAnalysis)).await[..] else {
        panic!("one order is of omics")
    };
    assert_eq!((omics.stage(), omics.milestones), (OrderStage::UnderWay, 3));
    let milestones = [omics.milestones_charged, omics.milestones_disputed, omics.milestones_to_answer];
    assert_eq!(milestones, [1, 1, 1]);
    let at_stage = |stage: OrderStage| ListOrdersRequest { stage: stage.into(), ..Default::default() };
    let declined = orders(&world, VENDOR, at_stage(OrderStage::Declined)).await;
    assert_eq!((declined.len(), declined[0].ended_at.is_some()), (1, true));
    assert!(orders(&world, VENDOR, at_stage(OrderStage::Completed)).await.is_empty());
}

#[tokio::test]
async fn a_request_for_a_quote_expires_without_an_event() {
    let world = market().await;
    for (caller, seen) in [(PHARMA, 2), (VENDOR, 2), (PARTNER, 0), (PROMOTER, 2), (STRANGER, 0)] {
        assert_eq!(quotes(&world, caller, Default::default()).await.len(), seen, "seen by {caller}");
    }
    let at_stage = |stage: QuoteRequestStage| ListQuotesRequest { stage: stage.into(), ..Default::default() };
    let stages = |quoted, expired| {
        let world = &world;
        async move {
            let found = quotes(world, VENDOR, at_stage(QuoteRequestStage::Quoted)).await.len();
            let ended = quotes(world, VENDOR, at_stage(QuoteRequestStage::Expired)).await.len();
            assert_eq!((found, ended), (quoted, expired));
        }
    };
    stages(1, 0).await;
    world.clock.set(on(date(2026, 7, 1)));
    stages(0, 1).await;
    let asked = quotes(&world, PHARMA, at_stage(QuoteRequestStage::Requested)).await;
    assert_eq!((asked.len(), asked[0].quotes, asked[0].valid_until), (1, 0, None));
    let of_listing = ListQuotesRequest { listing_id: asked[0].listing_id.clone(), ..Default::default() };
    assert_eq!(quotes(&world, PHARMA, of_listing).await, asked);
    let kind = ListQuotesRequest { kind: ServiceKind::SpecimenArchive.into(), ..Default::default() };
    assert!(quotes(&world, PHARMA, kind).await.is_empty());
}

#[tokio::test]
async fn a_recruitment_shows_each_its_own_numbers_and_nobody_a_pseudonym() {
    let world = market().await;
    for (caller, seen) in [
        // What the member sees is of all institutions.
        (PHARMA, Some((5, 2, Answer::Unspecified))),
        (VENDOR, Some((5, 2, Answer::Unspecified))),
        (PROMOTER, Some((5, 2, Answer::Unspecified))),
        // An institution sees its own.
        (BIOBANK, Some((3, 1, Answer::Accepted))),
        (HOSPITAL, Some((2, 1, Answer::Accepted))),
        (STRANGER, None),
    ] {
        let listed = recruitments(&world, caller, Default::default()).await;
        let numbers = listed.first().map(|found| (found.contacted, found.enrolled, found.own_answer()));
        assert_eq!(numbers, seen, "seen by {caller}");
        let text = format!("{listed:?}");
        for secret in ["KB-0000001", "KB-0000002"] {
            assert!(!text.contains(secret), "{caller} is shown a pseudonym");
        }
        let of_other = if caller == BIOBANK { HOSPITAL } else { BIOBANK };
        assert!(!text.contains(&of_other.to_string()), "{caller} is shown who takes part");
    }
    let at_stage =
        |stage: RecruitmentStage| ListRecruitmentsRequest { stage: stage.into(), ..Default::default() };
    assert_eq!(recruitments(&world, PHARMA, at_stage(RecruitmentStage::Open)).await.len(), 1);
    world.clock.set(on(date(2026, 9, 1)));
    assert!(recruitments(&world, PHARMA, at_stage(RecruitmentStage::Open)).await.is_empty());
    assert_eq!(recruitments(&world, PHARMA, at_stage(RecruitmentStage::Lapsed)).await.len(), 1);
}

#[tokio::test]
async fn a_venture_is_its_listers_and_its_full_card_is_in_no_list() {
    let world = market().await;
    let all = || ListVenturesRequest { include_withdrawn: true, ..Default::default() };
    for (caller, seen) in [(VENDOR, 2), (PROMOTER, 2), (PARTNER, 0), (PHARMA, 0)] {
        let listed = ventures(&world, caller, all()).await;
        assert_eq!(listed.len(), seen, "seen by {caller}");
        assert!(!format!("{listed:?}").contains(SECRET), "{caller} is shown the full card");
    }
    let offered = ventures(&world, VENDOR, Default::default()).await;
    assert_eq!((offered.len(), offered[0].card_number, offered[0].withdrawn_at), (1, 2, None));
    let at_stage =
        |stage: DevelopmentStage| ListVenturesRequest { stage: stage.into(), ..Default::default() };
    assert_eq!(ventures(&world, VENDOR, at_stage(DevelopmentStage::Phase1)).await, offered);
    assert!(ventures(&world, VENDOR, at_stage(DevelopmentStage::Discovery)).await.is_empty());
}

#[tokio::test]
async fn events_of_the_forum_are_for_all_and_pitches_for_whose_they_are() {
    let world = market().await;
    for (caller, pitches) in [(VENDOR, 1), (PARTNER, 1), (PROMOTER, 2), (STRANGER, 0)] {
        let listed = forum_events(&world, caller, Default::default()).await;
        assert_eq!(listed.len(), 1, "the other one was called off");
        assert_eq!(listed[0].pitches.len(), pitches, "seen by {caller}");
    }
    let past = || ListForumEventsRequest { include_past: true, ..Default::default() };
    assert_eq!(forum_events(&world, STRANGER, past()).await.len(), 2);
    let own = ListForumEventsRequest { own_pitches_only: true, ..past() };
    assert_eq!(forum_events(&world, VENDOR, own.clone()).await.len(), 1);
    assert!(forum_events(&world, STRANGER, own).await.is_empty());
    let kind = ListForumEventsRequest { kind: ForumEventKind::Results.into(), ..past() };
    assert_eq!(forum_events(&world, STRANGER, kind).await.len(), 1);
    world.clock.set(on(date(2026, 7, 3)));
    assert!(forum_events(&world, STRANGER, Default::default()).await.is_empty(), "it is over");
}

#[tokio::test]
async fn filters_name_what_they_do_not_know_and_pages_are_whole() {
    let world = market().await;
    let asked = ListOrdersRequest { stage: 99, ..Default::default() };
    let invalid = |field: &str| ("INVALID_FIELD".to_owned(), field.to_owned());
    assert_eq!(refused(world.directory.list_orders(by(PHARMA, asked)).await), invalid("stage"));
    let asked = ListQuotesRequest { listing_id: "lst".into(), ..Default::default() };
    assert_eq!(refused(world.directory.list_quotes(by(PHARMA, asked)).await), invalid("listing_id"));
    let first = ListOrdersRequest { page_size: 1, min_position: world.head(), ..Default::default() };
    let one = message(world.directory.list_orders(by(PHARMA, first.clone())).await);
    let next = ListOrdersRequest { page_token: one.next_page_token.clone(), ..first.clone() };
    let two = message(world.directory.list_orders(by(PHARMA, next)).await);
    assert!(one.orders[0].id < two.orders[0].id);
    assert_eq!((two.orders.len(), two.next_page_token.as_str()), (1, ""));
    let misused = ListQuotesRequest { page_token: one.next_page_token, ..Default::default() };
    assert_eq!(refused(world.directory.list_quotes(by(PHARMA, misused)).await).0, "INVALID_PAGE_TOKEN");
}

#[tokio::test]
async fn a_restored_fold_goes_on_as_if_it_had_never_stopped() {
    let world = market().await;
    let page = Page { frames: 1_000, ..Page::default() };
    let frames = world.log.read_all(Position::START, page).await.unwrap();
    let events: Vec<_> = frames.iter().flat_map(|frame| decode_frame(frame).unwrap()).collect();
    let mut whole = directory::DirectoryFold::default();
    events.iter().for_each(|event| whole.apply(event));
    for cut in 0..=events.len() {
        let (before, after) = events.split_at(cut);
        let mut fold = directory::DirectoryFold::default();
        before.iter().for_each(|event| fold.apply(event));
        let mut restored = directory::DirectoryFold::decode(&fold.encode()).unwrap();
        after.iter().for_each(|event| restored.apply(event));
        assert_eq!(restored.encode(), whole.encode(), "restored after {cut}");
        for organisation in [PHARMA, VENDOR, PARTNER, BIOBANK, STRANGER] {
            assert_eq!(ids(&restored, organisation), ids(&whole, organisation), "restored after {cut}");
        }
    }
    assert_eq!(ids(&whole, VENDOR).len(), 2 + 2 + 1 + 2);
}

#[tokio::test]
async fn what_investors_do_with_a_venture_is_not_kept() {
    let world = market().await;
    let folded = async || {
        let page = Page { frames: 1_000, ..Page::default() };
        let frames = world.log.read_all(Position::START, page).await.unwrap();
        let events: Vec<_> = frames.iter().flat_map(|frame| decode_frame(frame).unwrap()).collect();
        let mut fold = directory::DirectoryFold::default();
        events.iter().for_each(|event| fold.apply(event));
        (events.len(), fold.encode())
    };
    let before = folded().await;
    followed(&world).await;
    let after = folded().await;
    assert_eq!((after.0, after.1 == before.1), (before.0 + 3, true));
    assert!(!after.1.windows(ROOM.len()).any(|window| window == ROOM.as_bytes()));
}

/// Everything that concerns an organisation.
fn ids(fold: &directory::DirectoryFold, organisation: OrganisationId) -> Vec<String> {
    let viewer = directory::Viewer { organisation, operator: false };
    let orders = fold.orders(viewer, "").map(|(id, _)| id);
    let quotes = fold.quotes(viewer, "").map(|(id, _)| id);
    let recruitments = fold.recruitments(viewer, "").map(|(id, _)| id);
    let ventures = fold.ventures(viewer, "").map(|(id, _)| id);
    texts(orders.chain(quotes).chain(recruitments).chain(ventures))
}
