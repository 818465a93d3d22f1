//! Specimens: registered, reserved by those who race for them, and freed.

use std::sync::Arc;

use domain::{
    dataset::{Command, ComposedCases, ConsentScope, Dataset, Provision, ReleaseFreeze},
    id::{OrganisationId, SpecimenId},
};
use engine::{Clock, Folds, Projection, Store};
use events::Category;
use order::{HeldSpecimens, SpecimenRelease, Specimens};
use proto::kiban::order::v1::{
    GetSpecimenRequest, PlaceOrderRequest, RegisterSpecimenRequest, RegisterSpecimenResponse,
    ReleaseSpecimenRequest, ReserveSpecimenRequest, Specimen, specimen_service_server::SpecimenService,
};
use tonic::{Response, Status};
use world::{by, day, reason};

use crate::forum::Forum;

impl Forum {
    fn specimen(&self) -> RegisterSpecimenRequest {
        RegisterSpecimenRequest {
            command_id: "specimen".into(),
            code: "FFPE-0001".into(),
            dataset_id: self.consented.to_string(),
            material: "ffpe".into(),
            stock: 10,
            diagnosis: "大腸がん".into(),
            ..Default::default()
        }
    }

    async fn register_specimen(
        &self,
        by_whom: OrganisationId,
        request: RegisterSpecimenRequest,
    ) -> Result<RegisterSpecimenResponse, Status> {
        self.specimens.register_specimen(by(by_whom, request)).await.map(Response::into_inner)
    }

    async fn registered(&self) -> String {
        self.register_specimen(self.base, self.specimen()).await.unwrap().specimen_id
    }

    async fn reserve(
        &self,
        by_whom: OrganisationId,
        specimen: &str,
        order: &str,
        aliquots: u32,
    ) -> Result<(), Status> {
        let request = reservation(specimen, order, aliquots);
        self.specimens.reserve_specimen(by(by_whom, request)).await.map(drop)
    }

    async fn release(&self, by_whom: OrganisationId, specimen: &str, order: &str) -> Result<(), Status> {
        let request = ReleaseSpecimenRequest {
            command_id: format!("release {order}"),
            specimen_id: specimen.into(),
            order_id: order.into(),
            ..Default::default()
        };
        self.specimens.release_specimen(by(by_whom, request)).await.map(drop)
    }

    async fn get_specimen(&self, by_whom: OrganisationId, specimen: &str) -> Result<Specimen, Status> {
        let request = GetSpecimenRequest { specimen_id: specimen.into() };
        let found = self.specimens.get_specimen(by(by_whom, request)).await.map(Response::into_inner)?;
        Ok(found.specimen.unwrap())
    }

    /// An order of the listing about the dataset of [`specimen`](Self::specimen), which the vendor has taken.
    async fn taken(&self, command_id: &str, listing: &str) -> String {
        let request = PlaceOrderRequest {
            command_id: command_id.into(),
            dataset_id: self.consented.to_string(),
            ..self.at_list_price(listing)
        };
        let order = self.place(self.member, request).await.unwrap().order_id;
        self.accept(self.vendor, &order).await.unwrap();
        order
    }
}

fn reservation(specimen: &str, order: &str, aliquots: u32) -> ReserveSpecimenRequest {
    ReserveSpecimenRequest {
        command_id: format!("reserve {order} {aliquots}"),
        specimen_id: specimen.into(),
        order_id: order.into(),
        aliquots,
        ..Default::default()
    }
}

#[tokio::test]
async fn aliquots_are_reserved_for_an_order_and_freed() {
    let forum = Forum::new().await;
    let specimen = forum.registered().await;
    let order = forum.taken("order", &forum.proteome().await).await;
    assert_eq!(reason(forum.get_specimen(forum.vendor, &specimen).await).0, "NOT_FOUND");
    forum.reserve(forum.vendor, &specimen, &order, 4).await.unwrap();
    for concerned in [forum.vendor, forum.base] {
        let found = forum.get_specimen(concerned, &specimen).await.unwrap();
        assert_eq!((found.stock, found.free), (10, 6));
        assert_eq!(found.reservations[0].order_id, order);
    }
    assert_eq!(reason(forum.get_specimen(forum.second, &specimen).await).0, "NOT_FOUND");
    assert_eq!(reason(forum.release(forum.vendor, &specimen, &order).await).0, "CAPACITY_REQUIRED");
    forum.release(forum.base, &specimen, &order).await.unwrap();
    assert_eq!(forum.get_specimen(forum.base, &specimen).await.unwrap().free, 10);
    forum.reserve(forum.base, &specimen, &order, 10).await.unwrap();
    assert_eq!(forum.get_specimen(forum.base, &specimen).await.unwrap().free, 0);
}

#[tokio::test]
async fn who_races_for_the_last_aliquots_gets_them_or_nothing() {
    let forum = Forum::new().await;
    let specimen = forum.registered().await;
    let listing = forum.proteome().await;
    let (one, two) = (forum.taken("one", &listing).await, forum.taken("two", &listing).await);
    // The second order's reservation comes between the decision of the first and its append.
    let faster = Specimens::new(forum.world.log.clone(), forum.world.gate.clone());
    let request = by(forum.vendor, reservation(&specimen, &two, 6));
    forum.race.before_the_next_append(async move {
        faster.reserve_specimen(request).await.unwrap();
    });
    let slower = forum.reserve(forum.vendor, &specimen, &one, 6).await;
    assert!(forum.race.is_run());
    assert_eq!(reason(slower), ("STOCK_EXCEEDED".into(), "aliquots".into()));
    assert_eq!(forum.get_specimen(forum.base, &specimen).await.unwrap().free, 4);
    forum.reserve(forum.vendor, &specimen, &one, 4).await.unwrap();
    assert_eq!(forum.get_specimen(forum.base, &specimen).await.unwrap().free, 0);
}

#[tokio::test]
async fn an_order_that_ends_before_the_append_reserves_nothing() {
    let forum = Forum::new().await;
    let specimen = forum.registered().await;
    let order = forum.taken("order", &forum.proteome().await).await;
    let other = order::Orders::new(forum.world.log.clone(), forum.world.gate.clone());
    let request = proto::kiban::order::v1::CancelOrderRequest {
        command_id: "cancel".into(),
        order_id: order.clone(),
        reason: "予算".into(),
        ..Default::default()
    };
    let request = by(forum.member, request);
    forum.race.before_the_next_append(async move {
        use proto::kiban::order::v1::order_service_server::OrderService;
        other.cancel_order(request).await.unwrap();
    });
    let late = forum.reserve(forum.vendor, &specimen, &order, 4).await;
    assert!(forum.race.is_run());
    assert_eq!(reason(late), ("WRONG_STAGE".into(), "order_id".into()));
}

#[tokio::test]
async fn specimens_are_refused_by_rule() {
    let forum = Forum::new().await;
    let nowhere = domain::id::DatasetId::from_u128(99).to_string();
    type Change<'a> = &'a dyn Fn(&mut RegisterSpecimenRequest);
    let cases: [(Change<'_>, &str, &str); 6] = [
        (&|request| request.code = "a b".into(), "INVALID_FIELD", "code"),
        (&|request| request.dataset_id = nowhere.clone(), "NOT_FOUND", "dataset_id"),
        (&|request| request.material = "FFPE block".into(), "INVALID_FIELD", "material"),
        (&|request| request.stock = 0, "INVALID_FIELD", "stock"),
        (&|request| request.stock = 100_001, "INVALID_FIELD", "stock"),
        (&|request| request.diagnosis = " ".into(), "INVALID_FIELD", "diagnosis"),
    ];
    for (change, text, field) in cases {
        let mut request = forum.specimen();
        change(&mut request);
        let refused = forum.register_specimen(forum.base, request).await;
        assert_eq!(reason(refused), (text.into(), field.into()));
    }
    let promoters = forum.register_specimen(forum.promoter, forum.specimen()).await;
    assert_eq!(reason(promoters).0, "CAPACITY_REQUIRED");
    let specimen = forum.registered().await;
    let again = RegisterSpecimenRequest { command_id: "again".into(), ..forum.specimen() };
    let taken = forum.register_specimen(forum.base, again).await;
    assert_eq!(reason(taken), ("KEY_TAKEN".into(), "code".into()));
    let listing = forum.proteome().await;
    let order = forum.taken("order", &listing).await;
    let nothing = SpecimenId::from_u128(1).to_string();
    let missing = forum.reserve(forum.vendor, &nothing, &order, 1).await;
    assert_eq!(reason(missing), ("NOT_FOUND".into(), "specimen_id".into()));
    let strangers = forum.reserve(forum.second, &specimen, &order, 1).await;
    assert_eq!(reason(strangers).0, "NOT_FOUND", "nobody else learns of the order");
    assert_eq!(reason(forum.reserve(forum.member, &specimen, &order, 1).await).0, "NOT_YOURS");
    forum.reserve(forum.vendor, &specimen, &order, 1).await.unwrap();
    let more = forum.reserve(forum.vendor, &specimen, &order, 2).await;
    assert_eq!(reason(more), ("ALREADY_RESERVED".into(), "order_id".into()));
}

#[tokio::test]
async fn a_specimen_of_another_dataset_is_not_reserved() {
    let forum = Forum::new().await;
    let specimen = forum.registered().await;
    let listing = forum.proteome().await;
    let request =
        PlaceOrderRequest { dataset_id: forum.unconsented.to_string(), ..forum.at_list_price(&listing) };
    let order = forum.place(forum.member, request).await.unwrap().order_id;
    forum.accept(forum.vendor, &order).await.unwrap();
    let other = forum.reserve(forum.vendor, &specimen, &order, 1).await;
    assert_eq!(reason(other), ("OTHER_DATASET".into(), "specimen_id".into()));
}

/// An order of derived material was placed on the freeze of its day; what its specimens are for is asked again.
#[tokio::test]
async fn a_consent_that_is_taken_back_before_the_append_reserves_nothing() {
    let forum = Forum::new().await;
    let specimen = forum.registered().await;
    let request = PlaceOrderRequest {
        dataset_id: forum.consented.to_string(),
        ethics_approval: "IRB-1".into(),
        ..forum.at_list_price(&forum.organoids().await)
    };
    let order = forum.place(forum.member, request).await.unwrap().order_id;
    forum.accept(forum.vendor, &order).await.unwrap();
    forum.reserve(forum.vendor, &specimen, &order, 1).await.unwrap();
    forum.release(forum.base, &specimen, &order).await.unwrap();
    forum.world.clock.set(day(2026, 3, 3));
    let (world, dataset, base) = (forum.world.clone(), forum.consented, forum.base);
    forum.race.before_the_next_append(async move {
        let release = ReleaseFreeze {
            composition: vec![ComposedCases { institution: base, cases: 90 }],
            consent: ConsentScope { derived_material_sale: false },
            provision: Provision::ByOperator,
            at: world.clock.now(),
        };
        world.run::<Dataset>(&Category::Dataset.stream(dataset), Command::ReleaseFreeze(release)).await;
    });
    let late = forum.reserve(forum.vendor, &specimen, &order, 2).await;
    assert!(forum.race.is_run());
    assert_eq!(reason(late), ("CONSENT_MISSING".into(), "specimen_id".into()));
    let operators = forum.reserve(forum.base, &specimen, &order, 3).await;
    assert_eq!(reason(operators), ("CONSENT_MISSING".into(), "specimen_id".into()));
}

/// An order that names no dataset says nothing of whose specimens it may use; the base operator, whose they are, may.
#[tokio::test]
async fn a_vendor_reserves_nothing_for_an_order_without_a_dataset() {
    let forum = Forum::new().await;
    let specimen = forum.registered().await;
    let order = forum.placed().await;
    forum.accept(forum.vendor, &order).await.unwrap();
    let vendors = forum.reserve(forum.vendor, &specimen, &order, 1).await;
    assert_eq!(reason(vendors), ("NO_DATASET_ORDERED".into(), "order_id".into()));
    forum.reserve(forum.base, &specimen, &order, 1).await.unwrap();
}

#[tokio::test]
async fn what_a_cancelled_order_held_is_freed_once_unless_something_was_delivered() {
    let forum = Forum::new().await;
    let held: Arc<Projection<HeldSpecimens>> = Projection::open(Store::in_memory().unwrap()).unwrap();
    let mut folds = Folds::default();
    folds.add(&held);
    let folds = folds.run(forum.world.feed.clone());
    let policy = SpecimenRelease::new(forum.world.log.clone(), held.clone(), forum.world.clock.clone());
    let released = || async {
        held.reached(forum.world.log.head().position).await.unwrap();
        policy.release_due().await.unwrap()
    };
    let free = || async {
        let specimen = forum.registered().await;
        forum.get_specimen(forum.base, &specimen).await.unwrap().free
    };

    let specimen = forum.registered().await;
    let listing = forum.proteome().await;
    let (untouched, begun) = (forum.taken("untouched", &listing).await, forum.taken("begun", &listing).await);
    forum.reserve(forum.vendor, &specimen, &untouched, 3).await.unwrap();
    forum.reserve(forum.vendor, &specimen, &begun, 4).await.unwrap();
    assert_eq!((released().await, free().await), (0, 3));
    forum.cancel(forum.member, &untouched).await.unwrap();
    forum.deliver(forum.vendor, &begun, 0, 1).await.unwrap();
    let request = proto::kiban::order::v1::CancelOrderRequest {
        command_id: "cancel begun".into(),
        order_id: begun.clone(),
        reason: "予算".into(),
        ..Default::default()
    };
    use proto::kiban::order::v1::order_service_server::OrderService;
    forum.orders.cancel_order(by(forum.member, request)).await.unwrap();
    assert_eq!((released().await, free().await), (1, 6));
    assert_eq!((released().await, free().await), (0, 6), "once");
    forum.release(forum.base, &specimen, &begun).await.unwrap();
    assert_eq!((released().await, free().await), (0, 10));
    folds.stop().await;
}
