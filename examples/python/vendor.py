"""A vendor's day in the industry forum, through plain grpcio.

    python vendor.py [ADDRESS]        the address of `kiban serve`, by default 127.0.0.1:50051

A laboratory that is accredited to ISO 15189 joins under a participation contract and lists a service, which can
then be found. A company asks for a quote and orders from it; the laboratory is told, takes the order, delivers a
milestone twice because the first delivery is disputed, and reads how its service does and what it is owed, and why.
Who everybody else is, is played by the first part. Run it as often as you like: each run is another laboratory.
"""

import hashlib
import sys

import forum
import stubs
from forum import membership, must_be, must_refuse, shown, yen

order = stubs.context("order")
catalogue = stubs.context("service_catalogue")
directory = stubs.context("directory")
revenue_share = stubs.context("revenue_share")

ListingService, OrderService = order.ListingServiceStub, order.OrderServiceStub
TITLE = "薬剤応答トランスクリプトーム解析"
SPECIMENS = 12
# Of a price that no share divides evenly; the milestones sum to it to the yen.
MILESTONES = [("Report on the quality of the RNA", 345_679), ("Expression matrix", 888_888)]


# --- Part one: everybody else --------------------------------------------------------------------------------


def attest(there, laboratory):
    """The promoter has seen the laboratory's certificate, and attests it."""
    credential = membership.Credential(
        kind="iso-15189",
        number=f"RML-{forum.random_digits(5)}",
        issuer="Japan Accreditation Board",
        valid_from="2024-04-01",
        valid_until="2099-04-01",
    )
    attestation = membership.AttestCredentialRequest(
        command_id=f"attest-{laboratory.organisation}",
        organisation_id=laboratory.organisation,
        credential=credential,
    )
    there.promoter(membership.MembershipServiceStub, "AttestCredential", attestation)


def ask_for_quote(pharma, contract_id, listing_id):
    """A company looks at the service, and asks what it would cost; only an accredited laboratory will do."""
    view = order.ViewServiceRequest(command_id="view-service", contract_id=contract_id, listing_id=listing_id)
    pharma(ListingService, "ViewService", view)
    ask = order.RequestQuoteRequest(
        command_id="ask-for-quote",
        contract_id=contract_id,
        listing_id=listing_id,
        quantity=SPECIMENS,
        requirements="Twelve tumours before and after osimertinib, three weeks apart",
        required_credentials=["iso-15189"],
    )
    return pharma(ListingService, "RequestQuote", ask).quote_request_id


def order_from(pharma, contract_id, quote_request_id, number, command_id="order"):
    """The company orders what was quoted: price and milestones are those of the quote."""
    request = order.PlaceOrderRequest(
        command_id=command_id,
        contract_id=contract_id,
        quote=order.QuoteSource(quote_request_id=quote_request_id, number=number),
    )
    return pharma(OrderService, "PlaceOrder", request).order_id


def dispute(pharma, order_id, milestone, reason):
    """The company does not accept what was delivered."""
    request = order.DisputeDeliveryRequest(
        command_id=f"dispute-{order_id}-{milestone}", order_id=order_id, milestone=milestone, reason=reason
    )
    pharma(OrderService, "DisputeDelivery", request)


def accept_delivery(pharma, order_id, milestone):
    """The company accepts what was delivered, and is charged; tells where in the log that stands."""
    request = order.AcceptDeliveryRequest(
        command_id=f"accept-{order_id}-{milestone}", order_id=order_id, milestone=milestone
    )
    return pharma(OrderService, "AcceptDelivery", request).receipt.position


# --- Part two: the laboratory --------------------------------------------------------------------------------


def main(channel):
    there = forum.set_up(channel)
    laboratory = forum.newcomer(channel, "Laboratory", "vendor", "contracts,finance")
    attest(there, laboratory)
    print(f"we are {laboratory.organisation}, accredited to ISO 15189")
    contract_id = join(there, laboratory)
    listed = list_service(laboratory, contract_id)
    find(laboratory, listed)

    pharma = forum.newcomer(channel, "Pharma", "member")
    pharma_contract_id = forum.conclude(there, pharma)
    quote_request_id = ask_for_quote(pharma, pharma_contract_id, listed.listing_id)
    quoted = quote(laboratory, contract_id, quote_request_id)
    notices = watch(laboratory, quoted.receipt.position)
    placed = order_from(pharma, pharma_contract_id, quote_request_id, quoted.number)
    order_id = told_of_order(notices)
    must_be("the order that we were told of", order_id, placed)
    must_refuse(
        "the company orders from the same quote once more:",
        lambda: order_from(pharma, pharma_contract_id, quote_request_id, quoted.number, "order-again"),
        "QUOTE_ALREADY_USED",
    )

    take(laboratory, order_id)
    deliver(laboratory, order_id, 0, "first")
    dispute(pharma, order_id, 0, "the integrity numbers of two specimens are missing")
    print_order(laboratory, order_id)
    deliver(laboratory, order_id, 0, "second")
    position = accept_delivery(pharma, order_id, 0)
    print_order(laboratory, order_id)

    print_funnel(laboratory, listed.listing_id, position)
    print_page(laboratory, order_id, position)


def join(there, laboratory):
    """We apply; without an active contract nothing can be listed."""
    contract_id = forum.apply(there, laboratory, "vendor").contract_id
    must_refuse(
        "listing before the contract is signed:",
        lambda: list_service(laboratory, contract_id),
        "CONTRACT_NOT_IN_FORCE",
    )
    forum.approve_and_offer(there, contract_id, "vendor")
    must_be("active after our signature", forum.sign(laboratory, contract_id).active, True)
    print(f"signed: vendor participation contract {contract_id}")
    return contract_id


def list_service(laboratory, contract_id):
    """What we offer. A refused command leaves its id free, so that it can be sent again."""
    content = order.ListingContent(
        code="RNA-DRUG",
        title=TITLE,
        description="薬剤投与前後の腫瘍検体の RNA-seq。Tumour RNA before and after a drug.",
        omics_analysis=order.OmicsAnalysisAttributes(
            modality=order.OMICS_MODALITY_TRANSCRIPTOME,
            platform="Illumina NovaSeq X",
            input_material="ffpe",
            input_minimum_amount="200 ng",
        ),
        turnaround_days=45,
        list_price=order.UnitPrice(unit="specimen", price=yen(110_000)),
        minimum_quantity=4,
    )
    request = order.ListServiceRequest(command_id="list-service", contract_id=contract_id, content=content)
    return laboratory(ListingService, "ListService", request)


def find(laboratory, listed):
    """Anybody in the forum finds it, by words in Japanese or English and whatever the width of the letters."""
    for query in ("薬剤", "ﾄﾗﾝｽｸﾘﾌﾟﾄｰﾑ", "TUMOUR rna"):
        search = catalogue.SearchServicesRequest(
            query=query,
            vendor_id=laboratory.organisation,
            credential="iso-15189",
            # min_position: we want to find what we have just listed.
            min_position=listed.receipt.position,
        )
        found = laboratory(catalogue.CatalogueServiceStub, "SearchServices", search)
        ids = [service.listing_id for service in found.services]
        must_be(f"services of ours found by {query}", ids, [listed.listing_id])
    service = found.services[0]
    print(
        f"listed and found: {service.title}, {shown(service.list_price.price)} a {service.list_price.unit}, "
        f"{service.turnaround_days} days, {', '.join(service.credentials)}"
    )


def quote(laboratory, contract_id, quote_request_id):
    """We read what is asked for, and quote; until it expires the quote binds us."""
    ask = order.GetQuoteRequest(quote_request_id=quote_request_id)
    asked = laboratory(ListingService, "GetQuote", ask).quote_request
    print(f"asked for a quote: {asked.quantity} specimens; {asked.requirements}")
    submit = order.SubmitQuoteRequest(
        command_id=f"quote-{quote_request_id}",
        quote_request_id=quote_request_id,
        contract_id=contract_id,
        price=yen(sum(amount for _, amount in MILESTONES)),
        milestones=[order.Milestone(name=name, amount=yen(amount)) for name, amount in MILESTONES],
        turnaround_days=40,
        valid_until=forum.in_days(30),
        note="Below the list price, for twelve specimens at once",
    )
    submitted = laboratory(ListingService, "SubmitQuote", submit)
    print(f"quoted: number {submitted.number}, {shown(submit.price)}, binding for 30 days")
    return submitted


def watch(laboratory, position):
    """A stream of what concerns us, after a position: that something happened, never what."""
    request = directory.WatchRequest(after_position=position)
    return laboratory(directory.DirectoryServiceStub, "Watch", request)


def told_of_order(notices):
    """Waits for the new order, and tells its id."""
    for message in notices:
        # Now and then the stream only says how far it has looked.
        if message.WhichOneof("message") == "notice" and message.notice.subject.startswith("ord_"):
            notice = message.notice
            notices.cancel()
            print(f"told at position {notice.position}: {notice.event_type} of {notice.subject}")
            return notice.subject
    raise SystemExit("the stream ended before we were told of the order")


def take(laboratory, order_id):
    """We take the order."""
    laboratory(
        OrderService,
        "AcceptOrder",
        order.AcceptOrderRequest(command_id=f"take-{order_id}", order_id=order_id),
    )


def deliver(laboratory, order_id, milestone, attempt):
    """We hand a milestone over: where it is, and by which digest it is known. Kiban never sees what is in it."""
    uri = f"https://results.example/{order_id}/{milestone}/{attempt}"
    artefact = order.Artefact(uri=uri, sha256=hashlib.sha256(uri.encode()).hexdigest())
    request = order.DeliverMilestoneRequest(
        command_id=f"deliver-{order_id}-{milestone}-{attempt}",
        order_id=order_id,
        milestone=milestone,
        artefact=artefact,
    )
    laboratory(OrderService, "DeliverMilestone", request)


def print_order(laboratory, order_id):
    """How far the order has come."""
    found = laboratory(OrderService, "GetOrder", order.GetOrderRequest(order_id=order_id)).order
    print(f"order {forum.word(order.OrderStage, found.stage)}:")
    for milestone in found.milestones:
        stage = forum.word(order.MilestoneStage, milestone.stage)
        why = f": {milestone.dispute_reason}" if milestone.dispute_reason else ""
        print(f"  {milestone.name:<34} {shown(milestone.amount):>14}  {stage}{why}")


def print_funnel(laboratory, listing_id, position):
    """What became of our service this month, step by step."""
    ask = catalogue.GetVendorFunnelRequest(min_position=position)
    months = laboratory(catalogue.CatalogueServiceStub, "GetVendorFunnel", ask).months
    must_be("listings in our funnel", [month.listing_id for month in months], [listing_id])
    month = months[0]
    steps = (
        ("viewed", month.views),
        ("quotes asked for", month.quotes_requested),
        ("quoted", month.quotes_submitted),
        ("ordered", month.orders_placed),
        ("taken", month.orders_accepted),
    )
    print(f"\nfunnel of {month.title} in {month.month}")
    print("  " + " → ".join(f"{name} {count}" for name, count in steps))
    must_be("each step", [count for _, count in steps], [1] * len(steps))


def print_page(laboratory, order_id, position):
    """What we are owed, what we may expect, and why."""
    ask = revenue_share.GetVendorPageRequest(min_position=position)
    page = laboratory(revenue_share.RevenueShareServiceStub, "GetVendorPage", ask)
    print(f"\npage of {page.name}")
    must_be("our orders", [sold.order.id for sold in page.orders], [order_id])
    sold = page.orders[0]
    for payout in sold.earned:
        print_payout(f"earned in {payout.month}", payout)
    print_payout("expected", sold.expected)
    charged = [payout.net.minor_units for payout in sold.earned]
    must_be("the milestones that are charged", charged, [MILESTONES[0][1]])
    must_be("the one that is expected", sold.expected.net.minor_units, MILESTONES[1][1])
    must_be("what all of it earned", page.earned.minor_units, total(sold.earned))
    print(f"  {'earned':<20} {shown(page.earned):>14}\n  {'expected':<20} {shown(page.expected):>14}")


def print_payout(what, payout):
    """Our part of an amount: the sum of what each step of the split gives us."""
    print(f"  {what:<20} {shown(payout.amount):>14}  of {shown(payout.net)}")
    for step in payout.steps:
        print(f"    {shown(step.amount):>14}  {step.reason}")
    must_be("the sum of the steps", total(payout.steps), payout.amount.minor_units)


def total(parts):
    return sum(part.amount.minor_units for part in parts)


if __name__ == "__main__":
    forum.run(main, sys.argv)
