"""What a user expects beforehand is understood at the start, or refused there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.errors import WriterError
from trainmon.expectation import Expectation, expectation
from trainmon.writer.stopping.expectation import expectations


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("> 0.1 by epoch 10", Expectation(">", 0.1, "epoch", 10)),
        (">0.1 by epoch 10", Expectation(">", 0.1, "epoch", 10)),
        ("< 2.0 by step 500", Expectation("<", 2.0, "step", 500)),
        ("below 1 by epoch 3", Expectation("<", 1.0, "epoch", 3)),
        ("  At Least  .5 ", Expectation(">=", 0.5)),
        ("at most 1e-3 before step 10_000", Expectation("<=", 1e-3, "step", 10_000)),
        ("≥ -1 at step 20,000", Expectation(">=", -1.0, "step", 20_000)),
        ("more than 3 by epochs 2.5", Expectation(">", 3.0, "epoch", 2.5)),
    ],
)
def test_an_expectation_may_be_written_as_it_is_spoken(text: str, understood: Expectation) -> None:
    assert expectation(text) == understood


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not of the form"),
        ("0.1", "not of the form"),
        ("> high", "not of the form"),
        ("> 10 %", "not of the form"),
        ("> nan", "not of the form"),
        ("> 0.1 by 10", "not of the form"),
        ("> 0.1 by epoch -1", "comes before the training"),
        ("> 0.1 by hour 10", "'hour' is neither epoch nor step"),
        ("around 0.1", "'around' is no comparison"),
        ("> 1e999", "too large"),
    ],
)
def test_what_is_not_understood_is_refused_with_an_example(text: str, why: str) -> None:
    with pytest.raises(WriterError, match=why) as error:
        expectations({"val/f1": text})
    assert "'val/f1'" in error.value.message
    assert "> 0.1 by epoch 10" in error.value.hint


@pytest.mark.parametrize("expect", ["> 0.1 by epoch 10", ["> 0.1"], 0.1])
def test_expectations_come_by_metric(expect: object) -> None:
    with pytest.raises(WriterError, match="expect is a"):
        expectations(expect)


def test_a_number_is_no_expectation() -> None:
    with pytest.raises(WriterError, match=r"is 0\.1"):
        expectations({"val/f1": 0.1})


def test_the_words_of_the_user_are_kept() -> None:
    texts = {"val/f1": "above .1 by epoch 10", "val/loss": "< 2"}
    assert expectations(texts) == texts
    assert expectations(None) == {}


@given(st.text(alphabet="<>= 0123456789.e+-_,byatepochs%", max_size=40))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        understood = expectation(text)
    except ValueError:
        return
    assert abs(understood.bound) < float("inf")
