"""What the finance people of a forum do, through plain grpcio.

    python finance.py [ADDRESS]       the address of `kiban serve`, by default 127.0.0.1:50051

The promoter publishes prices and the base operator shares. A company uses data under them; then both are revised,
the base operator grants a credit, and the same statement is read as it was known before and after. Who is owed how
much is told with the reasons, and it is checked, for the company and for the whole forum, that the shares sum to
what was charged. Run it as often as you like: each run publishes prices and shares of its own.
"""

import datetime
import sys

import forum
import institution
import stubs
from forum import common, finance, must_be, must_refuse, shown, yen

revenue_share = stubs.context("revenue_share")

FinanceService = finance.FinanceServiceStub
CASES = 150
FUNDING = 365_000_000


def main(channel):
    there = forum.set_up(channel)
    run = forum.random_digits(8)
    publish(there, run)

    # A company signs for these prices and uses data of two hospitals.
    pharma = forum.newcomer(channel, "Pharma", "member")
    contract_id = forum.conclude(there, pharma)
    hospital = forum.newcomer(channel, "Hospital", "medical institution")
    dataset_id = institution.release_dataset(there, hospital)
    before = forum.analyse(pharma, contract_id, dataset_id, CASES).receipt.position
    print(f"used: {CASES} cases, at position {before}")

    refuse_to_close(there)
    first = forum.statement(there.promoter, contract_id, before)
    revise(there, run)
    position = grant_credit(there, contract_id)
    print_statements(there, contract_id, before, position, first)

    print_shares(there, contract_id, position)
    funding_id, position = agree_funding(there, run)
    check_month(there, funding_id, position)


# --- Prices and shares ---------------------------------------------------------------------------------------


def publish(there, run):
    """The first version of a price book and of a share rule; contracts name both."""
    prices = finance.CreatePriceBookRequest(command_id=f"prices-{run}", version=forum.price_book())
    there.price_book_id = there.promoter(FinanceService, "CreatePriceBook", prices).price_book_id
    wrong = finance.CreateShareRuleRequest(command_id=f"shares-{run}", version=shares("70", "20", "9"))
    must_refuse(
        "publishing shares of 70, 20 and 9 per cent:",
        lambda: there.base(FinanceService, "CreateShareRule", wrong),
        "PERCENTAGES_NOT_HUNDRED",
    )
    right = finance.CreateShareRuleRequest(command_id=f"shares-{run}", version=shares("70", "20", "10"))
    there.share_rule_id = there.base(FinanceService, "CreateShareRule", right).share_rule_id
    print(f"published: prices {there.price_book_id}, shares {there.share_rule_id}")


def shares(base, promoter, pool):
    """The forum's usual shares, but for those of data usage."""
    version = forum.share_rule()
    for split in version.splits:
        if split.charge_kind == "data-usage":
            for share, percentage in zip(split.percentages, (base, promoter, pool), strict=True):
                share.percentage = percentage
    return version


def revise(there, run):
    """A version is the whole list. It may start in any month that is not closed, as the present one."""
    prices = forum.price_book()
    prices.start = forum.this_month()
    for item in prices.items:
        if item.right == common.RIGHT_SIMPLE_ANALYSIS:
            # From a hundred and first case on, all cases are cheaper, not only those above.
            bands = [finance.Band(up_to="100", unit_price="120"), finance.Band(unit_price="95.5")]
            item.model.CopyFrom(finance.PriceModel(volume=finance.Volume(bands=bands)))
    request = finance.RevisePriceBookRequest(
        command_id=f"prices-2-{run}", price_book_id=there.price_book_id, version=prices
    )
    priced = there.promoter(FinanceService, "RevisePriceBook", request).version
    shared = shares("60", "20", "20")
    shared.start = forum.this_month()
    request = finance.ReviseShareRuleRequest(
        command_id=f"shares-2-{run}", share_rule_id=there.share_rule_id, version=shared
    )
    ruled = there.base(FinanceService, "ReviseShareRule", request).version
    must_be("the numbers of the versions", (priced, ruled), (2, 2))
    print(f"revised: prices to version {priced}, shares to version {ruled}, from {forum.this_month()} on")


def refuse_to_close(there):
    """Months close in order, each after its end."""
    close = finance.ClosePeriodRequest(command_id=f"close-{forum.this_month()}", month=forum.this_month())
    must_refuse(
        "closing a month that has not ended:",
        lambda: there.promoter(FinanceService, "ClosePeriod", close),
        "PERIOD_NOT_ENDED",
    )


# --- Statements ----------------------------------------------------------------------------------------------


def grant_credit(there, contract_id):
    """The company has published a finding early; the base operator alone bears the credit."""
    grant = finance.GrantCreditRequest(
        command_id=f"credit-{contract_id}",
        contract_id=contract_id,
        charge_kind="publication-incentive",
        amount=yen(50_000),
        reason="Early release of a resistance mechanism",
    )
    granted = there.base(FinanceService, "GrantCredit", grant)
    print(f"granted: credit {granted.credit_id}, {shown(grant.amount)}")
    return granted.receipt.position


def print_statements(there, contract_id, before, position, first):
    """The same statement as known before and after; what was known at a position never changes."""
    then = forum.statement(there.promoter, contract_id, position, as_of=before)
    now = forum.statement(there.promoter, contract_id, position)
    must_be("the statement as it was known before", then, first)
    lines = {line.line_id: forum.charged_for(line) for line in [*then.lines, *now.lines]}
    amount = lambda found, line_id: sum(it.amount.minor_units for it in found.lines if it.line_id == line_id)
    print(f"\nstatement of {then.month}, before consumption tax")
    print(f"  {'':<32} {'as of ' + before:>14} {'as of ' + position:>14}")
    for line_id, name in lines.items():
        print(f"  {name:<32} {amount(then, line_id):>14,} {amount(now, line_id):>14,}")
    print(f"  {'total':<32} {then.total.minor_units:>14,} {now.total.minor_units:>14,}")
    # By hand: 1,200,000 + 100 × 120 + 50 × 90.5, and then 1,200,000 + 150 × 95.5 - 50,000.
    must_be("the totals", (then.total.minor_units, now.total.minor_units), (1_216_525, 1_164_325))


# --- Shares --------------------------------------------------------------------------------------------------


def revenue_shares(there, position, contract_id=""):
    """Who is owed what of this month, by a contract or by all. That the parts sum to the whole is checked here."""
    ask = revenue_share.GetRevenueSharesRequest(
        month=forum.this_month(), contract_id=contract_id, min_position=position
    )
    found = there.base(revenue_share.RevenueShareServiceStub, "GetRevenueShares", ask)
    total = lambda parts: sum(part.amount.minor_units for part in parts)
    for charge in found.charges:
        must_be(f"the shares of {charge.line_id}", total(charge.shares), charge.net.minor_units)
    charged = found.charged.minor_units
    must_be("the sum of all charges", sum(charge.net.minor_units for charge in found.charges), charged)
    must_be("the sum of what all parties are owed", total(found.parties), charged)
    return found


def print_shares(there, contract_id, position):
    """Every yen of the company's month: whose it is, and why."""
    found = revenue_shares(there, position, contract_id)
    names = {party.organisation_id: party.name for party in found.parties}
    print(f"\nshares of {found.month} by this contract, version 2 of the share rule")
    for charge in found.charges:
        print(f"  {charge.charge_kind}: {shown(charge.net)}")
        for share in charge.shares:
            print(f"    {shown(share.amount):>16}  {names[share.organisation_id]:<24} {share.reason}")
    print("  owed in all")
    for party in found.parties:
        print(f"    {shown(party.amount):>16}  {party.name}")
    print(f"    {shown(found.charged):>16}  which is what was charged")


def agree_funding(there, run):
    """A subsidy for a year from this month on: income of the base operator that nobody is charged."""
    start = datetime.date.fromisoformat(f"{forum.this_month()}-01")
    agree = finance.AgreeFundingRequest(
        command_id=f"funding-{run}",
        funder="Ministry of Health",
        amount=yen(FUNDING),
        start=f"{start:%Y-%m}",
        end=f"{start.replace(year=start.year + 1):%Y-%m}",
        reason="Running of the information base",
    )
    agreed = there.base(FinanceService, "AgreeFunding", agree)
    ask = finance.GetFundingRequest(funding_id=agreed.funding_id)
    months = there.base(FinanceService, "GetFunding", ask).funding.months
    must_be("what is recognised in all months", sum(month.amount.minor_units for month in months), FUNDING)
    print(f"\nfunding of {FUNDING:,} yen, recognised by days: {shown(months[0].amount)} in {months[0].month}")
    return agreed.funding_id, agreed.receipt.position


def check_month(there, funding_id, position):
    """The whole forum's month: what was charged is owed, to the yen, and public funding stands apart from it."""
    found = revenue_shares(there, position)
    must_be("our funding in the month", [it.funding_id for it in found.public_funding].count(funding_id), 1)
    recognised = sum(it.amount.minor_units for it in found.public_funding)
    must_be("the public funding of the month", found.public_funding_total.minor_units, recognised)
    print(f"\nthe whole forum's {found.month}")
    print(f"  {'charged, and owed to the yen':<32} {shown(found.charged):>18}, {len(found.charges)} charges")
    print(f"  {'of that the base operator':<32} {shown(found.base_operator_total):>18}")
    print(f"  {'public funding, apart from it':<32} {shown(found.public_funding_total):>18}")


if __name__ == "__main__":
    forum.run(main, sys.argv)
