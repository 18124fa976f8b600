#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the bill of materials of an unpacked image as SPDX 2.3 JSON: its Debian packages (as /var/lib/dpkg/status.d names them) and every file."""
import argparse
import hashlib
import json
import pathlib
import re
from datetime import datetime, timezone

STATUS = pathlib.Path("var/lib/dpkg/status.d")


def identifier(kind, text):
    return f"SPDXRef-{kind}-" + re.sub(r"[^A-Za-z0-9.-]", "-", text)


def fields(text):
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


def debian_package(control):
    name, version = control["Package"], control["Version"]
    return {
        "SPDXID": identifier("Package", name),
        "name": name,
        "versionInfo": version,
        "supplier": f"Organization: {re.sub(r' <.*', '', control['Maintainer'])}",
        "homepage": control.get("Homepage", "NOASSERTION"),
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "sourceInfo": f"Debian source package {control['Source']}",
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": f"pkg:deb/debian/{name}@{version.replace(':', '%3A').replace('+', '%2B')}?arch={control['Architecture']}&distro=debian-12",
        }],
    }


def file_entry(root, path, number):
    content = path.read_bytes()
    return {
        "SPDXID": f"SPDXRef-File-{number}",
        "fileName": "./" + str(path.relative_to(root)),
        "checksums": [{"algorithm": "SHA1", "checksumValue": hashlib.sha1(content).hexdigest()},
                      {"algorithm": "SHA256", "checksumValue": hashlib.sha256(content).hexdigest()}],
        "licenseConcluded": "NOASSERTION",
        "copyrightText": "NOASSERTION",
    }


def owners(root):
    """Which package a file belongs to, by its path."""
    found = {}
    for sums in sorted((root / STATUS).glob("*.md5sums")):
        for line in sums.read_text().splitlines():
            found[line[34:]] = sums.name[:-len(".md5sums")]
    return found


def relation(one, kind, other):
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def document(root, name, version, epoch):
    main = {
        "SPDXID": "SPDXRef-Image",
        "name": name,
        "versionInfo": version,
        "supplier": "NOASSERTION",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "primaryPackagePurpose": "CONTAINER",
        "licenseConcluded": "Apache-2.0",
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION",
    }
    controls = [path for path in sorted((root / STATUS).iterdir()) if path.suffix != ".md5sums"]
    packages = [debian_package(fields(path.read_text())) for path in controls]
    paths = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    files = [file_entry(root, path, number) for number, path in enumerate(paths)]
    relations = [relation("SPDXRef-DOCUMENT", "DESCRIBES", main["SPDXID"])]
    relations += [relation(main["SPDXID"], "CONTAINS", package["SPDXID"]) for package in packages]
    of_package = owners(root)
    for file in files:
        package = of_package.get(file["fileName"][2:])
        relations.append(relation(identifier("Package", package) if package else main["SPDXID"], "CONTAINS", file["SPDXID"]))
    digest = hashlib.sha256("".join(file["checksums"][1]["checksumValue"] for file in files).encode()).hexdigest()
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{name}-{version}",
        "documentNamespace": f"https://liveroom.dev/spdx/{name}-{version}-{digest}",
        "creationInfo": {"created": datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                         "creators": ["Tool: liveroom-packaging-sbom"]},
        "packages": [main] + packages,
        "files": files,
        "relationships": relations,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--epoch", type=int, required=True)
    arguments = parser.parse_args()
    print(json.dumps(document(arguments.root, arguments.name, arguments.version, arguments.epoch), indent=1))


main()
