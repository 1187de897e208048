from itertools import repeat
from math import inf, isnan, nan
from pathlib import Path
from typing import Any

from tests.sources.flat import all_of, read_in_pieces
from tests.sources.wandb_file import (
    HEADER,
    config,
    exit_record,
    history,
    run,
    stats,
    wandb_file,
)
from trainmon.source import Head, Home, Part
from trainmon.sources.wandb import WandbSource
from trainmon.store.batch import Batch


def _parts(*records: bytes) -> list[Part]:
    return list(WandbSource().read(wandb_file(records)))


def _batch(*records: bytes) -> Batch:
    (part,) = _parts(*records)
    assert not part.skipped
    return part.batch


def _values(batch: Batch) -> dict[str, list[float]]:
    return {name: samples.values.tolist() for name, samples in batch.samples.items()}


def _row(step: int, **values: Any) -> bytes:  # noqa: ANN401 - JSON is any value
    return history({**values, "_step": step, "_timestamp": 1.7e9 + step, "_runtime": step})


def test_history_rows_are_records_at_their_steps_and_times() -> None:
    batch = _batch(_row(0, loss=2.0, epoch=0), _row(1, loss=1.5, epoch=1))
    assert batch.steps.tolist() == [0, 1]
    assert batch.epochs.tolist() == [0, 1]
    assert batch.times.tolist() == [1.7e9, 1.7e9 + 1]
    assert _values(batch) == {"loss": [2.0, 1.5]}


def test_a_frameworks_own_counter_goes_before_that_of_calls() -> None:
    rows = [_row(call, **{"trainer/global_step": 50 * call, "loss": 1.0}) for call in range(3)]
    batch = _batch(*rows, _row(3, note=1.0))
    assert str(batch.steps.tolist()) == str([0.0, 50.0, 100.0, nan])


def test_values_that_are_not_finite_are_read_in_all_spellings() -> None:
    batch = _batch(*(_row(0, loss=value) for value in (nan, inf, -inf, "NaN", "Infinity")))
    values = batch.samples["loss"].values.tolist()
    assert isnan(values[0])
    assert isnan(values[3])
    assert (values[1], values[2], values[4]) == (inf, -inf, inf)


def test_nested_values_are_joined_and_media_are_left_out() -> None:
    batch = _batch(
        _row(
            0,
            val={"accuracy": 0.5, "image": {"_type": "image-file", "width": 8}},
            histogram={"_type": "histogram", "bins": [1]},
            word="text",
            **{"nested/part": 1.0, "table/_type": "table-file", "table/nrows": 3},
        )
    )
    assert _values(batch) == {"val/accuracy": [0.5], "nested/part": [1.0]}


def test_a_metric_called_like_a_field_of_ours_does_no_harm() -> None:
    batch = _batch(_row(0, event=1.0, trainmon=2.0, time=3.0))
    assert not batch.events
    assert _values(batch) == {"time": [3.0]}


def test_name_and_settings_of_a_run_are_its_header() -> None:
    batch = _batch(run("small net", {"lr": 0.1, "_wandb": {}}))
    (event,) = batch.events
    assert (event.kind, event.fields["run"], event.fields["config"]) == (
        "header",
        "small net",
        {"lr": 0.1},
    )


def test_settings_are_told_once_though_wandb_repeats_them() -> None:
    batch = _batch(
        run("a", {"lr": 0.1}), run("a", {"lr": 0.1}), config({"lr": 0.1, "epochs": 3}), config({})
    )
    assert [event.fields["config"] for event in batch.events] == [{"lr": 0.1}, {"epochs": 3}]


def test_the_exit_code_is_the_end_of_the_run() -> None:
    ends = [_batch(exit_record(code)).events[0].fields["status"] for code in (0, 1, -9)]
    assert ends == ["finished", "failed", "failed"]


def test_hardware_measured_after_the_end_does_not_take_it_back() -> None:
    batch = _batch(exit_record(0), stats(1_700_000_000, {"gpu.0.gpu": 50.0}))
    assert batch.n_rows == 1


def test_hardware_is_told_in_our_names_and_units() -> None:
    batch = _batch(stats(1_700_000_000, {"gpu.0.gpu": 50.0, "proc.memory.rssMB": 2.0, "disk": 9}))
    assert batch.times.tolist() == [1.7e9]
    assert _values(batch) == {"sys/gpu0/util": [0.5], "sys/rss": [2.0 * 2**20]}


def test_a_number_too_large_for_python_or_a_nest_too_deep_is_left_out() -> None:
    deep = b'{"a":' * 3_000 + b"1" + b"}" * 3_000
    for text in (b"9" * 5_000, deep, b"{"):
        item = b"\x0a\x01x\x82\x01" + _length(text) + text
        message = b"\x0a" + _length(item) + item
        (part, *_) = [*_parts(b"\x12" + _length(message) + message), Part(_batch(_row(0, a=1.0)))]
        assert "x" not in part.batch.samples


def _length(data: bytes) -> bytes:
    size = len(data)
    encoded = bytearray()
    while size > 0x7F:
        encoded.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*encoded, size])


def test_what_cannot_be_read_is_counted_and_the_rest_is_read() -> None:
    data = bytearray(
        wandb_file([_row(0, loss=1.0)]) + wandb_file([_row(1, loss=2.0)])[len(HEADER) :]
    )
    data[len(HEADER) + 9] ^= 1
    (part,) = WandbSource().read(bytes(data))
    assert part.skipped == {"damaged chunks": 1}
    assert _parts(b"\x12\x05")[0].skipped == {"records that are none of W&B's": 1}


def test_a_killed_run_is_read_to_its_last_whole_record() -> None:
    data = wandb_file(_row(step, loss=1.0, filler="x" * 500) for step in range(100))[:32_768]
    (part,) = WandbSource().read(data)
    assert 40 < part.batch.n_rows < 70
    assert not part.skipped


def test_no_cut_of_records_over_several_blocks_changes_what_is_read() -> None:
    data = wandb_file(_row(step, loss=float(step), filler="x" * 40_000) for step in range(5))
    whole = all_of(read_in_pieces(WandbSource, data, repeat(len(data)), Path("a.wandb")))
    assert all_of(read_in_pieces(WandbSource, data, repeat(977), Path("a.wandb"))) == whole
    assert len(whole[0]) == 5


def test_a_file_of_its_header_alone_has_no_history_yet() -> None:
    source = WandbSource()
    assert source.recognises(Head(HEADER))
    assert not source.read(HEADER)
    assert source.remarks() == ("no history so far",)


def test_the_folder_that_wandb_makes_for_a_run_is_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "offline-run-20240101_000000-ab12"
    assert WandbSource.home(folder / "run-ab12.wandb") == Home(folder)
    assert WandbSource.home(tmp_path / "copied.wandb") == Home(tmp_path / "copied.wandb")
