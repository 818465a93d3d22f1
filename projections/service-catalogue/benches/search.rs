//! How long a search takes over 50,000 listings in Japanese and English, through the service, facets and all;
//! and how long it takes to index them, and to search after a change.
//!
//! `cargo bench -p service-catalogue --bench search -- --listings N --searches N`

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use domain::{
    id::OrganisationId,
    listing::{ListingContent, OmicsModality},
};
use hdrhistogram::Histogram;
use proto::kiban::service_catalogue::v1::{Modality, SearchServicesRequest, ServiceOrder};
use support::*;

const VENDORS: u64 = 200;

const SUBJECTS: &[&str] = &[
    "乳がん",
    "肺腺がん",
    "大腸がん",
    "膵臓がん",
    "白血病",
    "膠芽腫",
    "免疫細胞",
    "腸内細菌叢",
    "血漿",
    "脳脊髄液",
    "breast cancer",
    "lung adenocarcinoma",
    "glioblastoma",
    "leukemia",
    "gut microbiome",
    "plasma",
    "organoid",
];
const METHODS: &[&str] = &[
    "マルチオミックス解析",
    "薬剤感受性試験",
    "ゼノグラフト作製",
    "全トランスクリプトーム解析",
    "空間プロテオミクス",
    "メタボローム測定",
    "DNAメチル化解析",
    "単一細胞RNAシーケンス",
    "バイオマーカー探索",
    "病理画像の定量",
    "RNA-seq profiling",
    "drug response assay",
    "xenograft efficacy study",
    "spatial proteomics",
    "methylation array",
    "single-cell sequencing",
    "biomarker discovery",
    "ctDNA monitoring",
];
const PHRASES: &[&str] = &[
    "検体の受領から解析結果の納品まで一貫して行います。",
    "凍結組織、FFPE、血漿のいずれにも対応します。",
    "国際規格に適合した検査室で品質管理を行い、報告書に測定条件を記載します。",
    "少量検体でも解析できます。",
    "結果は表とグラフにまとめ、生データとともにお渡しします。",
    "治験に用いる検体の長期保管も承ります。",
    "薬剤候補の作用機序を、発現変動とパスウェイから読み解きます。",
    "ゼノグラフトは三代継代まで確認済みです。",
    "Includes library preparation, sequencing and quality control.",
    "Raw data and figures are delivered.",
    "Validated on more than a thousand clinical samples.",
    "Turnaround depends on the number of specimens.",
    "Suitable for early discovery as well as companion diagnostics.",
    "Reports follow the CAP checklist.",
    "We integrate expression, methylation and copy number in one model.",
];
const PLATFORMS: &[&str] = &[
    "Illumina NovaSeq X",
    "Illumina NextSeq 2000",
    "Olink Explore",
    "Thermo Orbitrap Astral",
    "10x Chromium X",
];

/// What people look for: terms that are rare, common, long, short, in two scripts, and several at once.
const QUERIES: &[&str] = &[
    "オミックス",
    "薬剤",
    "ゼノグラフト",
    "ｾﾞﾉｸﾞﾗﾌﾄ",
    "RNA",
    "ＲＮＡ",
    "乳がん",
    "解析",
    "がん",
    "薬",
    "xenograft",
    "breast cancer",
    "single-cell",
    "sequencing",
    "ctDNA",
    "メチル化",
    "膵臓がん 薬剤感受性",
    "肺腺がん オミックス",
    "gut microbiome rna",
    "検体",
    "FFPE",
    "novaseq",
    "Orbitrap",
    "品質管理",
    "報告書に測定条件を記載",
    "e",
    "の",
    "integrate expression, methylation",
    "三代継代",
    "プロテオミクス olink",
    "白血病 biomarker",
    "listing-4242",
    "何もない",
    "zzzz",
    "monitoring turnaround",
    "",
    "",
];

/// A small generator: the same figures every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed ^ (mixed >> 27)) >> 16) % limit
    }

    fn of<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        texts[self.below(texts.len() as u64) as usize]
    }
}

fn generated(number: u64, random: &mut Random) -> ListingContent {
    let title = format!("{} {}", random.of(SUBJECTS), random.of(METHODS));
    let phrases: Vec<&str> = (0..3 + random.below(4)).map(|_| random.of(PHRASES)).collect();
    let description = format!("{} listing-{number}", phrases.join(""));
    let content = if random.below(6) == 0 {
        xenograft(&title, random.of(SUBJECTS))
    } else {
        let modality = OmicsModality::ALL[random.below(4) as usize];
        content(&title, &description, omics_attributes(modality, random.of(PLATFORMS)))
    };
    let (yen, days) = (1_000 + random.below(5_000_000) as i64, 1 + random.below(120) as u32);
    if random.below(5) == 0 { content } else { priced(content, yen, days) }
}

fn request(random: &mut Random) -> SearchServicesRequest {
    let choose = |random: &mut Random, one_in: u64| random.below(one_in) == 0;
    SearchServicesRequest {
        query: random.of(QUERIES).into(),
        page_size: 20,
        modality: if choose(random, 5) { Modality::Transcriptome.into() } else { 0 },
        max_price: choose(random, 5).then(|| yen(1_000_000)),
        max_turnaround_days: if choose(random, 5) { 30 } else { 0 },
        credential: if choose(random, 6) { "iso-15189".into() } else { String::new() },
        order_by: match random.below(6) {
            0 => ServiceOrder::Price.into(),
            1 => ServiceOrder::Turnaround.into(),
            _ => ServiceOrder::Relevance.into(),
        },
        ..Default::default()
    }
}

fn vendor(number: u64) -> OrganisationId {
    OrganisationId::from_u128(1_000 + u128::from(number % VENDORS))
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let (listings, searches) = (value("--listings", 50_000), value("--searches", 10_000));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure(listings, searches));
}

async fn measure(listings: u64, searches: u64) {
    let mut random = Random(7);
    let world = World::forum().await;
    for number in 0..VENDORS {
        world.vendor(vendor(number), &format!("Vendor {number}")).await;
        if number.is_multiple_of(4) {
            world.credential(vendor(number), "iso-15189", jiff::civil::date(2030, 1, 1)).await;
        }
    }
    for number in 0..listings {
        world.list(u128::from(number), vendor(number), generated(number, &mut random)).await;
    }
    // A search without terms waits for the fold and needs no index.
    let all = world.search(SearchServicesRequest::default()).await;
    assert_eq!(all.total, listings);
    let before = memory_mib();

    let started = Instant::now();
    let first = world.found("オミックス").await.len();
    println!(
        "{listings} listings indexed and searched in {:.1?} ({first} on the first page)",
        started.elapsed()
    );
    println!("resident memory: {} MiB before the index, {} MiB with it", before, memory_mib());

    let mut latencies = histogram();
    let mut slowest = (Duration::ZERO, SearchServicesRequest::default(), 0);
    for _ in 0..searches {
        let request = request(&mut random);
        let started = Instant::now();
        let answer = world.search(request.clone()).await;
        let took = started.elapsed();
        record(&mut latencies, took);
        if took > slowest.0 {
            slowest = (took, request, answer.total);
        }
    }
    print("search", &latencies);
    println!("slowest: {:?} for {:?}, {} found", slowest.0, slowest.1.query, slowest.2);

    let mut after_change = histogram();
    for number in 0..200 {
        let content = generated(number, &mut random);
        world.revise(u128::from(number), vendor(number), content).await;
        let started = Instant::now();
        world.found("ゼノグラフト").await;
        record(&mut after_change, started.elapsed());
    }
    print("search after a revision", &after_change);
}

fn histogram() -> Histogram<u64> {
    Histogram::new(3).expect("three digits")
}

fn record(latencies: &mut Histogram<u64>, took: Duration) {
    latencies.record(took.as_micros() as u64).expect("less than the most");
}

fn print(what: &str, latencies: &Histogram<u64>) {
    let at = |quantile: f64| Duration::from_micros(latencies.value_at_quantile(quantile));
    let (p50, p99, max) = (at(0.5), at(0.99), Duration::from_micros(latencies.max()));
    println!("{what}: {} times, p50 {p50:.1?}, p99 {p99:.1?}, max {max:.1?}", latencies.len());
}

/// What the process holds, from `/proc`; 0 where there is none.
fn memory_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or_default() / 1_024
}
