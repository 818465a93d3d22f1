//! From the vendor's acceptance to the order's end.

use domain::id::OrderId;
use proto::kiban::order::v1::{MilestoneStage, OrderStage};
use world::reason;

use crate::forum::{Forum, artefact};

#[tokio::test]
async fn an_order_is_delivered_disputed_delivered_again_and_completed() {
    let forum = Forum::new().await;
    let order = forum.placed().await;
    forum.accept(forum.vendor, &order).await.unwrap();
    forum.deliver(forum.vendor, &order, 0, 1).await.unwrap();
    forum.dispute(forum.member, &order, 0).await.unwrap();
    let disputed = forum.get(forum.vendor, &order).await.unwrap().milestones.remove(0);
    assert_eq!((disputed.stage(), disputed.dispute_reason.as_str()), (MilestoneStage::Disputed, "読めない"));
    forum.deliver(forum.vendor, &order, 0, 2).await.unwrap();
    assert!(!forum.accept_delivery(forum.member, &order, 0).await.unwrap().completed);
    forum.deliver(forum.vendor, &order, 1, 3).await.unwrap();
    assert!(forum.accept_delivery(forum.member, &order, 1).await.unwrap().completed);
    assert!(forum.accept_delivery(forum.member, &order, 1).await.unwrap().receipt.unwrap().replayed);
    forum.deposit(forum.vendor, &order).await.unwrap();
    let found = forum.get(forum.member, &order).await.unwrap();
    assert_eq!(found.stage(), OrderStage::Completed);
    assert!(found.milestones.iter().all(|milestone| milestone.stage() == MilestoneStage::Accepted));
    assert_eq!(found.milestones[0].delivery, Some(artefact(2)));
    assert_eq!(found.results[0].artefact, Some(artefact(9)));
    assert!(found.accepted_at.is_some() && found.ended_at.is_some());
}

#[tokio::test]
async fn what_was_delivered_stays_charged_when_the_member_cancels() {
    let forum = Forum::new().await;
    let order = forum.placed().await;
    forum.accept(forum.vendor, &order).await.unwrap();
    forum.deliver(forum.vendor, &order, 1, 1).await.unwrap();
    let vendors = forum.cancel(forum.vendor, &order).await;
    assert_eq!(reason(vendors), ("DELIVERY_UNANSWERED".into(), "order_id".into()));
    forum.cancel(forum.member, &order).await.unwrap();
    let found = forum.get(forum.promoter, &order).await.unwrap();
    assert_eq!((found.stage(), found.reason.as_str()), (OrderStage::Cancelled, "予算"));
    assert_eq!(found.cancelled_by_id, forum.member.to_string());
    let stages: Vec<MilestoneStage> = found.milestones.iter().map(|milestone| milestone.stage()).collect();
    assert_eq!(stages, [MilestoneStage::Awaited, MilestoneStage::ChargedOnCancellation]);
}

#[tokio::test]
async fn each_does_what_is_theirs_and_at_its_time() {
    let forum = Forum::new().await;
    let order = forum.placed().await;
    let is = |reason: &str, field: &str| (reason.to_owned(), field.to_owned());
    let early = forum.deliver(forum.vendor, &order, 0, 1).await;
    assert_eq!(reason(early), is("WRONG_STAGE", "order_id"));
    assert_eq!(reason(forum.accept(forum.member, &order).await), is("NOT_YOURS", ""));
    assert_eq!(reason(forum.accept(forum.promoter, &order).await), is("NOT_YOURS", ""));
    assert_eq!(reason(forum.accept(forum.rival, &order).await), is("NOT_FOUND", ""), "nobody else knows");
    let nothing = OrderId::from_u128(1).to_string();
    assert_eq!(reason(forum.accept(forum.vendor, &nothing).await), is("NOT_FOUND", ""));
    forum.accept(forum.vendor, &order).await.unwrap();
    assert_eq!(reason(forum.decline(forum.vendor, &order).await), is("WRONG_STAGE", "order_id"));
    let missing = forum.deliver(forum.vendor, &order, 2, 1).await;
    assert_eq!(reason(missing), is("INVALID_FIELD", "milestone"));
    let undelivered = forum.accept_delivery(forum.member, &order, 0).await;
    assert_eq!(reason(undelivered), is("WRONG_STAGE", "milestone"));
    forum.deliver(forum.vendor, &order, 0, 1).await.unwrap();
    assert_eq!(reason(forum.accept_delivery(forum.vendor, &order, 0).await), is("NOT_YOURS", ""));
    forum.accept_delivery(forum.member, &order, 0).await.unwrap();
    let settled = forum.dispute(forum.member, &order, 0).await;
    assert_eq!(reason(settled), is("WRONG_STAGE", "milestone"));
}

#[tokio::test]
async fn a_declined_order_is_over() {
    let forum = Forum::new().await;
    let order = forum.placed().await;
    forum.decline(forum.vendor, &order).await.unwrap();
    let found = forum.get(forum.member, &order).await.unwrap();
    assert_eq!((found.stage(), found.reason.as_str()), (OrderStage::Declined, "予約が一杯"));
    assert_eq!(reason(forum.accept(forum.vendor, &order).await).0, "WRONG_STAGE");
    assert_eq!(reason(forum.cancel(forum.member, &order).await).0, "WRONG_STAGE");
}
