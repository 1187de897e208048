"""One line for the trouble of many ranks, in lists alone."""

from dataclasses import replace

from trainmon.incidents import Incident, Regard, ranked
from trainmon.many_ranks import FOLDED_FROM, at, folded, standing_for
from trainmon.rule import Severity


def _spike(rank: int, severity: Severity = Severity.WARNING, rule: str = "loss-spike") -> Incident:
    return Incident(
        rule=rule, severity=severity, title=f"a spike on its own batch ({rank})", metric="loss",
        rank=rank, row=40, step=40.0, epoch=None, time=None, onset_row=40, onset_step=40.0,
        onset_epoch=None, last_row=40, last_step=40.0,
    )  # fmt: skip


MANY = ranked([_spike(rank) for rank in range(37) if rank != 12] + [_spike(12, Severity.ERROR)])


def test_one_rule_on_many_ranks_is_one_line_that_names_the_worst() -> None:
    (row,) = folded(MANY)
    assert row.finding.called == "loss-spike on 37 ranks (worst: rank 12)"
    assert row.finding.heading == "● loss-spike on 37 ranks (worst: rank 12) since step 40"
    assert row.finding.ranks == tuple(range(37))
    assert (row.index, len(row.members)) == (0, 37)


def test_few_ranks_are_told_one_by_one() -> None:
    few = MANY[: FOLDED_FROM - 1]
    assert [row.finding for row in folded(few)] == list(few)


def test_several_metrics_of_one_rank_are_no_ranks() -> None:
    metrics = [replace(_spike(0), metric=name) for name in ("a", "b", "c", "d")]
    assert len(folded(metrics)) == 4


def test_other_rules_keep_their_places() -> None:
    other = _spike(0, rule="non-finite")
    rows = folded([MANY[0], other, *MANY[1:]])
    assert [row.finding.rule for row in rows] == ["loss-spike", "non-finite"]
    assert rows[1].index == 1


def test_what_is_over_or_known_is_a_line_of_its_own() -> None:
    over = [replace(_spike(rank), cleared=True) for rank in range(100, 104)]
    known = [replace(_spike(rank), regard=Regard.ACKNOWLEDGED) for rank in range(200, 203)]
    rows = folded([*MANY, *known, *over])
    assert [len(row.members) for row in rows] == [37, 3, 4]


def test_a_line_is_open_while_one_of_its_ranks_is_looked_at() -> None:
    assert len(folded(MANY, 0)) == 1
    rows = folded(MANY, 5)
    assert [row.index for row in rows] == list(range(37))
    assert rows[at(rows, 5)].finding == MANY[5]


def test_a_finding_is_found_in_the_line_that_stands_for_it() -> None:
    assert at(folded(MANY), 9) == 0
    assert standing_for(MANY, MANY[9]).ranks == tuple(range(37))
    alone = _spike(3, rule="non-finite")
    assert standing_for([*MANY, alone], alone) == alone
