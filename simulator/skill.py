"""The real skill, loaded as Lambda would load it, with a window on what it understood."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class LoadedSkill:
    """`lambda_function.lambda_handler`, and the listener and understanding of the last turn.

    `memory` is a SQLite file, or None to remember nothing. The handler is imported once in
    a process, so all skills loaded in one process share the memory given first.
    """

    def __init__(self, memory: Path | None) -> None:
        os.environ.pop("MEMORY_FILE", None)
        if memory is not None:
            os.environ["MEMORY_FILE"] = str(memory)
        if str(ROOT / "lambda") not in sys.path:
            sys.path.insert(0, str(ROOT / "lambda"))
        module = importlib.import_module("lambda_function")
        self.handler: Callable[[dict[str, Any], object], dict[str, Any]] = module.lambda_handler
        self.listener: dict[str, Any] | None = None
        self.understood: dict[str, Any] | None = None
        module.skill.observers.append(self._see)

    def _see(self, _turn: Any, reply: Any) -> None:
        self.listener, self.understood = reply.listener.as_data(), reply.understood.as_data()

    def forget_last(self) -> None:
        """Empty the window, before a request that may not reach the dialogue."""
        self.listener = self.understood = None
