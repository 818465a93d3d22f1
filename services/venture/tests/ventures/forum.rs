//! A vendor with a venture, investors with and without an agreement, a promoter.

use std::sync::Arc;

use domain::{contract::ContractKind, id::OrganisationId, organisation::Capacity};
use events::wire::time;
use proto::kiban::{
    common::v1::Money,
    venture::v1::{
        DevelopmentStage, EnterDataRoomRequest, ExpressInterestRequest, FormJointVentureRequest, FullCard,
        GetVentureRequest, ListVentureRequest, OpenDataRoomRequest, RecordInvestmentRequest,
        ReviseVentureRequest, Teaser, Venture, ViewDealRequest, WithdrawVentureRequest,
        record_investment_request::Form, venture_service_server::VentureService,
    },
};
use venture::{ForumEvents, Ventures};
use world::{Race, World, by, day};

pub(crate) struct Forum {
    pub(crate) world: World,
    pub(crate) race: Arc<Race>,
    pub(crate) ventures: Ventures,
    pub(crate) forum_events: ForumEvents,
    pub(crate) promoter: OrganisationId,
    pub(crate) lister: OrganisationId,
    pub(crate) investor: OrganisationId,
    /// An investor without an agreement.
    pub(crate) rival: OrganisationId,
}

/// The contract of an organisation: it has its applicant's number.
pub(crate) fn contract_of(organisation: OrganisationId) -> String {
    World::contract_id(organisation).to_string()
}

pub(crate) fn yen(minor_units: i64) -> Money {
    Money { currency_code: "JPY".into(), minor_units }
}

pub(crate) fn teaser(title: &str) -> Teaser {
    Teaser {
        title: title.into(),
        summary: "抗体医薬の非臨床試験".into(),
        stage: DevelopmentStage::Preclinical.into(),
        indication: "pancreatic cancer".into(),
        modality: "antibody".into(),
        round: "series-a".into(),
        amount_sought: Some(yen(800_000_000)),
    }
}

pub(crate) fn full_card() -> FullCard {
    FullCard {
        asset: "an antibody against a secret target".into(),
        team: "three founders".into(),
        in_kind_wanted: vec!["space".into()],
        ..Default::default()
    }
}

impl Forum {
    pub(crate) async fn new() -> Self {
        let world = World::new();
        let promoter = world.register(1, Capacity::Promoter).await;
        let lister = world.register(2, Capacity::Vendor).await;
        let investor = world.register(3, Capacity::Investor).await;
        let rival = world.register(4, Capacity::Investor).await;
        world.contract_of(ContractKind::VendorParticipation, lister, promoter).await;
        world.contract_of(ContractKind::Investor, investor, promoter).await;
        let race = Race::on(world.log.clone());
        let ventures = Ventures::new(race.clone(), world.gate.clone());
        let forum_events = ForumEvents::new(race.clone(), world.gate.clone());
        Self { world, race, ventures, forum_events, promoter, lister, investor, rival }
    }

    pub(crate) fn list_request(&self) -> ListVentureRequest {
        ListVentureRequest {
            command_id: "list".into(),
            validate_only: false,
            contract_id: contract_of(self.lister),
            teaser: Some(teaser("first")),
            full_card: Some(full_card()),
        }
    }

    /// The lister's venture.
    pub(crate) async fn listed(&self) -> String {
        let listed = self.ventures.list_venture(by(self.lister, self.list_request())).await;
        listed.unwrap().into_inner().venture_id
    }

    /// The lister's venture, which the investor has viewed.
    pub(crate) async fn viewed(&self) -> String {
        let venture = self.listed().await;
        self.ventures.view_deal(by(self.investor, self.view(&venture))).await.unwrap();
        venture
    }

    /// The lister's venture, which the investor has viewed, wants, and may look into until 1 April.
    pub(crate) async fn let_in(&self) -> String {
        let venture = self.viewed().await;
        self.ventures.express_interest(by(self.investor, self.interest(&venture))).await.unwrap();
        self.ventures.open_data_room(by(self.lister, self.room(&venture))).await.unwrap();
        venture
    }

    pub(crate) fn view(&self, venture: &str) -> ViewDealRequest {
        ViewDealRequest {
            command_id: "view".into(),
            validate_only: false,
            contract_id: contract_of(self.investor),
            venture_id: venture.into(),
        }
    }

    pub(crate) fn interest(&self, venture: &str) -> ExpressInterestRequest {
        ExpressInterestRequest {
            command_id: "interest".into(),
            contract_id: contract_of(self.investor),
            venture_id: venture.into(),
            message: "お話を伺いたい".into(),
            ..Default::default()
        }
    }

    pub(crate) fn room(&self, venture: &str) -> OpenDataRoomRequest {
        OpenDataRoomRequest {
            command_id: "room".into(),
            venture_id: venture.into(),
            investor_id: self.investor.to_string(),
            reference: "https://rooms.example/neo".into(),
            valid_until: Some(time(day(2026, 4, 1))),
            ..Default::default()
        }
    }

    pub(crate) fn entry(&self, venture: &str) -> EnterDataRoomRequest {
        EnterDataRoomRequest {
            command_id: "enter".into(),
            validate_only: false,
            contract_id: contract_of(self.investor),
            venture_id: venture.into(),
        }
    }

    pub(crate) fn revision(&self, venture: &str, title: &str) -> ReviseVentureRequest {
        ReviseVentureRequest {
            command_id: format!("revise-{title}"),
            venture_id: venture.into(),
            teaser: Some(teaser(title)),
            full_card: Some(full_card()),
            ..Default::default()
        }
    }

    pub(crate) fn withdrawal(&self, venture: &str) -> WithdrawVentureRequest {
        WithdrawVentureRequest {
            command_id: "withdraw".into(),
            venture_id: venture.into(),
            reason: "funded".into(),
            ..Default::default()
        }
    }

    pub(crate) fn joint_venture(&self, venture: &str) -> FormJointVentureRequest {
        FormJointVentureRequest {
            command_id: "form".into(),
            venture_id: venture.into(),
            name: "合同会社ネオ".into(),
            party_ids: vec![self.lister.to_string(), self.investor.to_string()],
            purpose: "to bring the antibody into the clinic".into(),
            ..Default::default()
        }
    }

    pub(crate) fn investment(&self, venture: &str) -> RecordInvestmentRequest {
        RecordInvestmentRequest {
            command_id: "invest".into(),
            validate_only: false,
            venture_id: venture.into(),
            round: "series-a".into(),
            form: Some(Form::Cash(yen(300_000_000))),
            contract_id: contract_of(self.investor),
        }
    }

    /// A venture as the promoter sees it.
    pub(crate) async fn seen(&self, venture: &str) -> Venture {
        let request = GetVentureRequest { venture_id: venture.into() };
        let found = self.ventures.get_venture(by(self.promoter, request)).await.unwrap();
        found.into_inner().venture.unwrap()
    }
}
