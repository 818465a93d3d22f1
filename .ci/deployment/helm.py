"""What the checks of the chart share: rendering, and what the roles are."""

import pathlib
import subprocess
import tempfile

import yaml

ROUTED = [
    "membership",
    "contract",
    "access",
    "order",
    "recruitment",
    "venture",
    "finance",
    "billing",
    "revenue-share",
    "service-catalogue",
    "deal-flow",
    "directory",
]
ROLES = ["event-log", "gateway", *ROUTED, "policies", "relay"]
RELEASE = "release"
NAME = f"{RELEASE}-kiban"
MANY = {"roles": {"all": {"enabled": False}}, "trustedPeers": ["10.0.0.0/8"]}
SECRET = "0123456789abcdef0123456789abcdef"


class Failed(Exception):
    """A check that does not hold, in words."""


def check(holds, message):
    if not holds:
        raise Failed(message)


def merged(*layers):
    """Values over values, as Helm merges them."""
    result = {}
    for layer in layers:
        for key, value in layer.items():
            if isinstance(value, dict) and isinstance(result.get(key), dict):
                result[key] = merged(result[key], value)
            else:
                result[key] = value
    return result


def render(chart, version, values, show=None):
    """The manifests as text, or what Helm says instead: (whether it went well, text)."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(values, file)
        file.flush()
        command = ["helm", "template", RELEASE, str(chart), "--namespace", "forum", "--kube-version", version]
        command += ["--values", file.name] + (["--show-only", show] if show else [])
        done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode == 0, done.stdout if done.returncode == 0 else done.stderr


def manifests(chart, version, values):
    went_well, text = render(chart, version, values)
    check(went_well, f"helm template failed:\n{text}")
    return [document for document in yaml.safe_load_all(text) if document]


def examples(chart):
    """The values that the chart comes with, by name."""
    files = sorted(pathlib.Path(chart).glob("values-*.yaml"))
    found = {file.stem.removeprefix("values-"): yaml.safe_load(file.read_text("utf-8")) for file in files}
    return {"defaults": {}, **found}


def of_kind(documents, *kinds):
    return {d["metadata"]["name"]: d for d in documents if d["kind"] in kinds}


def workloads(documents):
    """The pods' makers by role."""
    made = of_kind(documents, "Deployment", "StatefulSet").values()
    return {d["metadata"]["labels"]["app.kubernetes.io/component"]: d for d in made}


def container(workload):
    (only,) = workload["spec"]["template"]["spec"]["containers"]
    return only
