"""Which values are taken for arrays of numbers, and what is said of the others."""

import array as array_module

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from trainmon.writer.summaries.arrays import array


@pytest.mark.parametrize(
    "value",
    [
        [0.5, 2.0],
        (0.5, 2.0),
        np.array([0.5, 2.0]),
        np.array([0.5, 2.0], dtype=np.float16),
        torch.tensor([0.5, 2.0]),
        torch.tensor([0.5, 2.0], requires_grad=True) * 1,
        torch.tensor([0.5, 2.0], dtype=torch.bfloat16),
        torch.tensor([0.5, 2.0], dtype=torch.float16),
        torch.tensor([0.5, 2.0], dtype=torch.float8_e5m2),
        [torch.tensor(0.5), torch.tensor(2.0)],
        [torch.tensor([0.5]), torch.tensor([2.0])],
        [np.array([0.5]), np.array([2.0])],
        array_module.array("d", [0.5, 2.0]),
    ],
)
def test_numbers_of_any_kind_become_one_array(value: object) -> None:
    assert array(value, "scores").tolist() == [0.5, 2.0]


def test_batches_of_different_lengths_are_joined() -> None:
    batches = [torch.zeros(64, 10), torch.zeros(8, 10)]
    assert array(batches, "scores").shape == (72, 10)


def test_half_precision_is_computed_with_in_single() -> None:
    assert array(np.zeros(2, dtype=np.float16), "scores").dtype == np.float32


def test_a_tensor_on_the_host_is_not_copied() -> None:
    tensor = torch.zeros(3)
    assert np.shares_memory(array(tensor, "scores"), tensor.numpy())


def test_a_tensor_keeps_its_gradient() -> None:
    weight = torch.ones(2, requires_grad=True)
    loss = weight * 2
    array(loss, "scores")
    loss.sum().backward()  # type: ignore[no-untyped-call]  # torch has it untyped
    assert weight.grad is not None
    assert weight.grad.tolist() == [2.0, 2.0]


class OnDevice:
    """What a tensor of another library on an accelerator looks like."""

    shape = (2,)

    def numpy(self) -> NDArray[np.intp]:
        return np.array([1, 2])


def test_a_tensor_is_asked_for_its_array() -> None:
    assert array(OnDevice(), "scores").tolist() == [1, 2]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (["cat", "dog"], "scores are text"),
        ("0.5", "scores are of type str"),
        (None, "scores are of type NoneType"),
        ({"a": 1.0}, "scores are of type dict"),
        ([1j], "scores are complex"),
        ([[0.1], [0.2, 0.3]], "scores cannot be read as an array"),
        ([object()], "scores are objects"),
        ([np.zeros((2, 3)), np.zeros((2, 4))], "the batches of scores do not go together"),
        (np.array(["2020-01-01"], dtype="datetime64"), "scores are of type datetime64"),
    ],
)
def test_what_holds_no_real_numbers_is_refused_with_a_reason(value: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        array(value, "scores")
