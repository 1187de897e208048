"""Runs all benchmarks and prints one table.

    python -m tests.bench.run [--quick] [--readme]

Quick takes about two minutes and is for orientation; ``--readme`` writes the table into the README.
Nothing is judged by its time: the exit code is 1 only if a benchmark could not measure.
"""

import re
import subprocess
import sys
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path

from tests.bench.table import Row, markdown, write_table

README = Path(__file__).parents[2] / "README.md"
_SECTION = re.compile(r"(<!-- generated: benchmarks -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> int:
    """Run what there is; return the exit code."""
    parser = ArgumentParser(prog="python -m tests.bench.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="for orientation, in minutes")
    parser.add_argument("--readme", action="store_true", help="write the table into the README")
    options = parser.parse_args()
    rows: list[Row] = []
    failures: list[str] = []
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        sys.stderr.write(f"{path.stem} ...\n")
        module = import_module(f"tests.bench.{path.stem}")
        try:
            rows += module.measure(options.quick)
        except (OSError, EOFError, subprocess.CalledProcessError) as error:
            failures.append(f"{path.stem}: {error}\n")
    write_table(rows)
    if options.readme and not failures:
        text = README.read_text()
        README.write_text(_SECTION.sub(lambda match: match[1] + markdown(rows) + match[2], text))
    sys.stderr.writelines(failures)
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
