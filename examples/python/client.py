"""A pharma company in the industry forum, through plain grpcio.

    python client.py [ADDRESS]        the address of `kiban serve`, by default 127.0.0.1:50051

The company sees prices, applies for a blanket contract and signs it, browses, checks what an analysis would cost and
what is left of its quota, analyses, reports what its own meter counted, orders a service at its list price, asks for
patients for a study, and reads its statement with one line explained. Who everybody else is, is played by `forum.py`
and by the other examples. Run it as often as you like: each run is another company.
"""

import sys
import time
from decimal import Decimal

import forum
import institution
import stubs
import vendor
from forum import access, billing, common, finance, must_be, must_refuse, shown, yen

directory = stubs.context("directory")
order = stubs.context("order")
recruitment = stubs.context("recruitment")


def main(channel):
    there = forum.set_up(channel)
    pharma = forum.newcomer(channel, "Pharma", "member", "contracts,researcher,meter,administrator,finance")
    print(f"we are {pharma.organisation}")
    see_prices(pharma, there)
    contract_id = sign_contract(there, pharma)
    browse(pharma, there)
    position = view(pharma, contract_id, there.dataset_id)
    analysed, cost, position = analyse(pharma, contract_id, there.dataset_id, position)
    reported, more = report_usage(pharma, contract_id, there.dataset_id, position)
    ask_for_patients(there, pharma, contract_id)
    position = order_service(there, channel, pharma, contract_id)
    line = print_statement(pharma, contract_id, position)
    explain(pharma, contract_id, line)
    must_be("the cases charged", line.quantity, str(analysed + reported))
    must_be("their cost as it was estimated", cost + more, line.amount.minor_units)


# --- Before signing, and signing -----------------------------------------------------------------------------


def see_prices(pharma, there):
    """Price books are open to everybody in the forum."""
    ask = finance.GetPriceBookRequest(price_book_id=there.price_book_id)
    version = pharma(finance.FinanceServiceStub, "GetPriceBook", ask).versions[-1]
    print(
        f"prices: {version.name}, version {version.version}, from {version.start} on, before we sign anything"
    )
    for item in version.items:
        if item.tier in ("", "standard"):
            print(f"  {forum.charged_for(item):<32} {described(item.model)}")


def described(model):
    """A price in words."""
    kind = model.WhichOneof("model")
    if kind == "flat":
        return shown(model.flat)
    if kind == "per_unit":
        return f"{model.per_unit} yen each"
    if kind == "package":
        return f"{shown(model.package.price)} for each {model.package.size} that are started"
    bands = getattr(model, kind).bands
    steps = (f"{band.unit_price} yen {f'up to {band.up_to}' if band.up_to else 'above'}" for band in bands)
    return f"{', '.join(steps)} ({kind})"


def sign_contract(there, pharma):
    """We apply and sign. A command bears an id of our own choosing: sent again, it answers what it answered."""
    applied = forum.apply(there, pharma)
    again = forum.apply(there, pharma)
    must_be("the same answer", again.contract_id, applied.contract_id)
    must_be("nothing done the second time", again.receipt.replayed, True)
    print(f"applied, twice: one case, {applied.contract_id}")
    forum.approve_and_offer(there, applied.contract_id)
    must_be("active after our signature", forum.sign(pharma, applied.contract_id).active, True)
    print("signed: the contract is active")
    return applied.contract_id


# --- Data ----------------------------------------------------------------------------------------------------


def browse(pharma, there):
    """Every organisation of the forum may browse; where the data are is told by a view under a contract."""
    ask = directory.ListDatasetsRequest(contains="luad", dataset_class="wgs")
    found = pharma(directory.DirectoryServiceStub, "ListDatasets", ask).datasets
    dataset = next(it for it in found if it.id == there.dataset_id)
    must_be("the reference in a list", dataset.reference, "")
    types = ", ".join(forum.word(access.DataType, it) for it in dataset.data_types)
    print(f"browsed: {dataset.code}, {dataset.name} ({dataset.dataset_class}; {types})")


def view(pharma, contract_id, dataset_id):
    """The view is recorded, and charged. Tells where in the log it stands."""
    request = access.ViewDatasetRequest(
        command_id="view",
        contract_id=contract_id,
        dataset_id=dataset_id,
        purpose="drug-discovery",
        country="JP",
    )
    seen = pharma(access.AccessServiceStub, "ViewDataset", request)
    print(f"viewed: {seen.dataset.reference}")
    return seen.receipt.position


def analyse(pharma, contract_id, dataset_id, position):
    """We check before we run: with validate_only a command is decided and nothing is written. Tells how many cases, what
    they cost by the estimate, and where in the log they stand."""
    must_refuse(
        "checking a run of 401 cases, where 400 are the most:",
        lambda: forum.analyse(pharma, contract_id, dataset_id, 401, validate_only=True),
        "ACCESS_DENIED",
    )
    before, cases = quota(pharma, contract_id), 120
    checked = forum.analyse(pharma, contract_id, dataset_id, cases, validate_only=True)
    must_be("what a check has written", (checked.receipt.position, quota(pharma, contract_id)), ("", before))
    left = checked.admission.remaining.cases
    cost = estimate(pharma, contract_id, dataset_id, cases, position)
    print(f"checked: {cases} cases would cost {shown(yen(cost))} and leave {left:,} of {before:,} cases")
    # The command id is free still.
    run = forum.analyse(pharma, contract_id, dataset_id, cases)
    admitted = run.admission
    must_be(
        "what is left after the run", (admitted.remaining.cases, quota(pharma, contract_id)), (left, left)
    )
    print(f"analysed: admission {admitted.number}, {left:,} cases left")
    return cases, cost, run.receipt.position


def estimate(pharma, contract_id, dataset_id, cases, position):
    """What so many more cases would add to this month's statement, in yen, once it has come to a position."""
    ask = billing.EstimateUsageRequest(
        contract_id=contract_id,
        dataset_id=dataset_id,
        right=common.RIGHT_SIMPLE_ANALYSIS,
        cases=cases,
        # We want to read our own writes.
        min_position=position,
    )
    estimated = pharma(billing.BillingServiceStub, "EstimateUsage", ask)
    must_be(
        "the estimate beside what stands",
        estimated.before.amount.minor_units + estimated.amount.minor_units,
        estimated.after.amount.minor_units,
    )
    return estimated.amount.minor_units


def quota(pharma, contract_id):
    """How many cases we may still analyse in this contract year."""
    found = pharma(access.AccessServiceStub, "GetQuota", access.GetQuotaRequest(contract_id=contract_id))
    return next(it.cases for it in found.remaining if it.right == common.RIGHT_SIMPLE_ANALYSIS)


def report_usage(pharma, contract_id, dataset_id, position):
    """Our meter tells what was used. The records' numbers make a report safe to send again. Tells how many cases, and
    what they cost by the estimate."""
    source = pharma(
        access.AccessServiceStub,
        "RegisterSource",
        access.RegisterSourceRequest(command_id="meter", contract_id=contract_id, name="our cluster"),
    ).source_id
    now_us = time.time_ns() // 1_000
    cases = [40, 60, 35]
    cost = estimate(pharma, contract_id, dataset_id, sum(cases), position)
    report = access.ReportUsageRequest(
        contract_id=contract_id,
        source_id=source,
        epoch=1,
        # Records point into dictionaries: a thousand records name their dataset and viewer once.
        dataset_ids=[dataset_id],
        viewer_ids=[pharma.person],
        records=[
            access.UsageRecord(
                sequence=sequence, right=common.RIGHT_SIMPLE_ANALYSIS, cases=count, occurred_at_us=now_us
            )
            for sequence, count in enumerate(cases, start=1)
        ],
    )
    for attempt, outcome in (("reported", access.OUTCOME_NEW), ("sent again", access.OUTCOME_KNOWN)):
        reply = pharma(access.AccessServiceStub, "ReportUsage", report)
        must_be(f"the outcomes when {attempt}", list(reply.outcomes), [outcome] * len(cases))
        verdicts = ", ".join(sorted({forum.word(common.Verdict, verdict) for verdict in reply.verdicts}))
        print(f"{attempt}: {len(cases)} records, each {forum.word(access.Outcome, outcome)}; {verdicts}")
    report.records[1].cases = 0
    must_refuse(
        "reporting a record of no cases:", lambda: pharma(access.AccessServiceStub, "ReportUsage", report)
    )
    return sum(cases), cost


# --- Services ------------------------------------------------------------------------------------------------


def ask_for_patients(there, pharma, contract_id):
    """We say whom a study seeks, in coded terms; a committee of the forum lets it begin."""
    recruitment_id = institution.ask_and_approve(there, pharma, contract_id)
    found = institution.look(pharma, recruitment_id)
    must_be("the stage of the recruitment", found.stage, recruitment.RECRUITMENT_STAGE_OPEN)
    print(f"asked for patients: {found.study_title}, {found.participants_wanted} wanted, approved")


def order_service(there, channel, pharma, contract_id):
    """At a list price we order at once. The milestones sum to it; each is charged when we accept it. Tells where in
    the log the last of it stands."""
    laboratory = forum.newcomer(channel, "Laboratory", "vendor")
    vendor.attest(there, laboratory)
    listed = vendor.list_service(laboratory, forum.conclude(there, laboratory, "vendor"))
    request = order.PlaceOrderRequest(
        command_id="order-at-list-price",
        contract_id=contract_id,
        list_price=order.ListPriceSource(
            listing_id=listed.listing_id,
            quantity=5,
            milestones=[
                order.Milestone(name="Report on the quality of the RNA", amount=yen(150_000)),
                order.Milestone(name="Expression matrix", amount=yen(399_999)),
            ],
        ),
        required_credentials=["iso-15189"],
    )
    must_refuse(
        "ordering with milestones that are a yen short:",
        lambda: pharma(order.OrderServiceStub, "PlaceOrder", request),
    )
    request.list_price.milestones[1].amount.minor_units = 400_000
    order_id = pharma(order.OrderServiceStub, "PlaceOrder", request).order_id
    print(f"ordered: {order_id}, 5 specimens at {shown(yen(110_000))}")
    vendor.take(laboratory, order_id)
    vendor.deliver(laboratory, order_id, 0, "first")
    position = vendor.accept_delivery(pharma, order_id, 0)
    vendor.print_order(pharma, order_id)
    return position


# --- Money ---------------------------------------------------------------------------------------------------


def print_statement(pharma, contract_id, position):
    """What this month costs so far; tells the line of our analyses."""
    found = forum.statement(pharma, contract_id, position)
    print(f"\nstatement of {found.month}, before consumption tax")
    for line in found.lines:
        name = forum.charged_for(line)
        print(f"  {name:<28} {line.quantity:>5} {line.amount.minor_units:>12,} yen  {line.description}")
    print(f"  {'total':<28} {'':>5} {found.total.minor_units:>12,} yen")
    must_be("the sum of the lines", sum(it.amount.minor_units for it in found.lines), found.total.minor_units)
    charges = {line.charge_kind for line in found.lines}
    must_be(
        "what we pay for", charges, {"contract-fee", "data-usage", "service-order", "recruitment-request"}
    )
    return next(line for line in found.lines if line.right == common.RIGHT_SIMPLE_ANALYSIS)


def explain(pharma, contract_id, line):
    """Why a line is what it is: the arithmetic, and the events behind it."""
    ask = billing.ExplainLineRequest(contract_id=contract_id, month=forum.this_month(), line_id=line.line_id)
    explained = pharma(billing.BillingServiceStub, "ExplainLine", ask)
    print(f"\nwhy {shown(line.amount)} for {line.quantity} cases ({line.line_id})")
    for step in explained.arithmetic:
        print(f"  {step}")
    for event in explained.events:
        print(f"  position {event.position}: {event.event_type} {event.event_id}, {event.quantity} cases")
    counted = sum(Decimal(event.quantity) for event in explained.events)
    must_be("the cases of all events", counted, Decimal(line.quantity))


if __name__ == "__main__":
    forum.run(main, sys.argv)
