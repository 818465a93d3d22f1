//! Requests for quotes, and the quotes that answer them.

use domain::id::{DatasetId, OrganisationId};
use events::wire;
use proto::kiban::order::v1::{
    DeclineQuoteRequestRequest, GetQuoteRequest, Milestone, QuoteRequest, QuoteRequestStage,
    RequestQuoteRequest, RequestQuoteResponse, SubmitQuoteRequest, SubmitQuoteResponse,
    WithdrawServiceRequest, listing_service_server::ListingService,
};
use tonic::{Response, Status};
use world::{by, day, reason};

use crate::forum::{Forum, yen};

impl Forum {
    async fn ask(
        &self,
        by_whom: OrganisationId,
        request: RequestQuoteRequest,
    ) -> Result<RequestQuoteResponse, Status> {
        self.api.request_quote(by(by_whom, request)).await.map(Response::into_inner)
    }

    /// The member's request for a quote of the vendor's listing.
    async fn request(&self) -> String {
        let listing = self.listing().await;
        self.ask(self.member, self.asked(listing)).await.unwrap().quote_request_id
    }

    async fn submit(
        &self,
        by_whom: OrganisationId,
        request: SubmitQuoteRequest,
    ) -> Result<SubmitQuoteResponse, Status> {
        self.api.submit_quote(by(by_whom, request)).await.map(Response::into_inner)
    }

    async fn decline(&self, by_whom: OrganisationId, quote_request_id: &str) -> Result<(), Status> {
        let request = DeclineQuoteRequestRequest {
            command_id: "decline".into(),
            quote_request_id: quote_request_id.into(),
            reason: "予約が一杯".into(),
            ..Default::default()
        };
        self.api.decline_quote_request(by(by_whom, request)).await.map(|_| ())
    }

    async fn get_quote(&self, by_whom: OrganisationId, id: &str) -> Result<QuoteRequest, Status> {
        let request = GetQuoteRequest { quote_request_id: id.into() };
        let found = self.api.get_quote(by(by_whom, request)).await.map(Response::into_inner)?;
        Ok(found.quote_request.unwrap())
    }

    fn quote(&self, command_id: &str, quote_request_id: &str, price: i64) -> SubmitQuoteRequest {
        let milestone = |name: &str, amount| Milestone { name: name.into(), amount: yen(amount) };
        SubmitQuoteRequest {
            command_id: command_id.into(),
            validate_only: false,
            expected_revision: None,
            quote_request_id: quote_request_id.into(),
            contract_id: self.selling.to_string(),
            price: yen(price),
            milestones: vec![milestone("raw data", price - 400_000), milestone("report", 400_000)],
            turnaround_days: 45,
            valid_until: Some(wire::time(day(2026, 4, 1))),
            note: String::new(),
        }
    }
}

#[tokio::test]
async fn a_member_asks_and_the_vendor_quotes() {
    let forum = Forum::new().await;
    let request = forum.request().await;
    let stage = forum.get_quote(forum.vendor, &request).await.unwrap().stage();
    assert_eq!(stage, QuoteRequestStage::Requested);
    for (command, price, number) in [("one", 2_000_000, 1), ("two", 1_800_000, 2), ("three", 1_800_000, 2)] {
        let submitted = forum.submit(forum.vendor, forum.quote(command, &request, price)).await.unwrap();
        assert_eq!(submitted.number, number);
    }
    for concerned in [forum.member, forum.vendor, forum.promoter] {
        let found = forum.get_quote(concerned, &request).await.unwrap();
        assert_eq!((found.stage(), found.quotes.len()), (QuoteRequestStage::Quoted, 2));
        assert_eq!(found.quotes[1].price, yen(1_800_000));
        assert_eq!((found.member_id, found.vendor_id), (forum.member.to_string(), forum.vendor.to_string()));
    }
    assert_eq!(reason(forum.get_quote(forum.second, &request).await).0, "NOT_FOUND");
    assert_eq!(reason(forum.decline(forum.vendor, &request).await).0, "QUOTE_BINDS");
    forum.world.clock.set(day(2026, 4, 1));
    let stage = forum.get_quote(forum.member, &request).await.unwrap().stage();
    assert_eq!(stage, QuoteRequestStage::Expired);
}

#[tokio::test]
async fn a_vendor_may_decline_and_is_then_done() {
    let forum = Forum::new().await;
    let request = forum.request().await;
    assert_eq!(reason(forum.decline(forum.second, &request).await).0, "NOT_FOUND");
    assert_eq!(reason(forum.decline(forum.member, &request).await).0, "NOT_YOURS");
    forum.decline(forum.vendor, &request).await.unwrap();
    let found = forum.get_quote(forum.member, &request).await.unwrap();
    assert_eq!((found.stage(), found.decline_reason.as_str()), (QuoteRequestStage::Declined, "予約が一杯"));
    let late = forum.submit(forum.vendor, forum.quote("late", &request, 1_000_000)).await;
    assert_eq!(reason(late).0, "QUOTE_REQUEST_DECLINED");
}

#[tokio::test]
async fn requests_are_refused_by_rule() {
    let forum = Forum::new().await;
    let listing = forum.listing().await;
    let nowhere = domain::id::ListingId::from_u128(1).to_string();
    let unknown = DatasetId::from_u128(1).to_string();
    let selling = forum.selling.to_string();
    type Change<'a> = &'a dyn Fn(&mut RequestQuoteRequest);
    let cases: [(Change<'_>, &str, &str); 7] = [
        (&|request| request.listing_id = nowhere.clone(), "NOT_FOUND", "listing_id"),
        (&|request| request.contract_id = selling.clone(), "NOT_FOUND", "contract_id"),
        (&|request| request.quantity = 7, "INVALID_FIELD", "quantity"),
        (&|request| request.requirements.clear(), "INVALID_FIELD", "requirements"),
        (
            &|request| request.required_credentials.push("ISO 15189".into()),
            "INVALID_FIELD",
            "required_credentials[1]",
        ),
        (
            &|request| request.required_credentials = vec!["iso".into(); 21],
            "INVALID_FIELD",
            "required_credentials",
        ),
        (&|request| request.dataset_id = unknown.clone(), "NOT_FOUND", "dataset_id"),
    ];
    for (change, text, field) in cases {
        let mut request = forum.asked(listing.clone());
        change(&mut request);
        assert_eq!(reason(forum.ask(forum.member, request).await), (text.into(), field.into()));
    }
    let vendors = forum.ask(forum.vendor, forum.asked(listing.clone())).await;
    assert_eq!(reason(vendors).0, "CAPACITY_REQUIRED");
    forum.race.pauses(&forum.world, forum.member);
    let paused = forum.ask(forum.member, forum.asked(listing)).await;
    assert_eq!(reason(paused), ("CONTRACT_NOT_IN_FORCE".into(), "contract_id".into()));
}

#[tokio::test]
async fn quotes_are_refused_by_rule() {
    let forum = Forum::new().await;
    let request = forum.request().await;
    let nowhere = domain::id::QuoteRequestId::from_u128(1).to_string();
    type Change<'a> = &'a dyn Fn(&mut SubmitQuoteRequest);
    let cases: [(Change<'_>, &str, &str); 8] = [
        (&|quote| quote.quote_request_id = nowhere.clone(), "NOT_FOUND", "quote_request_id"),
        (&|quote| quote.price = yen(999_999), "MILESTONES_MISS_PRICE", "milestones"),
        (&|quote| quote.price = yen(i64::MAX), "AMOUNT_OUT_OF_RANGE", "price"),
        (&|quote| quote.milestones[0].amount = yen(0), "INVALID_FIELD", "milestones[0].amount"),
        (&|quote| quote.milestones.clear(), "INVALID_FIELD", "milestones"),
        (&|quote| quote.turnaround_days = 0, "INVALID_FIELD", "turnaround_days"),
        (&|quote| quote.valid_until = None, "INVALID_FIELD", "valid_until"),
        (&|quote| quote.valid_until = Some(wire::time(day(2026, 3, 2))), "INVALID_FIELD", "valid_until"),
    ];
    for (change, text, field) in cases {
        let mut quote = forum.quote("quote", &request, 1_000_000);
        change(&mut quote);
        assert_eq!(reason(forum.submit(forum.vendor, quote).await), (text.into(), field.into()));
    }
    let strangers = forum.submit(forum.second, forum.quote("quote", &request, 1_000_000)).await;
    assert_eq!(reason(strangers), ("NOT_FOUND".into(), "quote_request_id".into()));
}

#[tokio::test]
async fn nothing_is_quoted_once_the_contract_or_the_listing_has_ended() {
    let forum = Forum::new().await;
    let request = forum.request().await;
    forum.race.pauses(&forum.world, forum.vendor);
    let paused = forum.submit(forum.vendor, forum.quote("quote", &request, 1_000_000)).await;
    assert!(forum.race.is_run());
    assert_eq!(reason(paused), ("CONTRACT_NOT_IN_FORCE".into(), "contract_id".into()));
    assert!(forum.get_quote(forum.member, &request).await.unwrap().quotes.is_empty());

    let forum = Forum::new().await;
    let request = forum.request().await;
    let listing_id = forum.get_quote(forum.member, &request).await.unwrap().listing_id;
    let withdraw = WithdrawServiceRequest {
        command_id: "withdraw".into(),
        listing_id,
        reason: "sold out".into(),
        ..Default::default()
    };
    let api = order::ListingApi::new(forum.world.log.clone(), forum.world.gate.clone());
    let vendor = forum.vendor;
    forum.race.before_the_next_append(async move {
        api.withdraw_service(by(vendor, withdraw)).await.unwrap();
    });
    let withdrawn = forum.submit(forum.vendor, forum.quote("quote", &request, 1_000_000)).await;
    assert_eq!(reason(withdrawn).0, "LISTING_WITHDRAWN");
}
