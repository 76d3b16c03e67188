"""Start-up: from the start of a fresh process under awslambdaric to its first answer, and peak memory.

    python -m benchmarks.start_up     (make bench installs what it needs)

All variants run under the same Python, against the same local runtime interface, memory
off, in turns, so that whatever else the machine does falls on each alike.
"""

from __future__ import annotations

import platform
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.runtime_api import function
from benchmarks.variants import LAUNCH, prepare

ROUNDS = 15


def measure(variants: dict[str, tuple[Path, str]]) -> dict[str, tuple[float, float]]:
    """Each variant's median milliseconds to the first answer to a launch, and median peak memory in kB."""
    times: dict[str, list[float]] = {name: [] for name in variants}
    memory: dict[str, list[int]] = {name: [] for name in variants}
    for _ in range(ROUNDS):
        for name, (folder, handler) in variants.items():
            began = time.perf_counter()
            with function(folder, handler) as running:
                running.ask(LAUNCH)
                times[name].append((time.perf_counter() - began) * 1000)
                memory[name].append(running.peak_memory())
    return {name: (statistics.median(times[name]), statistics.median(memory[name])) for name in variants}


def main() -> None:
    """Print medians, ratios and what they may be at most."""
    machine = f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    print(f"{machine}, {ROUNDS} rounds, a launch of {len(str(LAUNCH)):,} characters")
    with tempfile.TemporaryDirectory() as folder:
        results = measure(prepare(Path(folder)))
    for name, (milliseconds, kilobytes) in results.items():
        print(f"  {name:28} {milliseconds:7.0f} ms to the first answer, {kilobytes / 1024:5.1f} MB at most")
    ours, source, compiled, tenfold = results.values()
    for what, ratio, most in (
        ("start, ours / ten lines as plain sam build ships them", ours[0] / source[0], 0.6),
        ("start, ours / ten lines compiled", ours[0] / compiled[0], 1.15),
        ("peak memory, ours / ten lines compiled", ours[1] / compiled[1], 1.25),
        ("start, ten times the content / ours", tenfold[0] / ours[0], 1.2),
    ):
        print(f"  {what:56} {ratio:5.2f}  (at most {most})")


if __name__ == "__main__":
    main()
