"""A corpus: files in a folder, and beside them a manifest of what is true of each."""

import json
import os
import random
import shutil
import subprocess


class Corpus:
    """Collects files. Everything random comes from generators that are named, so that one more file changes no other."""

    def __init__(self, folder, seed=20261126):
        self.folder = folder
        self.seed = seed
        self.entries = []
        self.missing = {}
        os.makedirs(folder, exist_ok=True)

    def random(self, name):
        """A generator of its own for everything called `name`."""
        return random.Random(f"{self.seed}:{name}")

    def path(self, file):
        """Where a file is to be written; its folder is there."""
        path = os.path.join(self.folder, file)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def add(self, file, maker, content=None, **truth):
        """Writes a file, or takes one that is there, and says what is true of it."""
        path = self.path(file)
        if content is not None:
            with open(path, "wb") as target:
                target.write(content)
        if not os.path.exists(path) or os.path.getsize(path) == 0 and truth.get("kind") != "empty":
            raise RuntimeError(f"{maker} did not make {file}")
        truth = {name: value for name, value in truth.items() if value is not None}
        self.entries.append({"file": file, "group": file.split("/")[0], "maker": maker, **truth})

    def lacks(self, program, why):
        """Notes that a program is missing; whoever runs the benchmark is told."""
        self.missing.setdefault(program, why)

    def has(self, program, why):
        """Whether a program is there; if not, that is noted."""
        if shutil.which(program):
            return True
        self.lacks(program, why)
        return False

    def close(self):
        """Writes the manifest: one JSON object a line."""
        with open(os.path.join(self.folder, "manifest.ndjson"), "w", encoding="utf-8") as target:
            for entry in self.entries:
                target.write(json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n")
        with open(os.path.join(self.folder, "missing.ndjson"), "w", encoding="utf-8") as target:
            for program, why in sorted(self.missing.items()):
                target.write(json.dumps({"program": program, "why": why}, ensure_ascii=False) + "\n")


def run(arguments, folder=None, given=None, good=(0,), environment=None):
    """Runs a program to its end; it must succeed."""
    done = subprocess.run(
        [str(argument) for argument in arguments],
        cwd=folder,
        input=given,
        stdin=subprocess.DEVNULL if given is None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
        check=False,
    )
    if done.returncode not in good:
        said = (done.stdout + done.stderr).decode("utf-8", "replace")[-800:]
        raise RuntimeError(f"{arguments[0]} ended with {done.returncode}: {said}")
    return done.stdout
