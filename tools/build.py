"""Put together what AWS Lambda runs: one recipe for `make build` and for `sam build`.

    python -m tools.build                 build/function/ and build/lupus-back-care.zip
    python -m tools.build --into FOLDER   only the folder, as `sam build` wants it

In it: our code, the content, and third-party code as compiled files only. The runtime has
boto3; Flask and what it needs are another deployment's; requests is named by ask-sdk-core
but imported only by its API client, which we don't use.

Lambda can't write beside the code, so without compiled files every cold start compiles
everything again (582 ms against 182 ms for the SDK alone). They must come from the runtime's
own minor version: one is looked for on PATH, among pyenv's and with uv. The same commit
built by the same Python patch gives the same bytes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = (3, 13)
"""The Python of the function's Runtime in template.yaml; a test holds the two together."""

LOCK = ROOT / "lambda" / "requirements.lock"
ENTRY_POINTS = ("lambda_function.py", "canary_hook.py", "golden.json")
MOST_BYTES = 3_000_000
_EPOCH = (1980, 1, 1, 0, 0, 0)
_TIME_ZONES = Path("dateutil", "zoneinfo", "dateutil-zoneinfo.tar.gz")
"""A copy of the world's time zones that nothing of ours opens: a twentieth of the artefact."""

_KEPT_METADATA = ("METADATA", "LICENSE", "LICENSE.txt", "NOTICE", "NOTICE.txt")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.build", description="Put together the Lambda function's artefact.")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="fill this folder and make no zip")
    parser.add_argument("--source", action="store_true", help="don't compile, even where the runtime's Python is found")
    options = parser.parse_args(arguments)
    folder = options.into or ROOT / "build" / "function"
    if options.into is None:
        shutil.rmtree(folder, ignore_errors=True)
    python = None if options.source else runtime_python()
    assemble(folder, python)
    _say(f"Compiled by {_version(python)}." if python else _slower(chosen=options.source))
    if options.into is None:
        archive = pack(folder, ROOT / "build" / "lupus-back-care.zip")
        _report(folder, archive)
        if archive.stat().st_size > MOST_BYTES:
            _say(f"Too large: the zip may be {MOST_BYTES:,} bytes at most. See the largest parts above.")
            return 1
    return 0


def assemble(folder: Path, python: Path | None) -> None:
    """Fill `folder` with the function; compile with `python`, or ship source when it is None.

    Raises content.ContentError when the content doesn't load, and
    subprocess.CalledProcessError when pip or the compiler fails; their words are on stderr.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _check_content()
    _install(folder)
    third_party = sorted(p.name for p in folder.iterdir())
    for name in ENTRY_POINTS:
        shutil.copy2(ROOT / "lambda" / name, folder / name)
    skip = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(ROOT / "lambda" / "backcare", folder / "backcare", ignore=skip, dirs_exist_ok=True)
    shutil.copytree(ROOT / "content", folder / "content", ignore=shutil.ignore_patterns("schema", "utterances"), dirs_exist_ok=True)
    if python is not None:
        _compile(folder, third_party, python)


def _check_content() -> None:
    """Refuse to build around content that wouldn't load: the function reads topics only when asked for them."""
    sys.path.insert(0, str(ROOT / "lambda"))
    from backcare import content

    for locale in content.available_locales(ROOT / "content"):
        content.load(ROOT / "content", locale)


def _install(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps"]
    command += ["--only-binary=:all:", "--require-hashes", "--requirement", str(LOCK), "--target", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (folder / _TIME_ZONES).unlink()
    for metadata in folder.glob("*.dist-info"):
        for path in sorted(metadata.rglob("*"), reverse=True):
            if path.is_file() and path.name not in _KEPT_METADATA:
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()


def _compile(folder: Path, third_party: list[str], python: Path) -> None:
    """Third-party code becomes .pyc in its place; ours keeps its source, for tracebacks, with .pyc beside it."""
    flags = ["-q", "-j", "1", "--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", "/var/task"]
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
    theirs = [str(folder / name) for name in third_party if not name.endswith(".dist-info")]
    ours = [str(folder / "backcare"), *(str(folder / name) for name in ENTRY_POINTS if name.endswith(".py"))]
    for places, beside in ((theirs, ["-b"]), (ours, [])):
        subprocess.run([str(python), "-m", "compileall", *flags, *beside, *places], check=True, stdout=subprocess.DEVNULL, env=environment)
    for name in third_party:
        path = folder / name
        for source in [path] if path.suffix == ".py" else path.rglob("*.py"):
            source.unlink()


def runtime_python() -> Path | None:
    """An interpreter of the runtime's minor version that really runs, or None."""
    return next((path for path in _candidates() if _runs(path)), None)


def _candidates() -> Iterator[Path]:
    name = "python{}.{}".format(*RUNTIME)
    if sys.version_info[:2] == RUNTIME:
        yield Path(sys.executable)
    found = shutil.which(name)
    if found:
        yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob("versions/{}.{}*/bin/python".format(*RUNTIME)), reverse=True)
    if shutil.which("uv"):
        asked = subprocess.run(["uv", "python", "find", "{}.{}".format(*RUNTIME)], capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            yield Path(asked.stdout.strip())


def _runs(python: Path) -> bool:
    test = f"import sys; sys.exit(sys.version_info[:2] != {RUNTIME})"
    try:
        return subprocess.run([str(python), "-c", test], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def pack(folder: Path, archive: Path) -> Path:
    """Zip `folder` into `archive`: sorted entries, one fixed time, one mode, so that bytes repeat."""
    archive.unlink(missing_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
        for name in names:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            zipped.writestr(entry, (folder / name).read_bytes())
    return archive


def _version(python: Path | None) -> str:
    return subprocess.run([str(python), "--version"], capture_output=True, text=True, check=True).stdout.strip()


def _slower(*, chosen: bool) -> str:
    wanted = "Python {}.{}".format(*RUNTIME)
    reason = "as asked" if chosen else f"because no {wanted} was found on PATH, in pyenv or with uv"
    slower = "Every cold start will compile it again: about 400 ms slower."
    return f"WARNING: shipping source only, {reason}. {slower} Install {wanted} and build again."


def _report(folder: Path, archive: Path) -> None:
    sizes = {p.name: sum(f.stat().st_size for f in ([p] if p.is_file() else p.rglob("*")) if f.is_file()) for p in folder.iterdir()}
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        _say(f"  {size:>10,}  {name}")
    _say(f"{archive.relative_to(ROOT)}: {archive.stat().st_size:,} bytes, {sum(sizes.values()):,} unpacked.")


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
