"""KurrentDB's own Python client on Kiban's served log: what any client of the EventStoreDB protocol may do there.

Usage: python kurrentdb_client.py PATH_OF_KIBAN

It starts a server of its own on a temporary directory, and ends with an error if anything is not as it must be.
"""

import json
import re
import subprocess
import sys
import tempfile
import uuid

import grpc
from kurrentdbclient import KurrentDBClient, NewEvent, StreamState
from kurrentdbclient.exceptions import (
    GrpcError,
    KurrentDBClientError,
    NotFoundError,
    WrongCurrentVersionError,
)


class Server:
    """A server on a directory; it may be killed and started again."""

    def __init__(self, kiban: str, directory: str) -> None:
        self.kiban, self.directory, self.port = kiban, directory, 0
        self.start()

    def start(self) -> None:
        command = [self.kiban, "serve", f"--listen=127.0.0.1:{self.port}", f"--data-dir={self.directory}"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            found = re.search(r"gRPC on 127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                return
        raise SystemExit("the server did not start")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def client(self) -> KurrentDBClient:
        return KurrentDBClient(f"kurrentdb://127.0.0.1:{self.port}?Tls=false")


def event(number: int, kind: str = "Measured") -> NewEvent:
    return NewEvent(type=kind, data=json.dumps({"number": number}).encode(), metadata=b'{"by": "a stranger"}')


def refused(error: type[Exception], act) -> Exception:
    try:
        act()
    except error as refusal:
        return refusal
    raise AssertionError(f"it should have been refused with {error.__name__}")


def register(port: int) -> None:
    """An event of Kiban's own, by its own API: reflection is not needed, the bytes are few."""
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    text = lambda field, value: bytes([field << 3 | 2, len(value)]) + value
    # RegisterOrganisationRequest: command_id, name, country, sector, registration_number.
    numbers = {"command_id": 1, "name": 3, "country": 4, "sector": 5, "registration_number": 6}
    values = {
        "command_id": b"first",
        "name": b"Base operator",
        "country": b"JP",
        "sector": b"public",
        "registration_number": b"8000000000001",
    }
    request = b"".join(text(numbers[name], value) for name, value in values.items())
    call = channel.unary_unary("/kiban.membership.v1.MembershipService/RegisterOrganisation")
    caller = "organisation=org_00000000000000000000000000; person=per_00000000000000000000000001; roles=administrator"
    call(request, metadata=[("kiban-caller", caller)])
    channel.close()


def appends(client: KurrentDBClient) -> str:
    """Appending, with the stream's revision or without, and what is refused."""
    stream = f"stranger-{uuid.uuid4()}"
    refused(NotFoundError, lambda: client.get_stream(stream))
    first = client.append_to_stream(stream, events=event(0), current_version=StreamState.NO_STREAM)
    more = client.append_to_stream(stream, events=[event(1), event(2)], current_version=0)
    assert more > first
    assert client.get_current_version(stream) == 2
    refused(
        WrongCurrentVersionError,
        lambda: client.append_to_stream(stream, events=event(9), current_version=0),
    )
    refused(
        WrongCurrentVersionError,
        lambda: client.append_to_stream(stream, events=event(9), current_version=StreamState.NO_STREAM),
    )
    # A retry of the same event at the same place changes nothing.
    again = event(3)
    placed = client.append_to_stream(stream, events=again, current_version=2)
    assert client.append_to_stream(stream, events=again, current_version=2) == placed
    client.append_to_stream(stream, events=event(4), current_version=StreamState.ANY)
    refused(KurrentDBClientError, lambda: client.delete_stream(stream, current_version=4))
    return stream


def reads(client: KurrentDBClient, stream: str) -> None:
    """Both directions, one stream and all, from anywhere."""
    found = client.get_stream(stream)
    assert [json.loads(one.data)["number"] for one in found] == [0, 1, 2, 3, 4]
    assert [one.stream_position for one in found] == [0, 1, 2, 3, 4]
    assert {one.metadata for one in found} == {b'{"by": "a stranger"}'}
    assert {one.content_type for one in found} == {"application/json"}
    backwards = client.get_stream(stream, backwards=True)
    assert list(backwards) == list(reversed(found))
    assert [one.stream_position for one in client.get_stream(stream, stream_position=2, limit=2)] == [2, 3]
    everything = list(client.read_all())
    positions = [one.commit_position for one in everything]
    assert positions == sorted(set(positions)), "positions grow"
    assert list(client.read_all(backwards=True)) == list(reversed(everything))
    assert list(client.read_all(commit_position=positions[-2])) == everything[-2:], "a read begins with its position"
    assert client.get_commit_position() == positions[-1]
    only = list(client.read_all(filter_include=["Measured"]))
    assert only == list(found), "a filter of types"
    kiban = list(client.read_all(filter_include=["organisation-"], filter_by_stream_name=True, filter_by_prefix=True))
    assert [one.type for one in kiban] == ["kiban.membership.v1.OrganisationRegistered"], "Kiban's events can be read"


def keeps_off(client: KurrentDBClient) -> None:
    """Kiban's categories and types are read-only."""
    own = next(one for one in client.read_all() if one.type.startswith("kiban.")).stream_name
    for stream, kind in [(own, "Measured"), ("contract-x", "Measured"), ("stranger-x", "kiban.contract.v1.ContractSigned")]:
        refused(
            (GrpcError, KurrentDBClientError),
            lambda: client.append_to_stream(stream, events=event(0, kind), current_version=StreamState.ANY),
        )


    # Metadata that would be taken for those of Kiban's own events.
    forged = NewEvent(type="Measured", data=b"{}", metadata=b"\x0a\x12kiban.event_log.v1\x18\x01\x20\x02")
    refused(
        (GrpcError, KurrentDBClientError),
        lambda: client.append_to_stream("stranger-x", events=forged, current_version=StreamState.ANY),
    )


def follows(server: Server, stream: str) -> None:
    """A subscription catches up, goes on, and resumes where it was after the server was killed."""
    client = server.client()
    seen = []
    with client.subscribe_to_stream(stream) as subscription:
        for one in subscription:
            seen.append(one.stream_position)
            if len(seen) == 5:
                client.append_to_stream(stream, events=event(5), current_version=4)
            if len(seen) == 6:
                break
    assert seen == [0, 1, 2, 3, 4, 5]

    filtered, checkpoints, last = [], 0, None
    with client.subscribe_to_all(filter_include=["Measured"], include_checkpoints=True, window_size=1) as subscription:
        for one in subscription:
            last = one.commit_position
            if one.type != "Measured":
                checkpoints += 1
            else:
                filtered.append(one.stream_position)
            if len(filtered) == 6:
                break
    assert filtered == [0, 1, 2, 3, 4, 5]
    assert checkpoints > 0, "what is passed over is told of"

    # The same client all the time.
    for number in range(6, 16):
        server.kill()
        server.start()
        client.append_to_stream(stream, events=event(number), current_version=number - 1)
        with client.subscribe_to_all(commit_position=last, filter_include=["Measured"]) as subscription:
            one = next(iter(subscription))
        assert one.stream_position == number, "it resumes after what was seen, and skips nothing"
        last = one.commit_position
    client.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        server = Server(sys.argv[1], directory)
        try:
            register(server.port)
            client = server.client()
            stream = appends(client)
            print("appended with optimistic concurrency, and retried")
            reads(client, stream)
            print("read forwards and backwards, one stream and all, with filters")
            keeps_off(client)
            print("was kept off what is Kiban's own")
            client.close()
            follows(server, stream)
            print("followed, with a filter, through ten kills of the server")
        finally:
            server.kill()


if __name__ == "__main__":
    main()
