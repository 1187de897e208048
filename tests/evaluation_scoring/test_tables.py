from tests.evaluation import tables
from tests.evaluation.figures import figures
from tests.evaluation_scoring.made_up import alarm, case, primary, right, silent, verdict


def test_the_summary_stands_beside_what_is_required_and_other_tools() -> None:
    ours, theirs = figures([right(), silent()]), figures([verdict(case()), silent()])
    lines = tables.summary({"trainmon": ours, "other 1.0": theirs}, {"gone": "does not import"})
    assert lines[0] == ("measure", "trainmon", "required", "other 1.0", "gone")
    assert lines[1] == (
        "injected faults found",
        "1.000 (1 of 1)",
        ">= 0.97",
        "0.000 (0 of 1)",
        "does not import",
    )
    assert lines[2][3:] == ("-", "-"), "a tool that names no causes"


def test_a_bound_is_told_of_alarmed_runs_and_of_alarmed_trainings() -> None:
    logs = [verdict(case(None, seed=seed, every=n)) for seed in range(75) for n in (1, 10)]
    lines = tables.summary({"trainmon": figures(logs)}, {})
    told = [line[1] for line in lines if line[0].startswith("healthy")]
    assert told == ["0.000 (0 of 150), at most 0.020", "0.000 (0 of 75), at most 0.039"]


def test_a_recipe_is_one_line_with_its_family() -> None:
    lines = tables.faulty_recipes([right(), verdict(case(seed=1)), silent()])
    assert lines[1:] == [
        ("nan", "optimiser", "2", "0.50", "0.50", "0.50", "1 (0%)", "1 (0%)", "none 1"),
    ]


def test_the_causes_named_instead_are_told_by_how_often() -> None:
    wrong = [verdict(case(), causes=(primary(cause),)) for cause in ("hang", "leakage", "leakage")]
    assert tables.faulty_recipes([right(), *wrong])[1][-1] == "leakage 2, hang 1"


def test_a_healthy_recipe_names_the_rules_that_warned() -> None:
    noisy = verdict(case(None, recipe="cosine"), alarm(), alarm("loss-spike"))
    lines = tables.healthy_recipes([right(), silent(), noisy])
    assert lines[1:] == [
        ("constant", "1", "0", "0", ""),
        ("cosine", "1", "1", "2", "loss-spike, non-finite"),
    ]


def test_families_end_with_all_of_them() -> None:
    assert [line[0] for line in tables.by_family([right()])] == ["family", "optimiser", "all"]


def test_variants_tell_healthy_runs_too() -> None:
    lines = tables.by_variant([right(), silent(), verdict(case(every=10))])
    assert [(line[0], line[2], line[-2]) for line in lines[1:]] == [
        ("every 1", "1.00", "1"),
        ("every 10", "0.00", "0"),
    ]


def test_columns_are_aligned() -> None:
    assert tables.aligned([("a", "b"), ("long", "c")]) == "a     b\nlong  c\n"


def test_the_readme_gets_a_table() -> None:
    lines = [("a", "b"), ("1", "2")]
    assert tables.markdown(lines) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"
