//! The fold: its snapshot is canonical, and what it answers does not depend on having been restored.

mod support;

use directory::{DirectoryFold, Viewer};
use domain::id::{ContractId, DatasetId, OrganisationId};
use engine::Fold;
use event_log::{EventLog, Page, Position};
use events::decode_frame;
use support::*;

/// What a viewer is shown, as ids.
fn seen(fold: &DirectoryFold, organisation: OrganisationId, operator: bool) -> Vec<String> {
    let viewer = Viewer { organisation, operator };
    let organisations = fold.organisations(viewer, "").map(|(id, _)| id);
    let contracts = fold.contracts(viewer, "").map(|(id, _)| id);
    texts(organisations.chain(contracts).chain(fold.datasets("").map(|(id, _)| id)))
}

#[tokio::test]
async fn a_restored_fold_goes_on_as_if_it_had_never_stopped() {
    let world = World::forum().await;
    world.contract(ContractId::from_u128(11), RIVAL, "basic").await;
    world.dataset(DatasetId::from_u128(20), description("TCGA-BRCA", BIOBANK)).await;
    world.contract(ContractId::from_u128(10), PHARMA, "basic").await;
    let page = Page { frames: 1_000, ..Page::default() };
    let frames = world.log.read_all(Position::START, page).await.unwrap();
    let events: Vec<_> = frames.iter().flat_map(|frame| decode_frame(frame).unwrap()).collect();

    let mut whole = DirectoryFold::default();
    events.iter().for_each(|event| whole.apply(event));
    assert_eq!(seen(&whole, PHARMA, false).len(), 3 + 1 + 1);
    for cut in 0..=events.len() {
        let (before, after) = events.split_at(cut);
        let mut fold = DirectoryFold::default();
        before.iter().for_each(|event| fold.apply(event));
        let mut restored = DirectoryFold::decode(&fold.encode()).unwrap();
        after.iter().for_each(|event| restored.apply(event));
        assert_eq!(restored.encode(), whole.encode(), "restored after {cut}");
        for (organisation, operator) in [(PHARMA, false), (RIVAL, false), (BIOBANK, false), (BASE, true)] {
            let (found, expected) =
                (seen(&restored, organisation, operator), seen(&whole, organisation, operator));
            assert_eq!(found, expected, "restored after {cut}");
        }
    }
}

#[test]
fn bytes_that_are_no_snapshot_are_refused() {
    assert!(DirectoryFold::decode(&[0xff]).is_err());
    assert!(DirectoryFold::decode(&[0x0a, 1, 0xff]).is_err());
    assert_eq!(DirectoryFold::decode(&[]).unwrap().encode(), DirectoryFold::default().encode());
}
