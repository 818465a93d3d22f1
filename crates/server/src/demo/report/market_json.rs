//! The market for programs.

use proto::kiban::{
    deal_flow::v1::FunnelMonth as DealMonth,
    order::v1::Order,
    revenue_share::v1::{Payout, Share},
    service_catalogue::v1::{FunnelMonth, SearchServicesResponse},
    venture::v1::{Investment, Venture, investment::Form},
};
use serde_json::{Value, json};

use crate::demo::{
    checks::amount,
    reading::market::QUERIES,
    report::{
        Report,
        format::{named, right},
    },
};

pub(super) fn render(report: &Report) -> Value {
    let scene = &report.scene;
    let earned = report.earned.iter().map(
        |earned| json!({ "charge_kind": earned.charge_kind, "name": earned.name, "amount_yen": earned.amount }),
    );
    let found = QUERIES.iter().zip(&scene.found).map(|(query, reply)| {
        let titles: Vec<&str> = reply.services.iter().map(|service| service.title.as_str()).collect();
        json!({ "query": query, "titles": titles })
    });
    let lists =
        scene.lists.iter().map(|list| json!({ "who": list.who, "what": list.what, "ids": list.found }));
    let funding = scene
        .funding
        .months
        .iter()
        .map(|month| json!({ "month": month.month, "amount_yen": amount(month.amount.as_ref()) }));
    json!({
        "earned": earned.collect::<Vec<_>>(),
        "orders": scene.orders.iter().map(|of| order(report, of)).collect::<Vec<_>>(),
        "specimen": {
            "id": scene.specimen.id,
            "stock": scene.specimen.stock,
            "free": scene.specimen.free,
        },
        "catalogue": catalogue(&scene.catalogue),
        "searches": found.collect::<Vec<_>>(),
        "vendor_funnels": scene.funnels.iter().map(funnel).collect::<Vec<_>>(),
        "recruitment": recruitment(report),
        "deals": deals(report),
        "directory_lists": lists.collect::<Vec<_>>(),
        "vendor_page": vendor_page(report),
        "institution_page": institution_page(report),
        "public_funding": {
            "id": scene.funding.id,
            "funder": scene.funding.funder,
            "amount_yen": amount(scene.funding.amount.as_ref()),
            "months": funding.collect::<Vec<_>>(),
        },
    })
}

fn order(report: &Report, order: &Order) -> Value {
    let milestones = order.milestones.iter().map(|step| {
        json!({
            "name": step.name,
            "amount_yen": amount(step.amount.as_ref()),
            "stage": named(step.stage().as_str_name(), "MILESTONE_STAGE_"),
        })
    });
    let sellers = order
        .consortium_shares
        .iter()
        .map(|share| json!({ "vendor": report.name_of(&share.vendor_id), "percentage": share.percentage }));
    json!({
        "id": order.id,
        "kind": named(order.kind().as_str_name(), "SERVICE_KIND_"),
        "member": report.name_of(&order.member_id),
        "vendor": report.name_of(&order.vendor_id),
        "consortium": sellers.collect::<Vec<_>>(),
        "quantity": order.quantity,
        "price_yen": amount(order.price.as_ref()),
        "stage": named(order.stage().as_str_name(), "ORDER_STAGE_"),
        "milestones": milestones.collect::<Vec<_>>(),
    })
}

fn catalogue(all: &SearchServicesResponse) -> Value {
    let facets = all.facets.iter().map(|facet| {
        let value = |value: &proto::kiban::service_catalogue::v1::FacetValue| {
            json!({ "value": value.value, "label": value.label, "count": value.count })
        };
        json!({ "name": facet.name, "values": facet.values.iter().map(value).collect::<Vec<_>>() })
    });
    json!({ "services": all.total, "facets": facets.collect::<Vec<_>>() })
}

fn funnel(month: &FunnelMonth) -> Value {
    json!({
        "listing_id": month.listing_id,
        "title": month.title,
        "month": month.month,
        "views": month.views,
        "quotes_requested": month.quotes_requested,
        "quotes_submitted": month.quotes_submitted,
        "orders_placed": month.orders_placed,
        "orders_accepted": month.orders_accepted,
    })
}

fn recruitment(report: &Report) -> Value {
    let recruitment = &report.scene.recruitment;
    let institutions = recruitment.institutions.iter().map(|part| {
        json!({
            "name": report.name_of(&part.institution_id),
            "answer": named(part.answer().as_str_name(), "ANSWER_"),
            "contacted": part.contacted,
            "enrolled": part.enrolled,
        })
    });
    json!({
        "id": recruitment.id,
        "study_title": recruitment.study_title,
        "stage": named(recruitment.stage().as_str_name(), "RECRUITMENT_STAGE_"),
        "institutions": institutions.collect::<Vec<_>>(),
        "pseudonyms": report.scene.recruitment_of_member.pseudonyms,
    })
}

fn deals(report: &Report) -> Value {
    let deals = &report.scene.deals;
    let events = deals.events.iter().map(|event| {
        json!({
            "id": event.id,
            "title": event.title,
            "pitches": event.pitches.iter().map(|pitch| &pitch.title).collect::<Vec<_>>(),
        })
    });
    json!({
        "ventures": deals.ventures.iter().map(venture).collect::<Vec<_>>(),
        "funnel": deals.funnel.months.iter().map(deal_month).collect::<Vec<_>>(),
        "investments": deals.investments.iter().map(|made| investment(report, made)).collect::<Vec<_>>(),
        "preclinical": deals.early.iter().map(|deal| &deal.venture_id).collect::<Vec<_>>(),
        "alerts": deals.alerts,
        "forum_events": events.collect::<Vec<_>>(),
    })
}

fn deal_month(month: &DealMonth) -> Value {
    json!({
        "month": month.month,
        "listed": month.listed,
        "views": month.views,
        "viewed": month.viewed,
        "interested": month.interested,
        "data_rooms": month.data_rooms,
        "invested": month.invested,
        "cash_yen": amount(month.cash.as_ref()),
        "in_kind": month.in_kind,
        "in_kind_estimated_yen": amount(month.in_kind_estimated.as_ref()),
    })
}

fn vendor_page(report: &Report) -> Value {
    let page = &report.scene.pages.vendor;
    let orders = page.orders.iter().map(|order| {
        json!({
            "order_id": order.order.as_ref().map(|order| &order.id),
            "data_fee": named(order.data_fee_mode().as_str_name(), "DATA_FEE_MODE_"),
            "earned": order.earned.iter().map(payout).collect::<Vec<_>>(),
            "expected": order.expected.as_ref().map(payout),
        })
    });
    json!({
        "vendor": page.name,
        "earned_yen": amount(page.earned.as_ref()),
        "expected_yen": amount(page.expected.as_ref()),
        "orders": orders.collect::<Vec<_>>(),
    })
}

fn payout(payout: &Payout) -> Value {
    let step = |step: &Share| json!({ "amount_yen": amount(step.amount.as_ref()), "reason": step.reason });
    json!({
        "month": payout.month,
        "net_yen": amount(payout.net.as_ref()),
        "amount_yen": amount(payout.amount.as_ref()),
        "steps": payout.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

fn institution_page(report: &Report) -> Value {
    let page = &report.scene.pages.institution;
    let datasets = page.datasets.iter().map(
        |dataset| json!({ "code": dataset.code, "own_cases": dataset.own_cases, "cases": dataset.cases }),
    );
    let earnings = page.earnings.iter().map(|earning| {
        json!({
            "month": earning.month,
            "charge_kind": earning.charge_kind,
            "dataset_id": earning.dataset_id,
            "amount_yen": amount(earning.amount.as_ref()),
        })
    });
    let uses = page.uses.iter().map(|used| {
        json!({
            "month": used.month,
            "dataset_id": used.dataset_id,
            "right": right(used.right),
            "cases": used.cases,
            "counted": used.counted,
        })
    });
    json!({
        "institution": page.name,
        "earned_yen": amount(page.earned.as_ref()),
        "datasets": datasets.collect::<Vec<_>>(),
        "uses": uses.collect::<Vec<_>>(),
        "earnings": earnings.collect::<Vec<_>>(),
    })
}

fn venture(venture: &Venture) -> Value {
    let teaser = venture.teaser.as_ref();
    let funnel = venture.funnel.as_ref();
    json!({
        "id": venture.id,
        "title": teaser.map(|teaser| &teaser.title),
        "amount_sought_yen": teaser.map(|teaser| amount(teaser.amount_sought.as_ref())),
        "views": funnel.map(|funnel| funnel.views),
        "viewers": funnel.map(|funnel| funnel.viewers),
        "interested": funnel.map(|funnel| funnel.interested),
        "data_rooms": funnel.map(|funnel| funnel.data_rooms),
        "joint_ventures": venture.joint_ventures.iter().map(|joint| &joint.name).collect::<Vec<_>>(),
    })
}

fn investment(report: &Report, investment: &Investment) -> Value {
    let (cash, in_kind) = match &investment.form {
        Some(Form::Cash(cash)) => (Some(cash.minor_units), None),
        Some(Form::InKind(in_kind)) => (None, Some(&in_kind.kind)),
        None => (None, None),
    };
    json!({
        "id": investment.id,
        "investor": report.name_of(&investment.investor_id),
        "organisation": report.name_of(&investment.organisation_id),
        "round": investment.round,
        "cash_yen": cash,
        "in_kind": in_kind,
        "withdrawn": investment.withdrawn_at.is_some(),
    })
}
