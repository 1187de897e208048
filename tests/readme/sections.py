"""The generated parts of the README, each from the thing it tells of."""

import ast
import inspect
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules

from tests.readme.pictures import LOGS, ROOT
from trainmon import cli
from trainmon.demo import recipes
from trainmon.integrations import names
from trainmon.rules import all_rules
from trainmon.sources import all_sources
from trainmon.ui import panels
from trainmon.ui.app import TrainmonApp
from trainmon.ui.keys.bindings import explained_keys
from trainmon.ui.look.themes import theme_names
from trainmon.ui.page import Page
from trainmon.ui.pages import PAGES, load
from trainmon.ui.panel import Panel
from trainmon.writer import Writer

README = ROOT / "README.md"
EXAMPLES = ROOT / "tests/examples"
LIGHTNING = ROOT / "tests/sources/examples/lightning"
_SECTION = re.compile(r"(<!-- generated: (\w+) -->)(.*?)(<!-- end -->)", re.DOTALL)


def faults() -> str:
    """Return the table of demo faults."""
    return _table(("fault", "what happens"), [(f"`{name}`", what) for name, what in recipes()])


def example() -> str:
    """Return the example script as it is run by the tests."""
    return f"```python\n{(EXAMPLES / 'digits.py').read_text().rstrip()}\n```"


def loop() -> str:
    """Return what the example does with trainmon: its import and its training loop."""
    text = (EXAMPLES / "digits.py").read_text()
    (line,) = re.findall(r"^from trainmon import .*$", text, re.MULTILINE)
    return f"```python\n{line}\n\n{text[text.index('with Writer(') :].rstrip()}\n```"


def methods() -> str:
    """Return the table of what a writer can be told, in the order of the classes it is made of."""
    rows = []
    for owner in reversed(Writer.__mro__):
        for name, member in vars(owner).items():
            told = inspect.getdoc(member) or ""
            if not name.startswith("_") and ">>>" in told and name not in SEAM:
                rows.append((f"`log.{name}`", told.partition("\n")[0].replace("``", "`")))
    return _table(("call", "does"), rows)


def integrations() -> str:
    """Return the table of integrations: what stands in a script, taken from the examples."""
    rows = []
    for name, script in _examples().items():
        text = script.read_text()
        (line,) = re.findall(rf"^from trainmon\.\S+\.{name} import .*$", text, re.MULTILINE)
        parts = "|".join(line.partition(" import ")[2].split(", "))
        uses = re.findall(rf"^ *(.*\b(?:{parts})\(.*?)[ ,:]*$", text, re.MULTILINE)
        rows.append((_told(name), "<br>".join(f"`{part}`" for part in (line, *uses))))
    return _table(("", "in the script"), rows)


def _told(integration: str) -> str:
    """Return the first line of an integration's docstring, without loading its framework."""
    spec = find_spec(f"trainmon.integrations.{integration}")
    assert spec is not None
    assert spec.origin is not None
    told = ast.get_docstring(ast.parse(Path(spec.origin).read_text())) or ""
    return told.partition("\n")[0].replace("``", "`")


def scripts() -> str:
    """Return the example scripts of the integrations, folded."""
    return "\n\n".join(
        f"<details><summary>{script.name}</summary>\n\n```python\n{script.read_text().rstrip()}\n"
        "```\n\n</details>"
        for script in _examples().values()
    )


def _examples() -> dict[str, Path]:
    """Return the script that shows each integration, by its name."""
    scripts = [path for path in EXAMPLES.glob("*.py") if path.name != "digits.py"]
    shown = {
        name: script
        for name in names()
        for script in scripts
        if f"trainmon.integrations.{name} import" in script.read_text()
    }
    missing = set(names()) - set(shown)
    assert not missing, f"no example shows {missing}"
    return shown


def rules() -> str:
    """Return the table of rules."""
    rows = [
        (f"`{rule.id}`", rule.summary, ", ".join(f"`{need.signal}`" for need in rule.needs))
        for rule in all_rules()
    ]
    return _table(("rule", "says", "needs"), rows)


def check() -> str:
    """Return what `trainmon check` prints on the recorded run."""
    out = io.StringIO()
    with redirect_stdout(out):
        cli.main(["check", str(LOGS / "overfitting")])
    return f"```text\n{out.getvalue().rstrip()}\n```"


def commands() -> str:
    """Return the table of commands."""
    rows = [
        (f"`trainmon {verb}`", import_module(f"trainmon.cli.{verb}").SUMMARY)
        for verb in cli.verbs()
    ]
    return _table(("command", "does"), rows)


def formats() -> str:
    """Return the table of formats."""
    rows = [(f"`{source.id}`", source.summary) for source in all_sources()]
    return _table(("format", "is"), rows)


def understood() -> str:
    """Return what `trainmon formats` prints on a log of Lightning's."""
    out = io.StringIO()
    with redirect_stdout(out):
        cli.main(["formats", str(LIGHTNING / "version_3")])
    return f"```text\n{out.getvalue().rstrip().replace(str(LIGHTNING), 'lightning_logs')}\n```"


def keys() -> str:
    """Return the table of keys: those of every page, then those of single pages and panels."""
    everywhere = explained_keys(TrainmonApp, Page)
    rows = [(f"`{key}`", what) for key, what in everywhere]
    for page in map(load, PAGES):
        own = [pair for pair in explained_keys(page) if pair not in explained_keys(Page)]
        rows += [(f"`{key}`", f"{page.called} page: {what}") for key, what in own]
    for panel in _panels():
        rows += [(f"`{key}`", f"{panel.title}: {what}") for key, what in explained_keys(panel)]
    return _table(("key", "does"), rows)


def _panels() -> Iterator[type[Panel]]:
    """Yield the panels that have keys of their own, by name."""
    for module in iter_modules(panels.__path__):
        for value in vars(import_module(f"{panels.__name__}.{module.name}")).values():
            ours = isinstance(value, type) and issubclass(value, Panel)
            if ours and value.__module__.endswith(f".{module.name}") and "BINDINGS" in vars(value):
                yield value


def pages() -> str:
    """Return the table of pages: each with its key, and what it is for."""
    rows = []
    for name, key in PAGES.items():
        about = (import_module(load(name).__module__).__doc__ or "").split("\n")[0]
        rows.append((f"`{key}`", name, about.partition(": ")[2].rstrip(".") or about.rstrip(".")))
    return _table(("key", "page", "shows"), rows)


def themes() -> str:
    """Return the names of the themes."""
    return ", ".join(f"`{name}`" for name in theme_names())


SECTIONS: dict[str, Callable[[], str]] = {
    section.__name__: section
    for section in (
        *(faults, loop, example, methods, integrations, scripts),
        *(rules, check, commands, formats, understood, pages, keys, themes),
    )
}
"""All parts but the benchmarks, which `tests/bench/run.py` writes: times differ from run to run."""

SEAM = frozenset({"alone", "beside", "configure", "fetch", "guard", "listen", "settle", "tell"})
"""What integrations are made of; a training script does without."""

INLINE = frozenset({"themes"})
"""Parts that stand within a line."""


def generated(text: str) -> str:
    """Return the README with its parts written anew."""

    def part(match: re.Match[str]) -> str:
        opening, name, present, closing = match.groups()
        if name not in SECTIONS:
            return f"{opening}{present}{closing}"
        content = SECTIONS[name]()
        gap = "" if name in INLINE else "\n"
        return f"{opening}{gap}{content}{gap}{closing}"

    return _SECTION.sub(part, text)


def write(path: Path = README) -> None:
    """Write the parts of the README anew."""
    path.write_text(generated(path.read_text()))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    escaped = [[cell.replace("|", r"\|") for cell in row] for row in rows]
    lines = [heads, ["---"] * len(heads), *escaped]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
