#!/usr/bin/env python3
"""Learns `weights.txt` from files whose kinds are known by their extensions, and says how right it is.

    learn.py FOLDER                 needs numpy and scipy

FOLDER/train and FOLDER/test have one folder for each package, with its text files. No package should be in both. What
`features` does must be what `features.rs` does."""

import collections
import pathlib
import sys

import numpy
import scipy.sparse

LINES, WIDTH, WORD, RUN, OFTEN = 300, 200, 20, 3, 4
SCALE, FEW, UNIT = 8, 25, 10
START = 8192
# How many features are looked at, what a weight costs, how often they are mended.
CANDIDATES, COST, STEPS = 6000, 1.2e-4, 180

REMARKS = set("// /// //! /* /** * -- --- ; ;; ;;; % %% # ## ### ' <!-".split())
EXTENSIONS = {
    extension: kind
    for kind, extensions in {
        "asm": "asm s", "bat": "bat cmd", "c": "c h", "cpp": "cpp cc cxx hpp hh hxx", "cs": "cs", "css": "css scss less", "csv": "csv", "go": "go", "html": "html htm xhtml",
        "ini": "ini cfg properties", "java": "java", "js": "js jsx mjs cjs", "json": "json geojson", "kt": "kt kts", "log": "log", "lua": "lua", "m": "m", "md": "md markdown",
        "php": "php", "pl": "pl pm", "ps1": "ps1 psm1", "py": "py pyi", "r": "r", "rb": "rb", "rs": "rs", "scala": "scala", "sh": "sh bash zsh", "sql": "sql", "swift": "swift",
        "toml": "toml", "ts": "ts tsx mts", "txt": "txt", "v": "v sv svh", "vb": "vb vbs bas cls", "vhdl": "vhd vhdl", "vue": "vue", "xml": "xml xsd xsl xslt", "yaml": "yaml yml",
    }.items()
    for extension in extensions.split()
}  # fmt: skip


def tokens(line):
    """The words, numbers and runs of marks of a line: each as it is, as all of its kind are written, and whether a blank stands before it."""
    at, blank = 0, ""
    is_word = lambda c: c < "\x80" and (c.isalnum() or c == "_")
    while at < len(line):
        first, end = line[at], at + 1
        if first in " \t":
            at, blank = at + 1, " "
            continue
        while end < len(line):
            c = line[end]
            if is_word(first):
                goes_on = is_word(c)
            elif first < "\x80":
                goes_on = end - at < RUN and c < "\x80" and not is_word(c) and c not in " \t"
            else:
                goes_on = c >= "\x80"
            if not goes_on:
                break
            end += 1
        own = line[at:end]
        if first in "0123456789":
            yield "0", "0", blank
        elif is_word(first):
            yield own if len(own) <= WORD else "w", "w", blank
        elif first < "\x80":
            yield own, own, blank
        else:
            wide = "文" if any(c >= "\u2e80" for c in own) else "é"
            yield wide, wide, blank
        at, blank = end, ""


def features(text):
    found, of_lines, lines = set(), collections.Counter(), 0
    for raw in text.split("\n"):
        line = raw.strip(" \t\r\v\f\0")
        if not line:
            continue
        if lines == LINES:
            break
        lines += 1
        parts = list(tokens(line.encode()[:WIDTH].decode("utf-8", "ignore")))
        first, general, _ = parts[0]
        second = parts[1] if len(parts) > 1 else None
        if second and first in REMARKS and second[2] and second[1] in ("w", "文", "é"):
            of_lines[f"^{first} …"] += 1
            continue
        found.update(own for own, _, _ in parts)
        for (left, left_general, _), (right, right_general, blank) in zip(parts, parts[1:]):
            found.add(left_general + blank + right_general)
            if left_general == "w" and left != "w":
                found.add(left + blank + right_general)
            if left_general != "w" and right_general == "w" and right != "w":
                found.add(left_general + blank + right)
        of_lines["^" + first] += 1
        if second:
            of_lines["^" + general + second[2] + second[1]] += 1
        of_lines[parts[-1][0] + "$"] += 1
        if raw[0] in "\t ":
            of_lines["⇥" if raw[0] == "\t" else "␣"] += 1
    found.update(of_lines)
    found.update(name + "*" for name, count in of_lines.items() if count * OFTEN >= lines)
    return found


def read(folder):
    """The package, the kind and the features of each file."""
    for path in sorted(folder.glob("*/**/*")):
        kind = EXTENSIONS.get(path.suffix[1:].lower())
        if kind and path.is_file():
            start = path.read_bytes()[:START].removeprefix(b"\xef\xbb\xbf")
            yield path.relative_to(folder).parts[0], kind, features(start.decode("utf-8", "replace").lstrip())


def matrix(files, names):
    places = {name: place for place, name in enumerate(names)}
    rows, ends = [], [0]
    for _, _, found in files:
        rows += sorted(places[name] for name in found if name in places)
        ends.append(len(rows))
    counts = numpy.diff(ends)
    scale = numpy.repeat(SCALE / numpy.sqrt(numpy.maximum(counts, FEW)), counts).astype(numpy.float32)
    return scipy.sparse.csr_matrix((scale, rows, ends), shape=(len(files), len(names)))


def candidates(files, truth, weight):
    """The features that say most of the kinds (mutual information), of those that several packages have."""
    packages = collections.defaultdict(set)
    counts = collections.Counter()
    for package, _, found in files:
        for name in found:
            counts[name] += 1
            packages[name].add(package)
    names = sorted(name for name, count in counts.items() if count >= 8 and len(packages[name]) >= 5)
    there = (matrix(files, names) > 0).astype(numpy.float32)
    both = (there.multiply(weight).T @ truth).toarray()
    kinds = numpy.asarray(truth.multiply(weight).sum(0)).ravel()
    own = both.sum(1, keepdims=True)
    tiny = 1e-12
    says = sum((part * numpy.log((part + tiny) / (share * kinds + tiny))).sum(1) for part, share in ((both, own), (kinds - both, 1 - own)))
    return [names[place] for place in numpy.argsort(-says, kind="stable")[:CANDIDATES]]


def fit(there, truth, weight):
    """Multinomial logistic regression in which each weight costs its size, by accelerated proximal gradient."""
    some = numpy.ones(there.shape[1], numpy.float32)
    for _ in range(20):
        some = there.T @ (weight.ravel() * (there @ some))
        size = numpy.linalg.norm(some)
        some /= size
    step = 1 / (size / 2 + 0.5)
    weights = ahead = numpy.zeros((there.shape[1], truth.shape[1]), numpy.float32)
    bias = bias_ahead = numpy.zeros(truth.shape[1], numpy.float32)
    pace = 1.0
    for _ in range(STEPS):
        scores = there @ ahead + bias_ahead
        likely = numpy.exp(scores - scores.max(1, keepdims=True))
        wrong = (likely / likely.sum(1, keepdims=True) - truth) * weight
        wrong = numpy.asarray(wrong, numpy.float32)
        moved = ahead - step * (there.T @ wrong)
        moved = numpy.sign(moved) * numpy.maximum(numpy.abs(moved) - step * COST, 0)
        moved_bias = bias_ahead - step * wrong.sum(0)
        next_pace = (1 + (1 + 4 * pace * pace) ** 0.5) / 2
        ahead = moved + (pace - 1) / next_pace * (moved - weights)
        bias_ahead = moved_bias + (pace - 1) / next_pace * (moved_bias - bias)
        weights, bias, pace = moved, moved_bias, next_pace
    return weights, bias


def main(folder):
    learnt, tested = ([*read(folder / part)] for part in ("train", "test"))
    kinds = sorted({kind for _, kind, _ in learnt})
    places = numpy.array([kinds.index(kind) for _, kind, _ in learnt])
    # A kind with many files weighs less for each.
    weight = (numpy.bincount(places) ** -0.5)[places][:, None].astype(numpy.float32)
    weight /= weight.sum()
    truth = scipy.sparse.csr_matrix((numpy.ones(len(places), numpy.float32), (range(len(places)), places)))
    names = candidates(learnt, truth, weight)
    weights, _ = fit(matrix(learnt, names), truth.toarray(), weight)
    # Once more with those that are worth their cost.
    names = sorted(name for name, row in zip(names, weights) if abs(row).max() >= 0.15)
    weights, bias = fit(matrix(learnt, names), truth.toarray(), weight)
    weights, bias = numpy.rint(weights * UNIT).astype(int), numpy.rint(bias * UNIT).astype(int)
    guesses = (matrix(tested, names) @ weights + bias).argmax(1)
    right = [kinds[guess] == kind for guess, (_, kind, _) in zip(guesses, tested)]
    print(f"{len(learnt)} files learnt, {len(names)} features; {sum(right)} of {len(right)} right")
    with open(pathlib.Path(__file__).with_name("weights.txt"), "w", encoding="utf-8") as target:
        for name, row in [("", bias), *zip(names, weights)]:
            row = [f"{kind} {value}" for kind, value in zip(kinds, row) if value or not name]
            target.write(f"{name}\t{' '.join(row)}\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
