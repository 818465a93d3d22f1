//! A market day: two orders, two requests for quotes, a recruitment, two ventures, two events of the forum.

use domain::{
    forum_event::{self, ForumEventCancelled, ForumEventKind, ForumEventScheduled, PitchSubmitted},
    id::{
        ConsortiumId, ContractId, ForumEventId, ListingId, OrderId, OrganisationId, PersonId, QuoteRequestId,
        RecruitmentId, VentureId,
    },
    listing::{OmicsModality, ServiceKind},
    milestone::Milestone,
    order::{
        self, Artefact, DeliveryAccepted, DeliveryDisputed, MilestoneDelivered, OrderAccepted, OrderDeclined,
        PlacedOrder, SellingConsortium, Sha256,
    },
    organisation::Capacity,
    quote::{self, Offer, QuoteRequested, QuoteSubmitted, RequestedQuote},
    recruitment::{
        self, Answer, Diagnosis, InstitutionInvited, InstitutionResponded, ParticipantEnrolled,
        ParticipantsContacted, PatientRecruitmentRequested, Pseudonym, RecruitmentApproved,
        RequestedRecruitment, Sought, Triage,
    },
    time::Timestamp,
    venture::{
        self, DataRoomOpened, DealCard, DealViewed, DevelopmentStage, FullCard, InterestExpressed, Teaser,
        VentureListed, VentureRevised, VentureWithdrawn,
    },
};
use jiff::civil::date;
use money::Money;

use crate::support::*;

pub(crate) const VENDOR: OrganisationId = OrganisationId::from_u128(6);
pub(crate) const PARTNER: OrganisationId = OrganisationId::from_u128(7);
pub(crate) const HOSPITAL: OrganisationId = OrganisationId::from_u128(8);
/// What only a recorded look shows.
pub(crate) const SECRET: &str = "an antibody that is not named";

/// Where a data room is.
pub(crate) const ROOM: &str = "https://rooms.example/not-for-lists";

const CONTRACT: ContractId = ContractId::from_u128(10);
const LISTING: ListingId = ListingId::from_u128(20);

/// The forum, and what happened in it.
pub(crate) async fn market() -> World {
    let world = World::forum().await;
    world.organisation(VENDOR, "Omics Ltd", Capacity::Vendor).await;
    world.organisation(PARTNER, "PDX Ltd", Capacity::Vendor).await;
    world.organisation(HOSPITAL, "Hospital", Capacity::MedicalInstitution).await;
    orders(&world).await;
    quotes(&world).await;
    recruitment(&world).await;
    ventures(&world).await;
    forum_events(&world).await;
    world
}

fn milestones(number: i64) -> Vec<Milestone> {
    let milestone =
        |index| Milestone { name: format!("part {index}").parse().unwrap(), amount: Money::jpy(100) };
    (0..number).map(milestone).collect()
}

fn placed(number: u128, kind: ServiceKind, consortium: Option<SellingConsortium>) -> PlacedOrder {
    PlacedOrder {
        id: OrderId::from_u128(number),
        contract: CONTRACT,
        contract_revision: 5,
        member: PHARMA,
        vendor: VENDOR,
        vendor_contract: None,
        kind,
        listing: Some(LISTING),
        quote: None,
        quantity: 48,
        price: Money::jpy(300),
        milestones: milestones(3),
        consortium,
        dataset: None,
        required_credentials: [].into(),
        ethics_approval: None,
        omics: (kind == ServiceKind::OmicsAnalysis).then_some(OmicsModality::Proteome),
        at: today(),
    }
}

async fn orders(world: &World) {
    let at = today();
    let artefact =
        || Artefact { uri: "https://x.example/1".parse().unwrap(), sha256: Sha256::from_bytes([1; 32]) };
    let delivered = |milestone| {
        order::Event::MilestoneDelivered(MilestoneDelivered { milestone, artefact: artefact(), at })
    };
    let shares = vec![(VENDOR, 60.into()), (PARTNER, 40.into())];
    let consortium = SellingConsortium { id: ConsortiumId::from_u128(30), shares };
    let omics = placed(100, ServiceKind::OmicsAnalysis, Some(consortium));
    let disputed = DeliveryDisputed { milestone: 1, reason: "too noisy".parse().unwrap(), at };
    let events = [
        order::Event::OmicsAnalysisOrdered(Box::new(omics)),
        order::Event::OrderAccepted(OrderAccepted { at }),
        delivered(0),
        order::Event::DeliveryAccepted(DeliveryAccepted { milestone: 0, at }),
        delivered(1),
        order::Event::DeliveryDisputed(disputed),
        delivered(2),
    ];
    world.append(OrderId::from_u128(100), &events, &[]).await;
    let archive = placed(101, ServiceKind::SpecimenArchive, None);
    let declined = OrderDeclined { reason: "no room".parse().unwrap(), at };
    let events = [order::Event::OrderPlaced(Box::new(archive)), order::Event::OrderDeclined(declined)];
    world.append(OrderId::from_u128(101), &events, &[]).await;
}

async fn quotes(world: &World) {
    let requested = |number, listing| {
        let request = RequestedQuote {
            id: QuoteRequestId::from_u128(number),
            member: PHARMA,
            contract: CONTRACT,
            listing,
            vendor: VENDOR,
            kind: ServiceKind::OmicsAnalysis,
            quantity: 48,
            requirements: "stranded".parse().unwrap(),
            required_credentials: [].into(),
            dataset: None,
        };
        quote::Event::QuoteRequested(QuoteRequested { request, contract_revision: 5, at: today() })
    };
    let submitted = quote::Event::QuoteSubmitted(QuoteSubmitted {
        number: 1,
        contract: ContractId::from_u128(11),
        contract_revision: 5,
        offer: Offer {
            price: Money::jpy(200),
            milestones: milestones(2),
            turnaround_days: 30,
            valid_until: on(date(2026, 7, 1)),
            note: None,
        },
        at: today(),
    });
    let quoted = [requested(200, LISTING), submitted];
    world.append(QuoteRequestId::from_u128(200), &quoted, &[]).await;
    let open = [requested(201, ListingId::from_u128(21))];
    world.append(QuoteRequestId::from_u128(201), &open, &[]).await;
}

async fn recruitment(world: &World) {
    let at = today();
    let requested = PatientRecruitmentRequested {
        id: RecruitmentId::from_u128(300),
        contract: CONTRACT,
        contract_revision: 5,
        request: RequestedRecruitment {
            member: PHARMA,
            executor: VENDOR,
            executor_contract: None,
            study_title: "a trial".parse().unwrap(),
            sought: Sought::Diagnosis(Diagnosis::new("ICD-O-3:8140/3").unwrap()),
            participants_wanted: 40,
        },
        triage: Triage::NotNeeded,
        at,
    };
    let approved = RecruitmentApproved {
        by: PersonId::from_u128(9),
        ethics_approval: "2026-117".parse().unwrap(),
        valid_until: on(date(2026, 9, 1)),
        at,
    };
    let mut events = vec![
        recruitment::Event::PatientRecruitmentRequested(requested),
        recruitment::Event::RecruitmentApproved(approved),
    ];
    events.extend(taking_part(BIOBANK, 3, "KB-0000001", at));
    events.extend(taking_part(HOSPITAL, 2, "KB-0000002", at));
    world.append(RecruitmentId::from_u128(300), &events, &[]).await;
}

fn taking_part(
    institution: OrganisationId,
    number: u32,
    pseudonym: &str,
    at: Timestamp,
) -> [recruitment::Event; 4] {
    [
        recruitment::Event::InstitutionInvited(InstitutionInvited {
            institution,
            supply_contract: ContractId::from_u128(12),
            contract_revision: 5,
            by: VENDOR,
            at,
        }),
        recruitment::Event::InstitutionResponded(InstitutionResponded {
            institution,
            answer: Answer::Accepted,
            reason: None,
            at,
        }),
        recruitment::Event::ParticipantsContacted(ParticipantsContacted { institution, number, at }),
        recruitment::Event::ParticipantEnrolled(ParticipantEnrolled {
            institution,
            pseudonym: Pseudonym::new(pseudonym).unwrap(),
            contract_revision: 5,
            at,
        }),
    ]
}

fn card(stage: DevelopmentStage) -> DealCard {
    let teaser = Teaser {
        title: "an antibody".parse().unwrap(),
        summary: "before its first trial".parse().unwrap(),
        stage,
        indication: "pancreatic cancer".parse().unwrap(),
        modality: "antibody".parse().unwrap(),
        round: "seed".parse().unwrap(),
        amount_sought: Money::jpy(800_000_000),
    };
    let full = FullCard {
        asset: SECRET.parse().unwrap(),
        mechanism: None,
        unmet_need: None,
        novelty: None,
        intellectual_property: None,
        team: None,
        market_size: None,
        plan: None,
        use_of_proceeds: None,
        in_kind_wanted: [].into(),
    };
    DealCard { teaser, full }
}

async fn ventures(world: &World) {
    let at = today();
    let listed = |number| {
        venture::Event::VentureListed(Box::new(VentureListed {
            id: VentureId::from_u128(number),
            lister: VENDOR,
            contract: CONTRACT,
            contract_revision: 5,
            card: card(DevelopmentStage::Discovery),
            at,
        }))
    };
    let revised = VentureRevised { number: 2, card: card(DevelopmentStage::Phase1), at };
    let events = [listed(400), venture::Event::VentureRevised(Box::new(revised))];
    world.append(VentureId::from_u128(400), &events, &[]).await;
    let withdrawn = VentureWithdrawn { reason: "funded".parse().unwrap(), at };
    let events = [listed(401), venture::Event::VentureWithdrawn(withdrawn)];
    world.append(VentureId::from_u128(401), &events, &[]).await;
}

/// What an investor does with the first venture.
pub(crate) async fn followed(world: &World) {
    let (investor, contract, contract_revision, at) = (RIVAL, CONTRACT, 5, today());
    let viewed =
        DealViewed { investor, person: PersonId::from_u128(1), contract, contract_revision, card: 2, at };
    let message = "tell us more".parse().unwrap();
    let interested = InterestExpressed { investor, contract, contract_revision, message, at };
    let (reference, valid_until) = (ROOM.parse().unwrap(), at.plus_days(30));
    let events = [
        venture::Event::DealViewed(viewed),
        venture::Event::InterestExpressed(interested),
        venture::Event::DataRoomOpened(DataRoomOpened { investor, reference, valid_until, at }),
    ];
    world.append(VentureId::from_u128(400), &events, &[]).await;
}

async fn forum_events(world: &World) {
    let at = today();
    let scheduled = |number, kind| {
        forum_event::Event::ForumEventScheduled(ForumEventScheduled {
            id: ForumEventId::from_u128(number),
            organiser: PROMOTER,
            kind,
            title: "summer".parse().unwrap(),
            starts_at: on(date(2026, 7, 2)),
            ends_at: on(date(2026, 7, 3)),
            submissions_until: on(date(2026, 7, 1)),
            at,
        })
    };
    let pitched = |number, lister| {
        forum_event::Event::PitchSubmitted(PitchSubmitted {
            venture: VentureId::from_u128(number),
            lister,
            title: "a pitch".parse().unwrap(),
            summary: "why it works".parse().unwrap(),
            at,
        })
    };
    let events = [scheduled(500, ForumEventKind::PitchContest), pitched(400, VENDOR), pitched(402, PARTNER)];
    world.append(ForumEventId::from_u128(500), &events, &[]).await;
    let cancelled = ForumEventCancelled { reason: "台風".parse().unwrap(), at };
    let events =
        [scheduled(501, ForumEventKind::Results), forum_event::Event::ForumEventCancelled(cancelled)];
    world.append(ForumEventId::from_u128(501), &events, &[]).await;
}
