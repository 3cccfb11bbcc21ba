"""Holds events against the published OCSF schema: one JSON object a line on standard input.

Each must fit the version it names, and the newest version known here, in which attributes may have become deprecated.
Prints what is wrong, a line each, then how many events of each class were looked at. Fails if anything is wrong.
"""

import collections
import json
import sys

import jsonschema
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema, get_packaged_versions

OTHER = 99


class Version:
    def __init__(self, name):
        self.name = name
        self.schema = get_ocsf_schema(name)
        self.classes = {c["uid"]: key for key, c in self.schema["classes"].items()}
        self.validators = {}

    def validator(self, name):
        if name not in self.validators:
            whole = OcsfJsonSchemaEmbedded(self.schema).get_class_schema(name)
            self.validators[name] = jsonschema.Draft202012Validator(whole)
        return self.validators[name]

    def faults(self, event):
        name = self.classes.get(event["class_uid"])
        if name is None:
            yield f"no class {event['class_uid']}"
            return
        for error in self.validator(name).iter_errors(event):
            yield f"{error.json_path}: {error.message}"
        yield from self.named("$", event, self.schema["classes"][name])

    def named(self, path, value, schema):
        """What JSON Schema does not see: names that do not go with their numbers, deprecated attributes."""
        for key, part in value.items():
            attribute = schema["attributes"].get(key)
            if attribute is None:
                continue  # an error of JSON Schema already, or an object of free form
            if "@deprecated" in attribute:
                yield f"{path}.{key}: deprecated"
            known = (attribute.get("enum") or {}).get(str(part))
            name = value.get(attribute.get("sibling"))
            if known and name is not None and part != OTHER and name != known["caption"]:
                yield f"{path}.{key}: {part} is {known['caption']}, not {name}"
            if attribute["type"] == "object_t" and attribute["object_type"] in self.schema["objects"]:
                for item in part if isinstance(part, list) else [part]:
                    yield from self.named(f"{path}.{key}", item, self.schema["objects"][attribute["object_type"]])


def main():
    versions = {}
    newest = max((v for v in get_packaged_versions() if "-" not in v), key=lambda v: tuple(map(int, v.split("."))))
    seen, wrong = collections.Counter(), 0
    for number, line in enumerate(sys.stdin.buffer.read().decode().split("\n")[:-1], 1):
        event = json.loads(line)
        for name in sorted({event["metadata"]["version"], newest}):
            if name not in versions:
                versions[name] = Version(name)
            for fault in versions[name].faults(event):
                print(f"line {number}, OCSF {name}, {event.get('class_name')}: {fault}")
                wrong += 1
        seen[event["class_uid"]] += 1
    for uid, count in sorted(seen.items()):
        print(f"{uid} {count}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
