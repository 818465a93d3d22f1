//! An agreement that ends between a decision and its append: it is a guard, so the decision does not stand.

use proto::kiban::venture::v1::venture_service_server::VentureService;
use world::{by, reason};

use crate::{
    events::pitch,
    forum::{Forum, contract_of},
};

#[tokio::test]
async fn an_agreement_that_ends_meanwhile_shows_nothing() {
    let forum = Forum::new().await;
    let venture = forum.listed().await;
    forum.race.pauses(&forum.world, forum.investor);
    let outcome = forum.ventures.view_deal(by(forum.investor, forum.view(&venture))).await;
    forum.race.lost(outcome, "contract_id");
    assert_eq!(forum.seen(&venture).await.funnel.unwrap().views, 0);
}

#[tokio::test]
async fn nor_lets_it_anybody_in() {
    let forum = Forum::new().await;
    let venture = forum.let_in().await;
    forum.race.pauses(&forum.world, forum.investor);
    let outcome = forum.ventures.enter_data_room(by(forum.investor, forum.entry(&venture))).await;
    forum.race.lost(outcome, "contract_id");
    assert_eq!(forum.seen(&venture).await.funnel.unwrap().data_room_entries, 0);
}

#[tokio::test]
async fn nor_records_it_an_interest_a_room_or_an_investment() {
    let forum = Forum::new().await;
    let venture = forum.listed().await;
    forum.ventures.view_deal(by(forum.investor, forum.view(&venture))).await.unwrap();
    forum.race.pauses(&forum.world, forum.investor);
    let outcome = forum.ventures.express_interest(by(forum.investor, forum.interest(&venture))).await;
    forum.race.lost(outcome, "contract_id");

    let forum = Forum::new().await;
    let venture = forum.listed().await;
    forum.ventures.view_deal(by(forum.investor, forum.view(&venture))).await.unwrap();
    forum.ventures.express_interest(by(forum.investor, forum.interest(&venture))).await.unwrap();
    forum.race.pauses(&forum.world, forum.investor);
    let outcome = forum.ventures.open_data_room(by(forum.lister, forum.room(&venture))).await;
    let told = outcome.as_ref().unwrap_err().message().to_owned();
    assert!(
        !told.contains(&contract_of(forum.investor)),
        "the lister learns not which agreement it is: {told}"
    );
    forum.race.lost(outcome, "investor_id");

    let forum = Forum::new().await;
    let venture = forum.viewed().await;
    forum.race.pauses(&forum.world, forum.investor);
    let outcome = forum.ventures.record_investment(by(forum.investor, forum.investment(&venture))).await;
    forum.race.lost(outcome, "contract_id");
}

#[tokio::test]
async fn a_listing_stands_on_the_listers_contract() {
    let forum = Forum::new().await;
    forum.race.pauses(&forum.world, forum.lister);
    let outcome = forum.ventures.list_venture(by(forum.lister, forum.list_request())).await;
    forum.race.lost(outcome, "contract_id");

    let forum = Forum::new().await;
    let venture = forum.listed().await;
    forum.race.pauses(&forum.world, forum.lister);
    let outcome = forum.ventures.revise_venture(by(forum.lister, forum.revision(&venture, "second"))).await;
    forum.race.lost(outcome, "venture_id");

    let forum = Forum::new().await;
    let (venture, event) = (forum.listed().await, forum.contest().await);
    forum.race.pauses(&forum.world, forum.lister);
    let outcome = forum.submit(forum.lister, pitch(&event, &venture)).await;
    forum.race.lost(outcome, "venture_id");
}

#[tokio::test]
async fn a_venture_that_is_withdrawn_meanwhile_takes_no_investment() {
    let forum = Forum::new().await;
    let venture = forum.viewed().await;
    let (other, withdrawal) = (
        venture::Ventures::new(forum.world.log.clone(), forum.world.gate.clone()),
        by(forum.lister, forum.withdrawal(&venture)),
    );
    forum.race.before_the_next_append(async move {
        other.withdraw_venture(withdrawal).await.unwrap();
    });
    let outcome = forum.ventures.record_investment(by(forum.investor, forum.investment(&venture))).await;
    assert_eq!(reason(outcome), ("VENTURE_WITHDRAWN".into(), "venture_id".into()));
}
