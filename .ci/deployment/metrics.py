"""Whether the dashboard and the alerts ask for what there is: the table of deploy/README.md."""

import json
import pathlib
import re

import promql_parser as promql
import yaml

from helm import Failed, check

ROW = re.compile(r"^\| `([a-z_]+)` \| (gauge|counter|histogram) \|(.*?)\| .+ \|$", re.MULTILINE)
# What Prometheus says itself, and what scraping adds.
OWN = {"up": ("gauge", set())}
ADDED = {"job", "instance", "namespace", "role", "pod"}
# Grafana's variables, as it would fill them in.
FILLED = {"$__rate_interval": "5m", "$namespace": "forum", "$role": "billing"}


def table():
    text = pathlib.Path("deploy/README.md").read_text("utf-8")
    rows = ROW.findall(text)
    check(len(rows) > 10, "deploy/README.md has no table of metrics")
    return {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows} | OWN


def series(known):
    """The names under which Prometheus keeps them, with their labels."""
    names = {}
    for name, (kind, labels) in known.items():
        if kind == "histogram":
            names[f"{name}_bucket"] = labels | {"le"}
            names[f"{name}_count"] = names[f"{name}_sum"] = labels
        else:
            names[name] = labels
    return names


def examine(expression, names, where):
    """Whether it can be parsed, and each series and label in it is one that there is. Answers with the series."""
    for variable, value in FILLED.items():
        expression = expression.replace(variable, value)
    try:
        parsed = promql.parse(expression)
    except ValueError as error:
        raise Failed(f"{where}: {error}\n{expression}") from None
    used, matched = set(), set(re.findall(r"(?:by|on|without|ignoring) ?\(([^)]*)\)", expression))
    labels = {label.strip() for group in matched for label in group.split(",")}

    def visit(node):
        if isinstance(node, promql.VectorSelector):
            used.add(node.name)
            labels.update(matcher.name for matcher in node.matchers.matchers)
        return True

    promql.walk(parsed, visit)
    check(used, f"{where}: it asks for nothing")
    check(used <= set(names), f"{where}: there is no {sorted(used - set(names))}")
    possible = set().union(*(names[name] for name in used)) | ADDED
    check(labels <= possible, f"{where}: {sorted(used)} have no label {sorted(labels - possible)}")
    return used


def check_dashboard(names):
    board = json.loads(pathlib.Path("deploy/grafana/kiban.json").read_text("utf-8"))
    panels = board["panels"]
    variables = [variable["name"] for variable in board["templating"]["list"]]
    check(variables == ["datasource", "namespace", "role"], f"the dashboard's variables are {variables}")
    check(len({panel["id"] for panel in panels}) == len(panels), "two panels have one id")
    check(
        len({cell for panel in panels for cell in cells(panel)}) == sum(len(cells(p)) for p in panels), "panels overlap"
    )
    used = set()
    for panel in panels:
        if panel["type"] == "row":
            continue
        where = f"dashboard, {panel['title']}"
        check(panel.get("description"), f"{where}: it has no description")
        check(panel["fieldConfig"]["defaults"].get("unit"), f"{where}: it has no unit")
        for target in panel["targets"]:
            check(target["datasource"]["uid"] == "${datasource}", f"{where}: it asks one data source")
            used |= examine(target["expr"], names, where)
    return len([panel for panel in panels if panel["type"] != "row"]), used


def cells(panel):
    at = panel["gridPos"]
    return [(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])]


def check_alerts(names):
    (group,) = yaml.safe_load(pathlib.Path("deploy/prometheus/alerts.yaml").read_text("utf-8"))["groups"]
    for rule in group["rules"]:
        where = f"alert {rule.get('alert')}"
        check(rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}, f"{where}: {sorted(rule)}")
        check(re.fullmatch(r"Kiban[A-Z]\w+", rule["alert"]), f"{where}: it is no name of an alert")
        check(rule["labels"] in [{"severity": "page"}, {"severity": "ticket"}], f"{where}: {rule['labels']}")
        check(re.fullmatch(r"\d+[mh]", rule.get("for", "0m")), f"{where}: for {rule.get('for')}")
        check(set(rule["annotations"]) == {"summary", "runbook"}, f"{where}: it must say what it is and what to do")
        examine(rule["expr"], names, where)
    return len(group["rules"])


def check_scraping():
    """Both ways of scraping give the labels that the queries go by."""
    (config,) = yaml.safe_load(pathlib.Path("deploy/prometheus/scrape.yaml").read_text("utf-8"))["scrape_configs"]
    given = {relabel.get("target_label") for relabel in config["relabel_configs"]} | {"job", "instance"}
    check(config["job_name"] == "kiban" and ADDED <= given, f"scraping lacks {sorted(ADDED - given)}")
    # It is no YAML before it is rendered. Namespace, pod and instance the operator adds itself.
    monitor = pathlib.Path("deploy/helm/kiban/templates/podmonitor.yaml").read_text("utf-8")
    given = set(re.findall(r"targetLabel: (\w+)", monitor))
    check({"job", "role"} <= given and "replacement: kiban" in monitor, f"the PodMonitor gives {sorted(given)}")


def main():
    known = table()
    names = series(known)
    panels, used = check_dashboard(names)
    shown = {re.sub(r"_(bucket|count|sum)$", "", name) for name in used}
    missing = {name for name, (kind, _) in known.items() if name not in OWN} - shown
    check(not missing, f"no panel shows {sorted(missing)}")
    alerts = check_alerts(names)
    check_scraping()
    print(f"metrics: {panels} panels and {alerts} alerts ask for no more than {len(known) - len(OWN)} metrics")


try:
    main()
except Failed as failed:
    raise SystemExit(f"metrics: {failed}") from None
