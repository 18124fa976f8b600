#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the schemas that kubeconform reads.

    schemas.py SWAGGER DEFINITION FOLDER

SWAGGER is the OpenAPI document of a version of Kubernetes (api/openapi-spec/swagger.json of its source), DEFINITION a CustomResourceDefinition. FOLDER gets a
file for each kind of both, GROUP-VERSION-KIND.json in small letters (the version stands for the core group, as in kubeconform), and definitions.json, which those of
Kubernetes refer to. Unknown fields are refused, as with kubeconform's -strict.
"""
import json
import pathlib
import sys

import yaml

# Said in OpenAPI by a format or in words, not by a type.
INT_OR_STRING = {"oneOf": [{"type": "string"}, {"type": "integer"}]}
SPECIAL = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": INT_OR_STRING,
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
}


def strict(schema):
    """The schema with every object closed that names its fields, and without what only documents."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return INT_OR_STRING
    closed = {}
    for name, value in schema.items():
        if name == "properties":
            closed[name] = {field: strict(one) for field, one in value.items()}
        elif name == "$ref":
            closed[name] = value.replace("#/definitions/", "definitions.json#/definitions/")
        elif name not in ("description", "format", "default") and not name.startswith("x-"):
            closed[name] = strict(value)
    if "properties" in schema and "additionalProperties" not in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        closed["additionalProperties"] = False
    return closed


def main():
    swagger, definition, folder = (pathlib.Path(one) for one in sys.argv[1:])
    definitions = json.loads(swagger.read_text())["definitions"]
    closed = {name: SPECIAL.get(name) or strict(one) for name, one in definitions.items()}
    (folder / "definitions.json").write_text(json.dumps({"definitions": closed}))
    for name, one in definitions.items():
        for kind in one.get("x-kubernetes-group-version-kind", []):
            path = f"{kind['group'] or kind['version']}-{kind['version']}-{kind['kind']}".lower()
            (folder / f"{path}.json").write_text(json.dumps({"$ref": f"definitions.json#/definitions/{name}"}))
    spec = yaml.safe_load(definition.read_text())["spec"]
    for version in spec["versions"]:
        schema = strict(version["schema"]["openAPIV3Schema"])
        # The API server adds these three to every object.
        schema["properties"] |= {"apiVersion": {"type": "string"}, "kind": {"type": "string"},
                                 "metadata": {"$ref": "definitions.json#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}}
        path = f"{spec['group']}-{version['name']}-{spec['names']['kind']}".lower()
        (folder / f"{path}.json").write_text(json.dumps(schema))


main()
