//! The market for people: who earned what, orders, the catalogue, recruitment.

use std::collections::BTreeMap;

use proto::kiban::{
    order::v1::{MilestoneStage, Order, OrderMilestone},
    recruitment::v1::Answer,
};

use crate::demo::{
    calendar::FISCAL_YEAR,
    checks::amount,
    reading::market::QUERIES,
    report::{
        Report,
        format::{count_of, named, yen},
        tables::{bold, finished, numbers, table, titled},
    },
};

/// Under which heading a charge kind is shown.
const HEADINGS: [(&str, &[&str]); 5] = [
    ("contract fees", &["contract-fee"]),
    ("data", &["data-usage", "data-fee", "commitment-true-up"]),
    ("orders", &["service-order"]),
    ("recruitment", &["recruitment-request", "recruitment-enrolment"]),
    ("other", &["expedited-review", "publication-incentive"]),
];
/// How many values of a facet are shown.
const VALUES: usize = 6;

/// Who earned what, by kind of charge.
pub(super) fn earned(report: &Report) -> String {
    let mut rows: BTreeMap<&str, [i64; HEADINGS.len()]> = BTreeMap::new();
    for earned in &report.earned {
        let kind = earned.charge_kind.as_str();
        let heading = HEADINGS.iter().position(|(_, kinds)| kinds.contains(&kind));
        let place = heading.unwrap_or(HEADINGS.len() - 1);
        rows.entry(earned.name).or_default()[place] += earned.amount;
    }
    let mut header = vec!["owed to"];
    header.extend(HEADINGS.iter().map(|(heading, _)| *heading));
    header.push("in all");
    let mut table = table(&header);
    numbers(&mut table, &[1, 2, 3, 4, 5, 6]);
    let mut sums = [0; HEADINGS.len()];
    let shown = |amount: i64| if amount == 0 { String::new() } else { yen(amount) };
    for owed in &report.year {
        let amounts = rows.get(owed.name.as_str()).copied().unwrap_or_default();
        for (sum, amount) in sums.iter_mut().zip(amounts) {
            *sum += amount;
        }
        table.add_row([owed.name.clone()].into_iter().chain(amounts.map(shown)).chain([yen(owed.amount)]));
    }
    let total: i64 = report.year.iter().map(|owed| owed.amount).sum();
    let sums = sums.map(|sum| bold(&shown(sum)));
    table.add_row([bold("charged")].into_iter().chain(sums).chain([bold(&yen(total))]));
    let title = format!("Revenue shares of {FISCAL_YEAR}: who earned what, the base operator first");
    let funding = yen(amount(report.scene.funding.amount.as_ref()));
    let funding =
        format!("beside it {funding} of public funding, charged to nobody and shared with nobody\n");
    titled(&title, table) + &funding
}

/// Orders with their milestones, and what was charged.
pub(super) fn orders(report: &Report) -> String {
    let mut table = table(&["order", "stage", "milestone", "amount", "stands", "charged"]);
    numbers(&mut table, &[3, 5]);
    let mut total = 0;
    for order in &report.scene.orders {
        let charged = |step: &OrderMilestone| match step.stage() {
            MilestoneStage::Accepted | MilestoneStage::ChargedOnCancellation => amount(step.amount.as_ref()),
            _ => 0,
        };
        let lines = |line: &dyn Fn(&OrderMilestone) -> String| {
            order.milestones.iter().map(line).collect::<Vec<_>>().join("\n")
        };
        total += order.milestones.iter().map(charged).sum::<i64>();
        table.add_row([
            who_orders_what(report, order),
            named(order.stage().as_str_name(), "ORDER_STAGE_"),
            lines(&|step| step.name.clone()),
            lines(&|step| yen(amount(step.amount.as_ref()))),
            lines(&|step| match step.stage() {
                MilestoneStage::ChargedOnCancellation => "stays charged".to_owned(),
                stage => named(stage.as_str_name(), "MILESTONE_STAGE_"),
            }),
            lines(&|step| Some(charged(step)).filter(|charged| *charged > 0).map(yen).unwrap_or_default()),
        ]);
    }
    let blank = || bold("");
    table.add_row([bold("charged"), blank(), blank(), blank(), blank(), bold(&yen(total))]);
    titled("Orders, milestone by milestone", table)
}

fn who_orders_what(report: &Report, order: &Order) -> String {
    let kind = named(order.kind().as_str_name(), "SERVICE_KIND_");
    let [member, vendor] = [&order.member_id, &order.vendor_id].map(|id| report.name_of(id));
    let others = match order.consortium_shares.len() {
        0 => String::new(),
        sellers => format!(" and {} more", sellers - 1),
    };
    format!("{kind} × {}\n{member} ← {vendor}{others}", order.quantity)
}

/// What is offered, counted by every filter, and what searches find.
pub(super) fn catalogue(report: &Report) -> String {
    let scene = &report.scene;
    let mut facets = table(&["filter", "finds"]);
    for facet in scene.catalogue.facets.iter().filter(|facet| !facet.values.is_empty()) {
        let values = facet.values.iter().take(VALUES).map(|value| {
            let name = if value.label.is_empty() {
                named(
                    named(&value.value, "SERVICE_KIND_").to_uppercase().replace('-', "_").as_str(),
                    "MODALITY_",
                )
            } else {
                value.label.clone()
            };
            format!("{name} {}", value.count)
        });
        facets.add_row([facet.name.replace('_', " "), values.collect::<Vec<_>>().join(", ")]);
    }
    let mut found = table(&["search", "finds"]);
    for (query, reply) in QUERIES.iter().zip(&scene.found) {
        let titles: Vec<&str> = reply.services.iter().map(|service| service.title.as_str()).collect();
        found.add_row([(*query).to_owned(), titles.join("\n")]);
    }
    titled(&format!("The catalogue: {} services", scene.catalogue.total), facets) + &finished(found)
}

/// What vendors see of what became of their services.
pub(super) fn funnel(report: &Report) -> String {
    let mut services: BTreeMap<&str, [u64; 5]> = BTreeMap::new();
    for month in &report.scene.funnels {
        let steps = [
            month.views,
            month.quotes_requested,
            month.quotes_submitted,
            month.orders_placed,
            month.orders_accepted,
        ];
        let sums = services.entry(month.title.as_str()).or_default();
        for (sum, step) in sums.iter_mut().zip(steps) {
            *sum += step;
        }
    }
    let mut table = table(&["service", "viewed", "asked for", "quoted", "ordered", "taken"]);
    numbers(&mut table, &[1, 2, 3, 4, 5]);
    for (title, steps) in services {
        table.add_row([title.to_owned()].into_iter().chain(steps.map(count_of)));
    }
    titled("What became of what vendors offer", table)
}

/// The recruitment, by institution, as its executor sees it.
pub(super) fn recruitment(report: &Report) -> String {
    let recruitment = &report.scene.recruitment;
    let mut table = table(&["institution", "answered", "contacted", "enrolled"]);
    numbers(&mut table, &[2, 3]);
    for part in &recruitment.institutions {
        let answer = match part.answer() {
            Answer::Accepted => "accepted",
            Answer::Declined => "declined",
            Answer::Unspecified => "",
        };
        let name = report.name_of(&part.institution_id).to_owned();
        table.add_row([
            name,
            answer.to_owned(),
            count_of(part.contacted.into()),
            count_of(part.enrolled.into()),
        ]);
    }
    titled(&format!("Recruitment: {}", recruitment.study_title), table)
}
