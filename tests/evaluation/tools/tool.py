"""What another log checker is to the evaluation: something that says what is wrong with a log."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from time import process_time
from typing import Any

from tests.evaluation.case import Case
from tests.evaluation.verdict import Alarm, Verdict, without_records
from trainmon.rule import Severity


@dataclass(frozen=True, slots=True)
class Said:
    """One alarm in the tool's own words."""

    check: str
    level: str
    title: str
    onset: float | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """A log checker from the package index, used as its documentation says."""

    package: str
    diagnose: Callable[[Case], Sequence[Said]]
    levels: Mapping[str, Severity]
    """What its levels mean; what is not among them is no alarm."""
    names: Mapping[str, frozenset[str]]
    """The rules whose symptom each of its checks may be read as naming."""

    @property
    def title(self) -> str:
        """The tool and its version, as a column is headed."""
        try:
            return f"{self.package} {version(self.package)}"
        except PackageNotFoundError:
            return self.package

    @property
    def missing(self) -> str:
        """Why the tool cannot be used here; empty if it can."""
        try:
            import_module(self.package)
        except ImportError as error:
            return f"does not import: {error}"
        return ""

    def judge(self, case: Case) -> Verdict:
        """Return what the tool says of a case; a log on which it breaks is told as a failure."""
        started = process_time()
        failures: tuple[str, ...] = ()
        said: Sequence[Said] = ()
        try:
            said = self.diagnose(case)
        except Exception as error:  # noqa: BLE001 - whatever breaks in it is its own
            failures = (f"{type(error).__name__}: {error}",)
        return Verdict(
            tool=self.package,
            case=without_records(case),
            alarms=tuple(self._alarm(one) for one in said if one.level in self.levels),
            last_step=max((r["step"] for r in case.records if "step" in r), default=0.0),
            seconds=process_time() - started,
            failures=failures,
        )

    def _alarm(self, said: Said) -> Alarm:
        names = self.names.get(said.check, frozenset())
        return Alarm(said.check, names, self.levels[said.level], title=said.title, onset=said.onset)


def module(name: str) -> Any:  # noqa: ANN401 - packages without types, imported where they are used
    """Return a module of a tool."""
    return import_module(name)
