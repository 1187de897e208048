import numpy as np
import pytest

from trainmon.demo.network import Network
from trainmon.demo.optimizer import AdamW, Sgd, clip_gradients


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_the_gradients_are_those_of_finite_differences(rng: np.random.Generator) -> None:
    network = Network((4, 6, 5, 3), rng)
    network.parameters = [
        array.astype("f8") for array in network.parameters
    ]  # differences of 1e-6 need doubles
    inputs, labels = rng.standard_normal((10, 4)), rng.integers(0, 3, 10)
    _, gradients = network.loss_and_gradients(inputs, labels)  # type: ignore[arg-type]  # likewise
    for array, gradient in zip(network.parameters, gradients, strict=True):
        for index in np.ndindex(array.shape):
            differences = []
            for nudge in (1e-6, -2e-6):
                array[index] += nudge
                differences.append(network.loss_and_gradients(inputs, labels)[0])  # type: ignore[arg-type]  # likewise
            array[index] += 1e-6
            assert (differences[0] - differences[1]) / 2e-6 == pytest.approx(
                float(gradient[index]), abs=1e-6
            )


def test_a_fresh_network_is_about_as_good_as_guessing(rng: np.random.Generator) -> None:
    network = Network((12, 64, 2), rng)
    inputs = rng.standard_normal((500, 12), dtype=np.float32)
    loss, _ = network.loss_and_gradients(inputs, rng.integers(0, 2, 500))
    assert np.log(2) < loss < 3 * np.log(2)


def test_gradients_within_the_limit_are_left_as_they_are() -> None:
    gradients = [np.array([0.3, 0.4], dtype="f4")]
    assert clip_gradients(gradients, limit=1.0) == pytest.approx(0.5)
    assert gradients[0].tolist() == pytest.approx([0.3, 0.4])


def test_without_a_limit_nothing_is_clipped() -> None:
    gradients = [np.array([30.0, 40.0], dtype="f4")]
    assert clip_gradients(gradients, limit=None) == pytest.approx(50.0)
    assert gradients[0].tolist() == [30.0, 40.0]


def test_the_first_step_of_adam_is_as_long_as_the_learning_rate() -> None:
    parameter = np.zeros(3, dtype="f4")
    AdamW([parameter], weight_decay=0.0).step([np.array([5.0, -0.1, 0.0], dtype="f4")], lr=0.01)
    assert parameter.tolist() == pytest.approx([-0.01, 0.01, 0.0], abs=1e-6)


def test_weight_decay_shrinks_a_parameter_without_a_gradient() -> None:
    parameter = np.ones(1, dtype="f4")
    AdamW([parameter], weight_decay=0.1).step([np.zeros(1, dtype="f4")], lr=0.5)
    assert parameter.tolist() == pytest.approx([0.95])


def test_momentum_carries_sgd_on_when_the_gradient_is_gone() -> None:
    parameter = np.zeros(1, dtype="f4")
    optimizer = Sgd([parameter])
    optimizer.step([np.ones(1, dtype="f4")], lr=1.0)
    optimizer.step([np.zeros(1, dtype="f4")], lr=1.0)
    assert parameter.tolist() == pytest.approx([-1.9])
