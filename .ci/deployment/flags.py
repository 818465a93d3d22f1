"""Whether the binary knows each flag and each variable that the chart and the Compose file use.

flags.py KIBAN CHART VERSION MODEL.json
"""

import json
import pathlib
import re
import subprocess
import sys

from helm import container, manifests, workloads
from ways import all_ways


def main(kiban, chart, version, model):
    said = subprocess.run([kiban, "serve", "--help"], capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"--([a-z][a-z-]*)", said)) | set(re.findall(r"KIBAN_[A-Z_]+", said))
    used = set()
    for values in all_ways(chart).values():
        for workload in workloads(manifests(chart, version, values)).values():
            used |= words(container(workload)["args"], [v["name"] for v in container(workload)["env"]])
    services = json.loads(pathlib.Path(model).read_text("utf-8"))["services"]
    for service in services.values():
        used |= words(service.get("command") or [], service["environment"])
    used |= words([], re.findall(r"KIBAN_[A-Z_]+", pathlib.Path("Dockerfile").read_text("utf-8")))
    if not used <= known:
        raise SystemExit(f"flags: kiban serve knows no {sorted(used - known)}; it says:\n{said}")
    print(f"flags: kiban serve knows all {len(used)} that are used")


def words(arguments, variables):
    flags = {a.removeprefix("--").split("=")[0] for a in arguments if a.startswith("--")}
    return flags | {variable for variable in variables if variable.startswith("KIBAN_")}


main(*sys.argv[1:])
