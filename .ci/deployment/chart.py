"""Renders the chart in all its ways, and checks what it makes.

chart.py CHART OLDEST NEWEST        the versions of Kubernetes to validate against
"""

import pathlib
import shutil
import sys
import tempfile

import kubernetes_validate

import facts
import refused
from helm import Failed, check, examples, manifests, render, workloads
from ways import DEPLOYED, LEAST, OPEN, all_ways

# Kinds that are not Kubernetes' own have no schema there.
FOREIGN = ["PodMonitor"]


def validate(documents, versions):
    for document in documents:
        if document["kind"] in FOREIGN:
            continue
        for version in versions:
            try:
                kubernetes_validate.validate(document, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                name = f"{document['kind']} {document['metadata']['name']}"
                where = "/".join(map(str, error.path))
                raise Failed(f"{name} is none of Kubernetes {version}: {where}: {error.message}") from None


def one_template_makes_pods(chart):
    makers = [
        file.name for file in pathlib.Path(chart, "templates").iterdir() if "containers:" in file.read_text("utf-8")
    ]
    check(makers == ["workload.yaml"], f"one template makes all pods, and these do: {makers}")


def notes(chart, version):
    """The notes as Helm would print them. It prints them on an installation only, so they are made a template here."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder, "kiban")
        shutil.copytree(chart, copy)
        file = copy / "templates" / "NOTES.txt"
        text = file.read_text("utf-8")
        file.unlink()
        template = '{{ define "notes" }}%s{{ end }}\nnotes: |\n  {{- include "notes" . | nindent 2 }}\n' % text
        (copy / "templates" / "notes.yaml").write_text(template, "utf-8")

        def says(values, *lines, but=()):
            went_well, text = render(copy, version, values, "templates/notes.yaml")
            check(went_well, f"the notes cannot be rendered: {text}")
            for line in lines:
                check(line in text, f"the notes do not say {line!r}:\n{text}")
            for line in but:
                check(line not in text, f"the notes say {line!r}:\n{text}")

        says({}, "port-forward service/release-kiban-all 50051:50051", "grpcurl -plaintext", but=["WARNING"])
        says(LEAST, "WARNING: roles.all.persistence is off")
        says(OPEN, "WARNING: networkPolicy is off", "port-forward service/release-kiban-gateway")
        cluster = examples(chart)["cluster"]
        says(
            cluster,
            "rollout status deployment/release-kiban-gateway",
            "grpcurl -insecure",
            but=["WARNING", "kiban backup"],
        )


def main(chart, oldest, newest):
    one_template_makes_pods(chart)
    ways = all_ways(chart)
    check(set(ways) == set(DEPLOYED), f"the examples are {sorted(ways)}, and expected are {sorted(DEPLOYED)}")
    for way, values in ways.items():
        try:
            documents = manifests(chart, newest, values)
            check(
                sorted(workloads(documents)) == sorted(DEPLOYED[way]),
                f"deployed are {sorted(workloads(documents))}, and expected are {sorted(DEPLOYED[way])}",
            )
            validate(documents, [oldest, newest])
            facts.check_all(documents, values)
        except Failed as failed:
            raise SystemExit(f"chart, {way}: {failed}") from None
        print(f"chart, {way}: {len(documents)} manifests hold, and are valid for Kubernetes {oldest} and {newest}")
    try:
        facts.check_secret(chart, newest)
        notes(chart, newest)
        print(f"chart: {refused.check_all(chart, newest)} wrong values are refused, each for its reason")
    except Failed as failed:
        raise SystemExit(f"chart: {failed}") from None


main(*sys.argv[1:])
