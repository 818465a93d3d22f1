"""A pharma company in the industry forum, through plain grpcio.

    python client.py [ADDRESS]        the address of `kiban serve`, by default 127.0.0.1:50051

The company applies for a blanket contract, signs it, looks at a dataset, reports what it used, and prints its
statement with one line explained. Before it can, somebody must run the forum: `forum.set_up` plays the base
operator and the promoter. Run it as often as you like: the forum is set up once, each run is another company.
"""

import sys
import time

import forum
import stubs
from forum import access, common, must_refuse

billing = stubs.context("billing")


def main(channel):
    there = forum.set_up(channel)
    pharma = forum.newcomer(channel, "Pharma", "member", "contracts,researcher,meter,administrator,finance")
    print(f"we are {pharma.organisation}")

    # A command bears an id of our own choosing. Sent again, it answers what it answered, and does nothing.
    applied = forum.apply(there, pharma)
    again = forum.apply(there, pharma)
    assert again.contract_id == applied.contract_id and again.receipt.replayed
    contract_id = applied.contract_id
    print(f"applied: case {contract_id}")
    forum.approve_and_offer(there, contract_id)
    signed = forum.sign(pharma, contract_id)
    print(f"signed: the contract is {'active' if signed.active else 'not active yet'}")

    view = access.ViewDatasetRequest(
        command_id="view",
        contract_id=contract_id,
        dataset_id=there.dataset_id,
        purpose="drug-discovery",
        country="JP",
    )
    seen = pharma(access.AccessServiceStub, "ViewDataset", view).dataset
    print(f"viewed: {seen.code}, {seen.name}: {seen.reference}")
    run = access.RunAnalysisRequest(
        command_id="too-large",
        contract_id=contract_id,
        dataset_id=there.dataset_id,
        right=common.RIGHT_SIMPLE_ANALYSIS,
        cases=401,
        purpose="drug-discovery",
        country="JP",
    )
    must_refuse(
        "asking for a run of 401 cases, where 400 are the most:",
        lambda: pharma(access.AccessServiceStub, "RunAnalysis", run),
    )

    position = report_usage(pharma, contract_id, there.dataset_id)
    print_statement(pharma, contract_id, position)


def report_usage(pharma, contract_id, dataset):
    """Our meter tells what was used. The records' numbers make a report safe to send again."""
    source = pharma(
        access.AccessServiceStub,
        "RegisterSource",
        access.RegisterSourceRequest(command_id="meter", contract_id=contract_id, name="our cluster"),
    ).source_id
    now_us = time.time_ns() // 1_000
    cases = [40, 60, 35]
    report = access.ReportUsageRequest(
        contract_id=contract_id,
        source_id=source,
        epoch=1,
        # Records point into dictionaries: a thousand records name their dataset and viewer once.
        dataset_ids=[dataset],
        viewer_ids=[pharma.person],
        records=[
            access.UsageRecord(
                sequence=sequence, right=common.RIGHT_SIMPLE_ANALYSIS, cases=count, occurred_at_us=now_us
            )
            for sequence, count in enumerate(cases, start=1)
        ],
    )
    for attempt in ("reported", "sent again"):
        reply = pharma(access.AccessServiceStub, "ReportUsage", report)
        outcomes = ", ".join(access.Outcome.Name(outcome) for outcome in reply.outcomes)
        verdicts = ", ".join(sorted({common.Verdict.Name(verdict) for verdict in reply.verdicts}))
        print(f"{attempt}: {outcomes}; {verdicts}; next sequence {reply.next_sequence}")
        if attempt == "reported":
            position = reply.receipt.position
    report.records[1].cases = 0
    must_refuse(
        "reporting a record of no cases:", lambda: pharma(access.AccessServiceStub, "ReportUsage", report)
    )
    return position


def print_statement(pharma, contract_id, position):
    """What this month costs so far, and why."""
    month = forum.this_month()
    # min_position: we want to read our own writes.
    ask = billing.GetStatementRequest(contract_id=contract_id, month=month, min_position=position)
    statement = pharma(billing.BillingServiceStub, "GetStatement", ask).statement
    print(f"\nstatement of {month}, before consumption tax")
    for line in statement.lines:
        right = common.Right.Name(line.right).removeprefix("RIGHT_").lower() if line.right else ""
        what = f"{line.charge_kind} {right}".strip()
        print(f"  {what:<32} {line.quantity:>8} {line.amount.minor_units:>12,} yen  {line.description}")
        for band in line.bands:
            upper = band.to or "…"
            print(f"      {getattr(band, 'from')} to {upper}: {band.quantity} × {band.unit_price} = {band.amount}")
    print(f"  {'total':<32} {'':>8} {statement.total.minor_units:>12,} yen")

    # The line on which our three records stand.
    line = next(line for line in statement.lines if line.right == common.RIGHT_SIMPLE_ANALYSIS)
    explained = pharma(
        billing.BillingServiceStub,
        "ExplainLine",
        billing.ExplainLineRequest(contract_id=contract_id, month=month, line_id=line.line_id),
    )
    print(f"\nwhy {line.amount.minor_units:,} yen for {line.quantity} cases ({line.line_id})")
    for step in explained.arithmetic:
        print(f"  {step}")
    for event in explained.events:
        print(f"  position {event.position}: {event.event_type} {event.event_id}, {event.quantity} cases")


if __name__ == "__main__":
    forum.run(main, sys.argv)
