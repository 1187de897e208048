from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from tests.evaluation.run import evaluate, main, with_table
from tests.evaluation.tools.tool import Said, Tool
from tests.evaluation_scoring.made_up import case, log
from trainmon.rule import Severity

FAULTY = replace(case(), records=log(broken=True))
HEALTHY = replace(case(None, recipe="constant"), records=log())
ALONE = ("--processes", "1")


def test_the_exit_code_is_one_where_a_limit_is_missed(capsys: pytest.CaptureFixture[str]) -> None:
    silent = replace(FAULTY, records=log())
    assert main([*ALONE], [silent, HEALTHY]) == 1
    assert "injected faults found >= 0.97: missed" in capsys.readouterr().out


def test_the_exit_code_is_one_where_there_is_nothing_to_judge() -> None:
    assert main([*ALONE], []) == 1


def test_it_prints_the_same_in_two_processes_as_in_one(capsys: pytest.CaptureFixture[str]) -> None:
    cases = [replace(FAULTY, seed=seed) for seed in range(3)] + [HEALTHY]
    names = [
        [verdict.case.name for verdict in evaluate(cases, tools=False, processes=n)["trainmon"]]
        for n in (1, 2)
    ]
    assert names[0] == names[1] == [made.name for made in cases]
    assert capsys.readouterr().err == ""


def test_only_some_cases_can_be_judged_and_their_logs_kept(tmp_path: Path) -> None:
    main([*ALONE, "--only", "constant", "--write", str(tmp_path)], [FAULTY, HEALTHY])
    (log_file,) = tmp_path.rglob("*.jsonl")
    assert "constant" in str(log_file)


def test_the_results_are_written_as_json(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    main([*ALONE, "--json", str(path)], [FAULTY, HEALTHY])
    results = orjson.loads(path.read_bytes())
    assert results["tools"]["trainmon"]["found"] == 1.0
    assert [verdict["case"] for verdict in results["verdicts"]] == [FAULTY.name, HEALTHY.name]


def _tool(said: list[Said]) -> Tool:
    return Tool(
        package="json",
        diagnose=lambda _: said,
        levels={"FAIL": Severity.ERROR},
        names={"nan": frozenset({"non-finite"})},
    )


def test_another_tool_finds_a_fault_by_what_its_checks_may_name() -> None:
    assert _tool([Said("nan", "FAIL", "loss is NaN")]).judge(FAULTY).found
    assert not _tool([Said("slow", "FAIL", "slow")]).judge(FAULTY).found


def test_what_a_tool_does_not_count_as_an_alarm_is_none() -> None:
    assert _tool([Said("nan", "PASS", "fine")]).judge(FAULTY).alarms == ()


def test_a_tool_that_breaks_is_told_and_not_raised() -> None:
    def broken(_: object) -> list[Said]:
        raise ValueError("no column")

    assert replace(_tool([]), diagnose=broken).judge(FAULTY).failures == ("ValueError: no column",)


def test_a_tool_that_is_not_there_says_so() -> None:
    assert _tool([]).missing == ""
    assert "nowhere_at_all" in replace(_tool([]), package="nowhere_at_all").missing


def test_the_readme_keeps_all_but_the_table() -> None:
    text = "before\n<!-- generated: evaluation -->\nold\n<!-- end -->\nafter\n"
    assert with_table(text, "new\n") == text.replace("old", "new")


def test_a_readme_without_the_section_is_not_left_as_it_is_in_silence() -> None:
    with pytest.raises(LookupError, match="no section"):
        with_table("before\n<!-- generated: rules -->\n<!-- end -->\n", "new\n")
