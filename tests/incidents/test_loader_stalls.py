"""Field case 4: three logs of a loader that stalls now and then."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray

from trainmon.incidents import Incident
from trainmon.monitor import Monitor
from trainmon.rule import Severity
from trainmon.store.batch import Record
from trainmon.view import RunView

STEP = 0.12
"""Seconds of compute per batch."""

IRREGULAR = (9, 23, 31, 47, 55, 69, 80, 95, 103, 117, 124, 140, 152, 160, 177, 186, 199, 211)
"""Batches of the 18 stalls of the first log: about 12 apart, without a period."""

Seconds = NDArray[np.float64]


def _judged(
    folder: Path, waits: Seconds, config: Record, util: Sequence[float], machine: Record
) -> RunView:
    times = 1e9 + np.cumsum(waits + STEP)
    records: list[Record] = [{"trainmon": 1, "time": 1e9, "config": config}]
    for step, (wait, use) in enumerate(zip(waits.tolist(), util, strict=True)):
        times_and_wait = {"step": step, "time": float(times[step]), "data_time": wait}
        reading = {"sys/gpu0/util": use} | machine
        records.append(times_and_wait | {"step_time": wait + STEP} | reading)
    path = folder / "rank0.jsonl"
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    (run,) = Monitor([path]).read_all(now=2e9).runs
    return run


def _waits(n_batches: int, stalls: tuple[int, ...], lengths: Seconds) -> Seconds:
    """Return waits of 2 to 10 ms, 4.1 in the median, with some stalls."""
    waits = np.random.default_rng(4).lognormal(np.log(0.0041), 0.25, n_batches).clip(0.002, 0.01)
    waits *= 0.0041 / np.median(waits)
    waits[waits.argmin()] = 0.002
    waits[list(stalls)] = lengths
    return waits


def _util(n_batches: int, low: float, high: float) -> list[float]:
    values: list[float] = np.random.default_rng(5).uniform(low, high, n_batches).tolist()
    return values


@pytest.fixture
def irregular(tmp_path: Path) -> RunView:
    lengths = np.linspace(0.06, 0.25, 18)
    lengths[[3, 11]] = 0.2753, 0.2561
    config = {"batch_size": 10_240, "num_workers": 12, "prefetch_factor": 4}
    waits = _waits(217, IRREGULAR, lengths)
    return _judged(tmp_path, waits, config, _util(217, 0.91, 0.93), {})


@pytest.fixture
def regular(tmp_path: Path) -> RunView:
    stalls = tuple(np.cumsum([23, 24] * 10).tolist())
    config = {"batch_size": 10_240, "num_workers": 12, "prefetch_factor": 4}
    waits = _waits(500, stalls, np.full(20, 0.324))
    return _judged(tmp_path, waits, config, _util(500, 0.91, 0.93), {})


@pytest.fixture
def tight(tmp_path: Path) -> RunView:
    config = {"batch_size": 8_192, "num_workers": 12, "prefetch_factor": 4}
    machine = {"sys/gpu0/mem_used": 0.985 * 80e9, "sys/gpu0/mem_total": 80e9}
    waits = _waits(217, IRREGULAR, np.full(18, 0.2))
    return _judged(tmp_path, waits, config, _util(217, 0.79, 0.91), machine)


def _stalls(run: RunView) -> Incident:
    (finding,) = [finding for finding in run.findings if finding.rule == "loader-spikes"]
    return finding


def test_eighteen_stalls_of_217_batches_are_a_warning(irregular: RunView) -> None:
    (finding,) = irregular.findings
    assert (finding.rule, finding.severity) == ("loader-spikes", Severity.WARNING)
    assert finding.onset_step == 9
    assert finding.evidence["spikes"] == 18
    assert finding.evidence["rate"] == pytest.approx(0.083, abs=0.003)
    assert finding.evidence["median"] == pytest.approx(0.0041, abs=0.0003)


def test_the_worst_stalls_are_told_with_their_steps(irregular: RunView) -> None:
    worst = _stalls(irregular).evidence["worst"]
    assert [(spike["step"], spike["wait"]) for spike in worst[:2]] == [(47, 0.2753), (140, 0.2561)]
    assert 0.91 <= worst[0]["gpu0/util"] <= 0.93


def test_no_period_is_claimed_where_there_is_none(irregular: RunView) -> None:
    assert "period" not in _stalls(irregular).evidence
    assert _stalls(irregular).evidence["spacing"] == pytest.approx(12, abs=1)


def test_a_stall_at_every_23rd_or_24th_batch_is_named_as_a_period(regular: RunView) -> None:
    (finding,) = regular.findings
    assert finding.evidence["max"] == 0.324
    assert finding.evidence["period"] == pytest.approx(23.5, abs=0.1)
    assert finding.evidence["matches"] == "2 x the 12 workers"
    assert "every 23.5 batches" in finding.title


def test_what_the_loader_holds_ready_is_told(irregular: RunView) -> None:
    evidence = _stalls(irregular).evidence
    assert (evidence["buffered_batches"], evidence["buffered_samples"]) == (48, 48 * 10_240)


def test_a_full_card_does_not_hide_the_stalls(tight: RunView) -> None:
    assert {finding.rule for finding in tight.findings} == {"loader-spikes", "gpu-memory-high"}
    finding = _stalls(tight)
    assert finding.severity == Severity.WARNING
    assert finding.evidence["worst"][0]["gpu0/mem_used"] == pytest.approx(0.985 * 80e9)
    assert finding.evidence["gpu_mem_share"] == pytest.approx(0.985)


@pytest.mark.parametrize("log", ["irregular", "regular"])
def test_the_fix_begins_with_fewer_workers_and_a_smaller_prefetch(
    log: str, request: pytest.FixtureRequest
) -> None:
    run: RunView = request.getfixturevalue(log)
    primary = run.diagnosis[0]
    assert (primary.cause, primary.role) == ("loader-spikes", "primary")
    fixes = [fix for fix in primary.fix if not fix.startswith("the period")]
    assert fixes[:2] == ["fewer workers: 12 to 8", "a smaller prefetch: 4 to 2"]
