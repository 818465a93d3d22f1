//! What a query finds, and in which order.

mod support;

use domain::{
    listing::{OmicsModality, ServiceKind},
    organisation::Capacity,
    vendor_admission::AdmissionMode,
};
use jiff::civil::date;
use proto::kiban::service_catalogue::v1::{
    Modality, SearchServicesRequest, ServiceOrder, catalogue_service_server::CatalogueService,
};
use support::*;

#[tokio::test]
async fn japanese_is_found_letter_by_letter_in_any_width() {
    let world = World::forum().await;
    world.list(1, ALPHA, omics("マルチオミックス解析", "薬剤感受性を全ゲノムから予測します")).await;
    world.list(2, BETA, xenograft("ゼノグラフト（PDX）薬効試験", "乳がん")).await;
    world.list(3, ALPHA, omics("ＲＮＡシーケンス", "がん組織のｍＲＮＡ発現")).await;
    for (query, found) in [
        ("オミックス", vec![1]),
        ("薬剤", vec![1]),
        ("ゼノグラフト", vec![2]),
        ("ｾﾞﾉｸﾞﾗﾌﾄ", vec![2]),
        ("グラフ", vec![2]),
        ("薬", vec![2, 1]),
        ("RNA", vec![3]),
        ("ＲＮＡ", vec![3]),
        ("mrna", vec![3]),
        ("がん", vec![3, 2]),
        ("乳がん　PDX", vec![2]),
        ("解析 novaseq", vec![1]),
        // All characters are there, and even all pairs, but the term is not.
        ("ミックスオ", vec![]),
        ("薬剤 ゼノグラフト", vec![]),
    ] {
        assert_eq!(world.found(query).await, found, "{query}");
    }
}

#[tokio::test]
async fn english_is_found_whatever_its_case_and_within_words() {
    let world = World::forum().await;
    world.list(1, ALPHA, omics("Whole Transcriptome Profiling", "Library preparation included")).await;
    world.list(2, BETA, xenograft("PDX efficacy study", "Lung Adenocarcinoma")).await;
    for (query, found) in [
        ("TRANSCRIPTOME", vec![1]),
        ("script", vec![1]),
        ("profiling whole", vec![1]),
        ("adenocarcinoma pdx", vec![2]),
        ("NOD scid", vec![2]),
        ("200", vec![1]),
        ("profilings", vec![]),
    ] {
        assert_eq!(world.found(query).await, found, "{query}");
    }
}

#[tokio::test]
async fn the_title_comes_before_the_description_before_the_attributes_then_bm25_then_the_id() {
    let world = World::forum().await;
    let novaseq = omics("Sequencing", "A service");
    world.list(1, ALPHA, novaseq.clone()).await;
    world
        .list(
            2,
            ALPHA,
            omics("Sequencing", "On the NovaSeq of our laboratory, with much else to be said of it"),
        )
        .await;
    world.list(3, ALPHA, omics("Sequencing", "NovaSeq, NovaSeq")).await;
    world.list(4, ALPHA, omics("NovaSeq", "A service")).await;
    world.list(5, BETA, novaseq).await;
    assert_eq!(world.found("novaseq").await, [4, 3, 2, 1, 5]);
    // Without a query there is no relevance.
    assert_eq!(world.found("").await, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn what_cannot_be_ordered_vanishes_and_comes_back() {
    let world = World::forum().await;
    world.list(1, ALPHA, omics("オミックス解析", "一")).await;
    world.list(2, BETA, omics("オミックス解析", "二")).await;
    assert_eq!(world.found("オミックス").await, [1, 2]);

    world.admit(ServiceKind::OmicsAnalysis, AdmissionMode::Exclusive(BETA)).await;
    assert_eq!(world.found("オミックス").await, [2]);
    world.admit(ServiceKind::OmicsAnalysis, AdmissionMode::Limited([ALPHA, BETA].into())).await;
    world.admit(ServiceKind::DataAnalysis, AdmissionMode::Exclusive(PHARMA)).await;
    assert_eq!(world.found("オミックス").await, [1, 2]);

    world.withdraw(2).await;
    assert_eq!((world.found("オミックス").await, world.found("").await), (vec![1], vec![1]));

    // The contract ends by the clock; no event says so.
    let head = world.head();
    world.clock.set(on(date(2027, 4, 1)));
    assert_eq!((world.found("オミックス").await, world.found("").await), (vec![], vec![]));
    assert_eq!(world.head(), head);
}

#[tokio::test]
async fn nothing_is_offered_by_whoever_is_no_vendor_any_more() {
    let world = World::forum().await;
    world.organisation_until(GAMMA, "Gamma", Capacity::Vendor, date(2026, 9, 1)).await;
    world.append(contract_of(GAMMA), &participation(GAMMA), &[GAMMA, PROMOTER, BASE]).await;
    world.list(1, GAMMA, omics("オミックス解析", "一")).await;
    world.list(2, BETA, omics("オミックス解析", "二")).await;
    assert_eq!((world.found("オミックス").await, world.found("").await), (vec![1, 2], vec![1, 2]));
    // The capacity ends by the clock, while the contract goes on.
    world.clock.set(on(date(2026, 9, 1)));
    assert_eq!((world.found("オミックス").await, world.found("").await), (vec![2], vec![2]));
}

/// What a query says is text, whatever it looks like.
#[tokio::test]
async fn queries_are_no_language() {
    let world = World::forum().await;
    world
        .list(1, ALPHA, omics("RNA-seq (10×) \"single cell\" 🧬", "title:x AND NOT* +がん^2 ~[a TO b]"))
        .await;
    world.list(2, ALPHA, omics("👩‍🔬 e\u{301}tude", "か\u{309a}")).await;
    for (query, found) in [
        ("(", vec![1]),
        ("\"single", vec![1]),
        ("title:x", vec![1]),
        ("NOT*", vec![1]),
        ("*", vec![1]),
        ("title:RNA", vec![]),
        ("RNA OR nothing", vec![]),
        ("+がん^2", vec![1]),
        ("🧬", vec![1]),
        ("👩", vec![2]),
        ("👩‍🔬", vec![2]),
        ("ÉTUDE", vec![2]),
        ("か\u{309a}", vec![2]),
        ("\u{309a}", vec![2]),
        ("\u{b4}", vec![]),
        ("\u{0}", vec![]),
        ("\u{fffd}", vec![]),
    ] {
        assert_eq!(world.found(query).await, found, "{query:?}");
    }
}

#[tokio::test]
async fn a_revised_service_is_found_as_it_is_now() {
    let world = World::forum().await;
    world.list(1, ALPHA, omics("画像解析", "旧")).await;
    assert_eq!(world.found("画像").await, [1]);
    world.revise(1, ALPHA, omics("音声解析", "新")).await;
    assert_eq!((world.found("画像").await, world.found("音声").await), (vec![], vec![1]));
}

#[tokio::test]
async fn every_filter_holds_back_what_does_not_pass() {
    let world = World::forum().await;
    world.credential(BETA, "iso-15189", date(2026, 9, 1)).await;
    let protein = content("Proteome", "x", omics_attributes(OmicsModality::Proteome, "Olink"));
    world.list(1, ALPHA, priced(omics("RNA", "x"), 50_000, 10)).await;
    world.list(2, BETA, priced(protein, 20_000, 30)).await;
    world.list(3, BETA, xenograft("PDX", "x")).await;
    let any = SearchServicesRequest::default;
    let kind = |kind: proto::kiban::order::v1::ServiceKind| vec![i32::from(kind)];
    let model = proto::kiban::order::v1::ServiceKind::PatientDerivedModel;
    for (request, found) in [
        (any(), vec![1, 2, 3]),
        (SearchServicesRequest { service_kinds: kind(model), ..any() }, vec![3]),
        (SearchServicesRequest { modality: Modality::Proteome.into(), ..any() }, vec![2]),
        (SearchServicesRequest { modality: Modality::Xenograft.into(), ..any() }, vec![3]),
        (SearchServicesRequest { vendor_id: BETA.to_string(), ..any() }, vec![2, 3]),
        (SearchServicesRequest { credential: "iso-15189".into(), ..any() }, vec![2, 3]),
        (SearchServicesRequest { max_price: Some(yen(20_000)), ..any() }, vec![2]),
        (SearchServicesRequest { max_turnaround_days: 29, ..any() }, vec![1]),
        (SearchServicesRequest { max_turnaround_days: 30, query: "o".into(), ..any() }, vec![2, 1]),
        (SearchServicesRequest { order_by: ServiceOrder::Price.into(), ..any() }, vec![2, 1, 3]),
        (SearchServicesRequest { order_by: ServiceOrder::Turnaround.into(), ..any() }, vec![1, 2, 3]),
    ] {
        let answer = world.search(request.clone()).await;
        assert_eq!(numbers(&answer), found, "{request:?}");
        assert_eq!(answer.total, found.len() as u64);
    }
    let shown = world.search(any()).await.services[1].clone();
    assert_eq!((shown.vendor_name.as_str(), shown.title.as_str()), ("ベータ研究所", "Proteome"));
    assert_eq!((shown.credentials, shown.turnaround_days), (vec!["iso-15189".to_owned()], Some(30)));
    assert_eq!(shown.list_price.unwrap().price, Some(yen(20_000)));
    // The credential ends by the clock.
    world.clock.set(on(date(2026, 9, 1)));
    let held = SearchServicesRequest { credential: "iso-15189".into(), ..any() };
    assert!(world.search(held).await.services.is_empty());
}

#[tokio::test]
async fn a_filter_is_not_applied_to_its_own_counts() {
    let world = World::forum().await;
    world.credential(BETA, "cap", date(2030, 1, 1)).await;
    world.list(1, ALPHA, priced(omics("RNA", "x"), 9_999, 7)).await;
    world.list(2, ALPHA, priced(omics("RNA", "x"), 10_000, 8)).await;
    world.list(3, BETA, priced(xenograft("PDX", "x"), 20_000_000, 400)).await;
    world.list(4, BETA, omics("DNA", "x")).await;
    let pairs = |pairs: &[(&str, u64)]| -> Vec<(String, u64)> {
        pairs.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
    };
    let (alpha, beta) = (ALPHA.to_string(), BETA.to_string());

    let all = world.search(SearchServicesRequest::default()).await;
    let kinds = [("SERVICE_KIND_OMICS_ANALYSIS", 3), ("SERVICE_KIND_PATIENT_DERIVED_MODEL", 1)];
    assert_eq!(facet(&all, "service_kinds"), pairs(&kinds));
    assert_eq!(facet(&all, "modality"), pairs(&[("MODALITY_TRANSCRIPTOME", 3), ("MODALITY_XENOGRAFT", 1)]));
    let prices = [("0-9999", 1), ("10000-99999", 1), ("10000000-", 1), ("on-request", 1)];
    assert_eq!(facet(&all, "max_price"), pairs(&prices));
    let days = [("1-7", 1), ("8-14", 1), ("91-", 1), ("on-request", 1)];
    assert_eq!(facet(&all, "max_turnaround_days"), pairs(&days));
    assert_eq!(facet(&all, "credential"), pairs(&[("cap", 2)]));
    assert_eq!(facet(&all, "vendor_id"), pairs(&[(&alpha, 2), (&beta, 2)]));
    assert_eq!(all.facets[5].values[1].label, "ベータ研究所");

    let of_beta = SearchServicesRequest { vendor_id: beta.clone(), ..Default::default() };
    let chosen = world.search(of_beta.clone()).await;
    assert_eq!((chosen.total, facet(&chosen, "vendor_id")), (2, pairs(&[(&alpha, 2), (&beta, 2)])));
    assert_eq!(facet(&chosen, "max_price"), pairs(&[("10000000-", 1), ("on-request", 1)]));

    let two =
        world.search(SearchServicesRequest { modality: Modality::Transcriptome.into(), ..of_beta }).await;
    assert_eq!((two.total, numbers(&two)), (1, vec![4]));
    assert_eq!(facet(&two, "modality"), pairs(&[("MODALITY_TRANSCRIPTOME", 1), ("MODALITY_XENOGRAFT", 1)]));
    assert_eq!(facet(&two, "vendor_id"), pairs(&[(&alpha, 2), (&beta, 1)]));
    assert_eq!(facet(&two, "max_turnaround_days"), pairs(&[("on-request", 1)]));

    let none = world.search(SearchServicesRequest { query: "nothing".into(), ..Default::default() }).await;
    assert!(none.facets.iter().all(|facet| facet.values.is_empty()));
    assert_eq!(none.facets.len(), 6);
}

#[tokio::test]
async fn wrong_fields_are_refused_by_their_names() {
    let world = World::forum().await;
    let any = SearchServicesRequest::default;
    for (request, reason, field) in [
        (SearchServicesRequest { page_size: -1, ..any() }, "INVALID_FIELD", "page_size"),
        (SearchServicesRequest { page_token: "x".into(), ..any() }, "INVALID_PAGE_TOKEN", "page_token"),
        (SearchServicesRequest { min_position: "x".into(), ..any() }, "INVALID_FIELD", "min_position"),
        (SearchServicesRequest { min_position: "999".into(), ..any() }, "POSITION_AHEAD", "min_position"),
        (SearchServicesRequest { query: "あ".repeat(201), ..any() }, "INVALID_FIELD", "query"),
        (SearchServicesRequest { service_kinds: vec![1, 9], ..any() }, "INVALID_FIELD", "service_kinds[1]"),
        (SearchServicesRequest { service_kinds: vec![1; 7], ..any() }, "INVALID_FIELD", "service_kinds"),
        (SearchServicesRequest { modality: 99, ..any() }, "INVALID_FIELD", "modality"),
        (SearchServicesRequest { vendor_id: "x".into(), ..any() }, "INVALID_FIELD", "vendor_id"),
        (SearchServicesRequest { credential: "ISO".into(), ..any() }, "INVALID_FIELD", "credential"),
        (SearchServicesRequest { order_by: 99, ..any() }, "INVALID_FIELD", "order_by"),
    ] {
        let answer = world.catalogue.search_services(by(PHARMA, request)).await;
        assert_eq!(refused(answer), (reason.into(), field.into()));
    }
    let stranger = by(domain::id::OrganisationId::from_u128(99), any());
    assert_eq!(refused(world.catalogue.search_services(stranger).await).0, "CAPACITY_REQUIRED");
}
