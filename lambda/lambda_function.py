"""What AWS Lambda calls: `lambda_handler(event, context)`."""

from __future__ import annotations

import os
from typing import Any

from backcare.app import build

skill = build(os.environ)


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one Alexa request envelope; never raises."""
    return skill(event, context)
