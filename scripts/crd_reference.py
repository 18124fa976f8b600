#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/crd.md, the reference of LiveRoom, from crds/liveroom.yaml.

scripts/crd_reference.py          writes it
scripts/crd_reference.py --check  fails when it is not what would be written, or when a field has no description
"""
import json
import pathlib
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "crd.md"

HEAD = """# LiveRoom

`apiVersion: {group}/{version}`, `kind: {kind}`, short name `{short}`. This page is made of `crds/liveroom.yaml` (`scripts/crd_reference.py`);
`kubectl explain liveroom.spec --recursive` says the same. Examples: [the smallest](../examples/liveroom.yaml), [with every field](../examples/liveroom-full.yaml).

A field that is left out has its default. A wrong name is refused by `kubectl apply`. Sizes are quantities (`8Gi`), times are in the unit that ends their name.
"""


def escape(text):
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")


def type_of(schema):
    if schema.get("x-kubernetes-int-or-string"):
        return "quantity"
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {type_of(schema['items'])}"
    if kind == "object" and "additionalProperties" in schema:
        return "map of " + type_of(schema["additionalProperties"])
    if "enum" in schema:
        return " \\| ".join(f"`{value}`" for value in schema["enum"])
    return {"integer": "integer", "boolean": "boolean", "string": schema.get("format", "string"), "object": "object"}.get(kind, kind)


def bounds(schema):
    said = []
    for key, words in (("minimum", "≥ {}"), ("maximum", "≤ {}"), ("minLength", "≥ {} characters"), ("maxLength", "≤ {} characters"),
                       ("minItems", "≥ {} items"), ("maxItems", "≤ {} items"), ("maxProperties", "≤ {} entries")):
        if key in schema:
            said.append(words.format(schema[key]))
    return ", ".join(said)


def rules(schema):
    return [rule["message"] for rule in schema.get("x-kubernetes-validations", []) if "message" in rule]


def inner(schema):
    """The properties below a field, and what is put behind its name."""
    if "properties" in schema:
        return schema["properties"], "."
    if schema.get("type") == "array" and "properties" in schema["items"]:
        return schema["items"]["properties"], "[]."
    return None, ""


def walk(path, schema, required, missing):
    description = schema.get("description")
    if not description:
        missing.append(path)
    text = escape(description or "")
    for rule in rules(schema) + rules(schema.get("items", {})):
        text += f" *Rule: {escape(rule)}.*" if not rule.endswith(".") else f" *Rule: {escape(rule)}*"
    default = schema.get("default")
    shown = "required" if required else ("" if default in (None, {}) else f"`{json.dumps(default, ensure_ascii=False)}`")
    kind = type_of(schema)
    limits = bounds(schema)
    yield f"| `{path}` | {kind}{', ' + limits if limits else ''} | {shown} | {text} |"
    below, dot = inner(schema)
    if below:
        needed = schema.get("required", []) or schema.get("items", {}).get("required", [])
        for name, one in below.items():
            yield from walk(path + dot + name, one, name in needed, missing)


def section(title, schema, missing):
    yield f"\n## {title}\n\n{escape(schema.get('description', ''))}\n"
    yield "| field | type | default | meaning |\n| --- | --- | --- | --- |"
    for name, one in schema["properties"].items():
        yield from walk(name, one, name in schema.get("required", []), missing)


def page(definition, missing):
    names, version = definition["spec"]["names"], definition["spec"]["versions"][0]
    schema = version["schema"]["openAPIV3Schema"]
    yield HEAD.format(group=definition["spec"]["group"], version=version["name"], kind=names["kind"], short=names["shortNames"][0])
    general = rules(schema)
    if general:
        yield "Of the whole object: " + "; ".join(escape(rule) for rule in general) + ".\n"
    yield "## Columns of `kubectl get`\n\n| column | shown | meaning |\n| --- | --- | --- |"
    for column in version["additionalPrinterColumns"]:
        yield f"| {column['name'].upper()} | {'with `-o wide`' if column.get('priority') else 'always'} | {escape(column.get('description', 'Time since its creation'))} |"
    yield from section("Spec", schema["properties"]["spec"], missing)
    yield from section("Status", schema["properties"]["status"], missing)


def main():
    definition = yaml.safe_load((ROOT / "crds" / "liveroom.yaml").read_text())
    missing = []
    text = "\n".join(page(definition, missing)) + "\n"
    if missing:
        sys.exit("no description: " + ", ".join(missing))
    if sys.argv[1:] == ["--check"]:
        if not PAGE.exists() or PAGE.read_text() != text:
            sys.exit("docs/crd.md is not what crds/liveroom.yaml says; run scripts/crd_reference.py")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        PAGE.write_text(text)


main()
