"""Units at the ends of names: what is converted, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.roles import normalised


@pytest.mark.parametrize(
    ("name", "plain", "factor"),
    [
        ("iter_time_ms", "iter_time", 1e-3),
        ("elapsed time per iteration (ms)", "elapsed time per iteration", 1e-3),
        ("wall_min", "wall", 60.0),
        ("mem_mb", "mem", 2.0**20),
        ("memory (GiB)", "memory", 2.0**30),
        ("perf/ms_per_step", "perf/time_per_step", 1e-3),
        ("step time (s)", "step time", 1.0),
        ("step_ms", "step_time", 1e-3),
        ("Data (s)", "Data_time", 1.0),
        ("elapsed_time_per_iteration_ms", "elapsed_time_per_iteration", 1e-3),
    ],
)
def test_a_unit_at_the_end_is_converted_and_lost(name: str, plain: str, factor: float) -> None:
    assert normalised(name) == (plain, factor)


@pytest.mark.parametrize(
    "name",
    [
        "tokens_per_sec",
        "samples (per s)",
        "loss_ms",
        "val_acc_us",
        "coco/bbox_mAP_s",
        "metrics/mAP50(B)",
        "coco/AP (M)",
        "eta_seconds",
        "ms",
        "(ms)",
        "loss_min",
        "",
    ],
)
def test_what_only_ends_like_a_unit_stays(name: str) -> None:
    assert normalised(name) == (name, 1.0)


PARTS = st.sampled_from(["time", "mem", "step", "ms", "S", "GiB", "µs", "per", "loss", "İ"])
JOINTS = st.sampled_from(["_", "/", " ", "(", ")", "[", "]", "", "\n"])


@given(st.text() | st.lists(PARTS | JOINTS).map("".join))
def test_any_name_is_kept_or_loses_its_end(name: str) -> None:
    plain, factor = normalised(name)
    assert factor > 0
    assert factor == 1.0 or plain != name
