//! Ventures and investors: cards are listed, looked at, invested in. Every look is on record, and the platform is
//! never a party.

use proto::kiban::venture::v1::{
    DevelopmentStage, EnterDataRoomRequest, ExpressInterestRequest, FormJointVentureRequest, FullCard,
    InKind, ListVentureRequest, OpenDataRoomRequest, RecordInvestmentRequest, Teaser, ViewDealRequest,
    WithdrawInvestmentRequest, record_investment_request::Form,
};
use tonic::Code;

use super::contests;
use crate::demo::{
    actors::Part,
    calendar::{day, wire},
    checks,
    contracts::Deal,
    error::DemoError,
    prices::yen,
    stage::{Expected, Stage},
    world::World,
};

/// What is invested in cash, in yen, and what the space that is given is thought to be worth.
pub(in crate::demo) const INVESTED: i64 = 250_000_000;
pub(in crate::demo) const SPACE: i64 = 12_000_000;
const WITHDRAWN: i64 = 80_000_000;

/// What the tally counts about deals.
pub(in crate::demo) const LISTED: &str = "listed";
pub(in crate::demo) const VIEWS: &str = "views";
pub(in crate::demo) const INTERESTS: &str = "interests";
pub(in crate::demo) const ROOMS: &str = "data rooms";
pub(in crate::demo) const INVESTMENTS: &str = "investments";

pub(super) async fn of_month(stage: &mut Stage, world: &mut World, index: i32) -> Result<(), DemoError> {
    stage.now(day(index, 26));
    match index {
        6 => {
            list(stage, world).await?;
            contests::schedule(stage, world).await
        }
        7 => {
            without_agreement(stage, world).await?;
            view(stage, world).await?;
            data_room(stage, world).await?;
            contests::pitch(stage, world).await
        }
        8 => {
            contests::pitch_late(stage, world).await?;
            invest(stage, world).await
        }
        9 => conclude(stage, world).await,
        _ => Ok(()),
    }
}

/// October: two ventures, one a product and one a platform.
async fn list(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let product = Teaser {
        title: "KRAS G12D 選択的阻害薬".into(),
        summary: "経口低分子。膵癌の標準治療後を対象とする。".into(),
        stage: DevelopmentStage::Preclinical.into(),
        indication: "膵癌 (pancreatic cancer)".into(),
        modality: "small-molecule".into(),
        round: "series-a".into(),
        amount_sought: Some(yen(800_000_000)),
    };
    let platform = Teaser {
        title: "患者由来モデルの薬剤応答予測".into(),
        summary: "オルガノイドと全ゲノムから応答を予測する。".into(),
        stage: DevelopmentStage::Platform.into(),
        indication: "固形癌".into(),
        modality: "ai".into(),
        round: "seed".into(),
        amount_sought: Some(yen(150_000_000)),
    };
    let card = |asset: &str, wanted: &[&str]| FullCard {
        asset: asset.into(),
        unmet_need: "標準治療後の選択肢が乏しい".into(),
        intellectual_property: "PCT 出願 2 件".into(),
        in_kind_wanted: crate::demo::plans::owned(wanted),
        ..Default::default()
    };
    let cards = [
        (Deal::Neogenome, product, card("NG-012", &["space", "know-how"])),
        (Deal::Tsubaki, platform, card("応答予測基盤", &["know-how"])),
    ];
    for (deal, teaser, full_card) in cards {
        let (session, contract_id) = world.under(stage, deal);
        let request = ListVentureRequest {
            command_id: "list-venture".into(),
            validate_only: false,
            contract_id,
            teaser: Some(teaser),
            full_card: Some(full_card),
        };
        let listed = stage.done("listing a venture", session.ventures().list_venture(request).await)?;
        world.market.ventures.push(listed.venture_id);
        world.tally.dealt(LISTED);
    }
    Ok(())
}

fn look(world: &World, key: &str, contract: &str, venture: usize) -> ViewDealRequest {
    ViewDealRequest {
        command_id: format!("view-{key}-{venture}"),
        validate_only: false,
        contract_id: contract.to_owned(),
        venture_id: venture_id(world, venture),
    }
}

fn venture_id(world: &World, venture: usize) -> String {
    world.market.ventures.get(venture).cloned().unwrap_or_default()
}

/// November: an investor whose application was rejected sees nothing; who has not looked has no interest to tell of.
async fn without_agreement(stage: &mut Stage, world: &World) -> Result<(), DemoError> {
    let shinonome = world.cast.session(stage, Part::Shinonome, engine::Role::Contracts);
    let outcome = shinonome.ventures().view_deal(look(world, "refused", &world.contracts.rejected, 0)).await;
    let expected = Expected::new(Code::FailedPrecondition, "CONTRACT_NOT_IN_FORCE").naming("contract_id");
    let name = world.cast.of(Part::Shinonome).name;
    stage.refused(name, "open a deal card without an agreement", expected, outcome);

    let (tsurugi, contract_id) = world.under(stage, Deal::Tsurugi);
    let outcome = tsurugi.ventures().express_interest(interest(world, contract_id)).await;
    let expected = Expected::new(Code::FailedPrecondition, "DEAL_NOT_VIEWED");
    stage.refused(world.contracts.of(Deal::Tsurugi).name, "tell of an interest unseen", expected, outcome);
    Ok(())
}

fn interest(world: &World, contract_id: String) -> ExpressInterestRequest {
    ExpressInterestRequest {
        command_id: "interest".into(),
        contract_id,
        venture_id: venture_id(world, 0),
        message: "前臨床データの詳細を見たい".into(),
        ..Default::default()
    }
}

/// November: investors under contract look, and each look is an event; two tell of their interest.
async fn view(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let looks = [
        (Deal::Sakura, "first", 0),
        (Deal::Sakura, "second", 0),
        (Deal::Sakura, "first", 1),
        (Deal::Tsurugi, "first", 0),
    ];
    for (deal, key, venture) in looks {
        let (session, contract) = world.under(stage, deal);
        let request = look(world, key, &contract, venture);
        let viewed = stage.done("viewing a deal", session.ventures().view_deal(request).await)?;
        if viewed.full_card.is_none() {
            stage.check(checks::DEALS, false, format!("{deal:?} is shown the card that it looks at"));
        }
        world.tally.dealt(VIEWS);
    }
    for deal in [Deal::Sakura, Deal::Tsurugi] {
        let (session, contract_id) = world.under(stage, deal);
        let request = interest(world, contract_id);
        stage.done("telling of an interest", session.ventures().express_interest(request).await)?;
        world.tally.dealt(INTERESTS);
    }
    Ok(())
}

fn entry(contract_id: &str, world: &World, key: &str) -> EnterDataRoomRequest {
    EnterDataRoomRequest {
        command_id: format!("enter-{key}"),
        validate_only: false,
        contract_id: contract_id.to_owned(),
        venture_id: venture_id(world, 0),
    }
}

/// November: a data room is open for the one for whom the lister opened it.
async fn data_room(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let (sakura, agreement) = world.under(stage, Deal::Sakura);
    let outcome = sakura.ventures().enter_data_room(entry(&agreement, world, "early")).await;
    let expected = Expected::new(Code::FailedPrecondition, "NO_DATA_ROOM");
    stage.refused(world.contracts.of(Deal::Sakura).name, "enter a data room unasked", expected, outcome);
    let (neogenome, _) = world.under(stage, Deal::Neogenome);
    let request = OpenDataRoomRequest {
        command_id: "open-room".into(),
        venture_id: venture_id(world, 0),
        investor_id: world.cast.of(Part::Sakura).id.clone(),
        reference: "https://rooms.example/ng-012".into(),
        valid_until: wire(day(8, 31)),
        ..Default::default()
    };
    stage.done("opening a data room", neogenome.ventures().open_data_room(request).await)?;
    world.tally.dealt(ROOMS);
    let request = entry(&agreement, world, "in-time");
    let entered = stage.done("entering a data room", sakura.ventures().enter_data_room(request).await)?;
    let text = "the data room is shown to the investor for whom it was opened";
    stage.check(checks::DEALS, !entered.reference.is_empty(), text);
    Ok(())
}

/// December: cash, space, and a third that will not come to pass.
async fn invest(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let space = InKind {
        kind: "space".into(),
        description: "川崎の実験室 120 m²、2 年間".into(),
        estimated_value: Some(yen(SPACE)),
    };
    let forms = [
        (Deal::Sakura, 0, "series-a", Form::Cash(yen(INVESTED))),
        (Deal::Tsurugi, 0, "series-a", Form::InKind(space)),
        (Deal::Sakura, 1, "seed", Form::Cash(yen(WITHDRAWN))),
    ];
    for (deal, venture, round, form) in forms {
        let (session, contract_id) = world.under(stage, deal);
        let request = RecordInvestmentRequest {
            command_id: format!("invest-{venture}"),
            validate_only: false,
            venture_id: venture_id(world, venture),
            round: round.into(),
            form: Some(form),
            contract_id,
        };
        let made = stage.done("investing", session.ventures().record_investment(request).await)?;
        world.market.investments.push(made.investment_id);
        world.tally.dealt(INVESTMENTS);
    }
    Ok(())
}

/// January: the data room is closed, an investment is withdrawn, and one of those who invested forms a joint venture
/// with whom it invested in.
async fn conclude(stage: &mut Stage, world: &World) -> Result<(), DemoError> {
    let (sakura, agreement) = world.under(stage, Deal::Sakura);
    let outcome = sakura.ventures().enter_data_room(entry(&agreement, world, "late")).await;
    let expected = Expected::new(Code::FailedPrecondition, "DATA_ROOM_CLOSED");
    let name = world.contracts.of(Deal::Sakura).name;
    stage.refused(name, "enter a data room after its end", expected, outcome);
    let request = WithdrawInvestmentRequest {
        command_id: "withdraw-investment".into(),
        investment_id: world.market.investments.get(2).cloned().unwrap_or_default(),
        reason: "評価額の不一致".into(),
        ..Default::default()
    };
    stage.done("withdrawing an investment", sakura.ventures().withdraw_investment(request).await)?;

    let (neogenome, _) = world.under(stage, Deal::Neogenome);
    let parties = |parts: &[Part]| parts.iter().map(|part| world.cast.of(*part).id.clone()).collect();
    let joint = |command_id: &str, parts: &[Part]| FormJointVentureRequest {
        command_id: command_id.into(),
        venture_id: venture_id(world, 0),
        name: "ネオつるぎ創薬合同会社".into(),
        party_ids: parties(parts),
        purpose: "川崎の実験室での KRAS G12D 阻害薬の共同開発".into(),
        ..Default::default()
    };
    let with_platform = joint("joint-platform", &[Part::Neogenome, Part::Promoter]);
    let outcome = neogenome.ventures().form_joint_venture(with_platform).await;
    let expected = Expected::new(Code::FailedPrecondition, "PLATFORM_IS_NO_PARTY");
    let name = world.cast.of(Part::Neogenome).name;
    stage.refused(name, "form a joint venture with the promoter", expected, outcome);
    let uninvolved = joint("joint-uninvolved", &[Part::Neogenome, Part::Tsubaki]);
    let outcome = neogenome.ventures().form_joint_venture(uninvolved).await;
    let expected = Expected::new(Code::FailedPrecondition, "PARTY_NOT_INVOLVED").naming("party_ids");
    let tried = "form a joint venture with somebody who is not interested in the venture";
    stage.refused(name, tried, expected, outcome);
    let request = joint("joint-venture", &[Part::Neogenome, Part::Tsurugi]);
    stage.done("forming a joint venture", neogenome.ventures().form_joint_venture(request).await)?;
    Ok(())
}
