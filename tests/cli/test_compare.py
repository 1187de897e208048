"""``trainmon compare``: what it prints of two runs, and what it says where there are none."""

from collections.abc import Iterable
from pathlib import Path

import orjson
import pytest

from trainmon.cli import main
from trainmon.store.batch import Record

GOOD = {"lr": 2.5e-4, "batch_size": 2, "accum": 4, "ema": False, "seed": 1, "out_dir": "a"}
BAD = {"lr": 1e-4, "batch_size": 16, "accum": 8, "ema": True, "seed": 2, "out_dir": "b"}
RISING = (0.109, 0.3, 0.424, 0.46, 0.47, 0.487)
FALLING = (0.109, 0.019, 0.011, 0.011, 0.05, 0.09, 0.11)

TEXT = """\
good is better than bad: val/iou 0.487 against 0.09 at 23,040 samples; \
apart since epoch 2 (step 60, 7,680 samples)

What bad has otherwise than good, the likelier reasons first:
   1. LR per sample 40x smaller: 7.81e-7 against 3.13e-5 (1e-4 / 128 against 2.5e-4 / 8)
   2. LR per root of the batch 10x smaller: 8.84e-6 against 8.84e-5
   3. effective batch 16x larger: 128 against 8 (16 x 8 against 2 x 4)
   4. lr 2.5x smaller: 1e-4 against 2.5e-4
   5. ema: on against off
      left out: 2 that never matter, such as paths, names and seeds

val/iou at equal samples, higher is better:
  samples    bad   good  difference
    3,840  0.109  0.109  +0.0 %
    7,680  0.019    0.3  16x larger <- apart from here
   11,520  0.011  0.424  39x larger
   15,360  0.011   0.46  42x larger
   19,200   0.05   0.47  9.4x larger
   23,040   0.09  0.487  5.4x larger
  bad goes on to 26,880 samples: 0.11

Other metrics:
  val/loss: alike, 1 against 1 at 23,040 samples
"""

Captured = pytest.CaptureFixture[str]


def _run(folder: Path, config: Record | None, iou: Iterable[float], batch: int = 8) -> Path:
    folder.mkdir(parents=True)
    records: list[Record] = [{"trainmon": 1, "run": folder.name, "config": config or {}}]
    for epoch, value in enumerate(iou, start=1):
        place = {"step": 3_840 * epoch // batch, "epoch": epoch}
        records.append({**place, "val/iou": value, "val/loss": 1.0})
    (folder / "rank0.jsonl").write_bytes(b"".join(orjson.dumps(r) + b"\n" for r in records))
    return folder


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return _run(tmp_path / "good", GOOD, RISING)


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    return _run(tmp_path / "bad", BAD, FALLING, batch=128)


def _compare(*arguments: str | Path) -> int:
    return main(["compare", *map(str, arguments)])


def test_the_verdict_comes_first_then_what_differs_then_the_curves(
    good: Path, bad: Path, capsys: Captured
) -> None:
    assert _compare(bad, good) == 0
    assert capsys.readouterr().out == TEXT


def test_the_json_holds_all_that_the_text_tells(good: Path, bad: Path, capsys: Captured) -> None:
    assert _compare(good, bad, "--json") == 0
    told = orjson.loads(capsys.readouterr().out)
    assert (told["runs"], told["better"]) == (["good", "bad"], "good")
    assert (told["differences"]["of"], told["differences"]["against"]) == ("bad", "good")
    first = told["differences"]["ranked"][0]
    assert (first["name"], first["value"]) == ("LR per sample", pytest.approx(7.8125e-7))
    curve = told["curves"][0]
    assert (curve["axis"], curve["parted"]["epoch"]) == ("samples", 2)
    assert len(curve["places"]) == len(curve["values"][0]) == len(curve["values"][1])


def test_all_differences_are_told_when_asked_for(good: Path, bad: Path, capsys: Captured) -> None:
    _compare(good, bad, "-v")
    assert "harmless: seed, out_dir\n" in capsys.readouterr().out


def test_another_metric_may_decide(good: Path, bad: Path, capsys: Captured) -> None:
    _compare(good, bad, "--metric", "val/loss")
    told, out = "good and bad do not end apart beyond their noise:", capsys.readouterr().out
    assert out.startswith(f"{told} val/loss 1 against 1 at")


def test_a_metric_there_is_not_is_told_in_one_line(good: Path, bad: Path, capsys: Captured) -> None:
    assert _compare(good, bad, "--metric", "zeal") == 2
    error = capsys.readouterr().err
    assert error == "trainmon: no metric of both runs 'zeal'; there are: val/iou, val/loss\n"


def test_runs_that_part_with_the_same_settings_are_parted_by_something_else(
    tmp_path: Path, capsys: Captured
) -> None:
    _compare(_run(tmp_path / "a", GOOD, RISING), _run(tmp_path / "b", GOOD, FALLING))
    out = capsys.readouterr().out
    assert "differ in none that could matter" in out
    assert "chance (seed, order of the data), the data, or the code" in out


def test_a_run_without_a_configuration_is_compared_by_its_curves(
    good: Path, tmp_path: Path, capsys: Captured
) -> None:
    _compare(good, _run(tmp_path / "bare", None, FALLING))
    out = capsys.readouterr().out
    assert out.startswith("good is better than bare: ")
    assert "the log of bare does not tell its configuration" in out


def test_runs_of_different_formats_are_compared(
    good: Path, tmp_path: Path, capsys: Captured
) -> None:
    table = tmp_path / "metrics.csv"
    rows = "\n".join(f"{epoch},{value}" for epoch, value in enumerate(FALLING, start=1))
    table.write_text(f"epoch,val_iou\n{rows}\n")
    assert _compare(good, table) == 0
    assert "val/iou at equal epochs" in capsys.readouterr().out


def test_runs_of_one_name_are_told_apart_by_their_folders(tmp_path: Path, capsys: Captured) -> None:
    _compare(_run(tmp_path / "a/run", None, RISING), _run(tmp_path / "b/run", None, FALLING))
    assert capsys.readouterr().out.startswith("a/run is better than b/run: ")


def test_a_folder_of_several_runs_is_told_with_how_to_name_one(
    good: Path, bad: Path, capsys: Captured
) -> None:
    assert _compare(good, good.parent) == 2
    error = capsys.readouterr().err
    assert "holds 2 runs: bad, good (name one of them by its own path: " in error
    assert error.count("\n") == 1
    assert bad.exists()


def test_a_path_without_a_run_is_told_in_one_line(
    good: Path, tmp_path: Path, capsys: Captured
) -> None:
    assert _compare(good, tmp_path / "nothing") == 2
    assert capsys.readouterr().err.endswith("nothing' does not exist\n")
    (tmp_path / "empty").mkdir()
    assert _compare(good, tmp_path / "empty") == 2
    assert "trainmon formats lists what is read" in capsys.readouterr().err


def test_a_log_with_a_header_alone_is_no_run_to_compare(
    good: Path, tmp_path: Path, capsys: Captured
) -> None:
    assert _compare(good, _run(tmp_path / "new", GOOD, ())) == 2
    assert "holds no run with metrics" in capsys.readouterr().err


def test_the_last_run_of_a_file_is_the_one_that_is_compared(
    tmp_path: Path, capsys: Captured
) -> None:
    log = tmp_path / "log.jsonl"
    lines = [{"step": step, "val_iou": value} for run in (FALLING, RISING)
             for step, value in enumerate(run)]  # fmt: skip
    log.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    assert _compare(log, _run(tmp_path / "bad", BAD, FALLING)) == 0
    assert "log" in capsys.readouterr().out


def test_texts_of_a_log_cannot_reach_the_terminal(
    good: Path, tmp_path: Path, capsys: Captured
) -> None:
    _compare(good, _run(tmp_path / "evil", {"model": "a\x1b[2J\u202e", **BAD}, FALLING))
    out = capsys.readouterr().out
    assert "model" in out
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_a_role_that_is_told_decides_which_metric_is_compared(
    tmp_path: Path, capsys: Captured
) -> None:
    for name, values in (("a", RISING), ("b", FALLING)):
        lines = [{"step": step, "zeal": value} for step, value in enumerate(values)]
        (tmp_path / f"{name}.jsonl").write_bytes(b"".join(orjson.dumps(x) + b"\n" for x in lines))
    logs = (tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    _compare(*logs, "--role", "val_metric=zeal:higher")
    assert capsys.readouterr().out.startswith("a is better than b: zeal ")


def test_a_check_beside_a_reference_names_what_differs(
    good: Path, bad: Path, capsys: Captured
) -> None:
    assert main(["check", str(bad), "--reference", str(good), "--json"]) == 1
    (run,) = orjson.loads(capsys.readouterr().out)["runs"]
    finding = next(f for f in run["findings"] if f["rule"] == "lr-batch-mismatch")
    assert finding["evidence"]["reference"] == "good"
    assert finding["evidence"]["differences"][0].startswith("LR per sample 40x smaller")
    main(["check", str(bad), "--reference", str(good)])
    assert "    otherwise than good: LR per sample 40x smaller: " in capsys.readouterr().out


def test_a_check_tells_what_it_was_compared_with_when_asked(
    good: Path, bad: Path, capsys: Captured
) -> None:
    main(["check", str(bad), "--reference", str(good), "-v"])
    assert "compared with: good\n" in capsys.readouterr().out


def test_a_reference_that_is_no_run_is_told_before_anything_is_judged(
    bad: Path, tmp_path: Path, capsys: Captured
) -> None:
    assert main(["check", str(bad), "--reference", str(tmp_path / "nothing")]) == 2
    captured = capsys.readouterr()
    assert captured.err.endswith("nothing' does not exist\n")
    assert not captured.out


def test_a_run_beside_itself_is_no_mismatch(good: Path, capsys: Captured) -> None:
    main(["check", str(good), "--reference", str(good), "--json"])
    (run,) = orjson.loads(capsys.readouterr().out)["runs"]
    assert "lr-batch-mismatch" in run["clear"]


def test_a_watched_run_is_compared_too(good: Path, bad: Path, capsys: Captured) -> None:
    assert main(["watch", str(bad), "--reference", str(good.parent / "nothing")]) == 2
    assert "does not exist" in capsys.readouterr().err
