"""Checks the Compose file, as its loader has read and checked it.

compose.py MODEL.json
"""

import ipaddress
import json
import pathlib
import sys

from helm import ROLES, ROUTED, Failed, check

# What runs there beside Kiban's roles. There is no event-log: KurrentDB is the log.
ENGINES = {"kurrentdb", "kafka"}


def main(file):
    model = json.loads(pathlib.Path(file).read_text("utf-8"))
    services = model["services"]
    expected = ENGINES | set(ROLES) - {"event-log"}
    check(set(services) == expected, f"the services are {sorted(services)}, and expected are {sorted(expected)}")
    for name, service in services.items():
        check(service.get("healthcheck", {}).get("test"), f"{name} has no health check")
        check(not service.get("privileged"), f"{name} is privileged")
        for needed, how in service.get("depends_on", {}).items():
            check(needed in services, f"{name} waits for {needed}, which there is not")
            check(how["condition"] == "service_healthy", f"{name} does not wait until {needed} is healthy")
        networks = set(service["networks"])
        check(
            networks <= set(model["networks"]),
            f"{name} is in {sorted(networks)}, and there are {sorted(model['networks'])}",
        )
        volumes = {volume["source"] for volume in service["volumes"] if "source" in volume}
        check(
            volumes <= set(model["volumes"]), f"{name} has {sorted(volumes)}, and there are {sorted(model['volumes'])}"
        )
    for name in set(services) - ENGINES:
        check_role(name, services[name])
    check_gateway(services)
    print(f"compose: {len(services)} services, each with a health check; the gateway reaches {len(ROUTED)} of them")


def check_role(name, service):
    check(f"--role={name}" in service["command"], f"{name} runs as {service['command']}")
    check(service["cap_drop"] == ["ALL"] and service["read_only"], f"{name} has more rights than it needs")
    policy = "build" if name == "gateway" else "never"
    check(service["pull_policy"] == policy, f"{name}: the gateway builds the image and nobody pulls it")
    variables = service["environment"]
    check(("KIBAN_EVENT_LOG" in variables) == (name != "gateway"), f"{name}: all but the gateway read the log")
    if "KIBAN_EVENT_LOG" in variables:
        check("kurrentdb" in service["depends_on"], f"{name} does not wait for the log")


def check_gateway(services):
    gateway = services["gateway"]
    context = pathlib.Path(gateway["build"]["context"])
    check(context == pathlib.Path.cwd(), f"the image is built from {context}")
    routes = dict(a.removeprefix("--route=").split("=", 1) for a in gateway["command"] if a.startswith("--route="))
    check(routes == {role: f"http://{role}:50051" for role in ROUTED}, f"the gateway has the routes {routes}")
    check(set(gateway["depends_on"]) == set(ROUTED), "the gateway must wait for whom it reaches")
    published = {name: service["ports"] for name, service in services.items() if service.get("ports")}
    check(sorted(published) == ["gateway", "kafka"], f"ports are published by {sorted(published)}")
    hosts = {port.get("host_ip") for ports in published.values() for port in ports}
    check(hosts == {"127.0.0.1"}, "a port is published beyond this machine")
    address = ipaddress.ip_network(gateway["networks"]["kiban"]["ipv4_address"])
    for role in ROUTED:
        trusted = ipaddress.ip_network(services[role]["environment"]["KIBAN_TRUSTED_PEERS"])
        check(trusted == address, f"{role} believes {trusted}, and the gateway is {address}")
    check(
        ipaddress.ip_network(gateway["environment"]["KIBAN_TRUSTED_PEERS"]).num_addresses == 1,
        "the gateway believes many",
    )


try:
    main(*sys.argv[1:])
except Failed as failed:
    raise SystemExit(f"compose: {failed}") from None
