//! The market: orders stand where the demo brought them, the catalogue finds what is offered, the directory lists what
//! is one's own, nobody learns who a participant is.

use std::collections::BTreeMap;

use proto::kiban::{
    order::v1::{MilestoneStage, OrderStage},
    recruitment::v1::RecruitmentStage,
    service_catalogue::v1::SearchServicesResponse,
};

use crate::demo::{
    checks::{CATALOGUE, ORDERS, RECRUITMENT, amount},
    episodes::{
        recruiting::{CONTACTED, ENROLLED},
        specimens::{FOR_GOOD, STOCK},
    },
    market::Listed,
    offers::Offer,
    reading::market::{QUERIES, Scene},
    report::format::yen,
    stage::Stage,
    tally::Funnel,
    world::World,
};

/// Orders and their milestones are where the demo brought them, and specimens reserved for what still needs them.
pub(in crate::demo) fn orders(stage: &mut Stage, world: &World, scene: &Scene) {
    let apart = world.market.orders.iter().zip(&scene.orders).find(|(own, order)| {
        let stages = own.milestones.iter().map(|step| (i32::from(step.stage), step.amount));
        let found = order.milestones.iter().map(|step| (step.stage, amount(step.amount.as_ref())));
        i32::from(own.stage) != order.stage || !stages.eq(found)
    });
    let of = |wanted: OrderStage| scene.orders.iter().filter(|order| order.stage() == wanted).count();
    let text = match apart {
        None => format!(
            "of {} orders {} are completed, {} cancelled, {} declined, each milestone where it must be",
            scene.orders.len(),
            of(OrderStage::Completed),
            of(OrderStage::Cancelled),
            of(OrderStage::Declined)
        ),
        Some((own, _)) => format!("the order {} is {:?}, milestone by milestone", own.key, own.stage),
    };
    stage.check(ORDERS, apart.is_none(), text);
    let kept = scene.orders.iter().flat_map(|order| &order.milestones);
    let kept: i64 = kept
        .filter(|step| step.stage() == MilestoneStage::ChargedOnCancellation)
        .map(|step| amount(step.amount.as_ref()))
        .sum();
    let text = format!("{} of a cancelled order stays charged: it had been delivered", yen(kept));
    stage.check(ORDERS, kept == 200_000, text);
    let specimen = &scene.specimen;
    let text = format!(
        "of {} aliquots {} are free: those of the cancelled order were released, those of the other are not",
        specimen.stock, specimen.free
    );
    stage.check(ORDERS, (specimen.stock, specimen.free) == (STOCK, STOCK - FOR_GOOD), text);
}

/// The catalogue holds what is offered now, finds it by its words, and counts it by kind.
pub(in crate::demo) fn catalogue(stage: &mut Stage, world: &World, scene: &Scene) {
    let offered = |offer: Offer| {
        // That vendor's contract was terminated.
        world.market.listings.iter().any(|listed: &Listed| listed.offer == offer && listed.offered)
            && offer != Offer::Recruiting
    };
    let all: Vec<Offer> =
        world.market.listings.iter().map(|listed| listed.offer).filter(|of| offered(*of)).collect();
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for offer in &all {
        *kinds.entry(offer.kind().as_str_name()).or_default() += 1;
    }
    let found = facet(&scene.catalogue, "service_kinds");
    let text = format!(
        "the catalogue lists {} of {} services, of {} kinds: one was withdrawn, one vendor has left",
        scene.catalogue.total,
        world.market.listings.len(),
        kinds.len()
    );
    stage.check(CATALOGUE, found == kinds && scene.catalogue.total == all.len() as u64, text);
    for (query, reply) in QUERIES.iter().zip(&scene.found) {
        let mut own: Vec<String> = all
            .iter()
            .filter(|offer| says(**offer, query))
            .map(|offer| world.market.listing(*offer))
            .collect();
        let mut theirs: Vec<String> =
            reply.services.iter().map(|service| service.listing_id.clone()).collect();
        own.sort_unstable();
        theirs.sort_unstable();
        let text = format!("{query} finds {} of them", theirs.len());
        stage.check(CATALOGUE, own == theirs && !own.is_empty(), text);
    }
}

/// Whether an offer says every word, in any width and case.
fn says(offer: Offer, query: &str) -> bool {
    let text = format!("{} {}", offer.sheet().title, offer.sheet().description).to_lowercase();
    let query = query.replace("ｾﾞﾉｸﾞﾗﾌﾄ", "ゼノグラフト").to_lowercase();
    query.split(' ').all(|word| text.contains(word))
}

fn facet<'r>(reply: &'r SearchServicesResponse, name: &str) -> BTreeMap<&'r str, u64> {
    let facet = reply.facets.iter().filter(|facet| facet.name == name);
    facet.flat_map(|facet| &facet.values).map(|value| (value.value.as_str(), value.count)).collect()
}

/// Each vendor's funnel is what the demo's own steps were.
pub(in crate::demo) fn funnels(stage: &mut Stage, world: &World, scene: &Scene) {
    let mut found: BTreeMap<(String, String), Funnel> = BTreeMap::new();
    for month in &scene.funnels {
        let steps = [
            month.views,
            month.quotes_requested,
            month.quotes_submitted,
            month.orders_placed,
            month.orders_accepted,
        ];
        found.insert((month.listing_id.clone(), month.month.clone()), steps);
    }
    let own = world.tally.services.iter();
    let own: BTreeMap<(String, String), Funnel> = own
        .map(|((offer, month), steps)| ((world.market.listing(*offer), month.to_string()), *steps))
        .collect();
    let sum = |place: usize| own.values().map(|steps| steps[place]).sum::<u64>();
    let text = format!(
        "vendors see {} views, {} requests, {} quotes, {} orders, {} taken",
        sum(0),
        sum(1),
        sum(2),
        sum(3),
        sum(4)
    );
    stage.check(CATALOGUE, own == found, text);
}

/// Numbers are the institutions', pseudonyms the member's, and nobody has both.
pub(in crate::demo) fn recruitment(stage: &mut Stage, world: &World, scene: &Scene) {
    let of_part = |part| &world.cast.of(part).id;
    let own: BTreeMap<&String, (u32, u32)> = CONTACTED
        .iter()
        .map(|(part, contacted)| {
            let enrolled = ENROLLED.iter().filter(|(by, _)| by == part).count() as u32;
            (of_part(*part), (*contacted, enrolled))
        })
        .collect();
    let institutions = &scene.recruitment.institutions;
    let found: BTreeMap<&String, (u32, u32)> = institutions
        .iter()
        .filter(|part| part.contacted > 0)
        .map(|part| (&part.institution_id, (part.contacted, part.enrolled)))
        .collect();
    let text = format!(
        "of {} institutions {} take part; {} patients were contacted, {} enrolled",
        institutions.len(),
        found.len(),
        scene.recruitment.contacted,
        scene.recruitment.enrolled
    );
    let closed = scene.recruitment.stage() == RecruitmentStage::Closed;
    stage.check(RECRUITMENT, own == found && institutions.len() == 3 && closed, text);
    let member = &scene.recruitment_of_member;
    let mut pseudonyms: Vec<&str> = ENROLLED.iter().map(|(_, pseudonym)| *pseudonym).collect();
    pseudonyms.sort_unstable();
    let holds = member.pseudonyms == pseudonyms
        && member.institutions.is_empty()
        && institutions.iter().all(|part| part.pseudonyms.is_empty());
    stage.check(
        RECRUITMENT,
        holds,
        "the member sees pseudonyms and no institution, the executor the reverse",
    );
}

/// The directory lists to each its own.
pub(in crate::demo) fn lists(stage: &mut Stage, scene: &Scene) {
    let wrong = scene.lists.iter().find(|list| list.found != list.expected);
    let text = match wrong {
        None => {
            let own: Vec<String> =
                scene.lists.iter().map(|list| counted(list.found.len(), list.what)).collect();
            format!("the directory lists to each its own: {}", own.join(", "))
        }
        Some(list) => {
            format!(
                "the directory lists {} to {}, not {}",
                counted(list.found.len(), list.what),
                list.who,
                list.expected.len()
            )
        }
    };
    stage.check(CATALOGUE, wrong.is_none(), text);
}

/// How many there are of what is named in the plural: "1 order", "2 requests for quotes".
fn counted(count: usize, plural: &str) -> String {
    let (things, rest) = plural.split_at(plural.find(' ').unwrap_or(plural.len()));
    let things = if count == 1 { things.strip_suffix('s').unwrap_or(things) } else { things };
    format!("{count} {things}{rest}")
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_not_many() {
        assert_eq!(counted(1, "orders"), "1 order");
        assert_eq!(counted(1, "requests for quotes"), "1 request for quotes");
        assert_eq!(counted(0, "orders"), "0 orders");
        assert_eq!(counted(2, "contests entered"), "2 contests entered");
    }
}
