//! What is ordered, from what, and what is refused.

use domain::{
    contract::{Command, Contract, ContractKind, ResumeContract},
    id::{ContractId, OrderId, OrganisationId},
    order::Event,
};
use engine::{Clock, wire_time};
use events::Category;
use order::Orders;
use proto::kiban::order::v1::{
    ConsentToShare, ListPriceSource, OmicsModality, OpenAdmission, OrderStage, PlaceOrderRequest,
    ServiceKind, SetVendorAdmissionRequest, VendorAdmission, WithdrawServiceRequest,
    listing_service_server::ListingService, order_service_server::OrderService, place_order_request::Source,
    vendor_admission::Mode,
};
use world::{Agreement, by, day, reason, terms};

use crate::forum::{Forum, milestone, yen};

impl Forum {
    async fn withdraw(&self, listing_id: &str) {
        let request = WithdrawServiceRequest {
            command_id: "withdraw".into(),
            listing_id: listing_id.into(),
            reason: "sold out".into(),
            ..Default::default()
        };
        self.selling.withdraw_service(by(self.vendor, request)).await.unwrap();
    }

    /// Only this vendor may sell omics analyses from now on.
    async fn admit_only(&self, vendor: OrganisationId) {
        self.admit(Mode::ExclusiveVendorId(vendor.to_string())).await;
    }

    async fn admit(&self, mode: Mode) {
        let request = SetVendorAdmissionRequest {
            command_id: format!("admit {mode:?}"),
            kind: ServiceKind::OmicsAnalysis.into(),
            admission: Some(VendorAdmission { mode: Some(mode) }),
            ..Default::default()
        };
        self.selling.set_vendor_admission(by(self.promoter, request)).await.unwrap();
    }

    /// The events of an order.
    async fn history(&self, order_id: &str) -> Vec<events::Recorded> {
        self.world.history(Category::Order.stream(order_id.parse::<OrderId>().unwrap())).await
    }
}

fn list_price(request: &mut PlaceOrderRequest) -> &mut ListPriceSource {
    match &mut request.source {
        Some(Source::ListPrice(price)) => price,
        other => panic!("a list price, not {other:?}"),
    }
}

#[tokio::test]
async fn a_member_orders_at_the_list_price_and_those_concerned_may_look() {
    let forum = Forum::new().await;
    let listing = forum.proteome().await;
    let request = forum.at_list_price(&listing);
    let placed = forum.place(forum.member, request.clone()).await.unwrap();
    for concerned in [forum.member, forum.vendor, forum.promoter, forum.base] {
        let order = forum.get(concerned, &placed.order_id).await.unwrap();
        assert_eq!((order.id.as_str(), order.stage()), (placed.order_id.as_str(), OrderStage::Placed));
        assert_eq!(
            (&order.member_id, &order.vendor_id),
            (&forum.member.to_string(), &forum.vendor.to_string())
        );
        assert_eq!(
            (order.kind(), order.omics_modality()),
            (ServiceKind::OmicsAnalysis, OmicsModality::Proteome)
        );
        assert_eq!((order.quantity, order.price, &order.listing_id), (12, yen(240_000), &listing));
        assert_eq!(order.milestones[1].amount, yen(100_000));
        assert_eq!(order.ordered_at, Some(wire_time(day(2026, 3, 2))));
    }
    for other in [forum.rival, forum.second] {
        assert_eq!(reason(forum.get(other, &placed.order_id).await).0, "NOT_FOUND");
    }
    let retry = forum.place(forum.member, request).await.unwrap();
    assert_eq!(retry.order_id, placed.order_id);
    assert!(retry.receipt.unwrap().replayed);
}

#[tokio::test]
async fn an_order_names_its_contract_and_whom_it_concerns() {
    let forum = Forum::new().await;
    let order = forum.placed().await;
    let events = forum.history(&order).await;
    let [event] = events.as_slice() else { panic!("one event, not {events:?}") };
    assert_eq!(event.metadata.partition, Some(forum.contract));
    assert_eq!(event.metadata.audience, [forum.member, forum.vendor]);
    let events::Event::Order(Event::OmicsAnalysisOrdered(ordered)) = &event.event else {
        panic!("an order, not {:?}", event.event)
    };
    assert_eq!(ordered.contract_revision, 5, "the contract at which the decision stood");
    assert_eq!(ordered.vendor_contract, Some(forum.participation));
}

#[tokio::test]
async fn one_order_comes_of_one_request_for_quote() {
    let forum = Forum::new().await;
    let quote = forum.quote(forum.proteome().await).await;
    let placed = forum.place(forum.member, forum.quoted("one", &quote)).await.unwrap();
    let order = forum.get(forum.member, &placed.order_id).await.unwrap();
    assert_eq!((order.quantity, order.price), (48, yen(800_000)));
    assert_eq!(order.required_credentials, ["iso-15189"]);
    assert_eq!(order.quote.unwrap().quote_request_id, quote);
    let twice = forum.place(forum.member, forum.quoted("two", &quote)).await;
    let message = twice.as_ref().unwrap_err().message().to_owned();
    assert!(message.ends_with(&format!("{quote} is taken by {}", placed.order_id)), "{message}");
    assert_eq!(reason(twice), ("QUOTE_ALREADY_USED".into(), "quote.quote_request_id".into()));
    let retry = forum.place(forum.member, forum.quoted("one", &quote)).await.unwrap();
    assert_eq!(retry.order_id, placed.order_id);
}

#[tokio::test]
async fn two_orders_of_one_quote_at_once_are_one() {
    let forum = Forum::new().await;
    let quote = forum.quote(forum.proteome().await).await;
    let other = Orders::new(forum.world.log.clone(), forum.world.gate.clone());
    let (one, two) = tokio::join!(
        forum.place(forum.member, forum.quoted("one", &quote)),
        other.place_order(by(forum.member, forum.quoted("two", &quote))),
    );
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|placed| **placed).count(), 1);
}

#[tokio::test]
async fn what_is_refused_leaves_the_quote_to_be_ordered() {
    let forum = Forum::new().await;
    let quote = forum.quote(forum.proteome().await).await;
    let mut demanding = forum.quoted("one", &quote);
    demanding.required_credentials = vec!["cap".into()];
    let refused = forum.place(forum.member, demanding).await;
    assert_eq!(reason(refused), ("CREDENTIAL_MISSING".into(), "required_credentials".into()));
    let validated = PlaceOrderRequest { validate_only: true, ..forum.quoted("two", &quote) };
    forum.place(forum.member, validated).await.unwrap();
    forum.place(forum.member, forum.quoted("three", &quote)).await.unwrap();
}

#[tokio::test]
async fn a_quote_binds_until_it_expires_by_the_clock() {
    let forum = Forum::new().await;
    let listing = forum.proteome().await;
    let quote = forum.quote(listing.clone()).await;
    forum.withdraw(&listing).await;
    let at_list_price = forum.place(forum.member, forum.at_list_price(&listing)).await;
    assert_eq!(reason(at_list_price), ("LISTING_WITHDRAWN".into(), "list_price.listing_id".into()));
    let strangers = PlaceOrderRequest {
        contract_id: ContractId::from_u128(forum.rival.as_u128()).to_string(),
        ..forum.quoted("rival", &quote)
    };
    let refused = forum.place(forum.rival, strangers).await;
    assert_eq!(reason(refused), ("NOT_FOUND".into(), "quote.quote_request_id".into()));
    forum.world.clock.set(day(2026, 3, 10));
    let late = forum.place(forum.member, forum.quoted("late", &quote)).await;
    assert_eq!(reason(late), ("QUOTE_EXPIRED".into(), "quote.number".into()));
    forum.world.clock.set(day(2026, 3, 9));
    forum.place(forum.member, forum.quoted("in time", &quote)).await.unwrap();
}

/// The vendor bound itself under the contract that it named when it quoted, whichever it lists under.
#[tokio::test]
async fn an_order_from_a_quote_stands_on_the_contract_under_which_it_was_quoted() {
    let forum = Forum::new().await;
    let other = ContractId::from_u128(77);
    let agreement = Agreement {
        id: other,
        kind: ContractKind::VendorParticipation,
        applicant: forum.vendor,
        issuer: forum.promoter,
        parties: [forum.vendor, forum.promoter].into(),
        at: forum.world.clock.now(),
        terms: terms("standard", day(2026, 3, 1)),
    };
    let stream = Category::Contract.stream(other);
    for command in agreement.commands() {
        forum.world.run::<Contract>(&stream, command).await;
    }
    let quote = forum.quote_under(other, forum.proteome().await).await;
    forum.world.pause(forum.participation).await;
    let pauses = || {
        let world = forum.world.clone();
        forum.race.before_the_next_append(async move { world.pause(other).await });
    };
    let resume = Command::ResumeContract(ResumeContract { at: forum.world.clock.now() });
    // First the quote is kept for the order, then the order is written: both times the contract has moved by then.
    for _ in 0..2 {
        pauses();
        let refused = forum.place(forum.member, forum.quoted("one", &quote)).await;
        assert!(forum.race.is_run());
        assert_eq!(reason(refused), ("VENDOR_NOT_PARTICIPATING".into(), "source".into()));
        forum.world.run::<Contract>(&stream, resume.clone()).await;
    }
    let placed = forum.place(forum.member, forum.quoted("one", &quote)).await.unwrap();
    let events = forum.history(&placed.order_id).await;
    let events::Event::Order(Event::OmicsAnalysisOrdered(ordered)) = &events[0].event else {
        panic!("an order, not {events:?}")
    };
    assert_eq!(ordered.vendor_contract, Some(other));
}

#[tokio::test]
async fn what_ends_between_decision_and_append_refuses_the_order() {
    for (whose, refused) in
        [(0, ("CONTRACT_NOT_IN_FORCE", "contract_id")), (1, ("VENDOR_NOT_PARTICIPATING", "source"))]
    {
        let forum = Forum::new().await;
        let listing = forum.proteome().await;
        forum.race.pauses(&forum.world, [forum.member, forum.vendor][whose]);
        let placed = forum.place(forum.member, forum.at_list_price(&listing)).await;
        assert!(forum.race.is_run());
        assert_eq!(reason(placed), (refused.0.into(), refused.1.into()));
    }
}

#[tokio::test]
async fn a_vendor_that_is_admitted_no_more_sells_nothing() {
    let forum = Forum::new().await;
    let listing = forum.proteome().await;
    forum.admit_only(forum.second).await;
    let refused = forum.place(forum.member, forum.at_list_price(&listing)).await;
    assert_eq!(reason(refused), ("VENDOR_NOT_ADMITTED".into(), "source".into()));
    forum.admit_only(forum.vendor).await;
    forum.place(forum.member, forum.at_list_price(&listing)).await.unwrap();
}

#[tokio::test]
async fn a_consortium_of_which_a_member_cannot_sell_sells_nothing() {
    let forum = Forum::new().await;
    let listing = forum.together().await;
    let placed = forum.place(forum.member, forum.at_list_price(&listing)).await.unwrap();
    let again = PlaceOrderRequest { command_id: "again".into(), ..forum.at_list_price(&listing) };
    forum.admit_only(forum.vendor).await;
    let refused = forum.place(forum.member, again.clone()).await;
    let told = refused.as_ref().unwrap_err().message().to_owned();
    assert!(!told.contains(&forum.second.to_string()), "a buyer does not learn who sells together: {told}");
    assert_eq!(reason(refused), ("VENDOR_NOT_ADMITTED".into(), "source".into()));
    forum.admit(Mode::Open(OpenAdmission {})).await;
    // The partner's contract is a guard: what ends between decision and append is seen.
    forum.race.pauses(&forum.world, forum.second);
    let refused = forum.place(forum.member, again).await;
    assert!(forum.race.is_run());
    assert_eq!(reason(refused), ("VENDOR_NOT_PARTICIPATING".into(), "source".into()));
    // What was ordered before goes on.
    forum.accept(forum.vendor, &placed.order_id).await.unwrap();
}

#[tokio::test]
async fn derived_material_needs_consent_and_an_ethics_approval() {
    let forum = Forum::new().await;
    let listing = forum.organoids().await;
    let order = |dataset: String, approval: &str| PlaceOrderRequest {
        dataset_id: dataset,
        ethics_approval: approval.into(),
        ..forum.at_list_price(&listing)
    };
    let (consented, unconsented) = (forum.consented.to_string(), forum.unconsented.to_string());
    for (request, text, field) in [
        (order(String::new(), "IRB-1"), "INVALID_FIELD", "dataset_id"),
        (order(unconsented, "IRB-1"), "CONSENT_MISSING", "dataset_id"),
        (order(consented.clone(), ""), "ETHICS_APPROVAL_MISSING", "ethics_approval"),
    ] {
        assert_eq!(reason(forum.place(forum.member, request).await), (text.into(), field.into()));
    }
    let placed = forum.place(forum.member, order(consented.clone(), "IRB-1")).await.unwrap();
    let order = forum.get(forum.vendor, &placed.order_id).await.unwrap();
    assert_eq!((&order.dataset_id, order.ethics_approval.as_str()), (&consented, "IRB-1"));
    assert_eq!(order.kind(), ServiceKind::PatientDerivedModel);
}

#[tokio::test]
async fn a_model_that_may_not_be_shared_is_not_ordered() {
    let forum = Forum::new().await;
    for (code, consent) in [("NO", ConsentToShare::No), ("NOBODY-KNOWS", ConsentToShare::NotAvailable)] {
        let listing = forum.models(code, consent).await;
        let request = PlaceOrderRequest {
            dataset_id: forum.consented.to_string(),
            ethics_approval: "IRB-1".into(),
            ..forum.at_list_price(&listing)
        };
        let refused = forum.place(forum.member, request).await;
        let told = refused.as_ref().unwrap_err().message().to_owned();
        assert!(told.contains("\"consent to share\" (PDX-MI)"), "{told}");
        assert_eq!(reason(refused), ("CONSENT_MISSING".into(), "source".into()));
    }
}

#[tokio::test]
async fn orders_are_refused_by_rule() {
    let forum = Forum::new().await;
    let listing = forum.proteome().await;
    type Change<'a> = &'a dyn Fn(&mut PlaceOrderRequest);
    let unknown = ContractId::from_u128(99).to_string();
    let nowhere = domain::id::ListingId::from_u128(99).to_string();
    let cases: [(Change<'_>, &str, &str); 15] = [
        (&|request| request.command_id.clear(), "INVALID_COMMAND_ID", "command_id"),
        (&|request| request.source = None, "INVALID_FIELD", "source"),
        (&|request| request.contract_id = unknown.clone(), "NOT_FOUND", "contract_id"),
        (&|request| list_price(request).listing_id = nowhere.clone(), "NOT_FOUND", "list_price.listing_id"),
        (&|request| list_price(request).quantity = 9, "INVALID_FIELD", "list_price.quantity"),
        (&|request| list_price(request).milestones.clear(), "INVALID_FIELD", "list_price.milestones"),
        (
            &|request| list_price(request).milestones[1].amount = yen(0),
            "INVALID_FIELD",
            "list_price.milestones[1].amount",
        ),
        (
            &|request| list_price(request).milestones[1].name = "raw data".into(),
            "INVALID_FIELD",
            "list_price.milestones[1].name",
        ),
        (
            &|request| {
                list_price(request).milestones[0].amount.as_mut().unwrap().currency_code = "USD".into()
            },
            "INVALID_FIELD",
            "list_price.milestones[0].amount.currency_code",
        ),
        (
            &|request| list_price(request).milestones.push(milestone("more", 1)),
            "MILESTONES_MISS_PRICE",
            "list_price.milestones",
        ),
        (
            &|request| request.required_credentials = vec!["ISO 15189".into()],
            "INVALID_FIELD",
            "required_credentials[0]",
        ),
        (
            &|request| request.required_credentials = vec!["iso".into(); 21],
            "INVALID_FIELD",
            "required_credentials",
        ),
        (
            &|request| request.required_credentials = vec!["cap".into()],
            "CREDENTIAL_MISSING",
            "required_credentials",
        ),
        (
            &|request| request.dataset_id = domain::id::DatasetId::from_u128(99).to_string(),
            "NOT_FOUND",
            "dataset_id",
        ),
        (&|request| request.ethics_approval = " ".into(), "INVALID_FIELD", "ethics_approval"),
    ];
    for (change, text, field) in cases {
        let mut request = forum.at_list_price(&listing);
        change(&mut request);
        assert_eq!(reason(forum.place(forum.member, request).await), (text.into(), field.into()));
    }
    let strangers = forum.place(forum.rival, forum.at_list_price(&listing)).await;
    assert_eq!(reason(strangers), ("NOT_FOUND".into(), "contract_id".into()), "not even that it exists");
    let vendors = forum.place(forum.vendor, forum.at_list_price(&listing)).await;
    assert_eq!(reason(vendors).0, "CAPACITY_REQUIRED");
}

#[tokio::test]
async fn only_a_contract_in_force_covers_an_order() {
    let forum = Forum::new().await;
    let listing = forum.proteome().await;
    forum.world.pause(forum.contract).await;
    let paused = forum.place(forum.member, forum.at_list_price(&listing)).await;
    assert_eq!(reason(paused), ("CONTRACT_NOT_IN_FORCE".into(), "contract_id".into()));
    forum.world.clock.set(day(2027, 3, 1));
    let expired = forum.place(forum.member, forum.at_list_price(&listing)).await;
    assert_eq!(reason(expired), ("CONTRACT_ENDED".into(), "contract_id".into()));
}
