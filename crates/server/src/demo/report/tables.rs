//! The report for people: tables as wide as the terminal, figures to the right.

use std::fmt::Write;

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use proto::kiban::billing::v1::StatementLine;

use crate::demo::{
    calendar::FISCAL_YEAR,
    checks::amount,
    reading::Explained,
    report::{
        Report, deals,
        format::{count, count_of, date, decimal, kind, right, stage, verdict, yen},
        market, pages,
    },
    tally::{OUTCOMES, VERDICTS},
};

/// The width where there is no terminal.
const WIDTH: u16 = 120;
/// How many events of a line are shown.
const EVENTS: usize = 6;

pub(super) fn render(report: &Report) -> String {
    let mut text = String::new();
    for section in [
        opening,
        statement,
        explained,
        shares_of_month,
        market::earned,
        months,
        market::orders,
        market::catalogue,
        market::funnel,
        market::recruitment,
        deals::funnel,
        deals::investments,
        pages::vendor,
        pages::institution,
        refusals,
        metering,
        checks,
        closing,
    ] {
        text += &section(report);
        text.push('\n');
    }
    text
}

fn opening(report: &Report) -> String {
    let forum = &report.forum;
    let text = format!(
        "Kiban (基盤): {FISCAL_YEAR} of a forum, over gRPC on {}, seed {}\n{} organisations, {} TCGA projects among {} datasets with {} cases, {} contracts; {} records in {:.1} s\n",
        report.address,
        report.seed,
        forum.organisations.len(),
        forum.projects,
        forum.datasets,
        count_of(forum.cases),
        forum.contracts.len(),
        count_of(report.outcomes().iter().sum()),
        report.elapsed.as_secs_f64(),
    );
    let mut table = table(&["organisation", "is", "contract", "tier", "stage"]);
    for actor in &forum.organisations {
        let name = || Cell::new(actor.name);
        let is = || Cell::new(actor.capacities.join(", "));
        let mut contracts =
            forum.contracts.iter().filter(|contract| contract.applicant_id == actor.id).peekable();
        if contracts.peek().is_none() {
            table.add_row([name(), is()]);
        }
        for contract in contracts {
            let tier = contract.terms.as_ref().map_or("", |terms| terms.tier.as_str());
            let of_contract = [kind(contract.kind), tier, stage(contract.stage)];
            table.add_row([name(), is()].into_iter().chain(of_contract.map(Cell::new)));
        }
    }
    text + &finished(table)
}

fn statement(report: &Report) -> String {
    let statement = &report.statement;
    let mut table = table(&["charge", "tier", "quantity", "band", "amount"]);
    numbers(&mut table, &[2, 4]);
    for line in &statement.lines {
        add_line(&mut table, line);
    }
    let blank = || Cell::new("");
    table.add_row([bold("total"), blank(), blank(), blank(), bold(&yen(amount(statement.total.as_ref())))]);
    let state = if statement.closed { "closed" } else { "open" };
    let title = format!(
        "Statement of {} for {} ({state}), before consumption tax",
        report.contract_of(&statement.contract_id),
        statement.month
    );
    let fees = statement.lines.iter().filter(|line| line.right == 0 && !line.description.is_empty());
    let notes: String = fees
        .map(|line| format!("  {:>14}  {}\n", yen(amount(line.amount.as_ref())), line.description))
        .collect();
    titled(&title, table) + &notes
}

/// A line, its bands below it, and what of it is only flagged.
fn add_line(table: &mut Table, line: &StatementLine) {
    let unpriced = if line.unpriced { "(unpriced)" } else { "" };
    let charge = match line.right {
        0 => vec![line.charge_kind.as_str(), unpriced],
        of_use => vec![right(of_use), &line.dataset_class, &line.order_id, unpriced],
    };
    table.add_row([
        charge.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "),
        line.tier.clone(),
        decimal(&line.quantity),
        String::new(),
        yen(amount(line.amount.as_ref())),
    ]);
    let blank = String::new;
    for band in &line.bands {
        let to = if band.to.is_empty() { "…".to_owned() } else { decimal(&band.to) };
        let band_and_price = format!("{} – {to} at ¥{}", decimal(&band.from), decimal(&band.unit_price));
        let amount = format!("¥{}", decimal(&band.amount));
        table.add_row([blank(), blank(), decimal(&band.quantity), band_and_price, amount]);
    }
    for flagged in &line.flagged {
        let what = format!("only flagged: {}", verdict(flagged.verdict));
        table.add_row([blank(), blank(), decimal(&flagged.quantity), what, blank()]);
    }
}

fn explained(report: &Report) -> String {
    report.explained.iter().map(why).collect()
}

/// Why a line costs what it costs: the arithmetic, and the first of the events behind it.
fn why(explained: &Explained) -> String {
    let line = &explained.line;
    let mut text =
        format!("\nWhy {} for {} in {}?\n", yen(amount(line.amount.as_ref())), line.line_id, explained.month);
    for step in &explained.arithmetic {
        let _ = writeln!(text, "  {step}");
    }
    let mut table = table(&["position", "event", "id", "records", "adds"]);
    numbers(&mut table, &[0, 3, 4]);
    for event in explained.events.iter().take(EVENTS) {
        let kind = event.event_type.rsplit('.').next().unwrap_or_default();
        table.add_row([
            event.position.clone(),
            kind.to_owned(),
            event.event_id.clone(),
            if event.records == 0 { String::new() } else { count(event.records.into()) },
            decimal(&event.quantity),
        ]);
    }
    let more = explained.events.len().saturating_sub(EVENTS);
    if more > 0 {
        table.add_row([String::new(), format!("and {more} more")]);
    }
    text + &finished(table)
}

fn shares_of_month(report: &Report) -> String {
    let (month, shares) = &report.month;
    let mut table = table(&["owed to", "amount"]);
    numbers(&mut table, &[1]);
    let base = shares.base_operator_total.as_ref();
    table.add_row([bold("base operator's total"), bold(&yen(amount(base)))]);
    for party in &shares.parties {
        table
            .add_row([report.name_of(&party.organisation_id).to_owned(), yen(amount(party.amount.as_ref()))]);
    }
    table.add_row([bold("charged"), bold(&yen(amount(shares.charged.as_ref())))]);
    let mut text = titled(&format!("Revenue shares of {month}"), table);
    if let Some(charge) =
        shares.charges.iter().max_by_key(|charge| (charge.shares.len(), amount(charge.net.as_ref())))
    {
        let contract = report.contract_of(&charge.contract_id);
        let _ = writeln!(
            text,
            "one of its {} parts: {} of {contract}, {}",
            shares.charges.len(),
            charge.line_id,
            yen(amount(charge.net.as_ref()))
        );
        for share in &charge.shares {
            let amount = yen(amount(share.amount.as_ref()));
            let _ = writeln!(
                text,
                "  {amount:>14}  {}  {}",
                report.name_of(&share.organisation_id),
                share.reason
            );
        }
    }
    text
}

fn months(report: &Report) -> String {
    let mut by_month = table(&["month", "charged"]);
    numbers(&mut by_month, &[1]);
    for (month, charged) in &report.charged {
        by_month.add_row([month.to_string(), yen(*charged)]);
    }
    titled("Charged month by month", by_month)
}

fn refusals(report: &Report) -> String {
    let mut table = table(&["on", "who", "tried to", "code", "why"]);
    for attempt in &report.refusals {
        let (code, why) = match &attempt.said {
            None => ("granted!".to_owned(), String::new()),
            Some(said) => {
                let mut why = vec![said.reason.as_str()];
                why.extend(said.denials.iter().chain(&said.fields).map(String::as_str));
                (said.code.clone(), why.join("\n"))
            }
        };
        table.add_row([date(attempt.at), attempt.who.clone(), attempt.tried.clone(), code, why]);
    }
    titled("What was refused, and why", table)
}

fn metering(report: &Report) -> String {
    let mut outcomes = vec!["meter", "contract", "calls"];
    outcomes.extend(OUTCOMES.iter().map(|(_, name)| *name));
    outcomes.push("gaps");
    let mut by_outcome = table(&outcomes);
    numbers(&mut by_outcome, &[2, 3, 4, 5, 6]);
    let mut verdicts = vec!["meter"];
    verdicts.extend(VERDICTS.iter().map(|(_, name)| *name));
    let mut by_verdict = table(&verdicts);
    numbers(&mut by_verdict, &[1, 2, 3, 4]);
    for metered in &report.meters {
        let mut row =
            vec![metered.name.to_owned(), metered.contract.to_owned(), count_of(metered.reported.batches)];
        row.extend(metered.reported.outcomes.map(count_of));
        let gaps =
            metered.source.gaps.iter().map(|gap| format!("{} – {}", count_of(gap.first), count_of(gap.last)));
        row.push(match metered.source.last_reported_at {
            None => "silent".to_owned(),
            Some(_) => gaps.collect::<Vec<_>>().join(", "),
        });
        by_outcome.add_row(row);
        let mut row = vec![metered.name.to_owned()];
        row.extend(metered.reported.verdicts.map(count_of));
        by_verdict.add_row(row);
    }
    let late = format!("{} of them arrived after their month was closed\n", count_of(report.late));
    titled("What became of the records that meters reported", by_outcome)
        + &late
        + &titled("How new records stood to the contract when they happened", by_verdict)
}

fn checks(report: &Report) -> String {
    let line = |check: &crate::demo::stage::Check| {
        let mark = if check.holds { "✓" } else { "✗" };
        format!("{mark} {:<11} {}\n", check.about, check.text)
    };
    let failed = report.checks.iter().filter(|check| !check.holds).count();
    let end = match failed {
        0 => format!("✓ all {} checks hold\n", report.checks.len()),
        failed => format!("✗ {failed} of {} checks do not hold\n", report.checks.len()),
    };
    format!("\nChecks\n{}{end}", report.checks.iter().map(line).collect::<String>())
}

fn closing(report: &Report) -> String {
    let Some(kept) = &report.kept else {
        return "To look further, keep the data (from a checkout, `cargo run --` stands for `kiban`):
  kiban demo --keep                  keeps its temporary directory and says where
  kiban demo --data-dir DIR          writes to a directory of yours
  kiban demo --seed 2 --records 1000000
  kiban demo --json                  the same for programs
"
        .to_owned();
    };
    let dir = kept.display();
    let statement = &report.statement;
    let promoter = report.forum.organisations.iter().find(|actor| actor.capacities.contains(&"promoter"));
    let (id, promoter) = promoter.map_or(("", ""), |actor| (actor.id.as_str(), actor.name));
    format!(
        "To look further, at what lies in {dir} (from a checkout, `cargo run --` stands for `kiban`):
  kiban verify --data-dir {dir}
  kiban serve --data-dir {dir}
  grpcurl -plaintext -H 'kiban-caller: organisation={id}; roles=finance' \\
    -d '{{\"contract_id\": \"{}\", \"month\": \"{}\"}}' \\
    127.0.0.1:50051 kiban.billing.v1.BillingService/GetStatement   # as {promoter}
",
        statement.contract_id, statement.month,
    )
}

pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    if !table.is_tty() {
        table.set_width(WIDTH);
    }
    table.set_header(header.iter().map(|name| Cell::new(name).add_attribute(Attribute::Bold)));
    table
}

/// Sets columns to the right.
pub(super) fn numbers(table: &mut Table, columns: &[usize]) {
    for column in columns {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

pub(super) fn bold(text: &str) -> Cell {
    Cell::new(text).add_attribute(Attribute::Bold)
}

pub(super) fn finished(table: Table) -> String {
    format!("{table}\n")
}

pub(super) fn titled(title: &str, table: Table) -> String {
    format!("\n{title}\n{table}\n")
}
