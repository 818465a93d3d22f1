//! The fold: its snapshot is canonical, holds nothing confidential, and goes on as if it had never stopped.

mod support;

use deal_flow::DealFlowFold;
use domain::{forum_event::ForumEventKind, investment::Form};
use engine::Fold;
use event_log::{EventLog, Page, Position};
use events::decode_frame;
use jiff::civil::date;
use money::Money;
use support::*;

#[tokio::test]
async fn a_restored_fold_goes_on_as_if_it_had_never_stopped() {
    let world = World::forum().await;
    world.list(2, LISTER, teaser("two")).await;
    world.list(1, OTHER_LISTER, teaser("one")).await;
    world.followed(1, INVESTOR).await;
    world.revise(2, 2, teaser("two, anew")).await;
    world.contest(61, ForumEventKind::Results, date(2026, 9, 1)).await;
    world.invest(51, Some(1), Form::Cash(Money::jpy(300)), today()).await;
    world.withdraw(2).await;
    world.take_back(51).await;
    let page = Page { frames: 1_000, ..Page::default() };
    let frames = world.log.read_all(Position::START, page).await.unwrap();
    let events: Vec<_> = frames.iter().flat_map(|frame| decode_frame(frame).unwrap()).collect();
    let delivered: Vec<_> = events
        .into_iter()
        .filter(|recorded| DealFlowFold::CATEGORIES.contains(&recorded.event.category()))
        .collect();

    let mut whole = DealFlowFold::default();
    delivered.iter().for_each(|recorded| whole.apply(recorded));
    assert_eq!(whole.ventures_after("").count(), 2);
    for cut in 0..=delivered.len() {
        let (before, after) = delivered.split_at(cut);
        let mut fold = DealFlowFold::default();
        before.iter().for_each(|recorded| fold.apply(recorded));
        let mut restored = DealFlowFold::decode(&fold.encode()).unwrap();
        after.iter().for_each(|recorded| restored.apply(recorded));
        assert_eq!(restored.encode(), whole.encode(), "restored after {cut}");
        assert!(restored.ventures_after("").eq(whole.ventures_after("")), "restored after {cut}");
    }
    let bytes = whole.encode();
    assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()));
}

#[test]
fn bytes_that_are_no_snapshot_are_refused() {
    assert!(DealFlowFold::decode(&[0xff]).is_err());
    // A venture whose lister is no id.
    assert!(DealFlowFold::decode(&[0x0a, 3, 0x12, 1, 7]).is_err());
    assert_eq!(DealFlowFold::decode(&[]).unwrap().encode(), DealFlowFold::default().encode());
}
