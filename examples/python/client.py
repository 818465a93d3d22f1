"""A pharma company in the industry forum, through plain grpcio.

    python client.py [ADDRESS]        the address of `kiban serve`, by default 127.0.0.1:50051

The company applies for a blanket contract, signs it, looks at a dataset, reports what it used, and prints its
statement with one line explained. Before it can, somebody must run the forum: `set_up_forum` plays the base
operator and the promoter. Run it as often as you like: the forum is set up once, each run is another company.
"""

import datetime
import random
import sys
import time

import grpc
from google.protobuf import timestamp_pb2
from google.rpc import error_details_pb2, status_pb2

import stubs

stubs.generate()
common = stubs.context("common")
membership = stubs.context("membership")
finance = stubs.context("finance")
contract = stubs.context("contract")
access = stubs.context("access")
billing = stubs.context("billing")

TOKYO = datetime.timezone(datetime.timedelta(hours=9))
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# The platform itself, who registers the first organisations.
PLATFORM = "org_" + "0" * 26


# --- Calling -------------------------------------------------------------------------------------------------


class Actor:
    """Somebody who calls: an organisation, a person of it, and what that person may do there."""

    def __init__(self, channel, organisation, roles):
        # People are random numbers to Kiban, and nothing else: no name ever reaches it.
        person = "per_" + random.choice("01234567") + "".join(random.choices(ALPHABET, k=25))
        self.person = person
        self.organisation = organisation
        self.caller = (("kiban-caller", f"organisation={organisation}; person={person}; roles={roles}"),)
        self.channel = channel

    def __call__(self, stub, method, request):
        """Calls a method with the header that says who calls."""
        return getattr(stub(self.channel), method)(request, metadata=self.caller, timeout=30)


def show_refusal(error):
    """What a refusal says: its reason is for programs, the fields are for whoever mends the request."""
    print(f"  refused: {error.code().name}: {error.details()}")
    trailers = dict(error.trailing_metadata())
    status = status_pb2.Status.FromString(trailers.get("grpc-status-details-bin", b""))
    for detail in status.details:
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if detail.Unpack(info):
            values = ", ".join(f"{key}={value}" for key, value in sorted(info.metadata.items()))
            print(f"    reason {info.domain}/{info.reason}" + (f" ({values})" if values else ""))
        elif detail.Unpack(bad):
            for violation in bad.field_violations:
                print(f"    field {violation.field}: {violation.description}")


def must_refuse(what, call):
    """Makes a call that must be refused."""
    print(what)
    try:
        call()
    except grpc.RpcError as error:
        show_refusal(error)
    else:
        raise SystemExit("this should have been refused")


def timestamp(seconds):
    return timestamp_pb2.Timestamp(seconds=int(seconds))


def corporate_number(digits):
    """A corporate number (法人番号): twelve digits behind their check digit."""
    weighted = sum(int(digit) * (1 if place % 2 == 0 else 2) for place, digit in enumerate(reversed(digits)))
    return f"{9 - weighted % 9}{digits}"


# --- Part one: those who run the forum -----------------------------------------------------------------------


def register(channel, name, capacity, number, command_id):
    """The platform registers an organisation. The same command id again finds what it made."""
    request = membership.RegisterOrganisationRequest(
        command_id=command_id,
        name=name,
        country="JP",
        registration_number=corporate_number(number),
        # "from" is a keyword of Python, so it can only be given by its name.
        capacities=[membership.CapacityGrant(capacity=capacity, **{"from": "2020-04-01"})],
    )
    platform = Actor(channel, PLATFORM, "administrator")
    return platform(membership.MembershipServiceStub, "RegisterOrganisation", request).organisation_id


def set_up_forum(channel):
    """Base operator, promoter, one hospital, one dataset, prices and shares. Its command ids never change, so
    that another run finds it all and changes nothing."""
    base = register(channel, "Base operator", membership.CAPACITY_BASE_OPERATOR, "900000000001", "python-base")
    promoter = register(channel, "Promoter", membership.CAPACITY_PROMOTER, "900000000002", "python-promoter")
    hospital = register(
        channel, "Hospital", membership.CAPACITY_MEDICAL_INSTITUTION, "900000000003", "python-hospital"
    )
    operator = Actor(channel, base, "administrator,finance")
    dataset = operator(
        access.AccessServiceStub,
        "RegisterDataset",
        access.RegisterDatasetRequest(
            command_id="python-dataset",
            code="PYTHON-LUAD",
            name="Lung adenocarcinoma",
            dataset_class="wgs",
            disease="lung adenocarcinoma",
            cohort=access.COHORT_CASE,
            data_types=[access.DATA_TYPE_GERMLINE, access.DATA_TYPE_TUMOUR],
            reference="https://data.example/luad",
        ),
    ).dataset_id
    freeze = access.ReleaseFreezeRequest(
        command_id="python-freeze",
        dataset_id=dataset,
        composition=[access.InstitutionCases(institution_id=hospital, cases=585)],
    )
    operator(access.AccessServiceStub, "ReleaseFreeze", freeze)
    prices = finance.CreatePriceBookRequest(command_id="python-prices", version=price_book())
    shares = finance.CreateShareRuleRequest(command_id="python-shares", version=share_rule())
    price_book_id = operator(finance.FinanceServiceStub, "CreatePriceBook", prices).price_book_id
    share_rule_id = operator(finance.FinanceServiceStub, "CreateShareRule", shares).share_rule_id
    return promoter, dataset, price_book_id, share_rule_id


def price_book():
    """A yearly fee; a view costs 5 yen; simple analysis gets cheaper after the first hundred cases."""
    bands = [finance.Band(up_to="100", unit_price="120"), finance.Band(unit_price="90.5")]
    graduated = finance.PriceModel(graduated=finance.Graduated(bands=bands))
    fee = finance.PriceModel(flat=common.Money(currency_code="JPY", minor_units=1_200_000))
    usage = {"charge_kind": "data-usage"}
    return finance.PriceBookVersion(
        name="Prices of the Python example",
        currency_code="JPY",
        start="2020-04",
        items=[
            finance.PriceItem(charge_kind="contract-fee", model=fee),
            finance.PriceItem(right=common.RIGHT_BROWSE, model=finance.PriceModel(per_unit="5"), **usage),
            finance.PriceItem(right=common.RIGHT_SIMPLE_ANALYSIS, model=graduated, **usage),
        ],
    )


def share_rule():
    """Who gets how much: the percentages of a split sum to exactly 100."""
    roles = {"base": finance.PARTY_ROLE_BASE_OPERATOR, "promoter": finance.PARTY_ROLE_PROMOTER}
    roles["pool"] = finance.PARTY_ROLE_INSTITUTIONS_POOL

    def split(charge_kind, **percentages):
        shares = [
            finance.PartyPercentage(party=finance.Party(role=roles[name]), percentage=percentage)
            for name, percentage in percentages.items()
        ]
        residual = finance.Party(role=roles["base"])
        scope = finance.PROVIDER_SCOPE_ANY
        return finance.Split(
            charge_kind=charge_kind, provider_scope=scope, percentages=shares, residual=residual
        )

    return finance.ShareRuleVersion(
        name="Shares of the Python example",
        start="2020-04",
        splits=[
            split("contract-fee", base="60", promoter="40"),
            split("data-usage", base="70", promoter="20", pool="10"),
        ],
    )


def approve_and_offer(channel, promoter, contract_id, price_book_id, share_rule_id):
    """The promoter approves the application, offers terms, and signs them first."""
    now = time.time()
    issuer = Actor(channel, promoter, "reviewer,contracts")
    approve = contract.ApproveContractRequest(
        command_id=f"approve-{contract_id}", contract_id=contract_id, valid_until=timestamp(now + 30 * 86_400)
    )
    issuer(contract.ContractServiceStub, "ApproveContract", approve)
    terms = contract.Terms(
        tier="standard",
        start=timestamp(now),
        end=timestamp(now + 365 * 86_400),
        purposes=["drug-discovery"],
        dataset_classes=["wgs"],
        countries=["JP"],
        quotas=[contract.Quota(right=common.RIGHT_SIMPLE_ANALYSIS, cases=5_000, max_cases_per_run=400)],
        price_book=common.VersionChoice(id=price_book_id),
        share_rule=common.VersionChoice(id=share_rule_id),
    )
    offer = contract.OfferContractRequest(
        command_id=f"offer-{contract_id}", contract_id=contract_id, terms=terms
    )
    issuer(contract.ContractServiceStub, "OfferContract", offer)
    sign = contract.SignContractRequest(command_id=f"sign-{contract_id}", contract_id=contract_id)
    issuer(contract.ContractServiceStub, "SignContract", sign)


# --- Part two: the pharma company ----------------------------------------------------------------------------


def main(address):
    with grpc.insecure_channel(address) as channel:
        promoter, dataset, price_book_id, share_rule_id = set_up_forum(channel)
        number = "".join(random.choices("0123456789", k=12))
        company = register(channel, f"Pharma {number}", membership.CAPACITY_MEMBER, number, f"python-{number}")
        pharma = Actor(channel, company, "contracts,researcher,meter,administrator,finance")
        print(f"we are {company}")

        # A command bears an id of our own choosing. Sent again, it answers what it answered, and does nothing.
        application = contract.ApplyForContractRequest(
            command_id="apply",
            kind=contract.CONTRACT_KIND_MEMBER,
            issuer_id=promoter,
            purposes=["drug-discovery"],
        )
        applied = pharma(contract.ContractServiceStub, "ApplyForContract", application)
        again = pharma(contract.ContractServiceStub, "ApplyForContract", application)
        assert again.contract_id == applied.contract_id and again.receipt.replayed
        contract_id = applied.contract_id
        print(f"applied: case {contract_id}")
        approve_and_offer(channel, promoter, contract_id, price_book_id, share_rule_id)
        sign = contract.SignContractRequest(command_id="sign", contract_id=contract_id)
        signed = pharma(contract.ContractServiceStub, "SignContract", sign)
        print(f"signed: the contract is {'active' if signed.active else 'not active yet'}")

        view = access.ViewDatasetRequest(
            command_id="view",
            contract_id=contract_id,
            dataset_id=dataset,
            purpose="drug-discovery",
            country="JP",
        )
        seen = pharma(access.AccessServiceStub, "ViewDataset", view).dataset
        print(f"viewed: {seen.code}, {seen.name}: {seen.reference}")
        run = access.RunAnalysisRequest(
            command_id="too-large",
            contract_id=contract_id,
            dataset_id=dataset,
            right=common.RIGHT_SIMPLE_ANALYSIS,
            cases=401,
            purpose="drug-discovery",
            country="JP",
        )
        must_refuse(
            "asking for a run of 401 cases, where 400 are the most:",
            lambda: pharma(access.AccessServiceStub, "RunAnalysis", run),
        )

        position = report_usage(pharma, contract_id, dataset)
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
    month = datetime.datetime.now(TOKYO).strftime("%Y-%m")
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
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051")
    except grpc.RpcError as error:
        show_refusal(error)
        raise SystemExit(1)
