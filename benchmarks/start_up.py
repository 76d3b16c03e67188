"""Start-up: a fresh process imports the handler and answers a launch, beside the ten-line skill."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from simulator.skill import ROOT

RUNS = 15
EVENT = (
    "{'version': '1.0', 'session': {'new': True, 'sessionId': 's', 'application': {'applicationId': 'a'}, 'user': {'userId': 'u'}},"
    " 'context': {'System': {'application': {'applicationId': 'a'}, 'user': {'userId': 'u'}}},"
    " 'request': {'type': 'LaunchRequest', 'requestId': 'r', 'timestamp': '2026-11-23T18:00:00Z', 'locale': 'en-US'}}"
)


def milliseconds(module: str) -> float:
    """The median time of a whole process that imports `module` and answers a launch."""
    code = f"from {module} import lambda_handler; lambda_handler({EVENT}, None)"
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, cwd=ROOT)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def main() -> None:
    """Print both medians and their ratio."""
    milliseconds("benchmarks.baseline")
    ours, theirs = milliseconds("lambda_function"), milliseconds("benchmarks.baseline")
    print(f"start-up to first answer, median of {RUNS}: {ours:.0f} ms, ten-line skill {theirs:.0f} ms, ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
