"""What the examples have in common: how to call, what a refusal says, and a forum to take part in.

`set_up` plays those who run the forum. Its command ids never change, so that every example, and every run of one,
finds what the first has made. Each run then brings newcomers of its own: `newcomer` registers one, `conclude`
takes it through a contract of any kind, from the application to the last signature.
"""

import datetime
import random
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

DEFAULT_ADDRESS = "127.0.0.1:50051"
TOKYO = datetime.timezone(datetime.timedelta(hours=9))
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# The platform itself, who registers the first organisations.
PLATFORM = "org_" + "0" * 26
# Every role that a person of an organisation may have; who only wants to read needs none.
ALL_ROLES = "administrator,contracts,reviewer,finance,researcher,meter"

# What each kind of contract pays for, by its tier: members buy at the standard tier, all others are partners.
KINDS = {
    "member": (contract.CONTRACT_KIND_MEMBER, "standard"),
    "vendor": (contract.CONTRACT_KIND_VENDOR_PARTICIPATION, "partner"),
    "investor": (contract.CONTRACT_KIND_INVESTOR, "partner"),
    "supply": (contract.CONTRACT_KIND_SUPPLY, "partner"),
    "data provider": (contract.CONTRACT_KIND_DATA_PROVIDER, "partner"),
}


# --- Calling -------------------------------------------------------------------------------------------------


class Actor:
    """Somebody who calls: an organisation, a person of it, and what that person may do there."""

    def __init__(self, channel, organisation, roles=ALL_ROLES):
        # People are random numbers to Kiban, and nothing else: no name ever reaches it.
        self.person = "per_" + random.choice("01234567") + "".join(random.choices(ALPHABET, k=25))
        self.organisation = organisation
        self.channel = channel
        self.caller = (("kiban-caller", f"organisation={organisation}; person={self.person}; roles={roles}"),)

    def __call__(self, stub, method, request):
        """Calls a method with the header that says who calls."""
        return getattr(stub(self.channel), method)(request, metadata=self.caller, timeout=30)


def show_refusal(error):
    """What a refusal says: its reason is for programs, the fields are for whoever mends the request. Tells the
    reason."""
    reason = ""
    print(f"  refused: {error.code().name}: {error.details()}")
    trailers = dict(error.trailing_metadata())
    status = status_pb2.Status.FromString(trailers.get("grpc-status-details-bin", b""))
    for detail in status.details:
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if detail.Unpack(info):
            values = ", ".join(f"{key}={value}" for key, value in sorted(info.metadata.items()))
            reason = info.reason
            print(f"    reason {info.domain}/{info.reason}" + (f" ({values})" if values else ""))
        elif detail.Unpack(bad):
            for violation in bad.field_violations:
                print(f"    field {violation.field}: {violation.description}")
    return reason


def must_refuse(what, call, reason=""):
    """Makes a call that must be refused, and for this reason if one is named."""
    print(what)
    try:
        call()
    except grpc.RpcError as error:
        refused_for = show_refusal(error)
        if reason:
            must_be("the reason of the refusal", refused_for, reason)
    else:
        raise SystemExit("this should have been refused")


def must_be(what, found, expected):
    """Ends the example if something is not as it must be."""
    if found != expected:
        raise SystemExit(f"{what}: {found}, where {expected} must be")


def run(main, arguments):
    """Runs an example on the server whose address is its argument; a refusal that nobody expected ends it."""
    address = arguments[1] if len(arguments) > 1 else DEFAULT_ADDRESS
    try:
        with grpc.insecure_channel(address) as channel:
            main(channel)
    except grpc.RpcError as error:
        show_refusal(error)
        raise SystemExit(1)


# --- Values --------------------------------------------------------------------------------------------------


def timestamp(seconds):
    return timestamp_pb2.Timestamp(seconds=int(seconds))


def in_days(days):
    """A moment so many days from now."""
    return timestamp(time.time() + days * 86_400)


def this_month():
    """The month in which things are charged: the forum's calendar is that of Tokyo."""
    return datetime.datetime.now(TOKYO).strftime("%Y-%m")


def yen(amount):
    """An amount of money; the yen has no decimals."""
    return common.Money(currency_code="JPY", minor_units=amount)


def shown(money):
    """An amount for people."""
    return f"{money.minor_units:,} yen"


def word(enum, value):
    """The value of an enum in a word or two, such as "simple analysis"."""
    prefix = enum.Name(0).removesuffix("UNSPECIFIED")
    return enum.Name(value).removeprefix(prefix).replace("_", " ").lower()


def random_digits(count):
    return "".join(random.choices("0123456789", k=count))


def corporate_number(digits):
    """A corporate number (法人番号): twelve digits behind their check digit."""
    weighted = sum(int(digit) * (1 if place % 2 == 0 else 2) for place, digit in enumerate(reversed(digits)))
    return f"{9 - weighted % 9}{digits}"


# --- Those who run the forum ---------------------------------------------------------------------------------


class Forum:
    """A forum that is set up: `base` and `promoter` act for those who run it."""

    def __init__(self, channel, base, promoter, hospital):
        self.channel = channel
        self.base = Actor(channel, base)
        self.promoter = Actor(channel, promoter)
        # A medical institution, the cases of which are in the dataset.
        self.hospital = Actor(channel, hospital)
        self.dataset_id = self.price_book_id = self.share_rule_id = None


def set_up(channel):
    """Base operator, promoter, one hospital, one dataset, prices and shares."""
    forum = Forum(
        channel,
        base=register(channel, "Base operator", "base operator", "900000000001", "python-base"),
        promoter=register(channel, "Promoter", "promoter", "900000000002", "python-promoter"),
        hospital=register(channel, "Hospital", "medical institution", "900000000003", "python-hospital"),
    )
    dataset = access.RegisterDatasetRequest(
        command_id="python-dataset",
        code="PYTHON-LUAD",
        name="Lung adenocarcinoma",
        dataset_class="wgs",
        disease="lung adenocarcinoma",
        cohort=access.COHORT_CASE,
        data_types=[access.DATA_TYPE_GERMLINE, access.DATA_TYPE_TUMOUR],
        reference="https://data.example/luad",
    )
    forum.dataset_id = forum.base(access.AccessServiceStub, "RegisterDataset", dataset).dataset_id
    freeze = access.ReleaseFreezeRequest(
        command_id="python-freeze-for-sale",
        dataset_id=forum.dataset_id,
        composition=[access.InstitutionCases(institution_id=forum.hospital.organisation, cases=585)],
        # What the participants agreed to: models derived from their specimens may be sold.
        consent=access.ConsentScope(derived_material_sale=True),
    )
    forum.base(access.AccessServiceStub, "ReleaseFreeze", freeze)
    prices = finance.CreatePriceBookRequest(command_id="python-all-prices", version=price_book())
    shares = finance.CreateShareRuleRequest(command_id="python-all-shares", version=share_rule())
    forum.price_book_id = forum.base(finance.FinanceServiceStub, "CreatePriceBook", prices).price_book_id
    forum.share_rule_id = forum.base(finance.FinanceServiceStub, "CreateShareRule", shares).share_rule_id
    return forum


def register(channel, name, capacity, digits, command_id):
    """The platform registers an organisation with a capacity such as "medical institution", and tells its id. The
    same command id again finds what it made."""
    request = membership.RegisterOrganisationRequest(
        command_id=command_id,
        name=name,
        country="JP",
        registration_number=corporate_number(digits),
        # "from" is a keyword of Python, so it can only be given by its name.
        capacities=[membership.CapacityGrant(capacity=capacity_of(capacity), **{"from": "2020-04-01"})],
    )
    platform = Actor(channel, PLATFORM, "administrator")
    return platform(membership.MembershipServiceStub, "RegisterOrganisation", request).organisation_id


def newcomer(channel, name, capacity, roles=ALL_ROLES):
    """A new organisation of a capacity, as somebody who may call for it."""
    digits = random_digits(12)
    return Actor(channel, register(channel, f"{name} {digits}", capacity, digits, f"python-{digits}"), roles)


def capacity_of(name):
    return membership.Capacity.Value("CAPACITY_" + name.upper().replace(" ", "_"))


# --- Prices and shares ---------------------------------------------------------------------------------------


def price_book():
    """What everything costs that the forum itself charges; the price of an order is the vendor's."""
    per_unit = lambda price: finance.PriceModel(per_unit=price)
    flat = lambda amount: finance.PriceModel(flat=yen(amount))
    # Simple analysis gets cheaper after the first hundred cases.
    bands = [finance.Band(up_to="100", unit_price="120"), finance.Band(unit_price="90.5")]
    graduated = finance.PriceModel(graduated=finance.Graduated(bands=bands))
    return finance.PriceBookVersion(
        name="Prices of the Python examples",
        currency_code="JPY",
        start="2020-04",
        items=[
            finance.PriceItem(charge_kind="contract-fee", tier="standard", model=flat(1_200_000)),
            finance.PriceItem(charge_kind="contract-fee", tier="partner", model=flat(0)),
            finance.PriceItem(charge_kind="data-usage", right=common.RIGHT_BROWSE, model=per_unit("5")),
            finance.PriceItem(charge_kind="data-usage", right=common.RIGHT_SIMPLE_ANALYSIS, model=graduated),
            finance.PriceItem(charge_kind="data-usage", right=common.RIGHT_DETAILED_ANALYSIS, model=per_unit("300")),
            # A vendor's own use of data, for the services that it sells.
            finance.PriceItem(charge_kind="data-fee", model=per_unit("80")),
            finance.PriceItem(charge_kind="recruitment-request", model=flat(300_000)),
            finance.PriceItem(charge_kind="recruitment-enrolment", model=per_unit("150000")),
            finance.PriceItem(charge_kind="expedited-review", model=flat(100_000)),
        ],
    )


def share_rule():
    """Who gets how much: the percentages of a split sum to exactly 100."""
    roles = {
        "base": finance.PARTY_ROLE_BASE_OPERATOR,
        "promoter": finance.PARTY_ROLE_PROMOTER,
        "vendor": finance.PARTY_ROLE_VENDOR,
        "pool": finance.PARTY_ROLE_INSTITUTIONS_POOL,
    }

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
        name="Shares of the Python examples",
        start="2020-04",
        splits=[
            split("contract-fee", base="60", promoter="40"),
            split("data-usage", base="70", promoter="20", pool="10"),
            split("data-fee", base="70", promoter="20", pool="10"),
            split("service-order", vendor="85", base="10", promoter="5"),
            split("recruitment-request", vendor="15", pool="60", base="25"),
            split("recruitment-enrolment", vendor="15", pool="60", base="25"),
            split("expedited-review", base="50", promoter="50"),
        ],
    )


# --- Contracts -----------------------------------------------------------------------------------------------


def conclude(forum, applicant, kind="member", purposes=("drug-discovery",)):
    """A contract of a kind such as "vendor", from the application to the last signature; tells its id."""
    contract_id = apply(forum, applicant, kind, purposes).contract_id
    approve_and_offer(forum, contract_id, kind, purposes)
    sign(applicant, contract_id)
    return contract_id


def apply(forum, applicant, kind="member", purposes=("drug-discovery",)):
    """The applicant asks the promoter for a contract. The answer bears the case number of all that follows."""
    application = contract.ApplyForContractRequest(
        command_id=f"apply-{kind.replace(' ', '-')}",
        kind=KINDS[kind][0],
        issuer_id=forum.promoter.organisation,
        purposes=purposes,
    )
    return applicant(contract.ContractServiceStub, "ApplyForContract", application)


def approve_and_offer(forum, contract_id, kind="member", purposes=("drug-discovery",)):
    """The promoter approves the application, offers terms, and signs them first."""
    approve = contract.ApproveContractRequest(
        command_id=f"approve-{contract_id}", contract_id=contract_id, valid_until=in_days(30)
    )
    forum.promoter(contract.ContractServiceStub, "ApproveContract", approve)
    offer = contract.OfferContractRequest(
        command_id=f"offer-{contract_id}", contract_id=contract_id, terms=terms(forum, kind, purposes)
    )
    forum.promoter(contract.ContractServiceStub, "OfferContract", offer)
    sign(forum.promoter, contract_id)


def sign(party, contract_id):
    """A party signs; the last signature activates the contract."""
    request = contract.SignContractRequest(command_id=f"sign-{contract_id}", contract_id=contract_id)
    return party(contract.ContractServiceStub, "SignContract", request)


def terms(forum, kind, purposes):
    """A year from now on; a run may hold 400 cases."""
    return contract.Terms(
        tier=KINDS[kind][1],
        start=in_days(0),
        end=in_days(365),
        purposes=purposes,
        dataset_classes=["wgs"],
        countries=["JP"],
        quotas=[contract.Quota(right=common.RIGHT_SIMPLE_ANALYSIS, cases=5_000, max_cases_per_run=400)],
        price_book=common.VersionChoice(id=forum.price_book_id),
        share_rule=common.VersionChoice(id=forum.share_rule_id),
    )


# --- Use, and what it costs ----------------------------------------------------------------------------------


def analyse(member, contract_id, dataset_id, cases, command_id="analyse", validate_only=False):
    """A member asks for leave to analyse cases of a dataset, or only whether it would get it."""
    run = access.RunAnalysisRequest(
        command_id=command_id,
        validate_only=validate_only,
        contract_id=contract_id,
        dataset_id=dataset_id,
        right=common.RIGHT_SIMPLE_ANALYSIS,
        cases=cases,
        purpose="drug-discovery",
        country="JP",
    )
    return member(access.AccessServiceStub, "RunAnalysis", run)


def statement(caller, contract_id, position, as_of=None):
    """This month's statement, as it is known now: at a position or after it. Or as it was known at another one."""
    ask = billing.GetStatementRequest(
        contract_id=contract_id,
        month=this_month(),
        # min_position: we want to read our own writes.
        min_position=position,
        as_of=common.AsOf(position=as_of) if as_of else None,
    )
    return caller(billing.BillingServiceStub, "GetStatement", ask).statement


def charged_for(line):
    """What a line of a statement is for, in a few words."""
    return f"{line.charge_kind} {word(common.Right, line.right) if line.right else ''}".strip()
