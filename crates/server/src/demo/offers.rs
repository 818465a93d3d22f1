//! What vendors offer: services of all six kinds of table 3-7, described in Japanese, with the English names that
//! the field uses.

use proto::kiban::order::v1::{
    ConsentToShare, DataAnalysisAttributes, DerivedModel, LifestyleDataAttributes, ListingContent,
    OmicsAnalysisAttributes, OmicsModality, PatientDerivedModelAttributes, PatientRecruitingAttributes,
    ServiceKind, SpecimenArchiveAttributes, UnitPrice, listing_content::Attributes,
};

use crate::demo::{actors::Part, contracts::Deal, plans::owned, prices::yen};

/// A service's place in the play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Offer {
    /// Omics, at a list price.
    Transcriptome,
    /// Omics, by quote.
    Proteome,
    /// Data analysis by the vendor of omics: one vendor of two kinds.
    Integration,
    /// Data analysis: academia sells a method.
    Signatures,
    /// Patient recruiting.
    Recruiting,
    /// PDX.
    Xenograft,
    /// Organoids.
    Organoid,
    /// Lifestyle data and patient-reported outcomes, sold by a consortium.
    Lifestyle,
    /// Lifestyle data, withdrawn in August.
    Wearables,
    /// Specimen archive.
    Archive,
    /// Omics, by the vendor that comes in June.
    Metabolome,
}

/// How a vendor describes a service.
pub(super) struct Sheet {
    pub(super) offer: Offer,
    /// The participation contract under which it is listed.
    pub(super) deal: Deal,
    code: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    days: u32,
    /// Unit and yen; none: only by quote.
    price: Option<(&'static str, i64)>,
    minimum: u32,
}

/// Who sells [`Offer::Lifestyle`] together, and the percentages of the vendor's part that they have agreed on. The
/// first one leads.
pub(super) const CONSORTIUM: [(Deal, Part, i64); 3] =
    [(Deal::Nagisa, Part::Nagisa, 50), (Deal::Mitsuba, Part::Mitsuba, 30), (Deal::Method, Part::Hokurei, 20)];

/// In the order of [`Offer`].
pub(super) const SHEETS: [Sheet; 11] = [
    Sheet {
        offer: Offer::Transcriptome,
        deal: Deal::Mitsuba,
        code: "MO-RNA",
        title: "腫瘍トランスクリプトーム解析 (RNA-seq)",
        description: "FFPE・凍結検体からの全転写産物のオミックス解析。融合遺伝子と発現量を報告する。",
        days: 30,
        price: Some(("specimen", 45_000)),
        minimum: 8,
    },
    Sheet {
        offer: Offer::Proteome,
        deal: Deal::Mitsuba,
        code: "MO-PROT",
        title: "血漿プロテオーム解析 (LC-MS/MS)",
        description: "血漿と組織の質量分析によるオミックス解析。薬剤応答マーカーの探索に用いる。",
        days: 45,
        price: None,
        minimum: 10,
    },
    Sheet {
        offer: Offer::Integration,
        deal: Deal::Mitsuba,
        code: "MO-MULTI",
        title: "多層オミックス統合解析 (multi-omics integration)",
        description: "基盤のデータと自社データを統合し、層別化の候補を示す。",
        days: 60,
        price: Some(("study", 1_800_000)),
        minimum: 1,
    },
    Sheet {
        offer: Offer::Signatures,
        deal: Deal::Method,
        code: "HU-SIG",
        title: "北嶺法による変異シグネチャー解析 (mutational signatures)",
        description: "大学で開発した手法による全ゲノムの変異シグネチャー分解。論文化された検証済みの手順。",
        days: 20,
        price: Some(("report", 600_000)),
        minimum: 1,
    },
    Sheet {
        offer: Offer::Recruiting,
        deal: Deal::Hikari,
        code: "HK-REC",
        title: "がん治験の被験者募集支援 (patient recruiting)",
        description: "協力医療機関を通じた候補患者の確認と説明の支援。",
        days: 180,
        price: None,
        minimum: 1,
    },
    Sheet {
        offer: Offer::Xenograft,
        deal: Deal::Tsubaki,
        code: "TB-PDX",
        title: "大腸癌ゼノグラフト (PDX) モデル",
        description: "NOG マウスで樹立した患者腫瘍ゼノグラフト。薬剤の有効性評価に用いる。",
        days: 90,
        price: Some(("model", 1_200_000)),
        minimum: 1,
    },
    Sheet {
        offer: Offer::Organoid,
        deal: Deal::Tsubaki,
        code: "TB-PDO",
        title: "患者由来オルガノイド (PDO) 薬剤感受性試験",
        description: "三次元培養した患者由来オルガノイドによる薬剤スクリーニング。",
        days: 60,
        price: Some(("model", 700_000)),
        minimum: 1,
    },
    Sheet {
        offer: Offer::Lifestyle,
        deal: Deal::Nagisa,
        code: "NG-PRO",
        title: "PRO-CTCAE と血漿プロテオームの縦断調査 (patient-reported outcomes)",
        description: "副作用の自己報告と血漿検体を同じ参加者から毎月得る。三者の共同提供。",
        days: 180,
        price: Some(("participant", 15_000)),
        minimum: 100,
    },
    Sheet {
        offer: Offer::Wearables,
        deal: Deal::Nagisa,
        code: "NG-WEAR",
        title: "ウェアラブル機器による活動量調査",
        description: "歩数と睡眠の連続記録。",
        days: 90,
        price: None,
        minimum: 50,
    },
    Sheet {
        offer: Offer::Archive,
        deal: Deal::Yukishiro,
        code: "YK-ARC",
        title: "検体の超低温保管 (specimen archive)",
        description: "気相液体窒素による検体の長期保管と出庫。",
        days: 14,
        price: Some(("specimen", 3_000)),
        minimum: 50,
    },
    Sheet {
        offer: Offer::Metabolome,
        deal: Deal::Kohaku,
        code: "KH-MET",
        title: "血漿メタボローム解析 (CE-TOFMS)",
        description: "イオン性代謝物の網羅的なオミックス解析。",
        days: 21,
        price: Some(("specimen", 38_000)),
        minimum: 10,
    },
];

impl Offer {
    /// How it is described.
    pub(super) const fn sheet(self) -> &'static Sheet {
        &SHEETS[self as usize]
    }

    /// What a listing of it says.
    pub(super) fn content(self) -> ListingContent {
        let sheet = self.sheet();
        let price = |(unit, amount): (&str, i64)| UnitPrice { unit: unit.into(), price: Some(yen(amount)) };
        ListingContent {
            code: sheet.code.into(),
            title: sheet.title.into(),
            description: sheet.description.into(),
            attributes: Some(self.attributes()),
            turnaround_days: Some(sheet.days),
            list_price: sheet.price.map(price),
            minimum_quantity: sheet.minimum,
        }
    }

    /// Of which kind it is.
    pub(super) fn kind(self) -> ServiceKind {
        match self.attributes() {
            Attributes::OmicsAnalysis(_) => ServiceKind::OmicsAnalysis,
            Attributes::DataAnalysis(_) => ServiceKind::DataAnalysis,
            Attributes::PatientRecruiting(_) => ServiceKind::PatientRecruiting,
            Attributes::PatientDerivedModel(_) => ServiceKind::PatientDerivedModel,
            Attributes::LifestyleData(_) => ServiceKind::LifestyleData,
            Attributes::SpecimenArchive(_) => ServiceKind::SpecimenArchive,
        }
    }

    /// Who sells it, with the percentages of the vendor's part.
    pub(super) fn sellers(self, vendor: Part) -> Vec<(Part, i64)> {
        match self {
            Self::Lifestyle => CONSORTIUM.map(|(_, part, percentage)| (part, percentage)).to_vec(),
            _ => vec![(vendor, 100)],
        }
    }

    fn attributes(self) -> Attributes {
        match self {
            Self::Transcriptome => {
                omics(OmicsModality::Transcriptome, "Illumina NovaSeq X", "ffpe", "200 ng")
            }
            Self::Proteome => omics(OmicsModality::Proteome, "timsTOF HT", "plasma", "50 µL"),
            Self::Metabolome => omics(OmicsModality::Metabolome, "CE-TOFMS", "plasma", "100 µL"),
            Self::Integration => {
                data(&["multi-omics-factor-analysis", "network-analysis"], "報告書と解析コード")
            }
            Self::Signatures => data(&["mutational-signatures"], "試料ごとのシグネチャー組成"),
            Self::Recruiting => Attributes::PatientRecruiting(PatientRecruitingAttributes {
                regions: owned(&["東北", "関東"]),
                diseases: owned(&["膵癌", "胆道癌"]),
            }),
            Self::Xenograft => xenograft(),
            Self::Organoid => Attributes::PatientDerivedModel(PatientDerivedModelAttributes {
                model: DerivedModel::Organoid.into(),
                passage_number: 3,
                tumour_type: "大腸癌 (colorectal adenocarcinoma)".into(),
                consent_to_share: ConsentToShare::Yes.into(),
                ..Default::default()
            }),
            Self::Lifestyle => lifestyle(&["PRO-CTCAE", "EQ-5D-5L"], "app"),
            Self::Wearables => lifestyle(&["wearable"], "device"),
            Self::Archive => Attributes::SpecimenArchive(SpecimenArchiveAttributes {
                materials: owned(&["ffpe", "plasma", "buffy-coat"]),
                storage_temperature_celsius: -150,
                capacity: 200_000,
            }),
        }
    }
}

fn omics(modality: OmicsModality, platform: &str, material: &str, amount: &str) -> Attributes {
    Attributes::OmicsAnalysis(OmicsAnalysisAttributes {
        modality: modality.into(),
        platform: platform.into(),
        input_material: material.into(),
        input_minimum_amount: amount.into(),
    })
}

fn data(methods: &[&str], deliverable: &str) -> Attributes {
    Attributes::DataAnalysis(DataAnalysisAttributes {
        methods: owned(methods),
        deliverable: deliverable.into(),
        dataset_classes: vec![],
    })
}

fn lifestyle(instruments: &[&str], collection: &str) -> Attributes {
    Attributes::LifestyleData(LifestyleDataAttributes {
        instruments: owned(instruments),
        collection: collection.into(),
    })
}

/// In the terms of PDX-MI.
fn xenograft() -> Attributes {
    Attributes::PatientDerivedModel(PatientDerivedModelAttributes {
        model: DerivedModel::Pdx.into(),
        host_species: "Mus musculus".into(),
        host_strain: "NOG (NOD.Cg-Prkdcscid Il2rgtm1Sug/ShiJic)".into(),
        passage_number: 2,
        engraftment_site: "subcutaneous".into(),
        engraftment_type: "tumour fragment".into(),
        tumour_type: "大腸癌 (colorectal adenocarcinoma)".into(),
        consent_to_share: ConsentToShare::Yes.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_stand_in_order_and_are_of_all_six_kinds() {
        for (index, sheet) in SHEETS.iter().enumerate() {
            assert_eq!(sheet.offer as usize, index, "{}", sheet.title);
        }
        let mut kinds: Vec<i32> = SHEETS.iter().map(|sheet| sheet.offer.kind().into()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds, [1, 2, 3, 4, 5, 6]);
        assert_eq!(CONSORTIUM.iter().map(|(_, _, percentage)| percentage).sum::<i64>(), 100);
    }
}
