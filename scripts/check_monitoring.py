#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds dashboards and alerts of the chart to rules; prints what breaks them and fails.

Dashboards: what Grafana's own linter asks (one data source variable; job and instance variables and matchers; counters only under rate or increase;
rate intervals that fit the resolution; title, description and unit for every panel; not editable), and that links lead somewhere, numbers are
unique, panels do not overlap, and promtool can parse every query.
Alerts: promtool's lint and tests; each alert has severity, summary and description, a test in which it fires, one in which it is silent, and a runbook.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHART = ROOT / "charts" / "liveroom"
ALERTS = CHART / "alerts" / "liveroom.yaml"
TESTS = ROOT / "tests" / "monitoring" / "alerts_test.yaml"
RUNBOOKS = ROOT / "docs" / "runbooks.md"
UNITS = {"none", "short", "s", "bytes", "bps", "Bps", "reqps", "ops", "wps", "percentunit"}
problems = []


def complain(where, what):
    problems.append(f"{where}: {what}")


def without_variables(expression):
    """The query as Prometheus reads it, every variable at All."""
    for name, value in (("$__rate_interval", "1m"), ("$__range", "1h")):
        expression = expression.replace(name, value)
    return re.sub(r"\$\{?\w+\}?", ".+", expression)


def check_variables(name, board):
    variables = {one["name"]: one for one in board["templating"]["list"]}
    if variables.get("datasource", {}).get("type") != "datasource" or variables["datasource"].get("query") != "prometheus":
        complain(name, "needs a variable datasource of type datasource for prometheus")
    for wanted in ("job", "instance"):
        one = variables.get(wanted)
        if not one:
            complain(name, f"needs a variable {wanted}")
        elif not (one["type"] == "query" and one["multi"] and one["includeAll"] and one["allValue"] == ".+"):
            complain(name, f"variable {wanted} must be a query with several values, All, and .+ for All")
    for one in variables.values():
        if one["type"] == "query" and one["refresh"] != 2:
            complain(name, f"variable {one['name']} must be read anew when the time range changes")
        if not one.get("label"):
            complain(name, f"variable {one['name']} has no label")


def check_query(where, expression):
    for selector in re.findall(r"[a-z_:]+\{[^}]*\}", expression):
        for wanted in ("job", "instance"):
            if f'{wanted}=~"${wanted}"' not in selector:
                complain(where, f"{selector} lacks {wanted}=~\"${wanted}\"")
    for function, selector, window in re.findall(r"(\w+)\(([a-z_:]+\{[^}]*\})\[([^\]]+)\]\)", expression):
        if function not in ("rate", "increase"):
            complain(where, f"{function} over a range is not known here")
        if function == "rate" and window not in ("$__rate_interval", "$__range"):
            complain(where, f"rate over {window}: use $__rate_interval")
    for counter in re.finditer(r"[a-z_:]+_(?:total|bucket|count|sum)\{", expression):
        if not re.search(r"(?:rate|increase)\($", expression[:counter.start()]):
            complain(where, f"{counter.group()[:-1]} is a counter: only under rate or increase")


def check_panel(name, panel):
    where = f"{name}, {panel['title'] or panel['id']}"
    if not panel["title"]:
        complain(where, "no title")
    if panel["type"] == "row":
        return
    if not panel.get("description"):
        complain(where, "no description")
    if panel["fieldConfig"]["defaults"].get("unit") not in UNITS:
        complain(where, f"unit {panel['fieldConfig']['defaults'].get('unit')} is not one of {sorted(UNITS)}")
    if panel["datasource"]["uid"] != "${datasource}" or any(one["datasource"]["uid"] != "${datasource}" for one in panel["targets"]):
        complain(where, "the data source must be the variable")
    if not panel["targets"]:
        complain(where, "no query")
    for target in panel["targets"]:
        check_query(where, target["expr"])


def check_layout(name, board):
    taken = {}
    if len({panel["id"] for panel in board["panels"]}) != len(board["panels"]):
        complain(name, "panel numbers are not unique")
    for panel in board["panels"]:
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                if x >= 24 or (x, y) in taken:
                    complain(name, f"{panel['title']} lies over {taken.get((x, y), 'the edge')}")
                    return
                taken[(x, y)] = panel["title"]


def check_dashboards(uids, boards):
    expressions = []
    for name, board in boards.items():
        if board["editable"]:
            complain(name, "must not be editable")
        check_variables(name, board)
        check_layout(name, board)
        for panel in board["panels"]:
            check_panel(name, panel)
            expressions += [without_variables(target["expr"]) for target in panel.get("targets", [])]
        for uid in re.findall(r"/d/([\w-]+)", json.dumps(board)):
            if uid not in uids:
                complain(name, f"a link leads to {uid}, which is no dashboard here")
    rules = [{"record": f"query:{number}", "expr": expression} for number, expression in enumerate(expressions)]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}, file)
        file.flush()
        run("promtool", "check", "rules", file.name)


def run(*command):
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        complain(" ".join(command[:3]), (answer.stdout + answer.stderr).strip())


def anchors(page):
    """GitHub's names for the headings of a page."""
    return {re.sub(r"[^\w\- ]", "", line.lstrip("# ").strip().lower()).replace(" ", "-")
            for line in page.splitlines() if line.startswith("#")}


def check_alerts():
    run("promtool", "check", "rules", "--lint=all", "--lint-fatal", str(ALERTS))
    run("promtool", "test", "rules", str(TESTS))
    fires, silent = set(), set()
    for test in yaml.safe_load(TESTS.read_text())["tests"]:
        for one in test["alert_rule_test"]:
            (fires if one["exp_alerts"] else silent).add(one["alertname"])
            # A series of the test that is not in the expected list is one for which it kept silent.
            if len(test["input_series"]) > len(one["exp_alerts"]):
                silent.add(one["alertname"])
    sections = anchors(RUNBOOKS.read_text())
    for group in yaml.safe_load(ALERTS.read_text())["groups"]:
        for rule in group["rules"]:
            name = rule["alert"]
            if rule["labels"].get("severity") not in ("critical", "warning", "info"):
                complain(name, "severity must be critical, warning or info")
            if not rule["annotations"].get("summary") or not rule["annotations"].get("description"):
                complain(name, "needs a summary and a description")
            if name not in fires:
                complain(name, "no test in which it fires")
            if name not in silent:
                complain(name, "no test in which it is silent")
            if name.lower() not in sections:
                complain(name, "no section in docs/runbooks.md")


boards = {path.name: json.loads(path.read_text()) for path in sorted((CHART / "dashboards").glob("*.json"))}
check_dashboards({board["uid"] for board in boards.values()}, boards)
check_alerts()
if problems:
    sys.exit("\n".join(problems))
