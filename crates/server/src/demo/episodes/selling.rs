//! The selling side: whom the operators admit, who sells together, what is listed, and who looks at it.

use engine::Role;
use proto::kiban::{
    contract::v1::{GetContractRequest, Lane},
    order::v1::{
        ConsortiumShare, JoinConsortiumRequest, ListServiceRequest, ProposeConsortiumRequest,
        ReviseServiceRequest, ServiceKind, SetVendorAdmissionRequest, VendorAdmission, ViewServiceRequest,
        WithdrawServiceRequest, vendor_admission::Mode,
    },
};
use tonic::Code;

use crate::demo::{
    actors::Part,
    calendar::{day, month},
    checks,
    client::granted,
    contracts::{self, Deal},
    error::DemoError,
    market::Listed,
    offers::{CONSORTIUM, Offer, SHEETS},
    plans,
    prices::{EXPEDITED, yen},
    reading::market::search_services,
    stage::{Expected, Stage},
    tally::step,
    world::World,
};

/// What a specimen in the archive costs once the vendor has revised its listing.
pub(in crate::demo) const ARCHIVE_PRICE: i64 = 2_800;

pub(super) async fn of_month(stage: &mut Stage, world: &mut World, index: i32) -> Result<(), DemoError> {
    stage.now(day(index, 19));
    match index {
        0 => open(stage, world).await,
        1 => {
            look(stage, world).await?;
            expedited(stage, world).await
        }
        2 => {
            list(stage, world, Offer::Metabolome).await?;
            search(stage, world).await
        }
        4 => withdraw(stage, world).await,
        _ => Ok(()),
    }
}

/// April: the market opens.
async fn open(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    admit(stage, world).await?;
    for sheet in &SHEETS {
        if !matches!(sheet.offer, Offer::Lifestyle | Offer::Metabolome) {
            list(stage, world, sheet.offer).await?;
        }
    }
    sell_together(stage, world).await?;
    revise(stage, world).await
}

/// Archives are one vendor's alone; the vendor of omics is refused.
async fn admit(stage: &mut Stage, world: &World) -> Result<(), DemoError> {
    let promoter = world.cast.session(stage, Part::Promoter, Role::Contracts);
    let exclusive = Mode::ExclusiveVendorId(world.cast.of(Part::Yukishiro).id.clone());
    let request = SetVendorAdmissionRequest {
        command_id: "admit-archive".into(),
        kind: ServiceKind::SpecimenArchive.into(),
        admission: Some(VendorAdmission { mode: Some(exclusive) }),
        ..Default::default()
    };
    stage.done("admitting one vendor alone", promoter.listings().set_vendor_admission(request).await)?;
    let request = ListServiceRequest {
        content: Some(Offer::Archive.content()),
        ..listing(world, Offer::Transcriptome)
    };
    let (session, _) = world.under(stage, Deal::Mitsuba);
    let outcome = session.listings().list_service(request).await;
    let expected = Expected::new(Code::FailedPrecondition, "VENDOR_NOT_ADMITTED").naming("content");
    let name = world.cast.of(Part::Mitsuba).name;
    stage.refused(name, "list an archive, of which another has the exclusive right", expected, outcome);
    Ok(())
}

/// What lists an offer; together with others if it is the consortium's.
fn listing(world: &World, offer: Offer) -> ListServiceRequest {
    ListServiceRequest {
        command_id: format!("list-{offer:?}"),
        validate_only: false,
        contract_id: world.contracts.of(offer.sheet().deal).id.clone(),
        consortium_id: if offer == Offer::Lifestyle {
            world.market.consortium.clone()
        } else {
            String::new()
        },
        content: Some(offer.content()),
    }
}

async fn list(stage: &mut Stage, world: &mut World, offer: Offer) -> Result<(), DemoError> {
    let (session, _) = world.under(stage, offer.sheet().deal);
    let request = listing(world, offer);
    let step = format!("listing {}", offer.sheet().title);
    let id = stage.done(&step, session.listings().list_service(request).await)?.listing_id;
    world.market.listings.push(Listed { offer, id, offered: true });
    Ok(())
}

/// Three vendors sell as one; nothing is sold before every one of them has agreed to its part.
async fn sell_together(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let [(lead, lead_part, _), ..] = CONSORTIUM;
    let (session, contract_id) = world.under(stage, lead);
    let share = |(_, part, percentage): (Deal, Part, i64)| ConsortiumShare {
        vendor_id: world.cast.of(part).id.clone(),
        percentage: percentage.to_string(),
        contract_id: String::new(),
    };
    let request = ProposeConsortiumRequest {
        command_id: "consortium".into(),
        validate_only: false,
        contract_id,
        name: "縦断 PRO・プロテオーム共同提供".into(),
        shares: CONSORTIUM.map(share).to_vec(),
    };
    let step = "proposing a consortium";
    let proposed = stage.done(step, session.listings().propose_consortium(request).await)?;
    world.market.consortium = proposed.consortium_id;
    let outcome = session.listings().list_service(listing(world, Offer::Lifestyle)).await;
    let expected = Expected::new(Code::FailedPrecondition, "CONSORTIUM_NOT_FORMED").naming("consortium_id");
    let name = world.cast.of(lead_part).name;
    stage.refused(name, "sell for a consortium that not all have joined", expected, outcome);
    for (deal, part, _) in CONSORTIUM.into_iter().skip(1) {
        let (session, contract_id) = world.under(stage, deal);
        let request = JoinConsortiumRequest {
            command_id: "join-consortium".into(),
            consortium_id: world.market.consortium.clone(),
            contract_id,
            ..Default::default()
        };
        let step = format!("{} joins the consortium", world.cast.of(part).name);
        stage.done(&step, session.listings().join_consortium(request).await)?;
    }
    list(stage, world, Offer::Lifestyle).await
}

/// The archive becomes cheaper.
async fn revise(stage: &mut Stage, world: &World) -> Result<(), DemoError> {
    let (session, contract_id) = world.under(stage, Deal::Yukishiro);
    let mut content = Offer::Archive.content();
    if let Some(price) = &mut content.list_price {
        price.price = Some(yen(ARCHIVE_PRICE));
    }
    let request = ReviseServiceRequest {
        command_id: "cheaper-archive".into(),
        listing_id: world.market.listing(Offer::Archive),
        contract_id,
        content: Some(content),
        ..Default::default()
    };
    stage.done("revising a listing", session.listings().revise_service(request).await)?;
    Ok(())
}

/// May: members look at services; twice on one day is one look.
async fn look(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let looks = [
        (Deal::Hokuto, Offer::Transcriptome),
        (Deal::Hokuto, Offer::Proteome),
        (Deal::Hokuto, Offer::Xenograft),
        (Deal::Aozora, Offer::Transcriptome),
        (Deal::Aozora, Offer::Archive),
        (Deal::Minato, Offer::Lifestyle),
    ];
    for (deal, offer) in looks {
        for again in ["", "-again"] {
            let (session, contract_id) = world.under(stage, deal);
            let request = ViewServiceRequest {
                command_id: format!("view-{offer:?}{again}"),
                validate_only: false,
                contract_id,
                listing_id: world.market.listing(offer),
            };
            let step = format!("looking at {}", offer.sheet().title);
            stage.done(&step, session.listings().view_service(request).await)?;
        }
        world.tally.stepped(offer, stage.time(), step::VIEWED);
    }
    Ok(())
}

/// May: a vendor applies in the expedited lane. Before its contract is in force it cannot list.
async fn expedited(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let plan = plans::expedited();
    let contract = contracts::apply(stage, &world.cast, &plan).await?;
    let half = [(Part::Base, 50), (Part::Promoter, 50)];
    world.tally.charge(plan.deal, month(1), "expedited-review", EXPEDITED, &half);
    world.contracts.add(&plan, contract.clone());
    let (session, _) = world.under(stage, plan.deal);
    let outcome = session.listings().list_service(listing(world, Offer::Metabolome)).await;
    let expected = Expected::new(Code::FailedPrecondition, "CONTRACT_NOT_IN_FORCE").naming("contract_id");
    stage.refused(plan.name, "list a service before its contract is in force", expected, outcome);
    let mut lanes = Vec::new();
    for (part, role) in [(Part::Kohaku, Role::Contracts), (Part::Base, Role::Reviewer)] {
        let session = world.cast.session(stage, part, role);
        let request = GetContractRequest { contract_id: contract.clone() };
        let seen = granted("reading an application", session.contracts().get_contract(request).await)?;
        lanes.push(seen.contract.map(|contract| contract.lane()));
    }
    let hidden = lanes == [Some(Lane::Expedited), Some(Lane::Unspecified)];
    stage.check(checks::CONTRACTS, hidden, "the applicant sees its expedited lane, the reviewer none");
    stage.now(day(1, 20));
    contracts::approve(stage, &world.cast, plan.name, &contract).await?;
    contracts::offer(stage, &world.cast, &world.published, &plan, &contract, 0).await?;
    contracts::sign(stage, &world.cast, &plan, &contract).await?;
    Ok(())
}

/// June: everybody has listed, and the catalogue holds services of all six kinds.
async fn search(stage: &mut Stage, world: &World) -> Result<(), DemoError> {
    let found = search_services(stage, world, "").await?;
    let kinds = found.facets.iter().find(|facet| facet.name == "service_kinds");
    let kinds = kinds.map_or(0, |facet| facet.values.len());
    let text = format!("in June the catalogue lists {} services of {kinds} kinds", found.total);
    stage.check(checks::CATALOGUE, kinds == 6 && found.total == SHEETS.len() as u64, text);
    Ok(())
}

/// August: a service is withdrawn.
async fn withdraw(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let (session, _) = world.under(stage, Deal::Nagisa);
    let request = WithdrawServiceRequest {
        command_id: "withdraw-wearables".into(),
        listing_id: world.market.listing(Offer::Wearables),
        reason: "機器の供給終了".into(),
        ..Default::default()
    };
    stage.done("withdrawing a listing", session.listings().withdraw_service(request).await)?;
    for listed in world.market.listings.iter_mut().filter(|listed| listed.offer == Offer::Wearables) {
        listed.offered = false;
    }
    Ok(())
}
