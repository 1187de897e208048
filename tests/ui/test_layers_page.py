"""The page of the layers: what it shows of them, and what a person does there with keys."""

from math import exp, sin

import numpy as np
import pytest

from tests.ui.opened import SMALL, WIDE, Opened, opened
from tests.ui.scenes import START, header, overfitting, run_of, scene_of, short, view_of
from trainmon.store.batch import Record
from trainmon.ui.layers.layers import MEASURES, LayerChoice, layers_of, trouble_of
from trainmon.ui.names import folded, without_common
from trainmon.ui.panels.layer_curve import LayerCurvePanel
from trainmon.ui.panels.layers import draw_layers
from trainmon.view import View

STEPS = 400
EVERY = 10


def layered(blocks: int = 4, *, measures: int = 3) -> list[Record]:
    """Return a log of a model whose block 1 dies, whose block 2 explodes, and that ends in NaN."""
    names = [f"model.blocks.{block}.weight" for block in range(blocks)] + ["model.head.bias"]
    records = [header()]
    for step in range(1, STEPS + 1):
        record: Record = {"step": step, "time": START + 0.1 * step, "train/loss": exp(-step / 200)}
        for place, name in enumerate(names if step % EVERY == 0 else ()):
            norm = 0.01 * (place + 1) * (1 + 0.2 * sin(step))
            told: list[float | str] = [norm, 5.0 + place, 1e-3 * (1 + 0.1 * sin(step))]
            if place == 1 and step > STEPS / 2:
                told[0] = 0.0
            if place == 2 and step == STEPS:
                told[0] = 40.0
            if place == blocks and step == STEPS:
                told[0] = "NaN"
            keys = ("grad_norm", "weight_norm", "update_ratio")[:measures]
            record |= {f"{key}/{name}": value for key, value in zip(keys, told, strict=False)}
        records.append(record)
    return records


VIEW = view_of(run_of(layered()))
MANY = view_of(run_of(layered(150)))


def curve_box(screen: Opened) -> str:
    """Return the title of the layer that is shown in full."""
    at = screen.app.screen.query_one(LayerCurvePanel).region.y
    return screen.text.splitlines()[at]


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_the_layers_are_a_key_away_in_the_order_of_the_model(size: tuple[int, int]) -> None:
    async with opened(VIEW, size) as screen:
        text = await screen.press("3")
        places = [text.index(name) for name in ("blocks.0", "blocks.1", "blocks.2", "head.bias")]
        assert places == sorted(places)
        assert "gradient norm of layers" in text
        assert "0000" in text, "a dead layer is a row of zeros"


async def test_layers_in_trouble_are_named_with_a_glyph_and_a_word() -> None:
    async with opened(VIEW) as screen:
        text = await screen.press("3")
        assert "○ blocks.1.weight" in text
        assert "0 dead" in text
        assert "↑ blocks.2.weight" in text
        assert "40 exploding" in text
        assert "✖ head.bias" in text
        assert "NaN not finite" in text


async def test_j_and_k_move_over_layers_and_the_curve_follows() -> None:
    async with opened(VIEW) as screen:
        await screen.press("3")
        assert "model.blocks.0.weight  gradient norm" in curve_box(screen)
        await screen.press("j", "down")
        assert "model.blocks.2.weight  gradient norm" in curve_box(screen)
        assert "40  ↑ exploding  min 0.024  max 40" in curve_box(screen)
        await screen.press("k", "k", "k", "k")
        assert "model.blocks.0.weight" in curve_box(screen)
        await screen.press("end")
        assert "model.head.bias" in curve_box(screen)


async def test_g_goes_on_to_weights_and_updates_and_around() -> None:
    async with opened(VIEW) as screen:
        before = await screen.press("3", "j")
        assert "╭ weight norm of layers" in await screen.press("g")
        assert "model.blocks.1.weight  weight norm" in curve_box(screen), "the layer stays"
        assert "╭ update ratio of layers" in await screen.press("g")
        assert await screen.press("g") == before


async def test_g_passes_over_what_is_not_logged() -> None:
    async with opened(view_of(run_of(layered(measures=1)))) as screen:
        before = await screen.press("3")
        assert "weight norm" not in before
        assert await screen.press("g") == before


async def test_the_key_to_trouble_stands_where_there_is_trouble() -> None:
    async with opened(VIEW) as screen:
        assert "e next in trouble   layer 1 of 5" in await screen.press("3")
        assert "next in trouble" not in await screen.press("g")


async def test_e_goes_from_trouble_to_trouble_and_around() -> None:
    async with opened(VIEW) as screen:
        await screen.press("3")
        for name in ("blocks.1.weight", "blocks.2.weight", "head.bias", "blocks.1.weight"):
            await screen.press("e")
            assert f"model.{name}" in curve_box(screen)


async def test_hundreds_of_layers_scroll_around_the_cursor() -> None:
    async with opened(MANY) as screen:
        text = await screen.press("3")
        assert "layer 1 of 151" in text
        assert "blocks.70.weight" not in text
        text = await screen.press(*["pagedown"] * 7)
        assert "layer 71 of 151" in text
        assert " blocks.69.weight" in text
        assert " blocks.71.weight" in text
        assert "layer 151 of 151" in await screen.press("end")


async def test_scrolling_leaves_the_scale_as_it_is() -> None:
    async with opened(MANY) as screen:
        scale = next(line for line in (await screen.press("3")).splitlines() if "░▒▒▓█" in line)
        text = await screen.press("end")
        assert scale.split("█")[1].split()[0] in text.split("░▒▒▓█")[1].split()[:1]


async def test_a_layer_that_is_clicked_is_looked_at() -> None:
    async with opened(VIEW) as screen:
        await screen.press("3")
        await screen.pilot.click("#layers", offset=(10, 3))
        await screen.press()
        assert "model.blocks.2.weight" in curve_box(screen)
        await screen.pilot.click("#layers", offset=(10, 12))
        await screen.press()
        assert "model.blocks.2.weight" in curve_box(screen), "there is no layer"


async def test_enter_gives_all_room_to_the_panel_with_the_keys_and_esc_takes_it_back() -> None:
    async with opened(VIEW) as screen:
        before = await screen.press("3")
        text = await screen.press("enter")
        assert "model.blocks.0.weight  gradient norm" not in text
        assert await screen.press("escape") == before
        alone = await screen.press("tab", "enter")
        assert "gradient norm of layers" not in alone
        assert "model.blocks.0.weight  gradient norm" in alone


async def test_the_layers_go_on_with_the_training() -> None:
    async with opened(view_of(run_of(layered()[:201]))) as screen:
        assert "dead" not in await screen.press("3")
        await screen.show(view_of(run_of(layered()), revision=2))
        assert "dead" in screen.text


async def test_the_cross_hair_tells_the_layers_as_they_were_there() -> None:
    async with opened(VIEW) as screen:
        assert " 40 exploding" in await screen.press("3")
        text = await screen.press("v", *["left"] * 60)
        assert "╭ gradient norm of layers  at step" in text
        assert " 40 exploding" not in text
        assert " 40 exploding" in await screen.press("v")


async def test_a_log_without_layers_teaches_what_would_tell_of_them() -> None:
    async with opened(view_of(run_of(overfitting()))) as screen:
        text = await screen.press("3", "j", "g", "e")
        assert "no layers in this log:" in text
        assert "log.watch(model, optimizer)" in text


async def test_before_the_first_record_nothing_is_claimed() -> None:
    async with opened(View(0, 0.0)) as screen:
        assert "log.watch" not in await screen.press("3", "j", "g", "e")


async def test_another_run_without_that_layer_shows_its_own() -> None:
    async with opened(VIEW) as screen:
        await screen.press("3", "end")
        await screen.show(view_of(run_of(layered(2), "other"), revision=2))
        assert "model.head.bias" in curve_box(screen)
        await screen.show(view_of(run_of(short(), "third"), revision=3))
        assert "no layers in this log" in screen.text


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ([0.1], None),
        ([0.1, 0.0], "dead"),
        ([0.1, 1e-9], "next to zero"),
        ([0.1, 0.1, 0.1, 11.0], "exploding"),
        ([0.0, 0.0, 11.0], None),
        ([0.1, float("inf")], "not finite"),
        ([float("nan"), 0.1], None),
    ],
)
def test_the_newest_value_tells_of_trouble(values: list[float], word: str | None) -> None:
    trouble = trouble_of(np.array(values), MEASURES[0])
    assert (trouble.word if trouble else None) == word


def test_a_choice_that_is_gone_is_the_first_layer() -> None:
    run = run_of(layered())
    layers = layers_of(run, MEASURES[0])
    assert LayerChoice(0, "model.head.bias").place(layers) == 4
    assert LayerChoice(0, "no such layer").place(layers) == 0


@pytest.mark.parametrize("width", [0, 1, 2, 5, 16, 99])
def test_a_folded_name_fits(width: int) -> None:
    for name in ("layers.11.attention.weight", "学习率学习率学习率", ""):
        assert len(folded(name, width)) <= max(width, 0)


def test_names_keep_their_last_part() -> None:
    assert without_common(["a.b", "a.b"]) == ["b", "b"]
    assert without_common(["a.b"]) == ["a.b"]
    assert without_common(["stem", "model.head"]) == ["stem", "model.head"]


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (3, 20), (5, 7), (6, 30), (60, 200)])
def test_layers_are_drawn_at_every_size(size: tuple[int, int]) -> None:
    scene = scene_of(VIEW)
    assert draw_layers(scene, *size, LayerChoice(2, "model.head.bias")).chars.shape == size
