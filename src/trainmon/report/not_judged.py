"""What could not be judged, by the line of code that would change it, the most useful first."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trainmon.report.lines import Line
from trainmon.view import NotJudged

GROUPS = 1
"""Lines of code that are told: the verdict leads, and who adds one is told the next one then."""

_NAMED = 6
"""Rules that are named for a line of code."""


@dataclass(frozen=True, slots=True)
class Lack:
    """One line of code, and the rules that it would let look."""

    log: str
    signals: tuple[str, ...]
    alone: tuple[str, ...]
    """Rules that lack nothing else."""
    partly: tuple[str, ...]
    """Rules that lack something more."""

    @property
    def use(self) -> tuple[int, int]:
        """How much the line would let be judged: with it alone, and with others."""
        return len(self.alone), len(self.partly)


def lacks(not_judged: Sequence[NotJudged]) -> list[Lack]:
    """Return what several rules could not judge by the lines of code, the most useful first.

    Rules that lack the same signal may tell it by lines that differ; the commonest stands for all.
    """
    lines: dict[str, Counter[str]] = defaultdict(Counter)
    for each in not_judged:
        lines[each.missing[0]][each.log] += 1
    log_of = {signal: counted.most_common(1)[0][0] for signal, counted in lines.items()}
    by_log: dict[str, list[NotJudged]] = defaultdict(list)
    for each in not_judged:
        by_log[log_of[each.missing[0]]].append(each)
    found = [
        Lack(
            log,
            signals=tuple(dict.fromkeys(each.missing[0] for each in group)),
            alone=tuple(dict.fromkeys(each.rule for each in group if len(each.missing) == 1)),
            partly=tuple(dict.fromkeys(each.rule for each in group if len(each.missing) > 1)),
        )
        for log, group in by_log.items()
    ]
    return sorted(found, key=lambda lack: (*(-amount for amount in lack.use), lack.log))


def lines_on(not_judged: Sequence[NotJudged]) -> Iterator[Line]:
    """Yield the most useful line of code with what it alone would let look, and the other rules."""
    found = lacks(not_judged)
    named = 0
    for lack in found[:GROUPS]:
        rules = lack.alone or lack.partly
        named += len(rules)
        names = ", ".join(rules[:_NAMED])
        if len(rules) > _NAMED:
            names += f" and {len(rules) - _NAMED} more"
        yield Line(f"not judged: {names} ({', '.join(lack.signals)})", hang=4, code=lack.log)
    beyond = sum(len(lack.alone) + len(lack.partly) for lack in found) - named
    if beyond:
        yield Line(f"not judged for want of other signals: {beyond} (-v tells them)")


def each_line(not_judged: Sequence[NotJudged]) -> Iterator[Line]:
    """Yield every line of code with the rules that it would let look, and what else these lack."""
    by_rule = {each.rule: each for each in not_judged}
    for lack in lacks(not_judged):
        given = {signal for each in not_judged if each.log == lack.log for signal in each.missing}
        rules = list(lack.alone)
        for rule in lack.partly:
            others = [signal for signal in by_rule[rule].missing if signal not in given]
            rules.append(f"{rule} (with {', '.join(others)})" if others else rule)
        signals = ", ".join(lack.signals)
        yield Line(f"not judged: {', '.join(rules)} ({signals})", hang=4, code=lack.log)
