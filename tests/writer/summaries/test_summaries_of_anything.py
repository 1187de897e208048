"""Whatever a training loop hands over is summarised, or refused with a ValueError."""

import json
from contextlib import suppress
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from trainmon.writer.summaries.evaluate import evaluate
from trainmon.writer.summaries.inputs import inputs
from trainmon.writer.summaries.outputs import outputs

Array = NDArray[Any]

dtypes = st.sampled_from([np.bool_, np.uint8, np.int64, np.float16, np.float32, np.float64])
shapes = npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
arrays = dtypes.flatmap(lambda dtype: npst.arrays(dtype, shapes))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Array, Array]:
    """Return targets and scores whose shapes mostly go together."""
    scores = draw(arrays)
    fitting = [
        scores.shape,
        scores.shape[:1],
        scores.shape[:-1],
        scores.shape[:1] + scores.shape[2:],
    ]
    shape = draw(st.sampled_from(fitting))
    labels = npst.arrays(np.int64, shape, elements=st.integers(-1, 3))
    return draw(labels | npst.arrays(np.float64, shape)), scores


@given(pairs(), st.sampled_from([None, "binary", "multiclass", "multilabel", "regression"]))
@settings(max_examples=300)
def test_any_evaluation_is_json_or_refused(given_pair: tuple[Array, Array], kind: Any) -> None:  # noqa: ANN401 - Kind or None
    with suppress(ValueError):
        evaluation = evaluate("val", *given_pair, kind=kind)
        json.dumps([evaluation.fields, evaluation.metrics, evaluation.notices])


@given(pairs() | arrays.map(lambda array: (None, array)))
@settings(max_examples=300)
def test_any_outputs_are_json_or_refused(given_pair: tuple[Array | None, Array]) -> None:
    targets, logits = given_pair
    with suppress(ValueError):
        json.dumps(outputs(logits, targets))


batches = st.recursive(
    arrays | st.none() | st.text(max_size=3) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(batches, batches)
@settings(max_examples=300)
def test_any_batch_is_json_or_refused(batch: object, targets: object) -> None:
    with suppress(ValueError):
        json.dumps(inputs(batch, targets))
