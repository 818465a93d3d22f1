"""Monthly totals of use, rebuilt from Kafka alone.

    python usage_totals.py BROKERS [ADDRESS]

BROKERS are those that a relay publishes to, such as 127.0.0.1:9092. Without an address it tells the totals of all that
is there when it starts. With the ADDRESS of the server the example first
takes part: a company signs a contract, views, analyses, reports what its meter counted, and takes something back. Then
it reads the topic until it has met the last of that, and the totals must be those of the statement. Run it as often as
you like: each run is another company.

What a consumer may rely on, and what it has to do, says docs/how-to/kafka.md.
"""

import collections
import datetime
import sys
import time
import uuid

import confluent_kafka
import grpc

import forum
from forum import access, common, must_be

# All use of data is in one topic, and all of a contract's in one partition of it, in order.
TOPIC = "kiban.access"
# How long the relay may take.
PATIENCE_SECONDS = 120


def main(brokers, address=None):
    if address is None:
        totals = Totals()
        read_everything(brokers, totals)
        return print_totals(totals)
    with grpc.insecure_channel(address) as channel:
        pharma, contract_id, position = take_part(channel)
        totals = Totals()
        read_until(brokers, totals, contract_id, position)
        print_totals(totals, contract_id)
        # Whatever was read twice counts once.
        before = dict(totals.cases)
        read_until(brokers, totals, contract_id, position)
        must_be("the totals after reading everything again", dict(totals.cases), before)
        compare(totals, contract_id, forum.statement(pharma, contract_id, str(position)))


# --- What a consumer does --------------------------------------------------------------------------------------


class Totals:
    """Cases by contract, month, right and class of dataset. Beside them, the highest position seen in each partition:
    a program that keeps its totals keeps both in one transaction, and then needs nothing else to go on."""

    def __init__(self):
        self.cases = collections.Counter()
        self.highest = {}
        self.repeats = 0

    def take(self, message):
        """Takes a record in, once. Tells its position."""
        headers = {name: value.decode() for name, value in message.headers()}
        position = int(headers["ce_kibanposition"])
        place = (message.topic(), message.partition())
        if position <= self.highest.get(place, 0):
            self.repeats += 1
            return position
        contract_id = message.key().decode()
        for occurred_at_us, right, dataset_class, cases in uses(headers["ce_type"], message.value()):
            self.cases[contract_id, month(occurred_at_us), right, dataset_class] += cases
        self.highest[place] = position
        return position


def uses(event_type, payload):
    """What an event does to the totals: when, which right, which class, and how many cases more or less."""
    if event_type in ("kiban.access.v1.DatasetViewed", "kiban.access.v1.AnalysisAdmitted"):
        event = getattr(access, event_type.rpartition(".")[2]).FromString(payload)
        use = event.use
        yield use.admitted_at_us, use.right, use.dataset_class, use.cases
    elif event_type == "kiban.access.v1.UsageRecorded":
        yield from recorded(access.UsageRecorded.FromString(payload))
    elif event_type == "kiban.access.v1.UsageReversed":
        yield taken_back(access.UsageReversed.FromString(payload).reversed)
    # Sources and refusals are no use, and types that come later are not known here: both are passed over.


def recorded(event):
    """The rows of a report: columns, of which those are empty that hold nothing but their most common value."""
    conflicts = {conflict.row for conflict in event.conflicts}
    replaced = {it.row: it.replaced for it in event.settlements if it.HasField("replaced")}
    occurred_at_us = 0
    for row, packed in enumerate(event.right_and_verdict):
        occurred_at_us += event.occurred_at_delta_us[row] if event.occurred_at_delta_us else 0
        if row in conflicts:
            continue
        belongs_to_us = occurred_at_us
        if row in replaced:
            # It settles an admission: it stands in its place, in the admission's month.
            yield taken_back(replaced[row])
            belongs_to_us = replaced[row].occurred_at_us
        dataset = event.datasets[event.dataset[row] if event.dataset else 0]
        yield belongs_to_us, packed & 0x0F, dataset.dataset_class, event.cases[row] if event.cases else 1


def taken_back(use):
    return use.occurred_at_us, use.right, use.dataset_class, -use.cases


def month(micros):
    """The month in Tokyo to which an instant belongs."""
    at = datetime.datetime.fromtimestamp(micros // 1_000_000, forum.TOKYO)
    return at.strftime("%Y-%m")


# --- Reading ---------------------------------------------------------------------------------------------------


def consumer_of(brokers):
    """A consumer that begins at the beginning. It commits nothing: an offset would only save reading again."""
    return confluent_kafka.Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": f"usage-totals-{uuid.uuid4()}",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
        }
    )


def partitions(consumer):
    """Where to begin in each. The relay makes the topic when it has something to publish for the first time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    known = consumer.list_topics(TOPIC, timeout=30).topics[TOPIC]
    while known.error and time.monotonic() < deadline:
        time.sleep(1)
        known = consumer.list_topics(TOPIC, timeout=30).topics[TOPIC]
    if known.error:
        raise SystemExit(f"{TOPIC}: {known.error}")
    return [confluent_kafka.TopicPartition(TOPIC, it, confluent_kafka.OFFSET_BEGINNING) for it in known.partitions]


def messages(brokers):
    """Everything from the beginning; None whenever there is nothing for a second."""
    consumer = consumer_of(brokers)
    try:
        consumer.assign(partitions(consumer))
        while True:
            message = consumer.poll(1.0)
            if message is not None and message.error():
                raise SystemExit(f"{TOPIC}: {message.error()}")
            yield message
    finally:
        consumer.close()


def read_until(brokers, totals, contract_id, position):
    """Reads until an event of a contract. A contract's events are in order: all those before it were met, too."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    for message in messages(brokers):
        if message is not None:
            found = totals.take(message)
            if message.key().decode() == contract_id and found >= position:
                return
        if time.monotonic() > deadline:
            raise SystemExit(f"position {position} is not in {TOPIC} after {PATIENCE_SECONDS} s: does a relay run?")


def read_everything(brokers, totals):
    """Reads what there is now: each partition up to where it ends."""
    consumer = consumer_of(brokers)
    ends = {it.partition: consumer.get_watermark_offsets(it, timeout=30)[1] for it in partitions(consumer)}
    consumer.close()
    left = {partition for partition, end in ends.items() if end > 0}
    reading = messages(brokers)
    while left:
        message = next(reading)
        if message is not None:
            totals.take(message)
            if message.offset() + 1 >= ends[message.partition()]:
                left.discard(message.partition())
    reading.close()


# --- Taking part -----------------------------------------------------------------------------------------------


def take_part(channel):
    """A company uses data in every way that there is. Tells who it is, its contract, and where the last use stands."""
    there = forum.set_up(channel)
    pharma = forum.newcomer(channel, "Pharma", "member")
    contract_id = forum.conclude(there, pharma)
    print(f"we are {pharma.organisation}, under {contract_id}")
    view = access.ViewDatasetRequest(
        command_id="view",
        contract_id=contract_id,
        dataset_id=there.dataset_id,
        purpose="drug-discovery",
        country="JP",
    )
    pharma(access.AccessServiceStub, "ViewDataset", view)
    admitted = forum.analyse(pharma, contract_id, there.dataset_id, 120).admission.number
    meter = access.RegisterSourceRequest(command_id="meter", contract_id=contract_id, name="our cluster")
    source_id = pharma(access.AccessServiceStub, "RegisterSource", meter).source_id
    now_us = time.time_ns() // 1_000

    def record(sequence, cases, right, settles=0):
        return access.UsageRecord(
            sequence=sequence, cases=cases, right=right, occurred_at_us=now_us, settles_admission=settles
        )

    simple, browse = common.RIGHT_SIMPLE_ANALYSIS, common.RIGHT_BROWSE
    report = access.ReportUsageRequest(
        contract_id=contract_id,
        source_id=source_id,
        epoch=1,
        dataset_ids=[there.dataset_id],
        viewer_ids=[pharma.person],
        # Of the 120 cases that were admitted 90 were analysed.
        records=[record(1, 40, simple), record(2, 7, browse), record(3, 90, simple, admitted), record(4, 35, simple)],
    )
    pharma(access.AccessServiceStub, "ReportUsage", report)
    # What was counted wrongly the operators take back.
    reverse = access.ReverseUsageRequest(
        command_id=f"reverse-{source_id}",
        contract_id=contract_id,
        record=access.RecordKey(source_id=source_id, epoch=1, sequence=4),
        reason="counted twice by our cluster",
    )
    position = there.base(access.AccessServiceStub, "ReverseUsage", reverse).receipt.position
    print(f"used and reported; the last of it stands at position {position}")
    return pharma, contract_id, int(position)


def compare(totals, contract_id, statement):
    """The cases of a statement's lines, billed or flagged, are what was read."""
    stated = collections.Counter()
    for line in statement.lines:
        if line.charge_kind == "data-usage":
            flagged = sum(int(it.quantity) for it in line.flagged)
            stated[line.right, line.dataset_class] += int(line.quantity) + flagged
    read = {key[2:]: cases for key, cases in totals.cases.items() if key[:2] == (contract_id, statement.month)}
    must_be("the totals from Kafka", {key: it for key, it in read.items() if it}, dict(stated))
    print(f"the statement of {statement.month} says the same")


def print_totals(totals, only=None):
    print(f"{'contract':<30} {'month':<8} {'right':<18} {'class':<6} {'cases':>10}")
    for (contract_id, in_month, right, dataset_class), cases in sorted(totals.cases.items()):
        if only in (None, contract_id):
            name = forum.word(common.Right, right)
            print(f"{contract_id:<30} {in_month:<8} {name:<18} {dataset_class:<6} {cases:>10,}")
    print(f"{totals.repeats} records came again and were dropped")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__.strip().splitlines()[2].strip())
    main(*sys.argv[1:])
