"""A conversation with the skill in the terminal: `python -m simulator --help`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from simulator.device import Answer, Device, plain
from simulator.hearing import Hearing
from simulator.skill import ROOT, LoadedSkill

DEFAULT_MEMORY = ROOT / ".local" / "memory.sqlite"
_WIDEST = 80


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="Talk with Lupus Back Care in the terminal, over its real handler and interaction model.",
        epilog=textwrap.dedent("""\
            Type what you would say. Some lines are not spoken:
              open          opens the skill (as "Alexa, open lupus back care" does)
              (silence)     says nothing: the reprompt plays, then the session ends
              (next day)    lets a day pass
            While the skill isn't listening, any other line is heard as "Alexa, ask lupus
            back care" and the line. With input from a pipe, one line is one utterance, an
            empty line brings a new listener, and nothing is remembered unless --memory
            names a file. Ctrl-C or Ctrl-D ends the conversation."""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line instead of a conversation")
    parser.add_argument("--voice", action="store_true", help="also speak, through espeak-ng")
    parser.add_argument("--locale", default="en-US", help="the device's locale (default: %(default)s)")
    parser.add_argument(
        "--memory",
        metavar="FILE|none",
        help=f"where to remember the listener (default: {DEFAULT_MEMORY.relative_to(ROOT)}, or none from a pipe)",
    )
    parser.add_argument("--date", type=_day, help="the listener's date, YYYY-MM-DD (default: today)")
    return parser


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(hour=18, tzinfo=UTC)


def _hearing(locale: str) -> Hearing:
    path = ROOT / "interaction_models" / f"{locale}.json"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*-*.json")))
        sys.exit(f"No interaction model for {locale}. Choose one of: {known}.")
    return Hearing(json.loads(path.read_text("utf-8")))


def _memory(named: str | None, interactive: bool) -> Path | None:
    if named == "none" or (named is None and not interactive):
        return None
    return Path(named) if named else DEFAULT_MEMORY


class Conversation:
    """Lines in, answers out, for one terminal or pipe."""

    def __init__(self, skill: LoadedSkill, hearing: Hearing, options: argparse.Namespace, interactive: bool) -> None:
        self._skill = skill
        self._hearing = hearing
        self._options = options
        self._interactive = interactive
        self._listeners = 0
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._device = self._new_listener()

    def _new_listener(self) -> Device:
        self._listeners += 1
        user = "home" if self._listeners == 1 else f"home-{self._listeners}"
        return Device(self._skill.handler, self._hearing, locale=self._options.locale, user=user, start=self._options.date)

    def run(self, lines: TextIO) -> None:
        """Hold the conversation until the lines end."""
        if self._interactive:
            self._hear("open")
        while True:
            if self._interactive:
                print(self._marked("You:   ", "2"), end="", flush=True)
            line = lines.readline()
            if not line:
                break
            if line.strip():
                self._hear(line.strip())
            elif not self._interactive:
                self.leave()
                self._device = self._new_listener()
        self.leave()

    def leave(self) -> None:
        """End an open session, so that nothing is left hanging."""
        self._device.leave("USER_INITIATED")

    def _hear(self, line: str) -> None:
        self._skill.forget_last()
        answer = self._device.say(line)
        if answer is not None:
            print(json.dumps(self._as_data(answer), ensure_ascii=False) if self._options.json else self._as_text(answer), flush=True)
            if self._options.voice and answer.ssml:
                _speak(answer.ssml)

    def _as_data(self, answer: Answer) -> dict[str, Any]:
        return {
            "utterance": answer.utterance,
            "intent": answer.intent,
            "slots": {name: {"value": s.value, "id": s.id, "status": s.status} for name, s in answer.slots.items()},
            "speech": answer.speech,
            "ssml": answer.ssml,
            "reprompt": plain(answer.reprompt) if answer.reprompt else None,
            "ends": answer.ends,
            "place": answer.place,
            "open": answer.open,
            "listener": self._skill.listener,
            "understood": self._skill.understood,
        }

    def _as_text(self, answer: Answer) -> str:
        width = min(_WIDEST, shutil.get_terminal_size().columns)
        label = self._marked("Skill: ", "1")
        said = textwrap.fill(answer.speech or "...", width, initial_indent=" " * 7, subsequent_indent=" " * 7).lstrip()
        closing = "\n" + self._marked("       (The skill has stopped listening.)", "2") if answer.ends else ""
        heard = "" if self._interactive else f"{self._marked('You:   ', '2')}{answer.utterance}\n"
        return f"{heard}{label}{said}{closing}"

    def _marked(self, text: str, style: str) -> str:
        return f"\033[{style}m{text}\033[0m" if self._colour else text


def _speak(ssml: str) -> None:
    subprocess.run(["espeak-ng", "-m", "-v", "en-us", "-s", "155", ssml], check=False, stderr=subprocess.DEVNULL)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = _parser().parse_args(arguments)
    if options.voice and not shutil.which("espeak-ng"):
        sys.exit("--voice needs espeak-ng. Install it (apt-get install espeak-ng, or brew install espeak-ng), or leave --voice out.")
    interactive = sys.stdin.isatty() and not options.json
    hearing = _hearing(options.locale)
    conversation = Conversation(LoadedSkill(_memory(options.memory, interactive)), hearing, options, interactive)
    if interactive:
        print("Type what you would say. Say stop, or press Ctrl-D, to end. --help tells more.", file=sys.stderr)
    try:
        conversation.run(sys.stdin)
    except KeyboardInterrupt:
        conversation.leave()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if interactive:
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
