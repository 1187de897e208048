"""Fuzz the formats, guided by coverage: python -m tests.fuzz.run [--only FORMAT] [SECONDS].

Seeds are the example logs. What is found is made small and kept in ``tests/fuzz/found/<format>/``,
where the tests replay it from then on: give it a name that says what broke. The exit code is 1 if
something was found. Two formats run at a time.
"""

import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from trainmon.source import Source
from trainmon.sources import all_sources

FOUND = Path(__file__).parent / "found"
_EXAMPLES = Path(__file__).parents[1] / "sources" / "examples"

_SECONDS = 20
"""Seconds for each format, unless told."""

_SECONDS_TO_MINIMISE = 40
"""Seconds for making a found input smaller: most shrink to a line or two within."""

_SECONDS_A_STEP = 5
"""Seconds after which an input that did not become smaller stays as it is."""

_LONGEST = 20_000
"""Bytes of one input: several blocks of any format, and quick to try."""

_PATIENCE = 10
"""Seconds after which one input counts as a hang."""

_MEMORY = 1_500
"""MB after which one input counts as a bomb; the interpreter with numpy takes 300 of them."""

_CUT = b"\x10"
"""The byte ahead of an example that says how it is cut: into pieces of some dozen bytes."""

_LIMITS = (f"-timeout={_PATIENCE}", f"-rss_limit_mb={_MEMORY}", "-verbosity=0")


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz; return the exit code."""
    formats = {source.id: source for source in all_sources()}
    parser = ArgumentParser(prog="python -m tests.fuzz.run", description=__doc__)
    parser.add_argument("seconds", nargs="?", type=int, default=_SECONDS, help="for each format")
    parser.add_argument("--only", choices=sorted(formats), metavar="FORMAT", help="one format")
    options = parser.parse_args(arguments)
    if not find_spec("atheris"):
        parser.error("it needs its fuzzer: pip install -e '.[fuzz]'")
    chosen = [formats[options.only]] if options.only else list(formats.values())
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda source: _fuzz(source, options.seconds), chosen))
    return int(any(found))


def _fuzz(source: type[Source], seconds: int) -> bool:
    """Fuzz one format and tell how it went; return whether something was found."""
    with TemporaryDirectory() as scratch:
        seeds, fresh = Path(scratch, "seeds"), Path(scratch, "found")
        seeds.mkdir()
        fresh.mkdir()
        for number, seed in enumerate(_seeds(source)):
            (seeds / str(number)).write_bytes(seed[:_LONGEST])
        limits = (f"-max_total_time={seconds}", f"-max_len={_LONGEST}", "-print_final_stats=1")
        done = _target(source, str(seeds), *limits, f"-artifact_prefix={fresh}/")
        kept = [_kept(source, _minimised(source, path), path.name) for path in fresh.iterdir()]
    counted = [line for line in done.stderr.splitlines() if "number_of_executed" in line]
    tried = counted[-1].split()[-1] if counted else "?"
    told = [f"{source.id:20} {tried:>9} inputs  {'FOUND' if done.returncode else 'nothing found'}"]
    if done.returncode:
        told += [_what_broke(done), *map(str, kept)]
    sys.stdout.write("\n".join([*told, ""]))
    return bool(done.returncode)


def _seeds(source: type[Source]) -> list[bytes]:
    """Return what was found before, and the example logs."""
    known = [path.read_bytes() for path in sorted((FOUND / source.id).glob("*"))]
    logs = sorted(path for path in (_EXAMPLES / source.id).rglob("*") if path.is_file())
    return [*known, *(_CUT + path.read_bytes() for path in logs)]


def _minimised(source: type[Source], path: Path) -> Path:
    """Return a smaller input that breaks the format as well, the same one if none comes soon."""
    small = path.with_name(f"small-{path.name}")
    told = ("-minimize_crash=1", f"-max_total_time={_SECONDS_A_STEP}")
    with suppress(subprocess.TimeoutExpired):  # the smallest so far is written each time
        _target(
            source,
            str(path),
            *told,
            f"-exact_artifact_path={small}",
            seconds=_SECONDS_TO_MINIMISE,
        )
    return small if small.exists() else path


def _kept(source: type[Source], path: Path, name: str) -> Path:
    """Return where an input lies now that it is kept."""
    place = FOUND / source.id / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(path.read_bytes())
    return place


def _target(
    source: type[Source], *options: str, seconds: float | None = None
) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.fuzz.target", source.id, *options, *_LIMITS]
    return subprocess.run(  # noqa: S603 - our own module
        command, capture_output=True, text=True, errors="replace", check=False, timeout=seconds
    )


def _what_broke(done: "subprocess.CompletedProcess[str]") -> str:
    """Return the traceback, or what libFuzzer tells where it ended the process: a hang, a bomb."""
    _, begin, traceback = done.stdout.partition("Traceback")
    if begin:
        return f"{begin}{traceback}".rstrip()
    return "\n".join(line for line in done.stderr.splitlines() if "ERROR" in line)


if __name__ == "__main__":
    sys.exit(main())
