# SPDX-License-Identifier: Apache-2.0
"""Panels, variables and layout of Grafana dashboards (schema version 41, Grafana 11 and newer) as plain values."""

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24


def query(expression, legend="__auto", instant=False, table=False):
    target = {"datasource": SOURCE, "editorMode": "code", "expr": expression, "legendFormat": legend, "range": not instant, "instant": instant}
    if table:
        target["format"] = "table"
    return target


def panel(kind, title, description, unit, queries, width, height, **more):
    targets = [dict(target, refId=chr(ord("A") + i)) for i, target in enumerate(queries)]
    field = {"unit": unit, "custom": {}, "mappings": [], "thresholds": thresholds(("text", None))}
    field.update(more.pop("field", {}))
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": SOURCE,
        "targets": targets,
        "fieldConfig": {"defaults": field, "overrides": more.pop("overrides", [])},
        "options": more.pop("options", {}),
        "gridPos": {"w": width, "h": height, "x": 0, "y": 0},
        **more,
    }


def thresholds(*steps):
    return {"mode": "absolute", "steps": [{"color": color, "value": value} for color, value in steps]}


def stat(title, description, unit, expression, colors=(("text", None),), width=4, link=None):
    links = [{"title": link[0], "url": link[1]}] if link else []
    return panel(
        "stat", title, description, unit, [query(expression, instant=True)], width, 4,
        field={"thresholds": thresholds(*colors), "links": links},
        options={"colorMode": "value", "graphMode": "none", "justifyMode": "auto", "textMode": "value", "wideLayout": True, "orientation": "auto",
                 "showPercentChange": False, "percentChangeColorMode": "standard",
                 "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}},
    )


def graph(title, description, unit, queries, width=12, stacked=False, smallest=0):
    custom = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 20 if stacked else 5, "showPoints": "never", "spanNulls": False,
              "stacking": {"mode": "normal" if stacked else "none", "group": "A"}}
    return panel(
        "timeseries", title, description, unit, queries, width, 8,
        field={"custom": custom, "min": smallest},
        options={"legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True},
                 "tooltip": {"mode": "multi", "sort": "desc"}},
    )


def row(title):
    return {"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": {"w": WIDTH, "h": 1, "x": 0, "y": 0}}


def lay_out(panels):
    """Numbers the panels and puts them side by side, from left to right and down."""
    x = y = height = 0
    for number, one in enumerate(panels, 1):
        place = one["gridPos"]
        if x + place["w"] > WIDTH:
            x, y, height = 0, y + height, 0
        one["id"] = number
        place["x"], place["y"] = x, y
        x, height = x + place["w"], max(height, place["h"])
    return panels


def source_variable():
    return {"type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus", "refresh": 1, "hide": 0,
            "multi": False, "includeAll": False, "options": [], "regex": "",
            "current": {"selected": False, "text": "default", "value": "default"}}


def variable(name, label, expression, hide=0):
    return {"type": "query", "name": name, "label": label, "datasource": SOURCE, "definition": expression,
            "query": {"qryType": 1, "query": expression, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
            "refresh": 2, "sort": 1, "hide": hide, "multi": True, "includeAll": True, "allValue": ".+", "options": [], "regex": "",
            "current": {"selected": True, "text": ["All"], "value": ["$__all"]}}


def link(title, uid):
    return {"type": "link", "title": title, "url": f"/d/{uid}", "icon": "dashboard", "keepTime": True, "includeVars": False,
            "targetBlank": False, "asDropdown": False, "tags": [], "tooltip": ""}


def dashboard(uid, title, description, variables, links, panels):
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["liveroom"],
        "editable": False,
        "graphTooltip": 1,
        "schemaVersion": 41,
        "version": 1,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "timepicker": {},
        "fiscalYearStartMonth": 0,
        "annotations": {"list": []},
        "links": links,
        "templating": {"list": variables},
        "panels": lay_out(panels),
    }
