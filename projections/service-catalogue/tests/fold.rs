//! The fold: its snapshot is canonical, it takes any event at any time, and what it answers does not depend
//! on having been restored.

mod support;

use std::sync::Arc;

use domain::{listing::ServiceKind, vendor_admission::AdmissionMode};
use engine::{Fold, Folds, Gate, Mark, Projection, Store, StoredFold};
use event_log::{EventLog, Page, Position};
use events::{Recorded, decode_frame};
use jiff::civil::date;
use proptest::prelude::*;
use proto::kiban::service_catalogue::v1::{
    SearchServicesRequest, catalogue_service_server::CatalogueService,
};
use service_catalogue::{Catalogue, CatalogueFold};
use support::*;

/// Something of every kind.
async fn world() -> World {
    let world = World::forum().await;
    world.credential(ALPHA, "cap", date(2027, 1, 1)).await;
    world.list(1, ALPHA, omics("RNA解析", "薬剤")).await;
    world.list(2, BETA, xenograft("ゼノグラフト", "乳がん")).await;
    world.list(3, BETA, omics("DNA", "薬剤")).await;
    world.admit(ServiceKind::OmicsAnalysis, AdmissionMode::Limited([ALPHA, BETA].into())).await;
    world.view(1, PHARMA, today()).await;
    let asked = [requested(1, listing_id(1), ALPHA, today()), submitted(1, ALPHA, today())];
    world.append(quote_id(1), &asked, &[]).await;
    world.append(order_id(1), &[placed(1, Some(listing_id(1)), ALPHA, today())], &[]).await;
    world.append(order_id(1), &[accepted(today())], &[]).await;
    world.append(order_id(2), &[placed(2, None, ALPHA, today())], &[]).await;
    world.revise(1, ALPHA, omics("RNA解析（改）", "薬剤")).await;
    world.withdraw(3).await;
    world
}

async fn events(world: &World) -> Vec<Recorded> {
    let page = Page { frames: 1_000, ..Page::default() };
    let frames = world.log.read_all(Position::START, page).await.unwrap();
    frames.iter().flat_map(|frame| decode_frame(frame).unwrap()).collect()
}

fn folded<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> CatalogueFold {
    let mut fold = CatalogueFold::default();
    let subscribed =
        events.into_iter().filter(|event| CatalogueFold::CATEGORIES.contains(&event.event.category()));
    subscribed.for_each(|event| fold.apply(event));
    fold
}

#[tokio::test]
async fn a_restored_fold_goes_on_as_if_it_had_never_stopped() {
    let world = world().await;
    let events = events(&world).await;
    let whole = folded(&events);
    for cut in 0..=events.len() {
        let (before, after) = events.split_at(cut);
        let mut restored = CatalogueFold::decode(&folded(before).encode()).unwrap();
        after.iter().for_each(|event| restored.apply(event));
        assert_eq!(restored.encode(), whole.encode(), "restored after {cut}");
    }
}

#[tokio::test]
async fn a_restored_projection_answers_the_same() {
    let world = world().await;
    let bytes = folded(&events(&world).await).encode();
    let store = Store::in_memory().unwrap();
    let last = world.log.frame_at(world.log.head().position).await.unwrap().unwrap();
    let end = Mark::of(&last).unwrap();
    let stored = StoredFold { end, bytes };
    store.save_fold(CatalogueFold::VERSION, &stored, &[]).unwrap();
    let projection = Projection::<CatalogueFold>::open(store).unwrap();
    let mut folds = Folds::default();
    folds.add(&projection);
    let _running = folds.run(world.log.clone());
    let gate = Arc::new(Gate::new(world.log.clone(), world.clock.clone()));
    let restored = Catalogue::new(projection, world.log.clone(), gate);
    for query in ["", "薬剤", "ゼノグラフト", "RNA", "nothing"] {
        let request = SearchServicesRequest { query: query.into(), ..Default::default() };
        let expected = world.search(request.clone()).await;
        assert_eq!(message(restored.search_services(by(PHARMA, request)).await), expected, "{query}");
    }
}

#[test]
fn bytes_that_are_no_snapshot_are_refused() {
    assert!(CatalogueFold::decode(&[0xff]).is_err());
    assert!(CatalogueFold::decode(&[0x0a, 1, 0xff]).is_err());
    // A count whose vendor has one byte.
    assert!(CatalogueFold::decode(&[0x2a, 7, 0x0a, 5, 0x0a, 3, 0x0a, 1, 9]).is_err());
    assert_eq!(CatalogueFold::decode(&[]).unwrap().encode(), CatalogueFold::default().encode());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes, in whatever order and however often, the fold takes it, and its snapshot reads back.
    #[test]
    fn any_events_in_any_order_are_taken(picks in prop::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let events = runtime.block_on(async { events(&world().await).await });
        let fold = folded(picks.iter().map(|pick| pick.get(&events)));
        let bytes = fold.encode();
        prop_assert_eq!(CatalogueFold::decode(&bytes).unwrap().encode(), bytes);
    }
}
