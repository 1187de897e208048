"""What an evaluation got wrong, training by training, with what was said instead."""

from collections.abc import Iterator, Sequence
from shlex import quote

from tests.evaluation.verdict import Alarm, Named, Verdict


def misses(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield a text for each missed fault, wrong cause and false warning, in this order.

    Logs of one training that were misjudged in the same way are one text, with the first of them.
    """
    kinds: dict[str, dict[str, list[Verdict]]] = {kind: {} for kind in _KINDS}
    for verdict in verdicts:
        kind = _kind(verdict)
        if kind:
            kinds[kind].setdefault(verdict.training, []).append(verdict)
    for kind, trainings in kinds.items():
        for training, group in trainings.items():
            yield _text(kind, training, group)
    yield from _failures(verdicts)


_KINDS = ("missed", "wrong cause", "second cause right", "false warning")


def _kind(verdict: Verdict) -> str:
    """Return in which way a verdict is wrong; nothing if it is right."""
    if verdict.case.fault is None:
        return "false warning" if verdict.warnings else ""
    if not verdict.found:
        return "missed"
    if verdict.right:
        return ""
    return "second cause right" if verdict.nearly_right else "wrong cause"


def _text(kind: str, training: str, group: Sequence[Verdict]) -> str:
    first = group[0]
    case, fault = first.case, first.case.fault
    variants = "; ".join(verdict.case.variant.name for verdict in group)
    lines = [f"{kind}: {training} ({variants})"]
    if fault:
        expected = f"{' or '.join(sorted(fault.rules))} from step {fault.onset_step:g}"
        lines.append(f"  expected: {expected}, because of {' or '.join(fault.causes)}")
    alarms = first.alarms if fault else first.warnings
    lines.append(f"  said: {'; '.join(map(_alarm, alarms)) or 'nothing'}")
    if fault:
        lines.append(f"  causes: {'; '.join(map(_cause, first.causes)) or 'none'}")
    only = f"--half {case.half} --only {quote(case.name)} --misses --write logs"
    lines.append(f"  python -m tests.evaluation.run {only}")
    return "\n".join(lines) + "\n"


def _failures(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield what broke, once each, with the first case on which it did."""
    broken: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        for failure in verdict.failures:
            broken.setdefault(failure, []).append(verdict)
    for failure, group in broken.items():
        yield f"broken: {group[0].case.name} (and {len(group) - 1} more)\n  {failure}\n"


def _alarm(alarm: Alarm) -> str:
    words = [alarm.severity.word]
    words += [f"at step {alarm.spoke:g}"] if alarm.spoke is not None else []
    words += [f"since {alarm.onset:g}"] if alarm.onset is not None else []
    words += ["too early"] if alarm.early else []
    words += ["cleared"] if alarm.cleared else []
    of = f" of {alarm.metric}" if alarm.metric else ""
    return f"{alarm.check}{of} ({', '.join(words)})"


def _cause(named: Named) -> str:
    rival = f", or {named.rivals[0]}" if named.rivals else ""
    return f"{named.cause} ({named.role}{rival})"
