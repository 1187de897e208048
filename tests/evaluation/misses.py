"""What an evaluation got wrong, one by one, with what was said instead."""

from collections.abc import Iterator, Sequence
from shlex import quote

from tests.evaluation.verdict import Alarm, Verdict


def misses(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield a text for each missed fault, wrong cause and false warning, in this order."""
    faulty = [v for v in verdicts if v.case.fault]
    for verdict in faulty:
        if not verdict.found:
            yield _text("missed", verdict)
    for verdict in faulty:
        if verdict.found and not verdict.right:
            kind = "second cause right" if verdict.nearly_right else "wrong cause"
            yield _text(kind, verdict)
    for verdict in verdicts:
        if not verdict.case.fault and verdict.warnings:
            yield _text("false warning", verdict)
    for verdict in verdicts:
        if verdict.failures:
            yield f"broken: {verdict.case.name}\n  {'; '.join(verdict.failures)}\n"


def _text(kind: str, verdict: Verdict) -> str:
    case, fault = verdict.case, verdict.case.fault
    lines = [f"{kind}: {case.name}"]
    if fault:
        expected = f"{' or '.join(sorted(fault.rules))} from step {fault.onset_step:g}"
        lines.append(f"  expected: {expected}, because of {' or '.join(fault.causes)}")
    alarms = verdict.alarms if fault else verdict.warnings
    lines.append(f"  said: {'; '.join(map(_alarm, alarms)) or 'nothing'}")
    if fault:
        causes = (_cause(named.cause, named.role, named.rivals) for named in verdict.causes)
        lines.append(f"  causes: {'; '.join(causes) or 'none'}")
    only = f"--half {case.half} --only {quote(case.name)} --misses --write logs"
    lines.append(f"  python -m tests.evaluation.run {only}")
    return "\n".join(lines) + "\n"


def _alarm(alarm: Alarm) -> str:
    words = [alarm.check, f"({alarm.severity.word}"]
    if alarm.spoke is not None:
        words.append(f"at step {alarm.spoke:g}")
    if alarm.onset is not None:
        words.append(f"since {alarm.onset:g}")
    words += ["too early"] if alarm.early else []
    words += ["cleared"] if alarm.cleared else []
    of = f" of {alarm.metric}" if alarm.metric else ""
    return f"{words[0]}{of} {', '.join(words[1:])})"


def _cause(cause: str, role: str, rivals: Sequence[str]) -> str:
    first = f", or {rivals[0]}" if rivals else ""
    return f"{cause} ({role}{first})"
