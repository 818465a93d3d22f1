"""Values that the chart must refuse, each with the words that say why."""

import json

from helm import MANY, SECRET, check, merged, render

EMBEDDED = merged(MANY, {"eventLog": {"secret": {"value": SECRET}}})
ESDB = merged(MANY, {"eventLog": {"mode": "esdb", "esdb": {"url": "esdb://log:2113"}}})
BROKERS = {"kafka": {"brokers": ["broker:9092"]}}


def role(name, **values):
    return {"roles": {name: values}}


REFUSED = [
    ({"eventlog": {"mode": "esdb"}}, ["additional properties 'eventlog' not allowed"]),
    (role("biling", enabled=True), ["/roles", "additional properties 'biling' not allowed"]),
    (role("billing", replica=2), ["/roles/billing", "additional properties 'replica' not allowed"]),
    ({"eventLog": {"mode": "kafka"}}, ["/eventLog/mode", "must be one of 'embedded', 'esdb'"]),
    ({"eventLog": {"secret": {"value": "short"}}}, ["/eventLog/secret/value", "minLength: got 5, want 32"]),
    ({"eventLog": {"esdb": {"url": "http://log:2113"}}}, ["/eventLog/esdb/url", "does not match pattern"]),
    ({"kafka": {"brokers": "broker:9092"}}, ["/kafka/brokers", "got string, want array"]),
    ({"kafka": {"brokers": ["broker"]}}, ["/kafka/brokers/0", "does not match pattern"]),
    ({"shards": 0}, ["/shards", "minimum: got 0, want 1"]),
    ({"image": {"pullPolicy": "Sometimes"}}, ["/image/pullPolicy", "must be one of 'Always', 'IfNotPresent', 'Never'"]),
    ({"trustedPeers": ["0.0.0.0/0"]}, ["/trustedPeers/0", "'0.0.0.0/0' does not match pattern"]),
    ({"trustedPeers": ["::/0"]}, ["/trustedPeers/0", "'::/0' does not match pattern"]),
    (role("gateway", trustedPeers=["0.0.0.0/0"]), ["/roles/gateway/trustedPeers/0", "does not match pattern"]),
    (role("all", replicas=2), ["/roles/all/replicas", "maximum: got 2, want 1"]),
    (role("event-log", replicas=2), ["/roles/event-log/replicas", "maximum: got 2, want 1"]),
    (role("relay", replicas=3), ["/roles/relay/replicas", "maximum: got 3, want 2"]),
    (role("all", persistence={"size": "much"}), ["/roles/all/persistence/size", "does not match pattern"]),
    ({"defaults": {"trustedPeers": ["10.0.0.0/8"]}}, ["/defaults", "'not' failed"]),
    (role("all", enabled=False), ["eventLog.secret: set existingSecret, or value"]),
    (
        merged(EMBEDDED, {"eventLog": {"secret": {"existingSecret": "kiban"}}}),
        ["eventLog.secret: set existingSecret or value, not both"],
    ),
    (merged(EMBEDDED, {"trustedPeers": []}), ["trustedPeers: set it to the network of the pods"]),
    (
        merged(EMBEDDED, role("event-log", enabled=False)),
        ["roles.event-log: it must be enabled for eventLog.mode embedded"],
    ),
    (merged(EMBEDDED, role("gateway", enabled=False)), ["roles.gateway: it must be enabled"]),
    (merged(EMBEDDED, role("relay", enabled=True)), ["kafka.brokers: roles.relay needs at least one"]),
    ({"kafka": {"existingSecret": "kafka"}}, ["kafka.existingSecret: it is set, and kafka.brokers is not"]),
    (merged(EMBEDDED, BROKERS), ["roles.relay: kafka.brokers is set, and nothing relays"]),
    (
        merged(EMBEDDED, {"eventLog": {"esdb": {"url": "esdb://log:2113"}}}),
        ["eventLog.esdb: it is set, and eventLog.mode is embedded"],
    ),
    (merged(ESDB, {"eventLog": {"esdb": {"url": ""}}}), ["eventLog.esdb: set url or existingSecret"]),
    (
        merged(ESDB, {"eventLog": {"esdb": {"existingSecret": "log"}}}),
        ["eventLog.esdb: set url or existingSecret, not both"],
    ),
    (
        merged(ESDB, {"eventLog": {"esdb": {"url": "esdb://kiban:secret@log:2113"}}}),
        ["a URL with a password belongs into a Secret"],
    ),
    (merged(ESDB, role("all", enabled=True)), ["roles.all runs on the embedded log"]),
]


def check_all(chart, version):
    for base in [EMBEDDED, ESDB, merged(ESDB, BROKERS, role("relay", enabled=True))]:
        went_well, text = render(chart, version, base)
        check(went_well, f"what the wrong values start from is refused itself: {text}")
    for values, words in REFUSED:
        went_well, text = render(chart, version, values)
        check(not went_well, f"these values are taken: {json.dumps(values)}")
        for expected in words:
            check(expected in text, f"{json.dumps(values)} is refused, but not with {expected!r}:\n{text}")
    return len(REFUSED)
