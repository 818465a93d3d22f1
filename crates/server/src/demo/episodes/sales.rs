//! What is ordered in the year: from a quote and at list prices, alone and of a consortium; what is disputed,
//! declined, cancelled; and what may not be ordered at all.

use tonic::Code;

use super::{
    orders::{self, Wanted},
    quotes, specimens,
};
use crate::demo::{
    calendar::day,
    contracts::Deal,
    error::DemoError,
    offers::Offer,
    stage::{Expected, Stage},
    usage::place,
    world::World,
};

const PROTEOME: Wanted =
    Wanted { quote: 2, ..Wanted::of("proteome", Deal::Hokuto, Offer::Proteome, 48, &quotes::ORDERED) };
const TRANSCRIPTOME: Wanted = Wanted {
    credential: "cap",
    dataset: "TCGA-PAAD",
    ..Wanted::of(
        "transcriptome",
        Deal::Aozora,
        Offer::Transcriptome,
        12,
        &[("検体受領", 140_000), ("解析結果", 400_000)],
    )
};
const XENOGRAFT: Wanted = Wanted {
    dataset: "TCGA-COAD",
    ethics: "倫-2026-118",
    ..Wanted::of(
        "xenograft",
        Deal::Hokuto,
        Offer::Xenograft,
        2,
        &[("樹立確認", 600_000), ("納品", 1_800_000)],
    )
};
const ORGANOID: Wanted = Wanted {
    dataset: "TCGA-COAD",
    ethics: "倫-2026-131",
    ..Wanted::of("organoid", Deal::Minato, Offer::Organoid, 1, &[("試験結果", 700_000)])
};
const LIFESTYLE: Wanted = Wanted::of(
    "lifestyle",
    Deal::Minato,
    Offer::Lifestyle,
    200,
    &[("登録完了", 1_000_000), ("最終データ", 2_000_000)],
);
const ARCHIVE: Wanted = Wanted::of("archive", Deal::Aozora, Offer::Archive, 100, &[("入庫", 280_000)]);
const SIGNATURES: Wanted = Wanted::of(
    "signatures",
    Deal::Hokuto,
    Offer::Signatures,
    1,
    &[("中間報告", 200_000), ("解析", 200_000), ("最終報告", 200_000)],
);
const METABOLOME: Wanted =
    Wanted::of("metabolome", Deal::Minato, Offer::Metabolome, 10, &[("解析結果", 380_000)]);

const INTEGRATION: Wanted = Wanted::of(
    "integration",
    Deal::Aozora,
    Offer::Integration,
    1,
    &[("設計", 900_000), ("統合解析", 900_000)],
);

pub(super) async fn of_month(stage: &mut Stage, world: &mut World, index: i32) -> Result<(), DemoError> {
    stage.now(day(index, 22));
    match index {
        3 => omics(stage, world).await,
        4 => disputed(stage, world).await,
        5 => {
            delivered_again(stage, world).await?;
            models(stage, world).await
        }
        6 => at_list_prices(stage, world).await,
        7 => method(stage, world).await,
        8 => endings(stage, world).await,
        10 => under_new_rule(stage, world).await,
        11 => orders::hand_over(stage, world, INTEGRATION.key, 0).await,
        _ => Ok(()),
    }
}

/// July: a quote that has expired, one that is ordered, and specimens for it.
async fn omics(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let late = Wanted { key: "expired-quote", quote: 1, ..PROTEOME };
    let expected = Expected::new(Code::FailedPrecondition, "QUOTE_EXPIRED").naming("quote.number");
    orders::refused(stage, world, "order from a quote that has expired", expected, late).await?;
    orders::place(stage, world, PROTEOME).await?;
    let twice = Wanted { key: "quote-again", ..PROTEOME };
    let expected = Expected::new(Code::AlreadyExists, "QUOTE_ALREADY_USED");
    orders::refused(stage, world, "order from the same quote again", expected, twice).await?;
    orders::accept(stage, world, PROTEOME.key).await?;
    orders::hand_over(stage, world, PROTEOME.key, 0).await?;
    // From now on the vendor's meter says for which order it used data of the base.
    world.meter(place::MITSUBA).order = world.market.order(PROTEOME.key);

    orders::place(stage, world, TRANSCRIPTOME).await?;
    orders::accept(stage, world, TRANSCRIPTOME.key).await?;
    specimens::reserve(stage, world, PROTEOME.key, TRANSCRIPTOME.key).await
}

/// August: a delivery is disputed; an order is cancelled before anything was delivered, and its specimens are free
/// again.
async fn disputed(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    orders::deliver(stage, world, PROTEOME.key, 1).await?;
    orders::dispute(stage, world, PROTEOME.key, 1, "対照検体 6 本の結果がない").await?;
    orders::cancel(stage, world, TRANSCRIPTOME.key, "研究計画の変更").await
}

/// September: the vendor delivers again, and that is accepted.
async fn delivered_again(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    orders::hand_over(stage, world, PROTEOME.key, 1).await?;
    orders::deposit(stage, world, PROTEOME.key, "膵癌 48 検体の血漿プロテオーム").await
}

/// September: what is derived from patients is sold only where they consented and an ethics committee approved;
/// and a credential that has expired is none.
async fn models(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    let unconsented = Wanted { key: "no-consent", dataset: "TCGA-BRCA", ..XENOGRAFT };
    let expected = Expected::new(Code::FailedPrecondition, "CONSENT_MISSING").naming("dataset_id");
    let tried = "order PDX of patients who did not consent to their sale";
    orders::refused(stage, world, tried, expected, unconsented).await?;
    let unapproved = Wanted { key: "no-ethics", ethics: "", ..XENOGRAFT };
    let expected =
        Expected::new(Code::FailedPrecondition, "ETHICS_APPROVAL_MISSING").naming("ethics_approval");
    let tried = "order PDX without an ethics committee's approval";
    orders::refused(stage, world, tried, expected, unapproved).await?;
    orders::place(stage, world, XENOGRAFT).await?;
    orders::accept(stage, world, XENOGRAFT.key).await?;

    let again = Wanted { key: "no-credential", ..TRANSCRIPTOME };
    let expected =
        Expected::new(Code::FailedPrecondition, "CREDENTIAL_MISSING").naming("required_credentials");
    let tried = "order from a vendor whose CAP accreditation has expired";
    orders::refused(stage, world, tried, expected, again).await
}

/// October: at list prices, one of them of a consortium; one order is declined.
async fn at_list_prices(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    orders::hand_over(stage, world, XENOGRAFT.key, 0).await?;
    for wanted in [LIFESTYLE, ARCHIVE] {
        orders::place(stage, world, wanted).await?;
        orders::accept(stage, world, wanted.key).await?;
    }
    orders::hand_over(stage, world, ARCHIVE.key, 0).await?;
    orders::place(stage, world, ORGANOID).await?;
    orders::decline(stage, world, ORGANOID.key, "培養枠に空きがない").await?;
    let few = Wanted { key: "too-few", quantity: 20, ..ARCHIVE };
    let expected = Expected::new(Code::InvalidArgument, "INVALID_FIELD").naming("list_price.quantity");
    orders::refused(stage, world, "order less than the minimum quantity", expected, few).await
}

/// November: academia's method.
async fn method(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    orders::hand_over(stage, world, XENOGRAFT.key, 1).await?;
    orders::hand_over(stage, world, LIFESTYLE.key, 0).await?;
    for wanted in [SIGNATURES, METABOLOME] {
        orders::place(stage, world, wanted).await?;
        orders::accept(stage, world, wanted.key).await?;
    }
    orders::hand_over(stage, world, SIGNATURES.key, 0).await
}

/// December: an order is cancelled with a milestone delivered, which stays charged; two others are completed.
async fn endings(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    orders::deliver(stage, world, SIGNATURES.key, 1).await?;
    orders::cancel(stage, world, SIGNATURES.key, "候補の絞り込みが済んだ").await?;
    orders::hand_over(stage, world, LIFESTYLE.key, 1).await?;
    orders::hand_over(stage, world, METABOLOME.key, 0).await
}

/// February: an order under the second version of the share rule. What the vendor's meter says was used for it is
/// charged nothing, for the fee is taken out of the vendor's part. It is still under way when the year ends.
async fn under_new_rule(stage: &mut Stage, world: &mut World) -> Result<(), DemoError> {
    orders::place(stage, world, INTEGRATION).await?;
    orders::accept(stage, world, INTEGRATION.key).await?;
    world.meter(place::MITSUBA).order = world.market.order(INTEGRATION.key);
    Ok(())
}
