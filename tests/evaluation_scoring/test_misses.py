from tests.evaluation.misses import misses
from tests.evaluation_scoring.made_up import alarm, case, primary, right, silent, verdict


def test_what_is_right_is_not_listed() -> None:
    assert list(misses([right(), silent()])) == []


def test_a_missed_fault_tells_what_was_said_instead_and_how_to_see_it() -> None:
    said = verdict(
        case(), alarm("loss-spike", 90.0, onset=80.0, early=True, cleared=True, metric="loss")
    )
    (text,) = misses([said])
    assert text.splitlines()[:-1] == [
        "missed: nan / digits / seed 0 (every 1)",
        "  expected: non-finite from step 100, because of lr-too-high or precision-overflow",
        "  said: loss-spike of loss (warning, at step 90, since 80, too early, cleared)",
        "  causes: none",
    ]
    assert f"--half tuning --only '{case().name}' --misses" in text


def test_a_wrong_cause_and_a_right_second_one_are_told_apart() -> None:
    wrong = verdict(case(seed=1), alarm(), causes=(primary("hang"),))
    second = verdict(case(), alarm(), causes=(primary("hang", "lr-too-high"),))
    heads = [text.splitlines()[0] for text in misses([wrong, second])]
    assert [head.partition(":")[0] for head in heads] == ["wrong cause", "second cause right"]
    assert "hang (primary, or lr-too-high)" in next(misses([second]))


def test_a_false_warning_names_the_rule() -> None:
    (text,) = misses([verdict(case(None, recipe="cosine"), alarm("loss-spike", 5.0))])
    assert text.startswith("false warning: cosine / digits / seed 0 (every 1)\n  said: loss-spike")


def test_a_judgement_that_broke_tells_why() -> None:
    broken = [verdict(case(None, seed=seed), failures=("ValueError: no",)) for seed in range(3)]
    (text,) = misses(broken)
    assert text == "broken: nan / digits / seed 0 / every 1 (and 2 more)\n  ValueError: no\n"


def test_logs_of_one_training_that_are_wrong_in_the_same_way_are_told_once() -> None:
    (text,) = misses([verdict(case(every=every)) for every in (1, 10, 50)])
    assert text.startswith("missed: nan / digits / seed 0 (every 1; every 10; every 50)")
