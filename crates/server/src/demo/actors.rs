//! Who takes part: fictional organisations with valid corporate numbers. No registry gives out numbers that
//! start with 9999.

use std::str::FromStr;

use domain::id::OrganisationId;
use engine::{PLATFORM, Role};
use proto::kiban::membership::v1::{
    AttestCredentialRequest, Capacity, CapacityGrant, Credential, RegisterOrganisationRequest,
};

use crate::demo::{
    client::{Session, part},
    error::DemoError,
    stage::Stage,
};

/// Since when they hold their capacities.
pub(super) const SINCE: &str = "2026-03-01";

/// An organisation's place in the cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// The base operator.
    Base,
    /// The promoter.
    Promoter,
    /// A medical institution.
    Aoba,
    /// A medical institution.
    Setouchi,
    /// A medical institution, which teaches and sells a method.
    Hokurei,
    /// The data provider.
    Tokai,
    /// A pharma member that starts small and moves to another tier.
    Aozora,
    /// A pharma member on the highest tier, which first tries a pilot.
    Hokuto,
    /// A vendor of omics and data analyses that uses data of the base.
    Mitsuba,
    /// A contract research organisation: vendor and member.
    Hikari,
    /// An investor.
    Sakura,
    /// An investor whose application is rejected.
    Shinonome,
    /// A venture that seeks money.
    Neogenome,
    /// A vendor of patient-derived models, with a platform that seeks money.
    Tsubaki,
    /// A vendor of lifestyle data and of what patients report.
    Nagisa,
    /// A vendor that stores specimens.
    Yukishiro,
    /// A vendor of omics analyses that comes in the expedited lane.
    Kohaku,
    /// A member that develops diagnostics and commits to a minimum.
    Minato,
    /// An institution whose supply contract was never signed.
    Minori,
    /// An investor that gives space.
    Tsurugi,
}

/// The medical institutions, in the order in which compositions name them.
pub(super) const INSTITUTIONS: [Part; 3] = [Part::Aoba, Part::Setouchi, Part::Hokurei];

struct Entry {
    part: Part,
    name: &'static str,
    sector: &'static str,
    number: &'static str,
    capacities: &'static [Capacity],
}

const fn entry(
    part: Part,
    name: &'static str,
    sector: &'static str,
    number: &'static str,
    capacities: &'static [Capacity],
) -> Entry {
    Entry { part, name, sector, number, capacities }
}

/// In the order of [`Part`].
const CAST: [Entry; 20] = [
    entry(Part::Base, "がんゲノム基盤機構", "public", "5999901010101", &[Capacity::BaseOperator]),
    entry(Part::Promoter, "ゲノム活用促進機構", "public", "1999902020202", &[Capacity::Promoter]),
    entry(Part::Aoba, "青葉がんセンター", "hospital", "6999903030303", &[Capacity::MedicalInstitution]),
    entry(Part::Setouchi, "瀬戸内医療センター", "hospital", "2999904040404", &[Capacity::MedicalInstitution]),
    entry(
        Part::Hokurei,
        "北嶺大学病院",
        "university",
        "7999905050505",
        &[Capacity::MedicalInstitution, Capacity::Academic, Capacity::Vendor],
    ),
    entry(Part::Tokai, "東海バイオバンク", "biobank", "3999906060606", &[Capacity::DataProvider]),
    entry(Part::Aozora, "あおぞら製薬", "pharma", "8999907070707", &[Capacity::Member]),
    entry(Part::Hokuto, "北斗ファーマ", "pharma", "4999908080808", &[Capacity::Member]),
    entry(Part::Mitsuba, "みつばオミクス", "omics", "9999909090909", &[Capacity::Vendor]),
    entry(Part::Hikari, "ひかり臨床開発", "cro", "1999910101010", &[Capacity::Vendor, Capacity::Member]),
    entry(Part::Sakura, "さくらライフ投資", "finance", "6999911111111", &[Capacity::Investor]),
    entry(Part::Shinonome, "東雲キャピタル", "finance", "2999912121212", &[Capacity::Investor]),
    entry(Part::Neogenome, "ネオゲノム創薬", "biotech", "7999913131313", &[Capacity::Member]),
    entry(Part::Tsubaki, "つばき前臨床研究所", "preclinical", "8999915151515", &[Capacity::Vendor]),
    entry(Part::Nagisa, "なぎさヘルスデータ", "health-data", "4999916161616", &[Capacity::Vendor]),
    entry(Part::Yukishiro, "ゆきしろ検体保管", "biobank", "9999917171717", &[Capacity::Vendor]),
    entry(Part::Kohaku, "こはくメタボローム", "omics", "5999918181818", &[Capacity::Vendor]),
    entry(Part::Minato, "みなと診断薬", "diagnostics", "1999919191919", &[Capacity::Member]),
    entry(Part::Minori, "みのり総合病院", "hospital", "2999920202020", &[Capacity::MedicalInstitution]),
    entry(Part::Tsurugi, "つるぎイノベーション", "finance", "7999921212121", &[Capacity::Investor]),
];

/// What the base operator has seen of whom, and until when it holds: accreditations of laboratories, and the
/// certification by which medical data may be handled (次世代医療基盤法).
const CREDENTIALS: [(Part, &str, &str, &str); 4] = [
    (Part::Mitsuba, "iso-15189", "日本適合性認定協会", "2028-04-01"),
    (Part::Mitsuba, "cap", "College of American Pathologists", "2026-09-01"),
    (Part::Nagisa, "jisedai-iryo-kiban", "内閣府", "2029-04-01"),
    (Part::Yukishiro, "iso-20387", "日本適合性認定協会", "2028-04-01"),
];

/// An organisation of the cast, registered.
#[derive(Debug, Clone)]
pub(super) struct Actor {
    pub(super) name: &'static str,
    /// org_…
    pub(super) id: String,
    /// What it is, such as "member".
    pub(super) capacities: Vec<&'static str>,
    organisation: OrganisationId,
}

/// Everybody, registered.
#[derive(Debug, Clone)]
pub(super) struct Cast(Vec<Actor>);

impl Cast {
    /// The organisation that plays a part.
    pub(super) fn of(&self, part: Part) -> &Actor {
        &self.0[part as usize]
    }

    /// Somebody of that organisation who has a role.
    pub(super) fn session(&self, stage: &Stage, part: Part, role: Role) -> Session {
        Session::new(&stage.channel, self.of(part).organisation, role)
    }

    /// The part that an organisation plays.
    pub(super) fn part_of(&self, id: &str) -> Option<Part> {
        CAST.iter().zip(&self.0).find(|(_, actor)| actor.id == id).map(|(entry, _)| entry.part)
    }

    /// What people call an organisation; its id if it is none of the cast.
    pub(super) fn name_of<'n>(&'n self, id: &'n str) -> &'n str {
        self.0.iter().find(|actor| actor.id == id).map_or(id, |actor| actor.name)
    }

    /// All of them, in order.
    pub(super) fn all(&self) -> &[Actor] {
        &self.0
    }
}

/// Registers everybody: the platform the two that run the forum, and the base operator the others.
pub(super) async fn register(stage: &mut Stage) -> Result<Cast, DemoError> {
    let mut cast: Vec<Actor> = Vec::with_capacity(CAST.len());
    for entry in &CAST {
        let by = match entry.part {
            Part::Base | Part::Promoter => PLATFORM,
            _ => cast.first().map_or(PLATFORM, |base: &Actor| base.organisation),
        };
        let session = Session::new(&stage.channel, by, Role::Administrator);
        let step = format!("registering {}", entry.name);
        let reply = session.membership().register_organisation(request(entry)).await;
        let reply = stage.done(&step, reply)?;
        let organisation = OrganisationId::from_str(&reply.organisation_id).ok();
        cast.push(Actor {
            name: entry.name,
            id: reply.organisation_id,
            capacities: entry.capacities.iter().map(|capacity| capacity_name(*capacity)).collect(),
            organisation: part(&step, "the id of an organisation", organisation)?,
        });
    }
    Ok(Cast(cast))
}

/// The base operator attests the credentials that it has seen.
pub(super) async fn attest(stage: &mut Stage, cast: &Cast) -> Result<(), DemoError> {
    let base = cast.session(stage, Part::Base, Role::Administrator);
    for (part, kind, issuer, valid_until) in CREDENTIALS {
        let holder = cast.of(part);
        let request = AttestCredentialRequest {
            command_id: format!("attest-{kind}-{part:?}"),
            organisation_id: holder.id.clone(),
            credential: Some(Credential {
                kind: kind.into(),
                number: format!("{kind}-{part:?}"),
                issuer: issuer.into(),
                valid_from: SINCE.into(),
                valid_until: valid_until.into(),
            }),
            ..Default::default()
        };
        let step = format!("attesting {kind} of {}", holder.name);
        stage.done(&step, base.membership().attest_credential(request).await)?;
    }
    Ok(())
}

fn request(entry: &Entry) -> RegisterOrganisationRequest {
    let grant = |capacity: &Capacity| CapacityGrant {
        capacity: i32::from(*capacity),
        from: SINCE.into(),
        until: String::new(),
    };
    RegisterOrganisationRequest {
        command_id: format!("register-{}", entry.number),
        validate_only: false,
        name: entry.name.into(),
        country: "JP".into(),
        sector: entry.sector.into(),
        registration_number: entry.number.into(),
        capacities: entry.capacities.iter().map(grant).collect(),
    }
}

const fn capacity_name(capacity: Capacity) -> &'static str {
    match capacity {
        Capacity::Unspecified => "none",
        Capacity::BaseOperator => "base operator",
        Capacity::Promoter => "promoter",
        Capacity::Member => "member",
        Capacity::Vendor => "vendor",
        Capacity::MedicalInstitution => "medical institution",
        Capacity::DataProvider => "data provider",
        Capacity::Investor => "investor",
        Capacity::Academic => "academic",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{country::Country, organisation::RegistrationNumber};

    #[test]
    fn the_cast_stands_in_order_and_has_valid_numbers() {
        for (index, entry) in CAST.iter().enumerate() {
            assert_eq!(entry.part as usize, index, "{}", entry.name);
            assert!(RegistrationNumber::new(Country::JAPAN, entry.number).is_ok(), "{}", entry.name);
        }
    }
}
