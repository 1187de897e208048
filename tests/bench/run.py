"""Runs all benchmarks and prints one table, and below it what the others print by themselves.

    python -m tests.bench.run [--quick]

Quick takes about two minutes and is for orientation. Nothing is judged by its time: the exit code
is 1 only if a benchmark could not measure.
"""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

from tests.bench.table import Row, write_table


def main() -> int:
    """Run what there is; return the exit code."""
    quick = "--quick" in sys.argv[1:]
    rows: list[Row] = []
    scripts, failures = [], []
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        sys.stderr.write(f"{path.stem} ...\n")
        name = f"tests.bench.{path.stem}"
        measure = getattr(import_module(name), "measure", None)
        try:
            if measure is None:
                scripts.append((path.stem, output_of(name)))
            else:
                rows += measure(quick)
        except (OSError, EOFError, subprocess.CalledProcessError) as error:
            failures.append(f"{path.stem}: {error}\n")
    write_table(rows)
    for stem, output in scripts:
        sys.stdout.write(f"\n{stem}\n{output}")
    sys.stderr.writelines(failures)
    return int(bool(failures))


def output_of(module: str) -> str:
    """Return what a benchmark prints that has a form of its own."""
    command = [sys.executable, "-m", module]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own modules


if __name__ == "__main__":
    sys.exit(main())
