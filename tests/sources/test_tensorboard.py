import math
from collections.abc import Callable
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util
from torch.utils.tensorboard import SummaryWriter

from tests.sources.flat import all_of, read_in_pieces
from trainmon.configuration import settings_of
from trainmon.source import Head, Home
from trainmon.sources.tensorboard import TensorBoardSource

EXAMPLES = Path(__file__).parent / "examples" / "tensorboard"
TIME = 1.7e9

Values = dict[str, list[tuple[float, float]]]


def _file_of(folder: Path) -> Path:
    (path,) = folder.glob("*.tfevents.*")
    return path


def _read(path: Path) -> tuple[TensorBoardSource, list[Values]]:
    """Return the source and, by run, the steps and values of each metric."""
    source = TensorBoardSource(path)
    runs: list[Values] = [{}]
    for part in (*source.read(path.read_bytes()), *source.finish()):
        if part.begins_run:
            runs.append({})
        assert not part.skipped
        for name, samples in part.batch.samples.items():
            steps = part.batch.steps[samples.rows].tolist()
            pairs = zip(steps, samples.values.tolist(), strict=True)
            runs[-1].setdefault(name, []).extend(pairs)
    return source, runs


def _written(folder: Path, events: list[Event]) -> Path:
    writer = EventFileWriter(str(folder))
    for event in events:
        writer.add_event(event)
    writer.close()
    return _file_of(folder)


def _scalar(tag: str, step: int, value: float = 1.0, time: float = TIME) -> Event:
    summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
    return Event(wall_time=time, step=step, summary=summary)


def _tensor(tensor: TensorProto, plugin: str = "scalars") -> Event:
    metadata = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name=plugin))
    value = Summary.Value(tag="loss", tensor=tensor, metadata=metadata)
    return Event(wall_time=TIME, step=3, summary=Summary(value=[value]))


def test_scalars_of_torch_are_those_that_tensorboard_reads(tmp_path: Path) -> None:
    with SummaryWriter(str(tmp_path)) as writer:
        for step in range(0, 3_000, 100):
            writer.add_scalar("train/loss", 1 / (1 + step), step)
            writer.add_scalar("new style", step, step, new_style=True)
            writer.add_histogram("weights", np.arange(50.0), step)
        writer.add_text("notes", "looks good", 100)
        writer.add_image("sample", np.zeros((3, 8, 8)), 100)
    official = EventAccumulator(str(_file_of(tmp_path)), size_guidance={"tensors": 0})
    official.Reload()
    _, (metrics,) = _read(_file_of(tmp_path))
    tensors = official.Tensors("new style")
    assert metrics == {
        "train/loss": [(event.step, event.value) for event in official.Scalars("train/loss")],
        "new style": [
            (event.step, float(tensor_util.make_ndarray(event.tensor_proto))) for event in tensors
        ],
    }


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8"), max_size=12),
            st.integers(-(2**40), 2**62),
            st.floats(width=32),
            st.floats(0, 2e9),
        ),
        max_size=25,
    ),
    st.integers(1, 90),
)
def test_every_value_arrives_whatever_its_tag_step_and_cut(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[str, int, float, float]], size: int
) -> None:
    events = [_scalar(tag, step, value, time) for tag, step, value, time in told]
    path = _written(tmp_path_factory.mktemp("logs"), events)
    whole = read_in_pieces(TensorBoardSource, path.read_bytes(), repeat(1 << 30), path)
    values = [v for part in whole for s in part.batch.samples.values() for v in s.values.tolist()]
    epochs = [e for part in whole for e in part.batch.epochs.tolist() if not math.isnan(e)]
    expected = [value for tag, _, value, _ in told if tag not in {"epoch", "epochs"}]
    assert sorted(map(str, values)) == sorted(map(str, expected))
    assert len(epochs) <= len(told)
    pieces = read_in_pieces(TensorBoardSource, path.read_bytes(), repeat(size), path)
    assert all_of(pieces) == all_of(whole)


@pytest.mark.parametrize(
    "tensor",
    [
        TensorProto(dtype="DT_FLOAT", float_val=[2.5]),
        TensorProto(dtype="DT_FLOAT", tensor_content=np.float32(2.5).tobytes()),
        TensorProto(dtype="DT_DOUBLE", double_val=[2.5]),
        TensorProto(dtype="DT_HALF", half_val=[int(np.float16(2.5).view(np.uint16))]),
        TensorProto(dtype="DT_HALF", tensor_content=np.float16(2.5).tobytes()),
        TensorProto(dtype="DT_BFLOAT16", half_val=[0x4020]),
        TensorProto(dtype="DT_BFLOAT16", tensor_content=b"\x20\x40"),
    ],
    ids=str,
)
def test_a_tensor_of_one_number_is_a_scalar(tmp_path: Path, tensor: TensorProto) -> None:
    assert _read(_written(tmp_path, [_tensor(tensor)]))[1] == [{"loss": [(3.0, 2.5)]}]


@pytest.mark.parametrize(
    ("tensor", "value"),
    [
        (TensorProto(dtype="DT_INT64", int64_val=[-2]), -2.0),
        (TensorProto(dtype="DT_INT32", int_val=[-2]), -2.0),
        (TensorProto(dtype="DT_INT32", tensor_content=np.int32(-2).tobytes()), -2.0),
        (TensorProto(dtype="DT_UINT64", uint64_val=[2**63]), 2.0**63),
        (TensorProto(dtype="DT_BOOL", bool_val=[True]), 1.0),
        (TensorProto(dtype="DT_FLOAT"), 0.0),
    ],
    ids=str,
)
def test_tensors_of_whole_numbers_keep_their_signs(
    tmp_path: Path, tensor: TensorProto, value: float
) -> None:
    assert _read(_written(tmp_path, [_tensor(tensor)]))[1] == [{"loss": [(3.0, value)]}]


def test_tensors_that_are_no_scalars_are_passed_over(tmp_path: Path) -> None:
    several = TensorProto(dtype="DT_FLOAT", float_val=[1.0, 2.0])
    numbers = TensorProto(dtype="DT_INT32", int_val=[1, 2])
    image = TensorProto(dtype="DT_FLOAT", float_val=[1.0])
    events = [_tensor(several), _tensor(image, "images"), _tensor(numbers, "")]
    source, runs = _read(_written(tmp_path, events))
    assert runs == [{}]
    assert source.remarks() == ["no scalars so far"]


def test_values_of_one_step_are_one_row_though_each_is_an_event() -> None:
    source = TensorBoardSource()
    parts = source.read(_file_of(EXAMPLES / "by_step_and_epoch").read_bytes())
    batch = parts[0].batch
    assert batch.n_rows == 1 + 60 + 3  # the arguments, the steps, the evaluations
    assert batch.samples["lr"].rows.tolist() == batch.samples["train/loss"].rows.tolist()


def test_a_row_like_those_before_is_not_held_back_for_the_next(tmp_path: Path) -> None:
    events = [_scalar(tag, step) for step in range(5) for tag in ("loss", "lr")]
    source = TensorBoardSource()
    (part,) = source.read(_written(tmp_path, events).read_bytes())
    assert part.batch.steps.tolist() == [0, 1, 2, 3, 4]
    assert not source.finish() or not source.finish()[0].batch.n_rows


def test_evaluations_counted_by_epoch_stand_among_the_steps() -> None:
    source, (metrics,) = _read(_file_of(EXAMPLES / "by_step_and_epoch"))
    assert [step for step, _ in metrics["val/accuracy"]] == [19, 39, 59]
    assert "val/accuracy" in source.remarks()[0]


def test_durations_in_milliseconds_are_told_in_seconds() -> None:
    _, (metrics,) = _read(_file_of(EXAMPLES / "by_step_and_epoch"))
    assert metrics["step_time"][0][1] == pytest.approx(0.12)


def test_arguments_that_were_logged_as_text_are_the_configuration() -> None:
    source = TensorBoardSource()
    (part,) = source.read(_file_of(EXAMPLES / "by_step_and_epoch").read_bytes())
    (event,) = part.batch.events
    told = settings_of(event.fields["config"])
    assert (event.kind, told["lr"], told["epochs"]) == ("config", 0.01, 3)


def test_hyperparameters_of_torch_are_the_configuration(tmp_path: Path) -> None:
    with SummaryWriter(str(tmp_path)) as writer:
        writer.add_hparams({"lr": 0.1, "name": "a"}, {"score": 1.0}, run_name=".")
    sources = [TensorBoardSource(path) for path in tmp_path.glob("*.tfevents.*")]
    events = [
        event
        for source in sources
        for part in source.read(source.path.read_bytes() if source.path else b"")
        for event in part.batch.events
    ]
    assert {"config": {"lr": 0.1, "name": "a"}} in [event.fields for event in events]


def test_a_writer_that_began_anew_made_two_runs() -> None:
    _, runs = _read(_file_of(EXAMPLES / "two_runs"))
    assert [len(run["loss"]) for run in runs] == [30, 30]


def test_the_two_folders_of_keras_are_one_run_with_their_names_told_apart() -> None:
    train, validation = (_file_of(EXAMPLES / "keras" / name) for name in ("train", "validation"))
    assert TensorBoardSource.home(train) == Home(EXAMPLES / "keras", gathered=True)
    assert TensorBoardSource.home(validation) == Home(EXAMPLES / "keras", gathered=True)
    _, (of_train,) = _read(train)
    _, (of_validation,) = _read(validation)
    assert [step for step, _ in of_train["train/loss"]] == list(range(8))
    assert [step for step, _ in of_validation["val/loss"]] == list(range(8))


def test_a_folder_called_train_is_a_run_where_nothing_validates_beside_it(tmp_path: Path) -> None:
    path = _written(tmp_path / "train", [_scalar("lr/group0", 1)])
    assert TensorBoardSource.home(path) == Home(tmp_path / "train")
    assert _read(path)[1] == [{"lr/group0": [(1, 1.0)]}]


def test_two_files_in_a_folder_are_two_runs(tmp_path: Path) -> None:
    files = [tmp_path / f"events.out.tfevents.{number}" for number in range(2)]
    for file in files:
        file.touch()
    assert [TensorBoardSource.home(file).run for file in files] == files


def test_curves_of_add_scalars_are_named_after_their_folders(tmp_path: Path) -> None:
    with SummaryWriter(str(tmp_path)) as writer:
        writer.add_scalars("Loss", {"train": 1.0, "val": 2.0}, 5)
    read = {name: _read(_file_of(tmp_path / f"Loss_{name}"))[1] for name in ("train", "val")}
    assert read == {"train": [{"Loss/train": [(5, 1.0)]}], "val": [{"Loss/val": [(5, 2.0)]}]}


def test_curves_of_add_scalars_for_splits_belong_to_the_run_above(tmp_path: Path) -> None:
    with SummaryWriter(str(tmp_path)) as writer:
        writer.add_scalars("Loss", {"train": 1.0, "val": 2.0, "best": 3.0}, 5)
    above = Home(tmp_path, gathered=True)
    home = {name: TensorBoardSource.home(_file_of(tmp_path / f"Loss_{name}")) for name in _CURVES}
    assert home == {"train": above, "val": above, "best": Home(tmp_path / "Loss_best")}
    assert TensorBoardSource.home(_file_of(tmp_path)) == above


def test_a_folder_of_another_process_is_a_run_of_its_own(tmp_path: Path) -> None:
    names = "events.out.tfevents.1.host.7.0", "big_val/events.out.tfevents.2.host.8.0"
    for file in (tmp_path / name for name in names):
        file.parent.mkdir(exist_ok=True)
        file.touch()
    assert [TensorBoardSource.home(tmp_path / name).run.name for name in names] == [
        tmp_path.name,
        "big_val",
    ]


_CURVES = ("train", "val", "best")


def _spoil(data: bytes) -> bytes:
    return data[:-6] + bytes([data[-6] ^ 1]) + data[-5:]


def _gap(data: bytes) -> bytes:
    return data + bytes(400)


@pytest.mark.parametrize(
    ("accident", "told"),
    [
        (_spoil, {"records whose checksum is wrong": 1}),
        (_gap, {"stretches that are no records": 1}),
    ],
)
def test_what_cannot_be_read_is_counted(
    tmp_path: Path, accident: Callable[[bytes], bytes], told: dict[str, int]
) -> None:
    data = _written(tmp_path, [_scalar("loss", step) for step in range(3)]).read_bytes()
    parts = TensorBoardSource().read(accident(data))
    assert parts[0].skipped == told


def test_a_file_of_its_version_alone_has_no_data_yet(tmp_path: Path) -> None:
    data = _written(tmp_path, []).read_bytes()
    source = TensorBoardSource()
    assert source.recognises(Head(data))
    assert not source.read(data)
    assert source.remarks() == ["no scalars so far"]


def test_several_event_files_of_a_folder_are_runs_by_the_time_they_began(tmp_path: Path) -> None:
    first = tmp_path / "mnist" / "events.out.tfevents.1700000000.box.1.0"
    first.parent.mkdir()
    first.touch()
    assert TensorBoardSource.home(first).run == first.parent
    (first.parent / "events.out.tfevents.1700003600.box.1.0").touch()
    assert TensorBoardSource.home(first) == Home(first, name="mnist 2023-11-14 22:13:20")
