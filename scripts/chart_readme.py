#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes charts/liveroom/README.md: its text is here, its table is made of the comments of values.yaml.

scripts/chart_readme.py          writes it
scripts/chart_readme.py --check  fails when it is not what would be written, or when a value has no comment
"""
import json
import pathlib
import sys

import yaml

CHART = pathlib.Path(__file__).resolve().parent.parent / "charts" / "liveroom"
MARK = "-- "

HEAD = """# liveroom

Records Bilibili live rooms on Kubernetes: a controller that keeps a recorder pod and a volume for each object of kind `LiveRoom`. Needs Kubernetes 1.31 or newer.

```
helm install liveroom liveroom-{version}.tgz --namespace liveroom-system --create-namespace
kubectl apply -f liveroom.yaml
kubectl get liverooms
```

* **Upgrading** with `helm upgrade` does not touch a running recording; a new image reaches a recorder when its room is idle. The CustomResourceDefinition is a
  template of the chart, so it is upgraded too.
* **Uninstalling** stops the controller, and leaves LiveRooms (`crds.keep`), volumes and running recorder pods. To stop recording first:
  `kubectl delete liverooms --all --all-namespaces`.
* **In some namespaces only**: with `watchNamespaces` there is no ClusterRoleBinding at all.
* **helm test** asks whether a LiveRoom would be taken and the controller is ready; nothing is created.

## Values
Every name and type is checked by `values.schema.json`: what is written wrong is refused.

| value | default | meaning |
| --- | --- | --- |
"""


def comment_above(lines, number):
    """The text of the comment block that ends in the line above `number` and begins with MARK; None without one."""
    block = []
    for line in reversed(lines[:number]):
        text = line.strip()
        if not text.startswith("#"):
            break
        block.insert(0, text.lstrip("#").strip())
        if block[0].startswith(MARK):
            return " ".join(block)[len(MARK):]
    return None


def plain(node):
    return yaml.safe_load(yaml.serialize(node))


def rows(node, lines, path=""):
    """(path, default, meaning) of every documented value; a value without a comment above it must have only documented ones below it."""
    for key, value in node.value:
        name = f"{path}{key.value}"
        meaning = comment_above(lines, key.start_mark.line)
        if meaning:
            yield name, json.dumps(plain(value), ensure_ascii=False), meaning
        elif isinstance(value, yaml.MappingNode) and value.value:
            yield from rows(value, lines, name + ".")
        else:
            sys.exit(f"values.yaml: {name} has no comment that begins with \"# {MARK.strip()}\"")


def main():
    text = (CHART / "values.yaml").read_text()
    version = yaml.safe_load((CHART / "Chart.yaml").read_text())["version"]
    page = HEAD.format(version=version)
    for name, default, meaning in rows(yaml.compose(text), text.splitlines()):
        escaped = meaning.replace("|", "\\|")
        page += f"| `{name}` | `{default}` | {escaped} |\n"
    path = CHART / "README.md"
    if sys.argv[1:] == ["--check"]:
        if not path.exists() or path.read_text() != page:
            sys.exit("charts/liveroom/README.md is not what values.yaml says; run scripts/chart_readme.py")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        path.write_text(page)


main()
