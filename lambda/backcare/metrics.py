"""Counts for CloudWatch: one line on stdout each, in its embedded metric format; nothing of a listener.

Amazon CloudWatch User Guide, "Specification: embedded metric format".
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

NAMESPACE = "LupusBackCare"
_KINDS = {"WarningSigns": "Urgency"}


def counter(function: str) -> Callable[[str, str | None], None]:
    """What counts for the Lambda function of this name: called with a metric and, if it has one, its kind.

    The kind is the operation that failed, or the urgency of a warning sign.
    """

    def count(metric: str, kind: str | None = None) -> None:
        dimension = _KINDS.get(metric, "Operation")
        dimensions = {"Function": function, **({dimension: kind} if kind else {})}
        sets = [["Function"], *([["Function", dimension]] if kind else [])]
        described = {"Namespace": NAMESPACE, "Dimensions": sets, "Metrics": [{"Name": metric, "Unit": "Count"}]}
        line = {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [described]}, **dimensions, metric: 1}
        # One write, so that lines of other threads don't come between; flushed, because the function may be frozen next.
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    return count
