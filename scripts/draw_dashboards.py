#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws the dashboards as SVG from the answers that a Prometheus gives to their queries: a picture for pages where there is no Grafana.

scripts/draw_dashboards.py HOST:PORT DIRECTORY [MINUTES]      the last MINUTES, 10 by default
"""
import datetime
import html
import json
import math
import pathlib
import re
import sys
import time
import urllib.parse
import urllib.request

BOARDS = pathlib.Path(__file__).resolve().parent.parent / "charts" / "liveroom" / "dashboards"
CELL_W, CELL_H, GAP, HEAD = 52, 34, 6, 44
COLORS = ["#73bf69", "#5794f2", "#f2cc0c", "#ff9830", "#b877d9", "#f2495c", "#8ab8ff", "#96d98d"]
INK, DIM, PANEL, BACK, LINE = "#d8d9da", "#8e9196", "#181b1f", "#111217", "#2c3235"


def ask(server, path, **parameters):
    with urllib.request.urlopen(f"http://{server}{path}?{urllib.parse.urlencode(parameters)}", timeout=20) as answer:
        return json.load(answer)["data"]["result"]


def ready(expression, minutes):
    for name, value in (("$__rate_interval", "15s"), ("$__range", f"{minutes}m")):
        expression = expression.replace(name, value)
    return re.sub(r"\$\{?\w+\}?", ".+", expression)


def shown(value, unit):
    if value is None or math.isnan(value):
        return "–"
    if unit in ("bytes", "Bps", "bps"):
        base, names = (1024, ("", "Ki", "Mi", "Gi")) if unit == "bytes" else (1000, ("", "k", "M", "G"))
        step = 0
        while abs(value) >= base and step < 3:
            value, step = value / base, step + 1
        return f"{value:.3g} {names[step]}{ {'bytes': 'B', 'Bps': 'B/s', 'bps': 'bit/s'}[unit] }"
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "s":
        return f"{value * 1000:.3g} ms" if 0 < abs(value) < 1 else f"{value:.3g} s"
    return f"{value:.3g}" + {"reqps": "/s", "ops": "/s", "wps": "/s"}.get(unit, "")


def text(x, y, words, size=12, color=INK, anchor="start", weight="normal"):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}" text-anchor="{anchor}" font-weight="{weight}">{html.escape(words)}</text>'


def name_of(series, legend):
    labels = series["metric"]
    if legend == "__auto":
        return ", ".join(value for key, value in labels.items() if key != "__name__") or "value"
    return re.sub(r"\{\{(\w+)\}\}", lambda match: labels.get(match.group(1), ""), legend)


def lines_of(server, panel, minutes, now):
    found = []
    for target in panel["targets"]:
        for series in ask(server, "/api/v1/query_range", query=ready(target["expr"], minutes), start=now - minutes * 60, end=now, step=max(1, minutes * 60 // 120)):
            points = [(float(at), float(value)) for at, value in series["values"] if value not in ("NaN", "+Inf", "-Inf")]
            if points:
                found.append((name_of(series, target["legendFormat"]), points))
    return found


def bends(points):
    """The points at which a line changes its level: the others add nothing to the picture."""
    kept = [point for before, point, after in zip(points, points[1:], points[2:]) if not before[1] == point[1] == after[1]]
    return [points[0]] + kept + ([points[-1]] if len(points) > 1 else [])


def graph(server, panel, box, minutes, now):
    x, y, w, h = box
    unit = panel["fieldConfig"]["defaults"]["unit"]
    lines = lines_of(server, panel, minutes, now)
    left, top, width, height = x + 66, y + 34, w - 82, h - 84
    most = max([value for _, points in lines for _, value in points] + [0]) or 1
    parts = []
    for part in range(5):
        level = top + height - height * part / 4
        parts.append(f'<line x1="{left}" x2="{left + width}" y1="{level:.1f}" y2="{level:.1f}" stroke="{LINE}"/>')
        parts.append(text(left - 6, level + 4, shown(most * part / 4, unit), 10, DIM, "end"))
    for part in range(3):
        at = now - minutes * 60 + minutes * 60 * part / 2
        parts.append(text(left + width * part / 2, top + height + 15, datetime.datetime.fromtimestamp(at).strftime("%H:%M:%S"), 10, DIM, "middle"))
    spot = x + 10
    for number, (name, points) in enumerate(lines[:8]):
        color = COLORS[number % len(COLORS)]
        path = " ".join(f"{left + width * (at - now + minutes * 60) / (minutes * 60):.1f},{top + height - height * value / most:.1f}" for at, value in bends(points))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.5"/>')
        label = name if len(name) <= 26 else name[:25] + "…"
        if spot + 7 * len(label) + 20 < x + w:
            parts.append(f'<rect x="{spot}" y="{y + h - 17}" width="10" height="3" fill="{color}"/>' + text(spot + 14, y + h - 11, label, 10, DIM))
            spot += 6.2 * len(label) + 30
    return parts


def stat(server, panel, box, minutes):
    x, y, w, h = box
    defaults = panel["fieldConfig"]["defaults"]
    answer = ask(server, "/api/v1/query", query=ready(panel["targets"][0]["expr"], minutes))
    value = float(answer[0]["value"][1]) if answer else None
    color = INK
    for step in defaults["thresholds"]["steps"]:
        if value is not None and (step["value"] is None or value >= step["value"]):
            color = {"green": "#73bf69", "red": "#f2495c", "orange": "#ff9830"}.get(step["color"], INK)
    return [text(x + w / 2, y + h / 2 + 22, shown(value, defaults["unit"]), 30, color, "middle", "500")]


def table(server, panel, box, minutes):
    x, y, w, _ = box
    columns = panel["transformations"][1]["options"]["renameByName"]
    targets = [target for target in panel["targets"] if f"Value #{target['refId']}" in columns]
    heads = [columns[f"Value #{target['refId']}"] for target in targets]
    rows = {}
    for head, target in zip(heads, targets):
        for series in ask(server, "/api/v1/query", query=ready(target["expr"], minutes)):
            rows.setdefault((series["metric"].get("namespace", ""), series["metric"].get("liveroom", "")), {})[head] = float(series["value"][1])
    units = {"Received": "bps", "Lost in 1 h": "s"}
    parts, step = [], (w - 20) / (len(heads) + 2)
    for number, head in enumerate(["Namespace", "LiveRoom"] + heads):
        parts.append(text(x + 14 + step * number, y + 46, head, 12, "#6e9fff", weight="bold"))
    for line, (key, values) in enumerate(sorted(rows.items(), key=lambda row: -row[1].get("Live", 0))[:9]):
        cells = list(key) + [shown(values.get(head), units[head]) if head in units else {1.0: "yes", 0.0: "no"}.get(values.get(head), "–") for head in heads]
        for number, cell in enumerate(cells):
            parts.append(text(x + 14 + step * number, y + 72 + 26 * line, cell, 12, "#73bf69" if cell == "yes" else INK))
    return parts


def draw(server, board, minutes):
    now = time.time()
    height = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board["panels"]) * CELL_H + HEAD
    width = 24 * CELL_W
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="Inter, Helvetica, Arial, sans-serif">',
             f'<rect width="{width}" height="{height}" fill="{BACK}"/>', text(14, 29, board["title"], 18, weight="500")]
    for panel in board["panels"]:
        place = panel["gridPos"]
        box = x, y, w, h = place["x"] * CELL_W + GAP / 2, place["y"] * CELL_H + HEAD, place["w"] * CELL_W - GAP, place["h"] * CELL_H - GAP
        if panel["type"] == "row":
            parts.append(text(x + 8, y + 20, panel["title"], 15, weight="500"))
            continue
        parts.append(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="3" fill="{PANEL}" stroke="{LINE}"/>')
        title = panel["title"] if 7 * len(panel["title"]) < w or w > 300 else panel["title"][: int(w / 7)] + "…"
        parts.append(text(x + 10, y + 20, title, 13, weight="500"))
        parts += {"stat": lambda: stat(server, panel, box, minutes), "table": lambda: table(server, panel, box, minutes),
                  "timeseries": lambda: graph(server, panel, box, minutes, now)}[panel["type"]]()
    return "\n".join(parts + ["</svg>"]) + "\n"


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    minutes = int(sys.argv[3]) if len(sys.argv) == 4 else 10
    for path in sorted(BOARDS.glob("*.json")):
        (pathlib.Path(sys.argv[2]) / f"dashboard-{path.stem}.svg").write_text(draw(sys.argv[1], json.loads(path.read_text()), minutes))


main()
