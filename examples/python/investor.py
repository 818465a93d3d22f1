"""An investor's day in the industry forum, through plain grpcio.

    python investor.py [ADDRESS]      the address of `kiban serve`, by default 127.0.0.1:50051

A venture lists a deal card. An investor is refused without an agreement, concludes one, browses teasers, watches for
new ones, opens a card (each look is put on record), tells of its interest, goes into the data room, and records two
investments: one in cash, and one in space. Deals are between the two; the platform is never a party. Who everybody
else is, is played by the first part. Run it as often as you like: each run is another investor and another venture.
"""

import sys

import forum
import stubs
from forum import must_be, must_refuse, shown, yen

venture = stubs.context("venture")
deal_flow = stubs.context("deal_flow")

VentureService = venture.VentureServiceStub
DealFlowService = deal_flow.DealFlowServiceStub


# --- Part one: the venture -----------------------------------------------------------------------------------


def teaser(title, indication, amount):
    """What investors may browse."""
    return venture.Teaser(
        title=title,
        summary="膵癌を対象とする新規低分子。A small molecule for pancreatic cancer.",
        stage=venture.DEVELOPMENT_STAGE_PRECLINICAL,
        indication=indication,
        modality="small-molecule",
        round="series-a",
        amount_sought=yen(amount),
    )


def full_card():
    """What only those are shown whose look is on record."""
    return venture.FullCard(
        asset="NG-101",
        mechanism="Binds KRAS G12D selectively",
        unmet_need="One patient in ten lives for five years",
        intellectual_property="One application under the PCT",
        use_of_proceeds="GLP toxicology",
        in_kind_wanted=["space", "know-how"],
    )


def list_venture(founder, contract_id, title, indication):
    """The founder lists a venture under its own contract; tells the answer."""
    request = venture.ListVentureRequest(
        command_id=f"list-{title}",
        contract_id=contract_id,
        teaser=teaser(title, indication, 500_000_000),
        full_card=full_card(),
    )
    return founder(VentureService, "ListVenture", request)


def let_in(founder, venture_id):
    """The founder reads who is interested, and lets them into a data room for a week."""
    found = founder(VentureService, "GetVenture", venture.GetVentureRequest(venture_id=venture_id)).venture
    for interest in found.interests:
        request = venture.OpenDataRoomRequest(
            command_id=f"room-{interest.investor_id}",
            venture_id=venture_id,
            investor_id=interest.investor_id,
            reference=f"https://rooms.example/{venture_id}",
            valid_until=forum.in_days(7),
        )
        founder(VentureService, "OpenDataRoom", request)
    return found.interests


def print_funnel(founder, venture_id, position):
    """What became of the venture, step by step."""
    ask = deal_flow.GetFunnelRequest(venture_id=venture_id, min_position=position)
    total = founder(DealFlowService, "GetFunnel", ask).total
    steps = (
        ("listed", total.listed),
        ("viewed", total.viewed),
        ("interested", total.interested),
        ("data room", total.data_rooms),
        ("invested", total.invested),
    )
    print("the venture's funnel: " + " → ".join(f"{name} {count}" for name, count in steps))
    must_be("each step", [count for _, count in steps], [1] * len(steps))
    must_be("how often the card was shown", total.views, 2)


# --- Part two: the investor ----------------------------------------------------------------------------------


def main(channel):
    there = forum.set_up(channel)
    founder = forum.newcomer(channel, "Founder", "member")
    founders_contract = forum.conclude(there, founder)
    # Indications of this run alone, so that it finds its own ventures among those of others.
    indication = f"pancreatic cancer {forum.random_digits(8)}"
    first = list_venture(founder, founders_contract, "KRAS inhibitor", indication)

    investor = forum.newcomer(channel, "Investor", "investor", "contracts")
    print(f"we are {investor.organisation}")
    contract_id = agree(there, investor, indication)
    found = browse(investor, contract_id, indication, first.receipt.position)
    must_be("what we find", [deal.venture_id for deal in found], [first.venture_id])

    alerts = watch(investor, contract_id, indication, first.receipt.position)
    second = list_venture(founder, founders_contract, "KRAS degrader", indication)
    must_be("what we are told of", told_of_deal(alerts), second.venture_id)

    venture_id = first.venture_id
    open_card(investor, contract_id, venture_id)
    express_interest(investor, contract_id, venture_id)
    interests = let_in(founder, venture_id)
    must_be("who is interested", [it.investor_id for it in interests], [investor.organisation])
    enter_data_room(investor, contract_id, venture_id)
    position = invest(investor, contract_id, venture_id)
    print_investments(investor, venture_id, position)
    print_funnel(founder, venture_id, position)


def agree(there, investor, indication):
    """We apply; without an active agreement no teaser is shown."""
    contract_id = forum.apply(there, investor, "investor", ["deal-flow"]).contract_id
    must_refuse(
        "browsing before the agreement is signed:",
        lambda: browse(investor, contract_id, indication),
        "CONTRACT_NOT_IN_FORCE",
    )
    forum.approve_and_offer(there, contract_id, "investor", ["deal-flow"])
    must_be("active after our signature", forum.sign(investor, contract_id).active, True)
    print(f"signed: agreement {contract_id}")
    return contract_id


def wanted(indication):
    """What we look for."""
    return deal_flow.DealFilter(
        stages=[venture.DEVELOPMENT_STAGE_DISCOVERY, venture.DEVELOPMENT_STAGE_PRECLINICAL],
        indication_contains=indication,
        modality="small-molecule",
        max_amount=yen(1_000_000_000),
    )


def browse(investor, contract_id, indication, position=""):
    """Teasers that match."""
    search = deal_flow.SearchDealsRequest(
        contract_id=contract_id, filter=wanted(indication), min_position=position
    )
    deals = investor(DealFlowService, "SearchDeals", search).deals
    for deal in deals:
        stage = forum.word(venture.DevelopmentStage, deal.teaser.stage)
        print(f"  {deal.teaser.title}, {stage}, {deal.teaser.round}: {shown(deal.teaser.amount_sought)} sought")
    return deals


def watch(investor, contract_id, indication, position):
    """A stream of teasers that match, after a position. It ends when the agreement does."""
    request = deal_flow.WatchRequest(
        contract_id=contract_id, filter=wanted(indication), after_position=position
    )
    return investor(DealFlowService, "Watch", request)


def told_of_deal(alerts):
    """Waits for the next teaser, and tells whose it is."""
    for message in alerts:
        # Now and then the stream only says how far it has looked.
        if message.WhichOneof("message") == "change":
            change = message.change
            alerts.cancel()
            kind = forum.word(deal_flow.DealChangeKind, change.kind)
            print(f"told at position {change.position}: {change.deal.teaser.title}, {kind}")
            return change.venture_id
    raise SystemExit("the stream ended before we were told of the venture")


def open_card(investor, contract_id, venture_id):
    """We open the card. Sent again, the same command shows it again and is no further look; another one is."""
    for command_id, replayed in (("view", False), ("view", True), ("view-again", False)):
        request = venture.ViewDealRequest(
            command_id=command_id, contract_id=contract_id, venture_id=venture_id
        )
        card = investor(VentureService, "ViewDeal", request)
        must_be("shown again", card.receipt.replayed, replayed)
    wanted_in_kind = ", ".join(card.full_card.in_kind_wanted)
    print(f"card {card.card_number}: {card.full_card.asset}; {card.full_card.mechanism}; also {wanted_in_kind}")


def express_interest(investor, contract_id, venture_id):
    """We tell the founder; the data room is closed until it is opened for us."""
    enter = venture.EnterDataRoomRequest(
        command_id="enter-early", contract_id=contract_id, venture_id=venture_id
    )
    must_refuse(
        "going into the data room unasked:",
        lambda: investor(VentureService, "EnterDataRoom", enter),
        "NO_DATA_ROOM",
    )
    request = venture.ExpressInterestRequest(
        command_id="interest", contract_id=contract_id, venture_id=venture_id, message="面談を希望します"
    )
    investor(VentureService, "ExpressInterest", request)


def enter_data_room(investor, contract_id, venture_id):
    """The room that was opened for us. Kiban knows where it is, and never what is in it."""
    enter = venture.EnterDataRoomRequest(command_id="enter", contract_id=contract_id, venture_id=venture_id)
    print(f"data room: {investor(VentureService, 'EnterDataRoom', enter).reference}")


def invest(investor, contract_id, venture_id):
    """Cash, and a laboratory for two years; tells where in the log the last of them stands."""
    space = venture.InKind(
        kind="space", description="200 m² of laboratory for two years", estimated_value=yen(24_000_000)
    )
    for name, form in (("cash", {"cash": yen(300_000_000)}), ("space", {"in_kind": space})):
        request = venture.RecordInvestmentRequest(
            command_id=f"invest-{name}",
            contract_id=contract_id,
            venture_id=venture_id,
            round="series-a",
            **form,
        )
        recorded = investor(VentureService, "RecordInvestment", request)
    return recorded.receipt.position


def print_investments(investor, venture_id, position):
    """What we have given."""
    ask = deal_flow.ListInvestmentsRequest(venture_id=venture_id, min_position=position)
    made = investor(DealFlowService, "ListInvestments", ask).investments
    print("our investments:")
    for investment in made:
        if investment.WhichOneof("form") == "cash":
            what = shown(investment.cash)
        else:
            given = investment.in_kind
            what = f"{given.kind}: {given.description}, said to be worth {shown(given.estimated_value)}"
        print(f"  {investment.round:<10} {what}")
    forms = sorted(investment.WhichOneof("form") for investment in made)
    must_be("the forms of our investments", forms, ["cash", "in_kind"])


if __name__ == "__main__":
    forum.run(main, sys.argv)
