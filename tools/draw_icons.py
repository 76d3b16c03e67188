"""Draw the store's icons from their one source: skill_package/icon.svg -> assets/images/*.png.

    python -m tools.draw_icons           write both icons
    python -m tools.draw_icons --check   change nothing; exit 1 when an icon is not what the source draws

The sizes are those the store asks for: 108 by 108 pixels in lists, 512 by 512 on the
skill's page. The renderer is pinned, so the same source gives the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import resvg_py

PACKAGE = Path(__file__).resolve().parent.parent / "skill_package"
SIZES = {"small_icon.png": 108, "large_icon.png": 512}


def drawn(source: str, pixels: int) -> bytes:
    """The SVG text `source` as a square PNG of `pixels` by `pixels`."""
    return bytes(resvg_py.svg_to_bytes(svg_string=source, width=pixels, height=pixels, skip_system_fonts=True))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.draw_icons", description="Draw the store's icons from icon.svg.")
    parser.add_argument("--check", action="store_true", help="only say which icons are out of date")
    options = parser.parse_args(arguments)
    source = (PACKAGE / "icon.svg").read_text("utf-8")
    stale = 0
    for name, pixels in SIZES.items():
        path, png = PACKAGE / "assets" / "images" / name, drawn(source, pixels)
        if path.is_file() and path.read_bytes() == png:
            print(f"{name}: up to date", file=sys.stderr)
        elif options.check:
            stale += 1
            print(f"{name}: out of date; run 'make icons' and look at both", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png)
            print(f"{name}: written", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
