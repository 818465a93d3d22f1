//! The report for programs. Amounts are whole yen; quantities are decimal text, as the API has them.

use proto::kiban::{billing::v1::StatementLine, revenue_share::v1::ChargeShares};
use serde_json::{Value, json};

use crate::demo::{
    calendar::FISCAL_YEAR,
    checks::amount,
    reading::Explained,
    report::{
        Report,
        format::{kind, right, stage, verdict},
        market_json,
    },
    stage::Attempt,
    tally::{OUTCOMES, VERDICTS},
};

pub(super) fn render(report: &Report) -> Value {
    json!({
        "fiscal_year": FISCAL_YEAR,
        "seed": report.seed,
        "elapsed_ms": u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
        "data_dir": report.kept.as_ref().map(|kept| kept.display().to_string()),
        "forum": forum(report),
        "statement": statement(report),
        "explained_lines": report.explained.iter().map(explained).collect::<Vec<_>>(),
        "revenue_shares": {
            "month": month(report),
            "year": year(report),
        },
        "market": market_json::render(report),
        "refusals": report.refusals.iter().map(attempt).collect::<Vec<_>>(),
        "metering": metering(report),
        "checks": report.checks.iter().map(|check| json!({
            "about": check.about,
            "holds": check.holds,
            "text": check.text,
        })).collect::<Vec<_>>(),
        "sound": report.is_sound(),
    })
}

fn forum(report: &Report) -> Value {
    let forum = &report.forum;
    let organisations = forum
        .organisations
        .iter()
        .map(|actor| json!({ "id": actor.id, "name": actor.name, "capacities": actor.capacities }));
    let contracts = forum.contracts.iter().map(|contract| {
        json!({
            "id": contract.id,
            "applicant": report.name_of(&contract.applicant_id),
            "kind": kind(contract.kind),
            "tier": contract.terms.as_ref().map(|terms| &terms.tier),
            "stage": stage(contract.stage),
        })
    });
    json!({
        "organisations": organisations.collect::<Vec<_>>(),
        "contracts": contracts.collect::<Vec<_>>(),
        "tcga_projects": forum.projects,
        "datasets": forum.datasets,
        "cases": forum.cases,
    })
}

fn statement(report: &Report) -> Value {
    let statement = &report.statement;
    json!({
        "contract_id": statement.contract_id,
        "contract": report.contract_of(&statement.contract_id),
        "month": statement.month,
        "closed": statement.closed,
        "conflicts": statement.conflicts,
        "total_yen": amount(statement.total.as_ref()),
        "lines": statement.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

fn line(line: &StatementLine) -> Value {
    let bands = line.bands.iter().map(|band| {
        json!({
            "from": band.from,
            "to": band.to,
            "quantity": band.quantity,
            "unit_price": band.unit_price,
            "amount": band.amount,
        })
    });
    let flagged = line
        .flagged
        .iter()
        .map(|flagged| json!({ "verdict": verdict(flagged.verdict), "quantity": flagged.quantity }));
    json!({
        "line_id": line.line_id,
        "charge_kind": line.charge_kind,
        "segment": line.segment,
        "tier": line.tier,
        "right": right(line.right),
        "dataset_class": line.dataset_class,
        "order_id": line.order_id,
        "quantity": line.quantity,
        "amount_yen": amount(line.amount.as_ref()),
        "price_book_version": line.price_book_version,
        "description": line.description,
        "unpriced": line.unpriced,
        "bands": bands.collect::<Vec<_>>(),
        "flagged": flagged.collect::<Vec<_>>(),
    })
}

fn explained(explained: &Explained) -> Value {
    let events = explained.events.iter().map(|event| {
        json!({
            "position": event.position,
            "event_id": event.event_id,
            "event_type": event.event_type,
            "records": event.records,
            "quantity": event.quantity,
        })
    });
    json!({
        "month": explained.month.to_string(),
        "line": line(&explained.line),
        "arithmetic": explained.arithmetic,
        "events": events.collect::<Vec<_>>(),
    })
}

fn month(report: &Report) -> Value {
    let (month, shares) = &report.month;
    let parties = shares.parties.iter().map(|party| {
        json!({
            "organisation_id": party.organisation_id,
            "name": report.name_of(&party.organisation_id),
            "amount_yen": amount(party.amount.as_ref()),
        })
    });
    json!({
        "month": month.to_string(),
        "base_operator_total_yen": amount(shares.base_operator_total.as_ref()),
        "charged_yen": amount(shares.charged.as_ref()),
        "parties": parties.collect::<Vec<_>>(),
        "charges": shares.charges.iter().map(charge).collect::<Vec<_>>(),
    })
}

fn charge(charge: &ChargeShares) -> Value {
    let shares = charge.shares.iter().map(|share| {
        json!({
            "organisation_id": share.organisation_id,
            "amount_yen": amount(share.amount.as_ref()),
            "reason": share.reason,
        })
    });
    json!({
        "contract_id": charge.contract_id,
        "line_id": charge.line_id,
        "dataset_id": charge.dataset_id,
        "net_yen": amount(charge.net.as_ref()),
        "shares": shares.collect::<Vec<_>>(),
    })
}

fn year(report: &Report) -> Value {
    let parties = report.year.iter().map(
        |owed| json!({ "organisation_id": owed.organisation, "name": owed.name, "amount_yen": owed.amount }),
    );
    let months = report
        .charged
        .iter()
        .map(|(month, charged)| json!({ "month": month.to_string(), "charged_yen": charged }));
    json!({
        "base_operator_total_yen": report.year.first().map_or(0, |base| base.amount),
        "charged_yen": report.year.iter().map(|owed| owed.amount).sum::<i64>(),
        "parties": parties.collect::<Vec<_>>(),
        "months": months.collect::<Vec<_>>(),
    })
}

fn attempt(attempt: &Attempt) -> Value {
    let said = attempt.said.as_ref();
    json!({
        "at": attempt.at.to_string(),
        "who": attempt.who,
        "tried": attempt.tried,
        "code": said.map(|said| &said.code),
        "reason": said.map(|said| &said.reason),
        "message": said.map(|said| &said.message),
        "fields": said.map(|said| &said.fields),
        "denials": said.map(|said| &said.denials),
        "as_expected": attempt.is_as_expected(),
    })
}

fn metering(report: &Report) -> Value {
    let named = |names: Vec<&str>, counts: [u64; 4]| {
        let counted = names.into_iter().zip(counts);
        Value::Object(counted.map(|(name, count)| (name.replace(' ', "_"), count.into())).collect())
    };
    let outcomes = |counts| named(OUTCOMES.iter().map(|(_, name)| *name).collect(), counts);
    let verdicts = |counts| named(VERDICTS.iter().map(|(_, name)| *name).collect(), counts);
    let meters = report.meters.iter().map(|metered| {
        let gaps = metered.source.gaps.iter().map(|gap| json!({ "first": gap.first, "last": gap.last }));
        json!({
            "name": metered.name,
            "source_id": metered.source.source_id,
            "contract": metered.contract,
            "calls": metered.reported.batches,
            "outcomes": outcomes(metered.reported.outcomes),
            "verdicts": verdicts(metered.reported.verdicts),
            "gaps": gaps.collect::<Vec<_>>(),
            "silent": metered.source.last_reported_at.is_none(),
        })
    });
    json!({
        "outcomes": outcomes(report.outcomes()),
        "late": report.late,
        "meters": meters.collect::<Vec<_>>(),
    })
}
