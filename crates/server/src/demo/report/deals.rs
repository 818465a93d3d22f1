//! Deals for people: how far investors came, and what was invested.

use proto::kiban::venture::v1::investment::Form;

use crate::demo::{
    checks::amount,
    report::{
        Report,
        format::{count_of, yen},
        tables::{finished, numbers, table, titled},
    },
};

/// How far investors came, month by month and venture by venture.
pub(super) fn funnel(report: &Report) -> String {
    let deals = &report.scene.deals;
    let steps = ["listed", "looks", "looked", "interested", "data rooms", "invested"];
    let columns = [1, 2, 3, 4, 5, 6, 7];
    let mut by_month = table(&[&["month"], &steps[..], &["in cash"]].concat());
    numbers(&mut by_month, &columns);
    for month in &deals.funnel.months {
        let counts =
            [month.listed, month.views, month.viewed, month.interested, month.data_rooms, month.invested];
        let cash = amount(month.cash.as_ref());
        let cash = if cash == 0 { String::new() } else { yen(cash) };
        by_month.add_row([month.month.clone()].into_iter().chain(counts.map(count_of)).chain([cash]));
    }
    let mut ventures = table(&["venture", "seeks", "looks", "by investors", "interested", "data rooms"]);
    numbers(&mut ventures, &columns[..5]);
    for venture in &deals.ventures {
        let (Some(teaser), Some(of)) = (&venture.teaser, &venture.funnel) else { continue };
        let sought = yen(amount(teaser.amount_sought.as_ref()));
        let counts = [of.views, of.viewers, of.interested, of.data_rooms].map(count_of);
        ventures.add_row([teaser.title.clone(), sought].into_iter().chain(counts));
    }
    titled("Deal flow: how far investors came", by_month) + &finished(ventures)
}

/// What was invested: recorded, never charged.
pub(super) fn investments(report: &Report) -> String {
    let mut table = table(&["investor", "invests in", "round", "gives", "stands"]);
    for investment in &report.scene.deals.investments {
        let gives = match &investment.form {
            Some(Form::Cash(cash)) => yen(amount(Some(cash))),
            Some(Form::InKind(in_kind)) => format!("{}: {}", in_kind.kind, in_kind.description),
            None => String::new(),
        };
        let stands = if investment.withdrawn_at.is_some() { "withdrawn" } else { "recorded" };
        let [by, into] = [&investment.investor_id, &investment.organisation_id].map(|id| report.name_of(id));
        table.add_row([by, into, &investment.round, &gives, stands]);
    }
    titled("Investments between members, of which the platform is no party", table)
}
