//! Listing, revising, withdrawing, viewing, and who is admitted.

use domain::id::OrganisationId;
use proto::kiban::order::v1::{
    DataAnalysisAttributes, GetListingRequest, GetVendorAdmissionRequest, LimitedAdmission,
    ListServiceRequest, Listing, OpenAdmission, PatientDerivedModelAttributes, ReviseServiceRequest,
    ServiceKind, SetVendorAdmissionRequest, VendorAdmission, ViewServiceRequest, WithdrawServiceRequest,
    listing_content::Attributes, listing_service_server::ListingService, vendor_admission::Mode,
};
use tonic::{Response, Status};
use world::{by, day, reason};

use crate::forum::{Forum, content, yen};

impl Forum {
    async fn get(&self, by_whom: OrganisationId, listing_id: &str) -> Result<Listing, Status> {
        let request = GetListingRequest { listing_id: listing_id.into() };
        let found = self.api.get_listing(by(by_whom, request)).await.map(Response::into_inner)?;
        Ok(found.listing.unwrap())
    }

    async fn revise(&self, by_whom: OrganisationId, request: ReviseServiceRequest) -> Result<(), Status> {
        self.api.revise_service(by(by_whom, request)).await.map(|_| ())
    }

    async fn withdraw(&self, by_whom: OrganisationId, listing_id: &str) -> Result<(), Status> {
        let request = WithdrawServiceRequest {
            command_id: "withdraw".into(),
            listing_id: listing_id.into(),
            reason: "装置の更新".into(),
            ..Default::default()
        };
        self.api.withdraw_service(by(by_whom, request)).await.map(|_| ())
    }

    /// The listing as a viewer sees it, and whether the view was written.
    async fn view(
        &self,
        by_whom: OrganisationId,
        command_id: &str,
        listing_id: &str,
    ) -> Result<(Listing, bool), Status> {
        let request = ViewServiceRequest {
            command_id: command_id.into(),
            validate_only: false,
            contract_id: self.contract.to_string(),
            listing_id: listing_id.into(),
        };
        let viewed = self.api.view_service(by(by_whom, request)).await?.into_inner();
        Ok((viewed.listing.unwrap(), !viewed.receipt.unwrap().position.is_empty()))
    }

    fn revision(&self, listing_id: &str) -> ReviseServiceRequest {
        let mut content = content();
        content.list_price.as_mut().unwrap().price = yen(45_000);
        ReviseServiceRequest {
            command_id: "revise".into(),
            validate_only: false,
            expected_revision: None,
            listing_id: listing_id.into(),
            contract_id: self.selling.to_string(),
            content: Some(content),
        }
    }

    async fn admit(&self, command_id: &str, mode: Option<Mode>) -> Result<(), Status> {
        let request = SetVendorAdmissionRequest {
            command_id: command_id.into(),
            kind: ServiceKind::OmicsAnalysis.into(),
            admission: Some(VendorAdmission { mode }),
            ..Default::default()
        };
        self.api.set_vendor_admission(by(self.promoter, request)).await.map(|_| ())
    }
}

#[tokio::test]
async fn a_vendor_lists_revises_and_withdraws() {
    let forum = Forum::new().await;
    let listing = forum.listing().await;
    assert!(listing.starts_with("lst_"));
    let retry = forum.list(forum.vendor, forum.listed()).await.unwrap();
    assert!(retry.receipt.unwrap().replayed);
    let found = forum.get(forum.vendor, &listing).await.unwrap();
    assert_eq!(found.content, Some(content()));
    assert_eq!((found.listed, found.kind()), (true, ServiceKind::OmicsAnalysis));
    forum.revise(forum.vendor, forum.revision(&listing)).await.unwrap();
    forum.withdraw(forum.vendor, &listing).await.unwrap();
    for concerned in [forum.vendor, forum.promoter] {
        let found = forum.get(concerned, &listing).await.unwrap();
        assert_eq!(found.content.unwrap().list_price.unwrap().price, yen(45_000));
        assert_eq!((found.listed, found.withdrawal_reason.as_str()), (false, "装置の更新"));
    }
    let strangers = forum.get(forum.second, &listing).await.map(|_| ());
    assert_eq!(reason(strangers).0, "NOT_FOUND");
}

#[tokio::test]
async fn listings_are_refused_by_rule() {
    let forum = Forum::new().await;
    let (members, missing) = (forum.contract.to_string(), domain::id::ConsortiumId::from_u128(9).to_string());
    let data = |methods: &[&str]| {
        Some(Attributes::DataAnalysis(DataAnalysisAttributes {
            methods: methods.iter().map(|method| (*method).to_owned()).collect(),
            deliverable: "a report".into(),
            dataset_classes: vec![],
        }))
    };
    let organoid = Some(Attributes::PatientDerivedModel(PatientDerivedModelAttributes {
        model: 2,
        host_species: "Mus musculus".into(),
        tumour_type: "PDAC".into(),
        consent_to_share: 1,
        ..Default::default()
    }));
    type Change<'a> = &'a dyn Fn(&mut ListServiceRequest);
    let cases: [(Change<'_>, &str, &str); 11] = [
        (&|request| request.content = None, "INVALID_FIELD", "content"),
        (&|request| request.content.as_mut().unwrap().code.clear(), "INVALID_FIELD", "content.code"),
        (
            &|request| request.content.as_mut().unwrap().attributes = None,
            "INVALID_FIELD",
            "content.attributes",
        ),
        (
            &|request| request.content.as_mut().unwrap().attributes = data(&[]),
            "INVALID_FIELD",
            "content.data_analysis.methods",
        ),
        (
            &|request| request.content.as_mut().unwrap().attributes = data(&["km", "km"]),
            "INVALID_FIELD",
            "content.data_analysis.methods[1]",
        ),
        (
            &|request| request.content.as_mut().unwrap().attributes = organoid.clone(),
            "INVALID_FIELD",
            "content.patient_derived_model.host_species",
        ),
        (
            &|request| request.content.as_mut().unwrap().list_price.as_mut().unwrap().price = yen(0),
            "INVALID_FIELD",
            "content.list_price.price",
        ),
        (
            &|request| request.content.as_mut().unwrap().list_price.as_mut().unwrap().price = yen(i64::MAX),
            "AMOUNT_OUT_OF_RANGE",
            "content.list_price.price",
        ),
        (&|request| request.contract_id = String::new(), "INVALID_FIELD", "contract_id"),
        (&|request| request.contract_id = members.clone(), "NOT_FOUND", "contract_id"),
        (&|request| request.consortium_id = missing.clone(), "NOT_FOUND", "consortium_id"),
    ];
    for (change, text, field) in cases {
        let mut request = forum.listed();
        change(&mut request);
        assert_eq!(reason(forum.list(forum.vendor, request).await), (text.into(), field.into()));
    }
    let members = forum.list(forum.member, forum.listed()).await;
    assert_eq!(reason(members).0, "CAPACITY_REQUIRED");
}

#[tokio::test]
async fn a_code_is_unique_among_the_vendors_listings() {
    let forum = Forum::new().await;
    forum.listing().await;
    let again = ListServiceRequest { command_id: "again".into(), ..forum.listed() };
    let taken = forum.list(forum.vendor, again).await;
    assert_eq!(reason(taken), ("KEY_TAKEN".into(), "content.code".into()));
    let contract_id = domain::id::ContractId::from_u128(forum.second.as_u128()).to_string();
    let others = ListServiceRequest { contract_id, ..forum.listed() };
    assert!(forum.list(forum.second, others).await.is_ok());
}

#[tokio::test]
async fn a_contract_that_ends_between_decision_and_append_undoes_the_decision() {
    let forum = Forum::new().await;
    let listing = forum.listing().await;
    forum.race.pauses(&forum.world, forum.vendor);
    let refused = forum.revise(forum.vendor, forum.revision(&listing)).await;
    assert!(forum.race.is_run());
    assert_eq!(reason(refused), ("CONTRACT_NOT_IN_FORCE".into(), "contract_id".into()));
    let found = forum.get(forum.vendor, &listing).await.unwrap();
    assert_eq!(found.content, Some(content()), "nothing was revised");

    let mut other = ListServiceRequest { command_id: "other".into(), ..forum.listed() };
    other.content.as_mut().unwrap().code = "RNA-2".into();
    assert_eq!(reason(forum.list(forum.vendor, other).await).0, "CONTRACT_NOT_IN_FORCE");
    forum.race.pauses(&forum.world, forum.member);
    let viewed = forum.view(forum.member, "look", &listing).await;
    assert_eq!(reason(viewed).0, "CONTRACT_NOT_IN_FORCE");
    forum.world.clock.set(day(2027, 3, 1));
    let expired = ReviseServiceRequest { command_id: "late".into(), ..forum.revision(&listing) };
    assert_eq!(reason(forum.revise(forum.vendor, expired).await).0, "CONTRACT_ENDED");
}

#[tokio::test]
async fn a_listing_stands_on_the_contract_as_it_is_when_it_is_appended() {
    let forum = Forum::new().await;
    let (race, world, contract) = (forum.race.clone(), forum.world.clone(), forum.selling);
    // The first append reserves the code, the second one lists.
    forum.race.before_the_next_append(async move {
        race.before_the_next_append(async move { world.pause(contract).await });
    });
    let refused = forum.list(forum.vendor, forum.listed()).await;
    assert!(forum.race.is_run());
    assert_eq!(reason(refused), ("CONTRACT_NOT_IN_FORCE".into(), "contract_id".into()));
}

#[tokio::test]
async fn what_identifies_a_listing_and_whose_it_is_never_changes() {
    let forum = Forum::new().await;
    let listing = forum.listing().await;
    let mut request = forum.revision(&listing);
    request.content.as_mut().unwrap().code = "RNA-2".into();
    let other_code = forum.revise(forum.vendor, request).await;
    assert_eq!(reason(other_code), ("NEVER_CHANGES".into(), "content.code".into()));
    let contract_id = domain::id::ContractId::from_u128(forum.second.as_u128()).to_string();
    let request = ReviseServiceRequest { contract_id, ..forum.revision(&listing) };
    assert_eq!(reason(forum.revise(forum.second, request).await).0, "NOT_YOURS");
    assert_eq!(reason(forum.withdraw(forum.second, &listing).await).0, "NOT_YOURS");
    let nowhere = domain::id::ListingId::from_u128(1).to_string();
    assert_eq!(reason(forum.withdraw(forum.vendor, &nowhere).await).0, "NOT_FOUND");
    let stale = ReviseServiceRequest { expected_revision: Some(7), ..forum.revision(&listing) };
    assert_eq!(reason(forum.revise(forum.vendor, stale).await).0, "REVISION_MISMATCH");
}

#[tokio::test]
async fn a_view_is_recorded_once_a_day() {
    let forum = Forum::new().await;
    let listing = forum.listing().await;
    let rehearsed = ViewServiceRequest {
        command_id: "rehearse".into(),
        validate_only: true,
        contract_id: forum.contract.to_string(),
        listing_id: listing.clone(),
    };
    let shown = forum.api.view_service(by(forum.member, rehearsed)).await.unwrap().into_inner();
    assert_eq!(shown.listing, None, "what is not recorded shows nothing");
    let (seen, written) = forum.view(forum.member, "one", &listing).await.unwrap();
    assert_eq!((seen.content, seen.contract_id.as_str()), (Some(content()), ""));
    assert!(written);
    assert!(!forum.view(forum.member, "two", &listing).await.unwrap().1);
    forum.world.clock.set(day(2026, 3, 3));
    assert!(forum.view(forum.member, "three", &listing).await.unwrap().1);
    let vendors = forum.view(forum.vendor, "own", &listing).await;
    assert_eq!(reason(vendors).0, "CAPACITY_REQUIRED");
    forum.withdraw(forum.vendor, &listing).await.unwrap();
    assert_eq!(reason(forum.view(forum.member, "four", &listing).await).0, "LISTING_WITHDRAWN");
}

#[tokio::test]
async fn the_operators_say_who_may_list() {
    let forum = Forum::new().await;
    let limited = |vendor_ids| Some(Mode::Limited(LimitedAdmission { vendor_ids }));
    let (first, second) = (forum.vendor.to_string(), forum.second.to_string());
    forum.admit("limit", limited(vec![second.clone()])).await.unwrap();
    assert_eq!(reason(forum.list(forum.vendor, forum.listed()).await).0, "VENDOR_NOT_ADMITTED");
    forum.admit("exclude", Some(Mode::ExclusiveVendorId(first.clone()))).await.unwrap();
    let ask = |organisation| {
        let request = GetVendorAdmissionRequest { kind: ServiceKind::OmicsAnalysis.into() };
        forum.api.get_vendor_admission(by(organisation, request))
    };
    let told = ask(forum.second).await.unwrap().into_inner();
    assert_eq!((told.admission, told.admits_caller), (None, false), "the others are no affair of a vendor");
    let told = ask(forum.promoter).await.unwrap().into_inner();
    assert_eq!(told.admission.unwrap().mode, Some(Mode::ExclusiveVendorId(first)));

    // The policy moves after the decision to list was made, and before it is appended.
    forum.admit("open", Some(Mode::Open(OpenAdmission {}))).await.unwrap();
    let api = order::ListingApi::new(forum.world.log.clone(), forum.world.gate.clone());
    let (race, promoter, only) = (forum.race.clone(), forum.promoter, second.clone());
    forum.race.before_the_next_append(async move {
        race.before_the_next_append(async move {
            let request = SetVendorAdmissionRequest {
                command_id: "meanwhile".into(),
                kind: ServiceKind::OmicsAnalysis.into(),
                admission: Some(VendorAdmission { mode: Some(Mode::ExclusiveVendorId(only)) }),
                ..Default::default()
            };
            api.set_vendor_admission(by(promoter, request)).await.unwrap();
        });
    });
    assert_eq!(reason(forum.list(forum.vendor, forum.listed()).await).0, "VENDOR_NOT_ADMITTED");
    assert!(forum.race.is_run());

    let nobody = OrganisationId::from_u128(99).to_string();
    for (mode, text) in [
        (None, "INVALID_FIELD"),
        (limited(vec![]), "INVALID_FIELD"),
        (limited(vec![second.clone(), second]), "DUPLICATE_ENTRY"),
        (limited(vec![nobody]), "NOT_FOUND"),
    ] {
        assert_eq!(reason(forum.admit("wrong", mode).await).0, text);
    }
    let request = SetVendorAdmissionRequest { command_id: "seize".into(), ..Default::default() };
    let seized = forum.api.set_vendor_admission(by(forum.vendor, request)).await;
    assert_eq!(reason(seized).0, "CAPACITY_REQUIRED");
}
