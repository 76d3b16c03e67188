"""Warm turns: the handler answering a launch and a question, beside the ten-line skill's launch."""

from __future__ import annotations

import copy
import statistics
import time
from collections.abc import Callable
from typing import Any

from backcare import app
from benchmarks.baseline import lambda_handler as baseline
from benchmarks.start_up import EVENT

RUNS = 1000
LAUNCH: dict[str, Any] = eval(EVENT)  # noqa: S307 - a constant of ours
QUESTION = copy.deepcopy(LAUNCH)
QUESTION["request"] |= {
    "type": "IntentRequest",
    "intent": {"name": "QuestionIntent", "slots": {"question": {"name": "question", "value": "would a warm bath ease my back"}}},
}


def microseconds(handler: Callable[[Any, Any], Any], event: dict[str, Any]) -> float:
    """The median time of one call."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        handler(event, None)
        times.append((time.perf_counter() - start) * 1e6)
    return statistics.median(times)


def main() -> None:
    """Print medians and ratios."""
    skill = app.build({})
    theirs = microseconds(baseline, LAUNCH)
    for name, event in (("launch", LAUNCH), ("question", QUESTION)):
        ours = microseconds(skill, event)
        print(f"warm {name}, median of {RUNS}: {ours:.0f} us, ten-line skill's launch {theirs:.0f} us, ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
