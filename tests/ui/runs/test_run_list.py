"""Many runs: which are listed, and in what order."""

import pytest

from tests.ui.scenes import healthy, not_a_number, overfitting, run_of
from trainmon.store.batch import Record
from trainmon.ui.runs.run_list import ORDERS, best_of, listed
from trainmon.view import RunView


def _run(name: str, **config: float | str) -> RunView:
    records: list[Record] = [{"trainmon": 1, "run": name, "config": config}]
    records += [{"step": n, "val/loss": 1 / n} for n in range(1, 11)]
    return run_of(records, name)


RUNS = [
    _run("adam-small", lr=1e-4, optimizer="adamw", batch_size=64),
    _run("Adam-large", lr=3e-3, optimizer="AdamW", batch_size=512),
    _run("sgd", lr=0.1, optimizer="sgd"),
]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("", ["adam-small", "Adam-large", "sgd"]),
        ("adam", ["adam-small", "Adam-large"]),
        ("adam large", ["Adam-large"]),
        ("lr>1e-3", ["Adam-large", "sgd"]),
        ("lr>=3e-3 lr<0.1", ["Adam-large"]),
        ("optimizer=adamw", ["adam-small", "Adam-large"]),
        ("optimizer!=adamw", ["sgd"]),
        ("batch_size=64", ["adam-small"]),
        ("batch_size!=64", ["Adam-large"]),
        ("optimizer>3", []),
        ("nosuch=1", []),
        ("lr>", []),
        ("step>=10 best<=0.1 sgd", ["sgd"]),
    ],
)
def test_a_filter_is_words_of_a_name_and_comparisons_of_settings(
    wanted: str, names: list[str]
) -> None:
    assert [run.name for run in listed(RUNS, wanted, "newest")] == names


def test_the_orders_put_first_what_a_person_looks_for() -> None:
    runs = [run_of(healthy(), "well"), run_of(overfitting(), "over"), run_of(not_a_number(), "nan")]
    first = {order: listed(runs, "", order)[0].name for order in ORDERS}
    assert first == {
        "newest": "well",
        "health": "nan",
        "best": "well",
        "name": "nan",
        "step": "well",
    }


def test_the_best_value_is_that_of_the_metric_that_decides() -> None:
    records: list[Record] = [{"trainmon": 1, "config": {"monitor": "val/f1", "mode": "max"}}]
    records += [
        {"step": n, "val/loss": 1 / n, "val/f1": f1} for n, f1 in enumerate((0.2, 0.9, 0.4), 1)
    ]
    assert best_of(run_of(records)) == (0.9, True)
    assert best_of(RUNS[0]) == (0.1, False)
    assert best_of(run_of([{"step": 1, "x": 1.0}])) is None
