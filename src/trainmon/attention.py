"""What a person has said of findings: this one is known, that one is of no interest.

It is kept in ``attention.json`` in the state folder, by the run's path, so that the screen, the
plain lines and ``check`` agree on it. What cannot be read or written is a notice.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from trainmon.causes.diagnosis import Diagnosis
from trainmon.incidents import Incident, Key, Regard, ranked
from trainmon.rule import Severity
from trainmon.state_file import replace_file, state_path
from trainmon.text import clean
from trainmon.view import RunView, View

LIMIT = 1_000
"""Findings that are remembered; beyond, what was said first is forgotten."""

_BYTES = 8 << 20
"""Bytes of a file that is read (8 MiB): a full one has half of that where all paths are long."""

_VERSION = 1

Subject = tuple[Key, str]
"""A finding, and the resolved path of its run."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of a finding, and how it stood then."""

    regard: Regard
    severity: Severity
    times: int
    """How often it had opened."""
    opened: float | None
    """When it first opened, or at which step in a log without times: a run that was started over
    in the same place has findings of its own."""

    def of(self, incident: Incident) -> Regard:
        """Return what holds of the finding as it stands now."""
        same = incident.times <= self.times and _opened(incident) == self.opened
        if self.regard is Regard.MUTED or (same and incident.standing <= self.severity):
            return self.regard
        return Regard.NONE


@dataclass(frozen=True, slots=True)
class Attention:
    """Everything that was said, the latest last."""

    said: Mapping[Subject, Said] = field(default_factory=dict)
    keys: frozenset[Key] = frozenset()
    """The findings of whatever run of which something was said."""

    @classmethod
    def that(cls, said: Mapping[Subject, Said]) -> "Attention":
        """Return what was said, less what was said too long ago."""
        latest = dict(list(said.items())[-LIMIT:])
        return cls(latest, frozenset(key for key, _ in latest))

    def of(self, run: RunView, incident: Incident) -> Regard:
        """Return what was said of a finding."""
        if incident.key not in self.keys:  # resolving a path asks the system
            return Regard.NONE
        said = self.said.get(_subject(run, incident))
        return said.of(incident) if said else Regard.NONE

    def toggled(self, run: RunView, incident: Incident, regard: Regard) -> "Attention":
        """Return what is said after a key: this of the finding, or nothing if that was said."""
        said, subject = dict(self.said), _subject(run, incident)
        said.pop(subject, None)
        if self.of(run, incident) is not regard:
            standing, opened = incident.standing, _opened(incident)
            said[subject] = Said(regard, standing, incident.times, opened)
        return Attention.that(said)

    def without_mutes(self) -> "Attention":
        """Return what is said of findings that count."""
        said = self.said.items()
        return Attention.that({of: each for of, each in said if each.regard is not Regard.MUTED})


def attended(view: View, attention: Attention) -> View:
    """Return a view in which findings stand as the person has said."""
    if not attention.said:
        return view
    runs = tuple(attended_run(run, attention) for run in view.runs)
    return replace(view, runs=runs)


class Remembered:
    """What a person says, in a file if there is a `path`. Owned by one thread."""

    def __init__(self, path: Path | None = None) -> None:
        self.attention = Attention()
        self.notice = ""
        """What went wrong with the file last; empty if nothing did."""
        self._path = path
        self._unwritten = False
        """Whether more was said than the file holds."""
        self._read()

    def toggle(self, run: RunView, incident: Incident, regard: Regard) -> None:
        """Take in a key, on top of what others have written meanwhile."""
        understood = self._unwritten or self._read()
        self.attention = self.attention.toggled(run, incident, regard)
        if self._path and understood:
            self.notice = _written(self._path, self.attention)
            self._unwritten = bool(self.notice)

    def _read(self) -> bool:
        """Read the file; return whether it was understood, or is not there yet."""
        if self._path is None:
            return True
        try:
            self.attention = _parsed(_content(self._path))
        except FileNotFoundError:
            return True
        except _BROKEN as error:
            what = error.strerror if isinstance(error, OSError) else "it is not understood"
            self.notice = f"{_named(self._path)} is left alone: {what}; delete it to begin anew"
            return False
        self.notice = ""
        return True


_BROKEN = (OSError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""What may be raised where a file is not as it was written."""


def attention_path() -> Path:
    """Return where the file is, whether or not it exists: under ``XDG_STATE_HOME``."""
    return state_path("attention.json")


def attended_run(run: RunView, attention: Attention) -> RunView:
    """Return a run with its findings as a person has said that they stand."""
    told = [(incident, attention.of(run, incident)) for incident in run.findings]
    if not any(regard for _, regard in told):
        return run
    causes = {diagnosis.cause for diagnosis in run.diagnosis if diagnosis.role == "primary"}
    findings = ranked((replace(i, regard=regard) for i, regard in told), causes)
    counting = {i.rule for i in findings if i.regard is not Regard.MUTED}
    return replace(run, findings=findings, diagnosis=_of_these(run.diagnosis, counting))


def _of_these(diagnoses: tuple[Diagnosis, ...], rules: set[str]) -> tuple[Diagnosis, ...]:
    """Return the causes of the findings of some rules, with what stands beside them."""
    kept = tuple(each for each in diagnoses if not rules.isdisjoint(each.because))
    return kept if any(each.role == "primary" for each in kept) else ()


def _opened(incident: Incident) -> float | None:
    return incident.time if incident.time is not None else incident.step


def _subject(run: RunView, incident: Incident) -> Subject:
    return incident.key, os.path.realpath(run.path)


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_BYTES)


def _parsed(content: bytes) -> Attention:
    """Return what a file holds; raises what Python does where it holds something else."""
    document = orjson.loads(content)
    version, findings = document["version"], document["findings"]
    if version != _VERSION or not isinstance(findings, list):
        raise ValueError(version)
    return Attention.that(dict(map(_entry, findings)))


def _entry(fields: dict[str, Any]) -> tuple[Subject, Said]:
    key = (str(fields["rule"]), fields["metric"], int(fields["rank"]))
    severity = Severity[fields["severity"].upper()]
    said = Said(Regard(fields["said"]), severity, int(fields["times"]), fields["opened"])
    return (key, str(fields["path"])), said


def _written(path: Path, attention: Attention) -> str:
    """Write the file as a whole or not at all; return why it could not be written."""
    findings = [
        {
            "path": place,
            "rule": key[0],
            "metric": key[1],
            "rank": key[2],
            "said": said.regard.value,
            "severity": said.severity.word,
            "times": said.times,
            "opened": said.opened,
        }
        for (key, place), said in attention.said.items()
    ]
    content = orjson.dumps({"version": _VERSION, "findings": findings}, option=_INDENTED)
    try:
        replace_file(path, content)
    except OSError as error:
        return f"{_named(path)} cannot be written, so it is forgotten at the end: {error.strerror}"
    return ""


_INDENTED = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def _named(path: Path) -> str:
    return f"what was acknowledged and muted ({clean(str(path))})"
