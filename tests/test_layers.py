"""The layers of the design: as contracts on imports, and as what is loaded when it counts."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LINT = """
from importlinter.cli import lint_imports
sys.exit(lint_imports(no_cache=True, no_logo=True))
"""

IMPORT_ALL_OF = """
import importlib, pkgutil, {package} as package
for module in pkgutil.walk_packages(package.__path__, "{package}."):
    importlib.import_module(module.name)
"""
"""A package with all of its modules, so that a new one is held to the same."""


def _python(code: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter that finds the checkout's own trainmon."""
    return subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r})\n{code}"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _loaded_by(code: str, folder: Path) -> set[str]:
    """Return the top-level packages that are loaded after the code has run."""
    done = _python(f"{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}})", folder)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_every_import_keeps_the_contracts_of_pyproject() -> None:
    done = _python(LINT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        ("import trainmon", {"numpy", "textual", "torch", "psutil", "watchdog", "orjson"}),
        (
            "from trainmon import Writer\nWriter('run').log({'loss': 1.0}, step=1)",
            {"numpy", "textual", "torch", "psutil", "watchdog", "pynvml"},
        ),
        ("import trainmon.cli", {"numpy", "textual", "torch", "watchdog"}),
        ("import trainmon.monitor", {"textual", "torch", "sklearn"}),
        (IMPORT_ALL_OF.format(package="trainmon.tail"), {"numpy", "textual", "orjson", "torch"}),
        (IMPORT_ALL_OF.format(package="trainmon.ui.charts"), {"textual", "torch"}),
    ],
    ids=["trainmon", "writer", "cli", "monitor", "tail", "charts"],
)
def test_importing_a_layer_loads_nothing_that_it_can_do_without(
    code: str, heavy: set[str], tmp_path: Path
) -> None:
    loaded = _loaded_by(code, tmp_path)
    assert "trainmon" in loaded
    assert not loaded & heavy
