"""What must hold for whatever the chart renders."""

import base64
import json

from helm import MANY, NAME, ROUTED, SECRET, check, container, manifests, merged, of_kind, workloads

DOORS = ["all", "gateway"]


def check_all(documents, values):
    names = [(d["kind"], d["metadata"]["name"]) for d in documents]
    check(len(names) == len(set(names)), "two manifests have one name")
    made, services = workloads(documents), of_kind(documents, "Service")
    for role, workload in made.items():
        check_kind(role, workload)
        check_rights(role, workload)
        check_probes(role, workload, bool(values.get("tls", {}).get("existingSecret")))
        check_service(role, workload, services)
        check_log(role, workload, values)
        check_kafka(role, workload, values)
    check_routes(made, services)
    check_budgets(made, of_kind(documents, "PodDisruptionBudget"), values)
    if values.get("networkPolicy", {}).get("enabled", True):
        check_policies(made, of_kind(documents, "NetworkPolicy"), values)


def arguments(workload, flag):
    """What a flag is given, each time that it is."""
    return [a.split("=", 1)[1] for a in container(workload)["args"] if a.startswith(f"--{flag}=")]


def check_kind(role, workload):
    spec = workload["spec"]
    templates = spec.get("volumeClaimTemplates", [])
    check(
        (workload["kind"] == "StatefulSet") == bool(templates),
        f"{role}: a StatefulSet keeps its directory and a Deployment does not",
    )
    data = [v for v in spec["template"]["spec"]["volumes"] if v["name"] == "data"]
    check(bool(data) != bool(templates), f"{role}: there must be one directory for data")
    if role in ["all", "event-log"]:
        check(spec["replicas"] == 1, f"{role}: there may be only one log")
        check(templates or spec["strategy"]["type"] == "Recreate", f"{role}: two could run for a moment")
        if templates:
            kept = spec["persistentVolumeClaimRetentionPolicy"]
            check(set(kept.values()) == {"Retain"}, f"{role}: the log would be deleted")
    expected = [] if role == "all" else [role]
    check(arguments(workload, "role") == expected, f"{role}: it runs as {arguments(workload, 'role')}")


def check_rights(role, workload):
    pod, only = workload["spec"]["template"]["spec"], container(workload)
    context = pod["securityContext"]
    check(
        context["runAsNonRoot"] is True and context["runAsUser"] > 0 and context["runAsGroup"] > 0,
        f"{role}: it runs as root",
    )
    check(context["seccompProfile"]["type"] == "RuntimeDefault", f"{role}: it may make any system call")
    check(pod["automountServiceAccountToken"] is False, f"{role}: it gets a token of the cluster")
    check(pod["enableServiceLinks"] is False, f"{role}: variables of services would be taken for flags")
    own = only["securityContext"]
    check(own["readOnlyRootFilesystem"] is True, f"{role}: it may write to its image")
    check(own["allowPrivilegeEscalation"] is False, f"{role}: it may get more rights")
    check(own["capabilities"] == {"drop": ["ALL"]}, f"{role}: it has capabilities")
    check(only["resources"]["requests"] and only["resources"]["limits"]["memory"], f"{role}: it has no resources")
    written = {"/tmp", "/var/lib/kiban"}
    for mount in only["volumeMounts"]:
        check(mount["mountPath"] in written or mount.get("readOnly"), f"{role}: it may write to {mount['mountPath']}")


def check_probes(role, workload, tls):
    by = "tcpSocket" if tls and role in DOORS else "grpc"
    for probe in ["startupProbe", "readinessProbe", "livenessProbe"]:
        check(by in container(workload).get(probe, {}), f"{role}: {probe} must be by {by}")
        asked = {"port": 50051, "service": "readiness"} if (probe, by) == ("readinessProbe", "grpc") else {"port": 50051}
        check(container(workload)[probe][by] == asked, f"{role}: {probe} asks something else")


def check_service(role, workload, services):
    name = f"{NAME}-{role}"
    check(workload["metadata"]["name"] == name, f"{role}: it is called {workload['metadata']['name']}")
    check(name in services, f"{role}: it has no Service")
    spec = services[name]["spec"]
    labels = workload["spec"]["template"]["metadata"]["labels"]
    check(spec["selector"].items() <= labels.items(), f"{role}: its Service selects other pods")
    check(workload["spec"]["selector"]["matchLabels"].items() <= labels.items(), f"{role}: it selects other pods")
    check((spec.get("clusterIP") == "None") == (role == "event-log"), f"{role}: event-log alone is headless")
    check(spec["type"] == "ClusterIP", f"{role}: its Service is reached from outside")


def check_log(role, workload, values):
    reads = role not in ["all", "event-log", "gateway"]
    embedded = values.get("eventLog", {}).get("mode", "embedded") == "embedded"
    urls = arguments(workload, "event-log")
    env = [v for v in container(workload)["env"] if v["name"] == "KIBAN_EVENT_LOG"]
    check(bool(urls) + bool(env) == reads, f"{role}: it must be told of the log once or, if it needs none, never")
    if urls and embedded:
        check(urls == [f"esdb://{NAME}-event-log:50051?tls=false"], f"{role}: its log is {urls}")
    readers = values.get("eventLog", {}).get("readers", []) if role in ["all", "event-log"] else []
    check(arguments(workload, "event-log-readers") == readers, f"{role}: the log may be read by others")
    proves = embedded and role not in DOORS
    mounted = [m["mountPath"] for m in container(workload)["volumeMounts"] if m["name"] == "event-log-secret"]
    files = arguments(workload, "event-log-secret-file")
    check(bool(mounted) == bool(files) == proves, f"{role}: the secret of the log is for those who read or serve it")
    check(all(file.startswith(mounted[0] + "/") for file in files), f"{role}: the secret lies elsewhere")


def check_kafka(role, workload, values):
    told = values.get("kafka", {}).get("existingSecret") and role in ["all", "relay"]
    mounted = [m["mountPath"] for m in container(workload)["volumeMounts"] if m["name"] == "kafka"]
    files = arguments(workload, "kafka-config")
    check(bool(mounted) == bool(files) == bool(told), f"{role}: TLS and passwords of Kafka are for who relays")
    check(all(file == f"{mounted[0]}/{values['kafka']['key']}" for file in files), f"{role}: they lie elsewhere")


def check_routes(made, services):
    if "gateway" not in made:
        return
    routes = dict(route.split("=", 1) for route in arguments(made["gateway"], "route"))
    check(sorted(routes) == sorted(set(made) & set(ROUTED)), f"the gateway has routes to {sorted(routes)}")
    for role, url in routes.items():
        check(url == f"http://{NAME}-{role}:50051", f"the route to {role} goes to {url}")
        ports = [port["port"] for port in services[f"{NAME}-{role}"]["spec"]["ports"]]
        check(50051 in ports, f"the Service of {role} has no port 50051")
        check(arguments(made[role], "trusted-peers"), f"{role} believes nobody")
    for role in set(made) - set(ROUTED) - {"gateway"}:
        check(not arguments(made[role], "trusted-peers"), f"{role} has no callers to believe")


def check_budgets(made, budgets, values):
    wanted = values.get("podDisruptionBudget", {}).get("enabled", True)
    several = {f"{NAME}-{role}" for role, workload in made.items() if workload["spec"]["replicas"] > 1}
    check(
        set(budgets) == (several if wanted else set()),
        f"budgets are for {sorted(budgets)}, several are {sorted(several)}",
    )


def check_policies(made, policies, values):
    check(set(policies) == {f"{NAME}-{role}" for role in made}, "each role must have a NetworkPolicy")
    embedded = values.get("eventLog", {}).get("mode", "embedded") == "embedded"
    readers = set(made) - {"all", "event-log", "gateway"}
    for role, workload in made.items():
        spec = policies[f"{NAME}-{role}"]["spec"]
        labels = workload["spec"]["template"]["metadata"]["labels"]
        check(spec["podSelector"]["matchLabels"].items() <= labels.items(), f"{role}: its policy is for other pods")
        check(spec["policyTypes"] == ["Ingress", "Egress"], f"{role}: its policy is not for both ways")
        expected = {"gateway"} if role in ROUTED else readers if role == "event-log" else set()
        check(
            reaching(spec["ingress"], "from", 50051) == expected,
            f"{role}: it is reached by {reaching(spec['ingress'], 'from', 50051)}",
        )
        expected = (
            set(made) & set(ROUTED) if role == "gateway" else {"event-log"} if embedded and role in readers else set()
        )
        check(
            reaching(spec["egress"], "to", 50051) == expected,
            f"{role}: it reaches {reaching(spec['egress'], 'to', 50051)}",
        )
        kafka = any(port["port"] == 9092 for rule in spec["egress"] for port in rule["ports"])
        check(kafka == (role == "relay"), f"{role}: relay alone reaches Kafka")
        scraped = any(port["port"] == 9464 for rule in spec["ingress"] for port in rule["ports"])
        metrics = bool(arguments(workload, "metrics-listen"))
        check(scraped == metrics, f"{role}: it has metrics {metrics}, and may be scraped {scraped}")


def reaching(rules, way, port):
    """The roles of this release that a policy names for a port. A rule that names nobody would mean everybody."""
    roles = set()
    for rule in rules:
        if port not in [p["port"] for p in rule["ports"]]:
            continue
        check(rule.get(way), f"port {port} is open to everybody")
        for peer in rule[way]:
            for expression in peer.get("podSelector", {}).get("matchExpressions", []):
                roles.update(expression["values"])
    return roles


def check_secret(chart, version):
    """A secret among the values stands in one Secret and nowhere else, and another one makes other pods."""

    def with_secret(value):
        return manifests(chart, version, merged(MANY, {"eventLog": {"secret": {"value": value}}}))

    documents = with_secret(SECRET)
    (secret,) = of_kind(documents, "Secret").values()
    check(base64.b64decode(secret["data"]["secret"]) == SECRET.encode(), "the Secret holds another secret")
    rest = json.dumps([d for d in documents if d["kind"] != "Secret"])
    check(SECRET not in rest and secret["data"]["secret"] not in rest, "the secret stands outside of its Secret")
    before, after = workloads(documents), workloads(with_secret(SECRET[::-1]))
    for role, workload in before.items():
        same = workload["spec"]["template"] == after[role]["spec"]["template"]
        check(same == (role == "gateway"), f"{role}: another secret must make another pod where it is read")
