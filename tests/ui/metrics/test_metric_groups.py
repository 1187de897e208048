"""The order of the metrics page, and what its filter lets through."""

import pytest

from trainmon.ui.metrics.metric_groups import grouped, matches


def order_of(*names: str, pins: tuple[str, ...] = (), wanted: str = "") -> dict[str, list[str]]:
    return {group.name: list(group.metrics) for group in grouped(names, pins, wanted)}


def test_training_and_validation_come_first_and_the_system_last() -> None:
    names = ("sys/cpu", "grad_norm/b", "val/loss", "sys/rss", "grad_norm/a", "train/loss", "lr")
    assert list(order_of(*names, "train/acc", "val/acc")) == [
        *("train", "val", "general", "grad_norm", "sys")
    ]


def test_layers_are_in_the_order_in_which_people_count() -> None:
    found = order_of("norm/layer10", "norm/layer9", "norm/layer1")
    assert found == {"norm": ["norm/layer1", "norm/layer9", "norm/layer10"]}


def test_a_norm_and_those_of_its_layers_are_one_group() -> None:
    assert order_of("grad_norm/head", "grad_norm") == {"grad_norm": ["grad_norm", "grad_norm/head"]}


def test_names_that_share_nothing_are_together_and_the_loss_leads() -> None:
    assert order_of("lr", "val/loss", "train/loss") == {"general": ["train/loss", "val/loss", "lr"]}


def test_names_that_are_joined_by_underscores_are_grouped_likewise() -> None:
    found = order_of("eval_runtime", "eval_loss", "eval_logits/chosen", "learning_rate", "loss")
    assert found == {
        "eval": ["eval_loss", "eval_logits/chosen", "eval_runtime"],
        "general": ["loss", "learning_rate"],
    }
    (first, *_) = grouped(tuple(found["eval"]))
    assert [first.label(name, 40) for name in first.metrics] == ["loss", "logits/chosen", "runtime"]


def test_parts_of_a_loss_follow_the_loss_wherever_they_are() -> None:
    assert order_of("data_time", "lr", "loss_cls", "loss") == {
        "general": ["loss", "loss_cls", "data_time", "lr"]
    }


def test_pinned_ones_stand_before_all_others_and_only_there() -> None:
    found = order_of("train/loss", "train/acc", "sys/a", "sys/b", pins=("sys/b", "train/acc"))
    assert found == {"pinned": ["sys/b", "train/acc"], "general": ["train/loss", "sys/a"]}


def test_a_pin_of_a_metric_that_this_run_has_not_changes_nothing() -> None:
    assert order_of("lr", pins=("gone",)) == {"general": ["lr"]}


@pytest.mark.parametrize("wanted", ["", "loss", "LOSS val", "val/*", "*loss", "v?l/loss"])
def test_the_words_of_a_name_or_a_pattern_of_all_of_it_find_it(wanted: str) -> None:
    assert matches("val/Loss", wanted)


@pytest.mark.parametrize("wanted", ["loss train", "loss*", "?", "val/[l]oss"])
def test_a_name_that_lacks_a_word_or_differs_from_the_pattern_is_not_found(wanted: str) -> None:
    assert not matches("val/loss", wanted)


def test_brackets_in_a_name_are_no_pattern() -> None:
    assert matches("net[0]/norm", "net[0]*")
