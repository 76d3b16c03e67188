"""Learn, from the phrases in content, what each word speaks for; write content/LANGUAGE/likeness.json.

    python -m tools.write_likeness           learn and write (about a minute; needs scikit-learn: `make likeness`)
    python -m tools.write_likeness --check   change nothing; exit 1 when phrases have changed since it was written

Learning is multinomial logistic regression, the plainest model that weighs words against
each other. Runs on different machines may differ in the last digits; so the check compares
a digest of what went in, not what came out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from backcare import content
from backcare.understanding.likeness import PAGE, PER_UNIT
from backcare.understanding.words import Words, kind_of
from tools.utterances import Listed, contexts, leanings, listed

CONTENT = Path(__file__).resolve().parent.parent / "content"
LANGUAGE = "en"

# How much each kind of feature counts, and in how many phrases it must occur to count at all.
# Chosen by what did best on the sets in tests/understanding and on sets kept outside.
_WEIGHT = {"word": 1.0, "pair": 0.7, "neighbours": 1.0, "piece": 1.0}
_AT_LEAST = {"word": 1, "pair": 3, "neighbours": 4, "piece": 8}

_FREEDOM = 5.0
"""Inverse strength of the penalty on large weights."""

_TELLING = 0.5
"""How much more a feature counts the fewer labels share it: a power of 1 minus its entropy."""

_CARE = {"harmless": 4.0, "outside": 2.0}
"""How many times a phrase that is nothing of ours counts: these lists are long, and their labels would else be let off lightly."""

_SMALLEST = 0.45
"""Weights below this are left out: they hardly ever decide, and make up most of the table."""

_SHORTEST_SOUND = 4
_SHORTEST_SLIP, _SLIP_RARER = 5, 10
_KNOWN = 2
"""A word must occur this often to be sure that it is a word, and not a slip that an author listed."""


_IN_CONTEXT = 2
"""Every so many-th way of asking for a topic is also learned inside a context, so that contexts tell nothing."""


def in_context(phrases: Sequence[Listed], around: Sequence[str]) -> list[Listed]:
    """`phrases`, and some of those of topics once more with `around` them what is said of any topic."""
    topics = [p for p in phrases if p.label.startswith("topic/")][::_IN_CONTEXT]
    varied = (p._replace(phrase=around[n * _STRIDE % len(around)].replace("_", p.phrase)) for n, p in enumerate(topics))
    return [*phrases, *varied]


def in_alarm(phrases: Sequence[Listed], around: Sequence[str]) -> list[Listed]:
    """`phrases`, and those that tell of a warning sign twice more: wrapped in something else, and with a word lost."""
    signs = [(n, p, p.phrase.split()) for n, p in enumerate(phrases) if p.label.startswith("warning/")]
    wrapped = [p._replace(phrase=around[n * _STRIDE % len(around)].replace("_", p.phrase)) for n, p, _ in signs]
    lossy = [
        p._replace(phrase=" ".join(word for at, word in enumerate(words) if at != n * _STRIDE % len(words)))
        for n, p, words in signs
        if len(words) >= _ENOUGH
    ]
    return [*phrases, *wrapped, *lossy]


_STRIDE = 7
"""How far apart the contexts of neighbouring phrases lie in their list, and the words that they lose."""

_ENOUGH = 5
"""A saying of so many words can lose one and still tell."""


def digest(phrases: Sequence[Listed], vocabulary: Mapping[str, Any], leaning: Mapping[str, float]) -> str:
    """What `likeness.json` was made from, as a short text."""
    parts = [f"{p.label}\t{p.phrase}" for p in phrases]
    parts.append(json.dumps({k: vocabulary[k] for k in ("fillers", "endings", "same", "joined", "contractions", "sounds")}, sort_keys=True))
    parts.append(json.dumps(leaning, sort_keys=True))
    parts.append(json.dumps([_WEIGHT, _AT_LEAST, _FREEDOM, _TELLING, _CARE, _SMALLEST]))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def known_words(phrases: Sequence[Listed], vocabulary: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """The words that are never taken for slips, and for each sound the commonest word that has it."""
    bare = Words(vocabulary)
    counted = Counter(word for p in phrases for word in bare.said(p.phrase))
    by_sound: dict[str, str] = {}
    for word in sorted(counted, key=lambda word: (-counted[word], word)):
        if len(word) >= _SHORTEST_SOUND:
            by_sound.setdefault(bare.sound(word), word)
    return sorted(word for word, times in counted.items() if times >= _KNOWN and not _a_slip(word, counted, by_sound, bare)), by_sound


def _a_slip(word: str, counted: Mapping[str, int], by_sound: Mapping[str, str], bare: Words) -> bool:
    """Whether a word that authors wrote is a recogniser's slip for one that sounds the same: far rarer, and neither short."""
    likelier = by_sound.get(bare.sound(word), word) if len(word) >= _SHORTEST_SLIP else word
    return likelier != word and len(likelier) >= _SHORTEST_SLIP and counted[likelier] >= _SLIP_RARER * counted[word]


def learn(phrases: Sequence[Listed], vocabulary: Mapping[str, Any], leaning: Mapping[str, float]) -> dict[str, Any]:
    """The table that `backcare.understanding.likeness` reads."""
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    known, by_sound = known_words(phrases, vocabulary)
    words = Words(vocabulary, frozenset(known), by_sound)
    labels = sorted({p.label for p in phrases})
    said = [(set(words.features(p.phrase)), labels.index(p.label)) for p in phrases]
    size = _sizes(said, labels)
    names = sorted(size)
    column = {name: at for at, name in enumerate(names)}

    rows, columns, values = [], [], []
    for row, (features, _) in enumerate(said):
        length: dict[str, float] = defaultdict(float)
        present = [f for f in features if f in size]
        for feature in present:
            length[kind_of(feature)] += size[feature] ** 2
        for feature in present:
            kind = kind_of(feature)
            rows.append(row)
            columns.append(column[feature])
            values.append(_WEIGHT[kind] * size[feature] / math.sqrt(length[kind]))
    matrix = csr_matrix((values, (rows, columns)), shape=(len(said), len(names)))
    meant = np.array([label for _, label in said])

    per_label = Counter(label for _, label in said)
    even = {label: math.sqrt(len(said) / len(labels) / n) * _CARE.get(labels[label], 1.0) for label, n in per_label.items()}
    print(f"learning from {len(said)} phrases, {len(labels)} labels, {len(names)} features ...", file=sys.stderr)
    model = LogisticRegression(C=_FREEDOM, max_iter=600, tol=2e-3, class_weight=even).fit(matrix, meant)

    pages: dict[str, list[str]] = defaultdict(list)
    for at, name in enumerate(names):
        weights = model.coef_[:, at]
        kept = [(label, weights[label]) for label in np.flatnonzero(abs(weights) >= _SMALLEST)]
        if kept:
            scaled = (f"{label}:{round(weight * _WEIGHT[kind_of(name)] * PER_UNIT)}" for label, weight in kept)
            pages[name[:PAGE]].append(f"{name}\t{round(size[name] * PER_UNIT)} {' '.join(scaled)}")
    return {
        "$schema": "../schema/likeness.schema.json",
        "made_from": digest(phrases, vocabulary, leaning),
        "labels": labels,
        "start": [round((start + leaning.get(label, 0)) * PER_UNIT) for label, start in zip(labels, model.intercept_, strict=True)],
        "known": known,
        "sounds": dict(sorted(by_sound.items())),
        "features": {letters: "\n".join(lines) for letters, lines in pages.items()},
    }


def _sizes(said: Sequence[tuple[set[str], int]], labels: Sequence[str]) -> dict[str, float]:
    """How much each feature counts: more the fewer phrases have it, and the fewer labels share it."""
    having: dict[str, Counter[int]] = defaultdict(Counter)
    for features, label in said:
        for feature in features:
            having[feature][label] += 1
    per_label = Counter(label for _, label in said)
    sizes = {}
    for feature, counted in having.items():
        times = sum(counted.values())
        if times < _AT_LEAST[kind_of(feature)]:
            continue
        rarity = math.log((1 + len(said)) / (1 + times)) + 1
        shares = [n / per_label[label] for label, n in counted.items()]
        total = sum(shares)
        entropy = -sum(s / total * math.log(s / total) for s in shares) / math.log(len(labels))
        sizes[feature] = rarity * (1 - entropy) ** _TELLING
    return sizes


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.write_likeness", description="Learn from content what words speak for.")
    parser.add_argument("--check", action="store_true", help="only say whether likeness.json is out of date")
    options = parser.parse_args(arguments)
    path = CONTENT / LANGUAGE / "likeness.json"
    library = content.load(CONTENT, LANGUAGE)
    phrases = in_context(list(listed(CONTENT, library)), contexts(CONTENT, library))
    phrases = in_alarm(phrases, contexts(CONTENT, library, "alarming_contexts"))
    leaning = leanings(CONTENT, library)
    made_from = json.loads(path.read_text("utf-8"))["made_from"] if path.is_file() else None
    if options.check:
        if made_from == digest(phrases, library.vocabulary, leaning):
            print(f"{path.name}: up to date", file=sys.stderr)
            return 0
        print(f"{path.name}: out of date; run 'make likeness' and commit the result", file=sys.stderr)
        return 1
    table = learn(phrases, library.vocabulary, leaning)
    path.write_text(_a_page_a_line(table), "utf-8")
    print(f"{path.name}: written, {path.stat().st_size:,} bytes", file=sys.stderr)
    return 0


def _a_page_a_line(table: Mapping[str, Any]) -> str:
    """JSON in which a diff shows where weights changed."""
    head = {key: value for key, value in table.items() if key != "features"}
    lines = ",\n".join(f"{json.dumps(letters)}:{json.dumps(page)}" for letters, page in table["features"].items())
    return json.dumps(head, separators=(",", ":"))[:-1] + ',\n"features":{\n' + lines + "\n}}\n"


if __name__ == "__main__":
    sys.exit(main())
