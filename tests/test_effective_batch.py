"""How many examples one optimizer step sees."""

from typing import Any

import pytest

from trainmon.configuration import settings_of
from trainmon.effective_batch import effective_batch, with_world_size


@pytest.mark.parametrize(
    ("config", "batch"),
    [
        ({"batch_size": 32}, 32),
        ({"batch_size": 2, "accum": 4}, 8),
        ({"per_device_train_batch_size": 2, "gradient_accumulation_steps": 4, "num_gpus": 8}, 64),
        ({"batch_size": 2, "accum": None, "world_size": None}, 2),
        ({"micro_batch_size": 2, "num_gpus": 8, "global_batch_size": 512}, 512),
        ({"solver": {"ims_per_batch": 16}, "num_gpus": 8}, 16),
        ({"batch_size": 2, "accum": "auto"}, None),
        ({"batch_size": 2, "accum": 0}, None),
        ({"batch_size": -1}, None),
        ({"batch_size": float("nan")}, None),
        ({"accum": 4}, None),
        ({}, None),
    ],
)
def test_the_batch_is_what_the_settings_multiply_to(
    config: dict[str, Any], batch: float | None
) -> None:
    assert effective_batch(settings_of(config)) == batch


@pytest.mark.parametrize(
    ("settings", "header", "world"),
    [
        ({}, {"world_size": 8}, 8),
        ({"world_size": 2.0}, {"world_size": 8}, 2),
        ({}, {"world_size": "8"}, None),
        ({}, {}, None),
    ],
)
def test_the_header_tells_the_world_size_where_the_settings_do_not(
    settings: dict[str, Any], header: dict[str, Any], world: float | None
) -> None:
    assert with_world_size(settings, header).get("world_size") == world
