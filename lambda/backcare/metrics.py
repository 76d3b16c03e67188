"""Counts for CloudWatch: one line on stdout each, in its embedded metric format; nothing of a listener.

Amazon CloudWatch User Guide, "Specification: embedded metric format".
"""

from __future__ import annotations

import json
import sys
import time

NAMESPACE = "LupusBackCare"


def memory_failed(operation: str) -> None:
    """Count one failure of the memory under MemoryFailures; `operation` is load, save or forget."""
    metric = {"Namespace": NAMESPACE, "Dimensions": [["Operation"]], "Metrics": [{"Name": "MemoryFailures", "Unit": "Count"}]}
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metric]},
        "Operation": operation,
        "MemoryFailures": 1,
    }
    # One write, so that lines of other threads don't come between; flushed, because the function may be frozen next.
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
