"""Fuzz every format for some seconds each, guided by coverage: python -m tests.fuzz.run [SECONDS].

Seeds are the example logs. What is found is kept in ``tests/fuzz/found/<format>/``, where the tests
replay it from then on; the exit code is 1 if something was. Two formats run at a time.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from trainmon.source import Source
from trainmon.sources import all_sources

FOUND = Path(__file__).parent / "found"
_EXAMPLES = Path(__file__).parents[1] / "sources" / "examples"

_SECONDS = 20
_LONGEST = 20_000
"""Bytes of one input: several blocks of any format, and quick to try."""

_PATIENCE = 10
"""Seconds after which one input counts as a hang."""

_MEMORY = 1_500
"""MB after which one input counts as a bomb; the interpreter with numpy takes 300 of them."""


def main(arguments: list[str]) -> int:
    """Fuzz all; return the exit code."""
    seconds = int(arguments[0]) if arguments else _SECONDS
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda source: _fuzz(source, seconds), all_sources()))
    return int(any(found))


def _fuzz(source: type[Source], seconds: int) -> bool:
    """Fuzz one format; return whether something was found."""
    kept = FOUND / source.id
    with TemporaryDirectory() as scratch:
        seeds = Path(scratch)
        logs = [*(_EXAMPLES / source.id).rglob("*"), *kept.glob("*")]
        for number, path in enumerate(path for path in logs if path.is_file()):
            data = path.read_bytes()
            seed = data if path.parent == kept else b"\x10" + data
            (seeds / str(number)).write_bytes(seed[:_LONGEST])
        kept.mkdir(parents=True, exist_ok=True)
        before = set(kept.iterdir())
        command = [sys.executable, "-m", "tests.fuzz.target", source.id, str(seeds)]
        options = [
            f"-max_total_time={seconds}",
            f"-max_len={_LONGEST}",
            f"-timeout={_PATIENCE}",
            f"-rss_limit_mb={_MEMORY}",
            f"-artifact_prefix={kept}/",
            "-verbosity=0",
            "-print_final_stats=1",
        ]
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)  # noqa: S603 - our own module
        new = set(kept.iterdir()) - before
        if not any(kept.iterdir()):
            kept.rmdir()
    tried = next((line for line in done.stderr.splitlines() if "number_of_executed" in line), "")
    sys.stdout.write(f"{source.id:20} {tried.rpartition(' ')[2] or '?':>9} inputs  ")
    sys.stdout.write(f"{'nothing found' if not done.returncode else 'FOUND'}\n")
    if done.returncode:
        sys.stdout.write(
            f"{done.stdout[-3_000:]}\n{done.stderr[-3_000:]}\n{sorted(map(str, new))}\n"
        )
    return bool(done.returncode)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
