//! Cards, looks, interests, data rooms.

use domain::{contract::ContractKind, organisation::Capacity};
use proto::kiban::venture::v1::{
    EnterDataRoomRequest, ExpressInterestRequest, FormJointVentureRequest, FullCard, GetVentureRequest,
    ListVentureRequest, OpenDataRoomRequest, RecordInvestmentRequest, Teaser, ViewDealRequest,
    ViewDealResponse, WithdrawInvestmentRequest, venture_service_server::VentureService,
};
use tonic::Request;
use world::{World, by, day, reason};

use crate::forum::{Forum, contract_of, full_card, teaser, yen};

fn shows_nothing(response: &ViewDealResponse) -> bool {
    response.teaser.is_none() && response.full_card.is_none() && response.card_number == 0
}

#[tokio::test]
async fn a_card_is_shown_as_it_was_when_the_look_was_recorded() {
    let forum = Forum::new().await;
    let venture = forum.listed().await;
    let shown = forum.ventures.view_deal(by(forum.investor, forum.view(&venture))).await.unwrap();
    let shown = shown.into_inner();
    assert_eq!((shown.teaser.clone(), shown.full_card.clone()), (Some(teaser("first")), Some(full_card())));
    assert_eq!(shown.card_number, 1);

    forum.ventures.revise_venture(by(forum.lister, forum.revision(&venture, "second"))).await.unwrap();
    let again =
        forum.ventures.view_deal(by(forum.investor, forum.view(&venture))).await.unwrap().into_inner();
    assert_eq!((again.teaser, again.full_card, again.card_number), (shown.teaser, shown.full_card, 1));
    assert!(again.receipt.unwrap().replayed);
    assert_eq!(forum.seen(&venture).await.funnel.unwrap().views, 1, "a retry is no further look");

    let further = ViewDealRequest { command_id: "view-2".into(), ..forum.view(&venture) };
    let shown = forum.ventures.view_deal(by(forum.investor, further)).await.unwrap().into_inner();
    assert_eq!((shown.teaser, shown.card_number), (Some(teaser("second")), 2));
    let funnel = forum.seen(&venture).await.funnel.unwrap();
    assert_eq!((funnel.views, funnel.viewers), (2, 1), "but a new command is");
}

#[tokio::test]
async fn to_look_whether_one_may_look_shows_nothing() {
    let forum = Forum::new().await;
    let venture = forum.listed().await;
    let request = ViewDealRequest { validate_only: true, ..forum.view(&venture) };
    let answer = forum.ventures.view_deal(by(forum.investor, request)).await.unwrap().into_inner();
    assert!(shows_nothing(&answer), "{answer:?}");
    assert_eq!(forum.seen(&venture).await.funnel.unwrap().views, 0);
    // Nor after the look was recorded under the same command id.
    forum.ventures.view_deal(by(forum.investor, forum.view(&venture))).await.unwrap();
    let request = ViewDealRequest { validate_only: true, ..forum.view(&venture) };
    let answer = forum.ventures.view_deal(by(forum.investor, request)).await.unwrap().into_inner();
    assert!(shows_nothing(&answer), "{answer:?}");
}

#[tokio::test]
async fn nothing_is_shown_without_an_agreement() {
    let forum = Forum::new().await;
    let venture = forum.listed().await;
    let refused = async |by_whom, contract_id: String| {
        let request = ViewDealRequest { contract_id, ..forum.view(&venture) };
        reason(forum.ventures.view_deal(by(by_whom, request)).await)
    };
    let (not_found, field) = ("NOT_FOUND".to_owned(), "contract_id".to_owned());
    assert_eq!(refused(forum.rival, contract_of(forum.rival)).await, (not_found.clone(), field.clone()));
    assert_eq!(refused(forum.rival, contract_of(forum.investor)).await, (not_found, field));
    assert_eq!(refused(forum.lister, contract_of(forum.lister)).await.0, "CAPACITY_REQUIRED");

    forum.ventures.view_deal(by(forum.investor, forum.view(&venture))).await.unwrap();
    // A year later the agreement has expired by the clock: neither a new look nor the retry of an old one shows
    // anything.
    forum.world.clock.set(day(2027, 3, 1));
    for command_id in ["view", "view-2"] {
        let request = ViewDealRequest { command_id: command_id.into(), ..forum.view(&venture) };
        let outcome = forum.ventures.view_deal(by(forum.investor, request)).await;
        assert_eq!(reason(outcome), ("CONTRACT_ENDED".into(), "contract_id".into()), "{command_id}");
    }
    assert_eq!(forum.seen(&venture).await.funnel.unwrap().views, 1);
}

#[tokio::test]
async fn a_machine_is_shown_nothing() {
    let forum = Forum::new().await;
    let venture = forum.let_in().await;
    let machine = |request: Request<()>| {
        let header = format!("organisation={}; roles=contracts", forum.investor);
        let mut metadata = request.metadata().clone();
        metadata.insert(engine::CALLER_HEADER, header.parse().unwrap());
        metadata
    };
    let mut view = Request::new(forum.view(&venture));
    *view.metadata_mut() = machine(Request::new(()));
    assert_eq!(reason(forum.ventures.view_deal(view).await).0, "PERSON_REQUIRED");
    let mut entry = Request::new(forum.entry(&venture));
    *entry.metadata_mut() = machine(Request::new(()));
    assert_eq!(reason(forum.ventures.enter_data_room(entry).await).0, "PERSON_REQUIRED");
}

/// What is on record is who saw what: nobody looks under the record of a colleague.
#[tokio::test]
async fn a_retry_by_another_person_is_shown_nothing() {
    let forum = Forum::new().await;
    let venture = forum.let_in().await;
    forum.ventures.enter_data_room(by(forum.investor, forum.entry(&venture))).await.unwrap();
    let colleague = engine::Caller {
        organisation: forum.investor,
        person: Some(domain::id::PersonId::from_u128(77)),
        roles: engine::Role::ALL.into(),
    };
    let header: tonic::metadata::AsciiMetadataValue = colleague.to_string().parse().unwrap();
    let mut view = Request::new(forum.view(&venture));
    view.metadata_mut().insert(engine::CALLER_HEADER, header.clone());
    let mut entry = Request::new(forum.entry(&venture));
    entry.metadata_mut().insert(engine::CALLER_HEADER, header.clone());
    let reused = ("COMMAND_ID_REUSED".to_owned(), "command_id".to_owned());
    assert_eq!(reason(forum.ventures.view_deal(view).await), reused);
    assert_eq!(reason(forum.ventures.enter_data_room(entry).await), reused);
    let mut own = Request::new(ViewDealRequest { command_id: "own".into(), ..forum.view(&venture) });
    own.metadata_mut().insert(engine::CALLER_HEADER, header);
    assert!(!shows_nothing(forum.ventures.view_deal(own).await.unwrap().get_ref()));
    assert_eq!(forum.seen(&venture).await.funnel.unwrap().views, 2);
}

#[tokio::test]
async fn an_interested_investor_is_let_in_until_a_time() {
    let forum = Forum::new().await;
    let venture = forum.let_in().await;
    let look = EnterDataRoomRequest { validate_only: true, ..forum.entry(&venture) };
    let looked = forum.ventures.enter_data_room(by(forum.investor, look)).await.unwrap().into_inner();
    assert_eq!(looked.reference, "");
    for retry in [false, true] {
        let entered = forum.ventures.enter_data_room(by(forum.investor, forum.entry(&venture))).await;
        let entered = entered.unwrap().into_inner();
        assert_eq!(entered.reference, "https://rooms.example/neo");
        assert_eq!(entered.receipt.unwrap().replayed, retry);
    }
    let seen = forum.seen(&venture).await;
    let funnel = seen.funnel.unwrap();
    assert_eq!((funnel.interested, funnel.data_rooms, funnel.data_room_entries), (1, 1, 1));
    assert_eq!(seen.interests[0].investor_id, forum.investor.to_string());
    assert_eq!(seen.interests[0].message, "お話を伺いたい");

    forum.world.clock.set(day(2026, 4, 1));
    for command_id in ["enter", "enter-2"] {
        let request = EnterDataRoomRequest { command_id: command_id.into(), ..forum.entry(&venture) };
        let outcome = forum.ventures.enter_data_room(by(forum.investor, request)).await;
        assert_eq!(reason(outcome).0, "DATA_ROOM_CLOSED", "{command_id}");
    }
}

#[tokio::test]
async fn a_venture_is_its_listers_and_the_operators() {
    let forum = Forum::new().await;
    let venture = forum.let_in().await;
    let get = async |by_whom| {
        let request = GetVentureRequest { venture_id: venture.clone() };
        forum.ventures.get_venture(by(by_whom, request)).await
    };
    let base = forum.world.register(9, Capacity::BaseOperator).await;
    // Nobody but the lister is shown the full card without a look that is on record, not even those who run the forum.
    for (concerned, full) in [(forum.lister, Some(full_card())), (forum.promoter, None), (base, None)] {
        let found = get(concerned).await.unwrap().into_inner().venture.unwrap();
        assert_eq!((found.teaser, found.full_card, found.card_number), (Some(teaser("first")), full, 1));
        assert_eq!(
            (found.lister_id, found.contract_id),
            (forum.lister.to_string(), contract_of(forum.lister))
        );
    }
    for stranger in [forum.investor, forum.rival] {
        assert_eq!(reason(get(stranger).await).0, "NOT_FOUND");
    }
    // What is another's does not exist.
    let stranger = forum.world.register(8, Capacity::Vendor).await;
    let ventures = &forum.ventures;
    for refused in [
        reason(ventures.revise_venture(by(stranger, forum.revision(&venture, "x"))).await),
        reason(ventures.withdraw_venture(by(stranger, forum.withdrawal(&venture))).await),
        reason(ventures.open_data_room(by(stranger, forum.room(&venture))).await),
        reason(ventures.form_joint_venture(by(stranger, forum.joint_venture(&venture))).await),
    ] {
        assert_eq!(refused, ("NOT_FOUND".into(), "venture_id".into()));
    }
}

#[tokio::test]
async fn a_withdrawn_venture_is_left_alone() {
    let forum = Forum::new().await;
    let venture = forum.let_in().await;
    forum.ventures.enter_data_room(by(forum.investor, forum.entry(&venture))).await.unwrap();
    forum.ventures.withdraw_venture(by(forum.lister, forum.withdrawal(&venture))).await.unwrap();
    let (ventures, gone) = (&forum.ventures, ("VENTURE_WITHDRAWN".to_owned(), "venture_id".to_owned()));
    // Neither a new command nor the retry of one from before is shown what was taken back.
    for command_id in ["view", "late"] {
        let view = ViewDealRequest { command_id: command_id.into(), ..forum.view(&venture) };
        assert_eq!(reason(ventures.view_deal(by(forum.investor, view)).await), gone, "{command_id}");
    }
    for command_id in ["enter", "late entry"] {
        let entry = EnterDataRoomRequest { command_id: command_id.into(), ..forum.entry(&venture) };
        assert_eq!(reason(ventures.enter_data_room(by(forum.investor, entry)).await), gone, "{command_id}");
    }
    assert_eq!(
        reason(ventures.record_investment(by(forum.investor, forum.investment(&venture))).await),
        gone
    );
    assert_eq!(reason(ventures.revise_venture(by(forum.lister, forum.revision(&venture, "x"))).await), gone);
    let seen = forum.seen(&venture).await;
    assert_eq!(seen.withdrawal_reason, "funded");
    assert!(seen.withdrawn_at.is_some());
}

#[tokio::test]
async fn cards_are_refused_by_field() {
    let forum = Forum::new().await;
    type Change<'a> = &'a dyn Fn(&mut ListVentureRequest);
    fn of(request: &mut ListVentureRequest) -> (&mut Teaser, &mut FullCard) {
        (request.teaser.as_mut().unwrap(), request.full_card.as_mut().unwrap())
    }
    let cases: [(Change<'_>, &str, &str); 10] = [
        (&|request| request.teaser = None, "INVALID_FIELD", "teaser"),
        (&|request| request.full_card = None, "INVALID_FIELD", "full_card"),
        (&|request| of(request).0.title.clear(), "INVALID_FIELD", "teaser.title"),
        (&|request| of(request).0.stage = 0, "INVALID_FIELD", "teaser.stage"),
        (&|request| of(request).0.modality = "Anti Body".into(), "INVALID_FIELD", "teaser.modality"),
        (&|request| of(request).0.amount_sought = Some(yen(0)), "INVALID_FIELD", "teaser.amount_sought"),
        (&|request| of(request).1.asset = "x".repeat(2_001), "INVALID_FIELD", "full_card.asset"),
        (
            &|request| of(request).1.in_kind_wanted.push("Space".into()),
            "INVALID_FIELD",
            "full_card.in_kind_wanted[1]",
        ),
        (
            &|request| {
                of(request).1.in_kind_wanted = (0..17).map(|number| format!("form-{number}")).collect();
            },
            "INVALID_FIELD",
            "full_card.in_kind_wanted",
        ),
        (&|request| request.contract_id = contract_of(forum.investor), "NOT_FOUND", "contract_id"),
    ];
    for (change, text, field) in cases {
        let mut request = forum.list_request();
        change(&mut request);
        let outcome = forum.ventures.list_venture(by(forum.lister, request)).await;
        assert_eq!(reason(outcome), (text.into(), field.into()));
    }
    let request = ListVentureRequest { contract_id: contract_of(forum.investor), ..forum.list_request() };
    let outcome = forum.ventures.list_venture(by(forum.investor, request)).await;
    let told = outcome.as_ref().err().map(|status| status.message().to_owned()).unwrap_or_default();
    assert!(told.contains("only one of the kind member or vendor-participation does"), "{told}");
    assert_eq!(reason(outcome), ("WRONG_CONTRACT_KIND".into(), "contract_id".into()));
    forum.listed().await;
    let request = ListVentureRequest { teaser: Some(teaser("other")), ..forum.list_request() };
    let outcome = forum.ventures.list_venture(by(forum.lister, request)).await;
    assert_eq!(reason(outcome), ("COMMAND_ID_REUSED".into(), "command_id".into()));
}

#[tokio::test]
async fn what_is_out_of_turn_is_refused() {
    let forum = Forum::new().await;
    let (venture, ventures) = (forum.listed().await, &forum.ventures);
    let refused = async |request: ExpressInterestRequest| {
        reason(ventures.express_interest(by(forum.investor, request)).await)
    };
    assert_eq!(refused(forum.interest(&venture)).await.0, "DEAL_NOT_VIEWED");
    let outcome = ventures.open_data_room(by(forum.lister, forum.room(&venture))).await;
    assert_eq!(reason(outcome), ("NO_INTEREST_EXPRESSED".into(), "investor_id".into()));
    let outcome = ventures.enter_data_room(by(forum.investor, forum.entry(&venture))).await;
    assert_eq!(reason(outcome).0, "NO_DATA_ROOM");
    ventures.view_deal(by(forum.investor, forum.view(&venture))).await.unwrap();
    ventures.express_interest(by(forum.investor, forum.interest(&venture))).await.unwrap();
    let past = Some(events::wire::time(day(2026, 3, 2)));
    let request = OpenDataRoomRequest { valid_until: past, ..forum.room(&venture) };
    let outcome = ventures.open_data_room(by(forum.lister, request)).await;
    assert_eq!(reason(outcome), ("INVALID_FIELD".into(), "valid_until".into()));
    let missing = domain::id::VentureId::from_u128(77).to_string();
    let outcome = ventures.view_deal(by(forum.investor, forum.view(&missing))).await;
    assert_eq!(reason(outcome), ("COMMAND_ID_REUSED".into(), "command_id".into()));
    let request = ViewDealRequest { command_id: "other".into(), ..forum.view(&missing) };
    let outcome = ventures.view_deal(by(forum.investor, request)).await;
    assert_eq!(reason(outcome), ("NOT_FOUND".into(), "venture_id".into()));
}

#[tokio::test]
async fn a_joint_venture_is_formed_by_members() {
    let forum = Forum::new().await;
    let (venture, ventures) = (forum.let_in().await, &forum.ventures);
    ventures.form_joint_venture(by(forum.lister, forum.joint_venture(&venture))).await.unwrap();
    let seen = forum.seen(&venture).await;
    assert_eq!(seen.joint_ventures[0].name, "合同会社ネオ");
    assert_eq!(seen.joint_ventures[0].party_ids.len(), 2);
    type Change<'a> = &'a dyn Fn(&mut FormJointVentureRequest);
    let nobody = domain::id::OrganisationId::from_u128(99).to_string();
    let cases: [(Change<'_>, &str, &str); 5] = [
        (&|request| request.party_ids.truncate(1), "INVALID_FIELD", "party_ids"),
        (&|request| request.party_ids[0] = forum.rival.to_string(), "INVALID_FIELD", "party_ids"),
        (&|request| request.party_ids.push(nobody.clone()), "NOT_FOUND", "party_ids"),
        (&|request| request.party_ids.push(forum.promoter.to_string()), "PLATFORM_IS_NO_PARTY", ""),
        (&|request| request.name.clear(), "INVALID_FIELD", "name"),
    ];
    for (change, text, field) in cases {
        let mut request = forum.joint_venture(&venture);
        request.command_id = "other".into();
        request.name = "another".into();
        change(&mut request);
        let outcome = ventures.form_joint_venture(by(forum.lister, request)).await;
        assert_eq!(reason(outcome), (text.into(), field.into()));
    }
    let mut request = forum.joint_venture(&venture);
    (request.command_id, request.purpose) = ("other".into(), "another".into());
    let outcome = ventures.form_joint_venture(by(forum.lister, request)).await;
    assert_eq!(reason(outcome), ("JOINT_VENTURE_STANDS".into(), "name".into()));
}

#[tokio::test]
async fn a_joint_venture_is_formed_with_those_who_are_interested_or_invested() {
    let forum = Forum::new().await;
    let (venture, ventures) = (forum.viewed().await, &forum.ventures);
    let form = async |command_id: &str, investments: &[&str]| {
        let request = FormJointVentureRequest {
            command_id: command_id.into(),
            investment_ids: investments.iter().map(|id| (*id).to_owned()).collect(),
            ..forum.joint_venture(&venture)
        };
        ventures.form_joint_venture(by(forum.lister, request)).await
    };
    let uninvolved = ("PARTY_NOT_INVOLVED".to_owned(), "party_ids".to_owned());
    assert_eq!(reason(form("a look is no interest", &[]).await), uninvolved);
    let recorded = ventures.record_investment(by(forum.investor, forum.investment(&venture))).await.unwrap();
    let investment = recorded.into_inner().investment_id;
    assert_eq!(reason(form("unnamed", &[]).await), uninvolved, "what an act stands on is named");
    let nothing = domain::id::InvestmentId::from_u128(99).to_string();
    let missing = form("never made", &[&investment, &nothing]).await;
    assert_eq!(reason(missing), ("NOT_FOUND".into(), "investment_ids".into()));
    // The investment is a guard: one that is withdrawn between decision and append is none.
    let other = venture::Ventures::new(forum.world.log.clone(), forum.world.gate.clone());
    let withdraw = WithdrawInvestmentRequest {
        command_id: "withdraw-investment".into(),
        investment_id: investment.clone(),
        reason: "it fell through".into(),
        ..Default::default()
    };
    let withdraw = by(forum.investor, withdraw);
    forum.race.before_the_next_append(async move {
        other.withdraw_investment(withdraw).await.unwrap();
    });
    let late = form("late", &[&investment]).await;
    assert!(forum.race.is_run());
    assert_eq!(reason(late), ("NOT_FOUND".into(), "investment_ids".into()));
    let again = RecordInvestmentRequest { command_id: "again".into(), ..forum.investment(&venture) };
    let recorded = ventures.record_investment(by(forum.investor, again)).await.unwrap();
    form("in time", &[&recorded.into_inner().investment_id]).await.unwrap();
    assert_eq!(forum.seen(&venture).await.joint_ventures.len(), 1);
}

#[tokio::test]
async fn the_platform_is_never_a_party() {
    let world = World::new();
    let promoter = world.register(1, Capacity::Promoter).await;
    let base = world.register(2, Capacity::BaseOperator).await;
    // A base operator with a member's contract of its own still runs the platform.
    world.contract_of(ContractKind::Member, base, promoter).await;
    let ventures = venture::Ventures::new(world.log.clone(), world.gate.clone());
    let request = ListVentureRequest {
        command_id: "list".into(),
        contract_id: contract_of(base),
        teaser: Some(teaser("first")),
        full_card: Some(full_card()),
        ..Default::default()
    };
    let outcome = ventures.list_venture(by(base, request)).await;
    assert_eq!(reason(outcome).0, "PLATFORM_IS_NO_PARTY");
}

#[tokio::test]
async fn the_lister_acts_under_a_contract_in_force() {
    let forum = Forum::new().await;
    let venture = forum.let_in().await;
    forum.world.clock.set(day(2027, 3, 1));
    let ventures = &forum.ventures;
    let ended = ("CONTRACT_ENDED".to_owned(), "venture_id".to_owned());
    let revise = forum.revision(&venture, "second");
    assert_eq!(reason(ventures.revise_venture(by(forum.lister, revise)).await), ended);
    let form = forum.joint_venture(&venture);
    assert_eq!(reason(ventures.form_joint_venture(by(forum.lister, form)).await), ended);
    // But it may take its card back at any time.
    ventures.withdraw_venture(by(forum.lister, forum.withdrawal(&venture))).await.unwrap();
}
