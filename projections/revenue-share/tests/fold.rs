//! The fold: its snapshot is canonical, and a restored one goes on as if it had never stopped.

mod support;

use engine::{Fold, HistoryRow, ledger::LedgerFold};
use events::Recorded;
use revenue_share::RevenueShareFold;
use support::*;
use world::{in_shards, together};

/// More events than one block of positions holds, so that rows are let go of.
async fn history() -> Vec<Recorded> {
    let world = World::market().await;
    world.contract(OTHER_CONTRACT).await;
    world.place(order_of(ORDER, CONTRACT, on(4, 2)), vec![taken(on(4, 3)), delivered(0, on(4, 4))]).await;
    let recruitment = [requested(RECRUITMENT, CONTRACT, on(4, 3)), approved(on(4, 9)), joined(1, on(4, 10))];
    world.append(RECRUITMENT, &recruitment).await;
    world.credit(1, CONTRACT, month(4), 300).await;
    world.fund(1, 365_000).await;
    for count in 0..1_100u32 {
        let contract = if count.is_multiple_of(3) { OTHER_CONTRACT } else { CONTRACT };
        world.report(contract, &[used(on(5, 4), (count % 2) as usize, count % 7 + 1)]).await;
    }
    world.append(RECRUITMENT, &[enrolled(1, 1, on(6, 9))]).await;
    world.append(ORDER, &[accepted(0, on(5, 4)), cancelled(vec![], on(5, 9))]).await;
    world.events().await
}

/// The rows that a fold lets go of in all, and its bytes.
fn kept(mut fold: RevenueShareFold, mut rows: Vec<HistoryRow>) -> (Vec<HistoryRow>, Vec<u8>) {
    rows.extend(fold.take_history());
    rows.sort();
    (rows, fold.encode())
}

#[tokio::test]
async fn a_restored_fold_goes_on_as_if_it_had_never_stopped() {
    let events = history().await;
    let mut whole = RevenueShareFold::default();
    events.iter().for_each(|event| whole.apply(event));
    let whole = kept(whole, vec![]);
    assert!(!whole.0.is_empty(), "a block has ended");

    for cut in (0..=events.len()).step_by(97).chain([events.len()]) {
        let (before, after) = events.split_at(cut);
        let mut fold = RevenueShareFold::default();
        before.iter().for_each(|event| fold.apply(event));
        let (rows, bytes) = kept(fold, vec![]);
        let mut restored = RevenueShareFold::decode(&bytes).unwrap();
        assert_eq!(restored.encode(), bytes, "read back after {cut}");
        after.iter().for_each(|event| restored.apply(event));
        assert!(kept(restored, rows) == whole, "restored after {cut}");
    }
}

#[tokio::test]
async fn shards_let_go_of_the_rows_of_the_whole_and_hold_together_what_it_holds() {
    let events = history().await;
    let mut whole = RevenueShareFold::default();
    events.iter().for_each(|event| whole.apply(event));
    let (rows, bytes) = kept(whole, vec![]);
    for count in [1, 2, 3, 7] {
        let shards = in_shards::<RevenueShareFold>(&events, count);
        let (ledger, let_go) = together(&shards);
        assert!(events::ledger::encode(&ledger) == bytes, "in {count} shards");
        assert!(let_go == rows, "in {count} shards");
        let lines = shards.map(|(fold, _)| fold.ledger().line_images().len());
        assert_eq!(lines.iter().sum::<usize>(), ledger.line_images().len(), "no line is in two shards");
        let busy = lines.iter().filter(|lines| **lines > 0).count();
        assert_eq!(busy, 2.min(count as usize), "the two contracts are in two shards");
    }
}

#[test]
fn bytes_that_are_no_snapshot_are_refused() {
    assert!(RevenueShareFold::decode(&[0xff]).is_err());
    assert_eq!(RevenueShareFold::decode(&[]).unwrap().encode(), RevenueShareFold::default().encode());
}
