"""What Amazon's own definitions say of a skill package: faults in a manifest or a model.

    python -m tools.smapi_definitions FOLDER/spec.json    write tools/smapi/definitions.json anew

`tools/smapi/definitions.json` is an extract of spec.json in the npm package
ask-smapi-model 1.24.0 (Apache-2.0; its NOTICE stands beside the extract): the two
definitions a skill package is made of, and what they lead to. Changed from the original:
descriptions and vendor fields are left out, as is every API but `custom`; and plain objects
take no unknown keys, so that a misspelt one is a fault.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator

MANIFEST = "v1.skill.Manifest.SkillManifestEnvelope"
MODEL = "v1.skill.interactionModel.InteractionModelData"
EXTRACT = Path(__file__).parent / "smapi" / "definitions.json"
_APIS = "v1.skill.Manifest.SkillManifestApis"
_REFERENCE = "#/definitions/"


def faults(definition: str, data: object) -> Iterator[str]:
    """What `definition` (MANIFEST or MODEL) has against `data`, a parsed JSON file: one line each, with its place."""
    for error in sorted(_validator(definition).iter_errors(data), key=lambda e: [str(step) for step in e.absolute_path]):
        yield f"{'.'.join(map(str, error.absolute_path)) or 'the whole file'}: {error.message}"


@cache
def _validator(definition: str) -> Draft4Validator:
    extract = json.loads(EXTRACT.read_text("utf-8"))
    return Draft4Validator({"$ref": _REFERENCE + definition, "definitions": extract["definitions"]})


def extract(definitions: dict[str, Any]) -> dict[str, Any]:
    """The definitions that MANIFEST and MODEL lead to, out of all of spec.json's."""
    apis = definitions[_APIS]["properties"]
    kept = {**definitions, _APIS: {**definitions[_APIS], "properties": {"custom": apis["custom"]}}}
    found: dict[str, Any] = {}
    wanted = [MANIFEST, MODEL]
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = _strict(kept[name])
            wanted += re.findall(rf'"{_REFERENCE}([^"]+)"', json.dumps(found[name]))
    return dict(sorted(found.items()))


def _strict(schema: Any) -> Any:
    """`schema` without descriptions and vendor fields; closed, unless its type decides what else it holds."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _strict(value) for key, value in schema.items() if key != "discriminator" and not key.startswith("x-")}
    if isinstance(plain.get("description"), str):
        del plain["description"]
    if isinstance(plain.get("properties"), dict) and "type" in plain:
        plain.setdefault("additionalProperties", "discriminator" in schema)
    return plain


def main(arguments: list[str]) -> int:
    """Run the command; returns the exit code."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    spec = json.loads(Path(arguments[0]).read_text("utf-8"))
    written = {"source": "npm ask-smapi-model 1.24.0, spec.json, Apache-2.0; see NOTICE.txt", "definitions": extract(spec["definitions"])}
    EXTRACT.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"{EXTRACT.name}: {len(written['definitions'])} definitions", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
