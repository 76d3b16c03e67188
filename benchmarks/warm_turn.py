"""Warm turns: the handler alone, in this process, answering a topic with entity resolution.

python -m benchmarks.warm_turn
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.variants import SKILL_ID, TOPIC, prepare

CALLS = 500
ROUNDS = 5


def microseconds(folder: Path, handler: str) -> float:
    """The median time of one call in a process of its own, after some to warm up."""
    code = f"from benchmarks.warm_turn import child; child({handler.partition('.')[0]!r})"
    environment = {"PYTHONPATH": f"{folder}:{Path(__file__).resolve().parent.parent}", "SKILL_ID": SKILL_ID, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=folder, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1]))


def child(module: str) -> None:
    """In the measured process: call the handler and print the median."""
    handler = __import__(module).lambda_handler
    times = []
    for number in range(CALLS + 50):
        began = time.perf_counter()
        handler(TOPIC, None)
        if number >= 50:
            times.append((time.perf_counter() - began) * 1e6)
    print(json.dumps(statistics.median(times)))


def main() -> None:
    """Print medians and ratios."""
    with tempfile.TemporaryDirectory() as folder:
        variants = prepare(Path(folder))
        names = ("ours", "ten lines, compiled", "ours, ten times the content")
        rounds = [[microseconds(*variants[name]) for name in names] for _ in range(ROUNDS)]
    ours, theirs, tenfold = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"warm turn with entity resolution, medians of {ROUNDS} times {CALLS} calls, a request of {len(json.dumps(TOPIC)):,} bytes")
    print(f"  ours {ours:.0f} us, ten lines {theirs:.0f} us, ten times the content {tenfold:.0f} us")
    print(f"  {'warm turn, ours / ten lines':56} {ours / theirs:5.2f}  (at most 1.5)")
    print(f"  {'warm turn, ten times the content / ours':56} {tenfold / ours:5.2f}  (at most 2)")


if __name__ == "__main__":
    main()
