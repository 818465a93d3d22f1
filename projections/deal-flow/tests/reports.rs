//! The funnel, investments over time, events of the forum; and that nothing confidential is in any answer.

mod support;

use domain::{
    forum_event::ForumEventKind,
    id::{OrganisationId, VentureId},
    investment::{Form, InKind},
};
use events::wire::time;
use futures::StreamExt;
use jiff::civil::date;
use money::Money;
use proto::kiban::deal_flow::v1::{
    FunnelMonth, GetFunnelRequest, GetFunnelResponse, ListForumEventsRequest, ListForumEventsResponse,
    ListInvestmentsRequest, ListInvestmentsResponse, SearchDealsRequest, WatchRequest,
    deal_flow_service_server::DealFlowService,
};
use support::*;

fn cash(yen: i64) -> Form {
    Form::Cash(Money::jpy(yen))
}

fn space(yen: i64) -> Form {
    Form::InKind(InKind {
        kind: "space".parse().unwrap(),
        description: "実験室".parse().unwrap(),
        estimated_value: Some(Money::jpy(yen)),
    })
}

/// Two ventures; the investor follows the first and gives cash and space in September, and cash again in October.
async fn year() -> World {
    let world = World::forum().await;
    world.list(1, LISTER, teaser("one")).await;
    world.list(2, OTHER_LISTER, teaser("two")).await;
    world.followed(1, INVESTOR).await;
    world.invest(51, Some(1), cash(300), on(date(2026, 9, 2))).await;
    world.invest(52, Some(1), space(70), on(date(2026, 9, 1))).await;
    world.invest(53, Some(1), cash(5), on(date(2026, 10, 1))).await;
    world.invest(54, Some(1), cash(1_000), on(date(2026, 10, 2))).await;
    world.take_back(54).await;
    // From before there were cards.
    world.invest(55, None, cash(20), on(date(2026, 5, 1))).await;
    world
}

async fn funnel(world: &World, by_whom: OrganisationId, request: GetFunnelRequest) -> GetFunnelResponse {
    let request = GetFunnelRequest { min_position: world.head(), ..request };
    message(world.deals.get_funnel(by(by_whom, request)).await)
}

type Row = (u64, u64, u64, u64, u64, u64, u64, i64, u64, i64);

fn row(month: &FunnelMonth) -> Row {
    let yen = |amount: &Option<proto::kiban::common::v1::Money>| amount.as_ref().unwrap().minor_units;
    (
        month.listed,
        month.views,
        month.viewed,
        month.interested,
        month.data_rooms,
        month.invested,
        month.investments,
        yen(&month.cash),
        month.in_kind,
        yen(&month.in_kind_estimated),
    )
}

#[tokio::test]
async fn the_funnel_counts_each_pair_once_and_each_look() {
    let world = year().await;
    let found = funnel(&world, PROMOTER, GetFunnelRequest::default()).await;
    let months: Vec<(&str, Row)> =
        found.months.iter().map(|month| (month.month.as_str(), row(month))).collect();
    let expected: [(&str, Row); 6] = [
        ("2026-05", (0, 0, 0, 0, 0, 0, 1, 20, 0, 0)),
        ("2026-06", (2, 2, 1, 0, 0, 0, 0, 0, 0, 0)),
        ("2026-07", (0, 1, 0, 1, 0, 0, 0, 0, 0, 0)),
        ("2026-08", (0, 0, 0, 0, 1, 0, 0, 0, 0, 0)),
        ("2026-09", (0, 0, 0, 0, 0, 1, 2, 300, 1, 70)),
        ("2026-10", (0, 0, 0, 0, 0, 0, 1, 5, 0, 0)),
    ];
    assert_eq!(months, expected);
    assert_eq!(row(&found.total.unwrap()), (2, 3, 1, 1, 1, 1, 4, 325, 1, 70));
    let some =
        GetFunnelRequest { from_month: "2026-07".into(), to_month: "2026-08".into(), ..Default::default() };
    let found = funnel(&world, PROMOTER, some).await;
    assert_eq!(found.months.len(), 2);
    assert_eq!(row(&found.total.unwrap()), (0, 1, 0, 1, 1, 0, 0, 0, 0, 0));
}

/// Amounts from before they were bounded: no sum of them is an amount, and the others' are told all the same.
#[tokio::test]
async fn what_no_amount_can_hold_is_left_out_and_the_rest_is_told() {
    let world = year().await;
    for (number, form) in [(61, cash(i64::MAX)), (62, cash(i64::MAX)), (63, space(i64::MAX))] {
        world.invest(number, Some(2), form, on(date(2026, 9, 3))).await;
    }
    let found = funnel(&world, PROMOTER, GetFunnelRequest::default()).await;
    let [.., september, october] = &found.months[..] else { panic!() };
    let total = found.total.as_ref().unwrap();
    for counts in [september, total] {
        assert_eq!((&counts.cash, &counts.in_kind_estimated, counts.in_kind), (&None, &None, 2));
    }
    assert_eq!((september.investments, total.investments), (5, 7));
    assert_eq!(row(october), (0, 0, 0, 0, 0, 0, 1, 5, 0, 0));
}

#[tokio::test]
async fn a_lister_sees_its_own_funnel() {
    let world = year().await;
    let own = funnel(&world, LISTER, GetFunnelRequest::default()).await;
    assert_eq!(row(&own.total.unwrap()), (1, 3, 1, 1, 1, 1, 4, 325, 1, 70));
    let others = funnel(&world, OTHER_LISTER, GetFunnelRequest::default()).await;
    assert_eq!(row(&others.total.unwrap()), (1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    let nothing = funnel(&world, INVESTOR, GetFunnelRequest::default()).await;
    assert!(nothing.months.is_empty());
    let of = |number| GetFunnelRequest {
        venture_id: VentureId::from_u128(number).to_string(),
        min_position: world.head(),
        ..Default::default()
    };
    let one = funnel(&world, LISTER, of(1)).await;
    // What was recorded before there were cards is of no venture.
    assert_eq!(row(&one.total.unwrap()), (1, 3, 1, 1, 1, 1, 3, 305, 1, 70));
    for (caller, venture) in [(LISTER, 2), (INVESTOR, 1), (PROMOTER, 9)] {
        let answer = world.deals.get_funnel(by(caller, of(venture))).await;
        assert_eq!(refused(answer), ("NOT_FOUND".into(), "venture_id".into()));
    }
    let wrong = GetFunnelRequest { from_month: "2026-13".into(), ..Default::default() };
    let answer = world.deals.get_funnel(by(LISTER, wrong)).await;
    assert_eq!(refused(answer), ("INVALID_FIELD".into(), "from_month".into()));
}

async fn investments(
    world: &World,
    by_whom: OrganisationId,
    request: ListInvestmentsRequest,
) -> ListInvestmentsResponse {
    let request = ListInvestmentsRequest { min_position: world.head(), ..request };
    message(world.deals.list_investments(by(by_whom, request)).await)
}

#[tokio::test]
async fn investments_are_listed_over_time_to_those_concerned() {
    let world = year().await;
    let times = |found: &ListInvestmentsResponse| {
        let times = found.investments.iter().map(|made| made.made_at.unwrap().seconds);
        times.collect::<Vec<_>>()
    };
    for (viewer, count) in [(PROMOTER, 5), (INVESTOR, 5), (LISTER, 5), (OTHER_LISTER, 0), (RIVAL, 0)] {
        let found = investments(&world, viewer, ListInvestmentsRequest::default()).await;
        assert_eq!(found.investments.len(), count, "{viewer}");
        // Under which agreement is no matter of whom was invested in.
        let tells = found.investments.iter().any(|made| !made.contract_id.is_empty());
        assert_eq!(tells, [PROMOTER, INVESTOR].contains(&viewer), "{viewer}");
        assert!(times(&found).is_sorted());
    }
    let some = ListInvestmentsRequest {
        venture_id: VentureId::from_u128(1).to_string(),
        from_time: Some(time(on(date(2026, 9, 1)))),
        until_time: Some(time(on(date(2026, 10, 1)))),
        ..Default::default()
    };
    let found = investments(&world, LISTER, some).await;
    assert_eq!(found.investments.len(), 2);
    let (mut token, mut seen) = (String::new(), Vec::new());
    loop {
        let asked = ListInvestmentsRequest { page_size: 2, page_token: token, ..Default::default() };
        let found = investments(&world, INVESTOR, asked).await;
        seen.extend(times(&found));
        token = found.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert!(seen.is_sorted() && seen.len() == 5, "{seen:?}");
}

async fn forum_events(
    world: &World,
    by_whom: OrganisationId,
    request: ListForumEventsRequest,
) -> ListForumEventsResponse {
    let request = ListForumEventsRequest { min_position: world.head(), ..request };
    message(world.deals.list_forum_events(by(by_whom, request)).await)
}

#[tokio::test]
async fn pitches_are_shown_under_an_agreement() {
    let world = year().await;
    world.contest(62, ForumEventKind::PitchContest, date(2026, 8, 1)).await;
    world.contest(61, ForumEventKind::Matching, date(2026, 9, 1)).await;
    let under =
        |contract: &str| ListForumEventsRequest { contract_id: contract.into(), ..Default::default() };
    let agreement = AGREEMENT.to_string();
    for (viewer, contract, pitches) in [
        (PROMOTER, "", 2),
        (INVESTOR, agreement.as_str(), 2),
        (INVESTOR, "", 0),
        (LISTER, "", 1),
        (RIVAL, "", 0),
    ] {
        let found = forum_events(&world, viewer, under(contract)).await;
        assert_eq!(found.forum_events.len(), 2, "{viewer}");
        assert!(found.forum_events.is_sorted_by_key(|event| event.starts_at.map(|at| at.seconds)));
        let seen = found.forum_events.iter().map(|event| event.pitches.len());
        assert!(seen.clone().all(|seen| seen == pitches), "{viewer} sees {:?}", seen.collect::<Vec<_>>());
    }
    let answer = world.deals.list_forum_events(by(RIVAL, under(&agreement))).await;
    assert_eq!(refused(answer), ("NOT_FOUND".into(), "contract_id".into()));
    let contests = ListForumEventsRequest { kind: 3, ..Default::default() };
    assert_eq!(forum_events(&world, RIVAL, contests).await.forum_events.len(), 1);
    let ending_after = Some(time(on(date(2026, 8, 2))));
    let later = ListForumEventsRequest { ending_after, ..Default::default() };
    assert_eq!(forum_events(&world, RIVAL, later).await.forum_events.len(), 1);
}

#[tokio::test]
async fn no_answer_holds_anything_of_a_full_card() {
    let world = year().await;
    world.contest(61, ForumEventKind::Matching, date(2026, 9, 1)).await;
    world.revise(1, 2, teaser("anew")).await;
    let head = world.head();
    let search = SearchDealsRequest { min_position: head.clone(), ..Default::default() };
    let mut answers = vec![
        format!("{:?}", message(world.deals.search_deals(by(PROMOTER, search)).await)),
        format!("{:?}", funnel(&world, PROMOTER, GetFunnelRequest::default()).await),
        format!("{:?}", investments(&world, PROMOTER, ListInvestmentsRequest::default()).await),
        format!("{:?}", forum_events(&world, PROMOTER, ListForumEventsRequest::default()).await),
    ];
    let mut stream = message(world.deals.watch(by(PROMOTER, WatchRequest::default())).await);
    loop {
        let told = stream.next().await.unwrap().unwrap();
        let text = format!("{told:?}");
        let done = text.contains(&format!("ExaminedPosition(\"{head}\")"));
        answers.push(text);
        if done {
            break;
        }
    }
    assert!(answers.iter().any(|answer| answer.contains("anew")), "teasers are shown");
    for answer in answers {
        assert!(!answer.contains(SECRET) && !answer.contains("secret-room"), "{answer}");
    }
}
