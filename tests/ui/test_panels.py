"""What every panel promises, tested over the panels that are there; and a picture of each."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.ui.scenes import (
    MACHINE,
    healthy,
    not_a_number,
    overfitting,
    run_of,
    scene_of,
    short,
    view_of,
)
from trainmon.as_of.runs import as_of
from trainmon.incidents import Regard
from trainmon.record import FORMAT_VERSION
from trainmon.store.batch import Record
from trainmon.ui import panels
from trainmon.ui.charts.cells import decoded
from trainmon.ui.charts.grid import Grid
from trainmon.ui.charts.ink import Ink
from trainmon.ui.panel import Panel
from trainmon.ui.panels import style_sheets
from trainmon.ui.panels.footer import Footer
from trainmon.ui.panels.gradient import draw_gradient
from trainmon.ui.panels.learning_rate import draw_learning_rate
from trainmon.ui.panels.loss import draw_loss
from trainmon.ui.scene import Scene, Settings
from trainmon.view import View

MODULES = [module.name for module in iter_modules(panels.__path__)]

SIZES = [(0, 0), (1, 1), (1, 80), (2, 2), (3, 5), (4, 30), (9, 40), (24, 3), (60, 200)]
"""Rows and columns, from nothing to more than any terminal has."""

NARROW = {
    "header": (1, 80),
    "verdict": (2, 80),
    "loss": (9, 40),
    "footer": (1, 40),
    "strip": (4, 50),
}
"""Rows and columns where a panel has little room; others get `NARROW_USUALLY`."""

WIDE = {"header": (1, 120), "verdict": (2, 120), "loss": (16, 72), "footer": (1, 120)}

NARROW_USUALLY, WIDE_USUALLY = (5, 36), (7, 72)

LEADING = [("1", "overview"), ("2", "metrics"), ("3", "layers"), ("4", "data"), ("5", "system")]
KEYS = [("q", "quit"), ("?", "keys"), ("tab", "next panel"), ("↵", "open"), ("/", "metrics")]


def panel_of(name: str) -> Panel:
    """Return the panel that a module of the panels holds."""
    found = list(classes_in(name))
    assert len(found) == 1, "a panel is one file and a file is one panel"
    return Footer(LEADING, "metrics", KEYS) if found[0] is Footer else found[0]()


def classes_in(name: str) -> Iterator[type[Panel]]:
    module = import_module(f"{panels.__name__}.{name}")
    for value in vars(module).values():
        is_panel = isinstance(value, type) and issubclass(value, Panel)
        if is_panel and value.__module__ == module.__name__:
            yield value


def a_run_with(value: float | str) -> View:
    metrics = ("train/loss", "val/loss", "lr", "grad_norm", "data_time", "sys/gpu0/util", "sys/cpu")
    records = [{"step": step, **dict.fromkeys(metrics, value)} for step in range(30)]
    return view_of(run_of(records))


def earlier(row: int) -> Scene:
    run = run_of(overfitting())
    scene = scene_of(view_of(run, machine=MACHINE))
    return replace(scene, run=as_of(run, row), whole=run, moment=row)


SCENES = {
    "nothing": scene_of(View(0, 0.0)),
    "a path that does not exist": scene_of(View(0, 0.0, failures=("'logs' does not exist",))),
    "a header alone": scene_of(view_of(run_of([{"trainmon": FORMAT_VERSION}]))),
    "events alone": scene_of(view_of(run_of([{"event": "note", "text": "begins"}]))),
    "no metric that a panel knows": scene_of(view_of(run_of([{"x": 1.0}, {"x": 2.0}]))),
    "no steps": scene_of(view_of(run_of([{"loss": 2.0}, {"loss": 1.0}]))),
    "one record": scene_of(view_of(run_of(short(1)))),
    "all NaN": scene_of(a_run_with("NaN")),
    "all infinite": scene_of(a_run_with("-Infinity")),
    "all zero": scene_of(a_run_with(0.0), Settings(log_y=True)),
    "all negative": scene_of(a_run_with(-1.0), Settings(log_y=True, robust=False)),
    "huge": scene_of(a_run_with(1e300), Settings(smooth=0.97)),
    "a run and its machine": scene_of(view_of(run_of(overfitting()), machine=MACHINE)),
    "an earlier moment": earlier(200),
    "a run that broke": scene_of(view_of(run_of(not_a_number()), machine=MACHINE)),
}


def four_runs() -> Scene:
    runs = (
        run_of(overfitting()),
        run_of(healthy(), "more-dropout"),
        run_of(not_a_number(), "lr-3e-3"),
        run_of(short(), "just-begun"),
    )
    return scene_of(view_of(*runs, machine=MACHINE))


@pytest.mark.parametrize("name", MODULES)
def test_a_panel_has_a_title_and_a_style_sheet_of_its_own(name: str) -> None:
    panel = panel_of(name)
    assert panel.title
    assert f"{name}.tcss" in [sheet.name for sheet in style_sheets()]
    assert f"{type(panel).__name__} {{" in sheet_of(name).read_text()


def test_there_is_no_style_sheet_without_a_panel() -> None:
    assert sorted(sheet.stem for sheet in style_sheets()) == sorted(MODULES)


def sheet_of(name: str) -> Path:
    return next(sheet for sheet in style_sheets() if sheet.stem == name)


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
@pytest.mark.parametrize("name", MODULES)
def test_a_panel_draws_whatever_there_is_at_every_size(name: str, scene: Scene) -> None:
    panel = panel_of(name)
    for height, width in SIZES:
        grid = panel.draw(scene, height, width)
        assert grid.chars.shape == grid.inks.shape == (height, width)
        assert all(len(decoded(row)) <= width for row in grid.chars)


@pytest.mark.parametrize("name", MODULES)
def test_a_panel_draws_the_same_scene_twice_alike(name: str) -> None:
    panel, scene = panel_of(name), four_runs()
    assert not panel.draw(scene, 9, 60).changed(panel.draw(scene, 9, 60))


@pytest.mark.parametrize("name", MODULES)
def test_scenes_that_a_panel_takes_for_equal_look_the_same(name: str) -> None:
    panel, scene = panel_of(name), four_runs()
    later = replace(scene, view=replace(scene.view, now=scene.now + 60), now=scene.now + 60)
    if panel.inputs(later) == panel.inputs(scene):
        assert not panel.draw(later, 9, 60).changed(panel.draw(scene, 9, 60))


@pytest.mark.parametrize("name", MODULES)
def test_a_panel_in_little_room(name: str, snapshot: SnapshotAssertion) -> None:
    scene = replace(four_runs(), terse=True)
    assert panel_of(name).draw(scene, *NARROW.get(name, NARROW_USUALLY)).text() == snapshot


@pytest.mark.parametrize("name", MODULES)
def test_a_panel_in_much_room(name: str, snapshot: SnapshotAssertion) -> None:
    assert panel_of(name).draw(four_runs(), *WIDE.get(name, WIDE_USUALLY)).text() == snapshot


@pytest.mark.parametrize("name", ["loss", "gradient", "learning_rate", "data_wait", "machine"])
def test_a_chart_claims_nothing_of_a_log_that_was_not_read(name: str) -> None:
    assert "log" not in panel_of(name).draw(SCENES["nothing"], 7, 72).text()


def test_a_panel_without_its_metric_says_which_line_would_log_it() -> None:
    scene = SCENES["no metric that a panel knows"]
    for name, line in (
        ("gradient", "log.watch(model, optimizer)"),
        ("learning_rate", "log.watch(model, optimizer)"),
        ("loss", 'log.log({"train/loss": loss}, step=step)'),
        ("data_wait", "for batch in log.batches(loader)"),
    ):
        assert line in panel_of(name).draw(scene, 7, 48).text()


def test_a_finding_has_its_glyph_and_its_ink_wherever_it_stands() -> None:
    scene = scene_of(view_of(run_of(not_a_number())))
    for name in ("verdict", "loss", "findings", "runs"):
        grid = panel_of(name).draw(scene, 12, 72)
        errors = [text for row in range(12) for text, ink in grid.runs(row) if ink is Ink.ERROR]
        assert any("●" in text for text in errors), name


@pytest.mark.parametrize("regard", [Regard.ACKNOWLEDGED, Regard.MUTED])
def test_a_finding_that_is_known_is_dim_wherever_it_stands(regard: Regard) -> None:
    run = run_of(not_a_number())
    known = tuple(replace(finding, regard=regard) for finding in run.findings)
    scene = scene_of(view_of(replace(run, findings=known)))
    for name in ("verdict", "findings", "runs"):
        grid = panel_of(name).draw(scene, 12, 72)
        inks = {ink for row in range(12) for text, ink in grid.runs(row)}
        assert Ink.ERROR not in inks, name
    assert regard.value in panel_of("findings").draw(scene, 12, 72).text()


def test_a_loss_that_broke_is_told_as_a_word() -> None:
    scene = scene_of(view_of(run_of(not_a_number())))
    assert "train NaN" in panel_of("loss").draw(scene, 12, 72).text()


@pytest.mark.parametrize(
    ("log", "title"),
    [
        ([{"epoch": 1, "train/box_loss": 0.5, "val/box_loss": 0.4}], "loss parts"),
        ([{"step": 1, "rollout/ep_rew_mean": 20.0, "train/value_loss": 0.4}], "return"),
        ([{"epoch": 1, "val/f1": 0.5}], "metric"),
    ],
)
def test_a_run_without_a_loss_shows_what_there_is_instead(log: list[Record], title: str) -> None:
    scene = scene_of(view_of(run_of(log * 2)))
    assert panel_of("loss").draw(scene, 12, 60).text().startswith(f"╭ {title} ")


@pytest.mark.parametrize("draw", [draw_loss, draw_gradient, draw_learning_rate])
def test_who_has_the_keys_changes_the_border_of_a_chart_and_nothing_else(
    draw: Callable[..., Grid],
) -> None:
    scene = SCENES["a run and its machine"]
    for focus in (True, False):
        other = draw(scene, 12, 60, focus=not focus)
        framed, drawn = other.framed(focus=focus), draw(scene, 12, 60, focus=focus)
        assert (framed.chars == drawn.chars).all()
        assert (framed.inks == drawn.inks).all()


@pytest.mark.parametrize(("smallest", "wide"), [(0.05, True), (0.9, False)])
def test_norms_that_are_drawn_logarithmically_anyway_are_not_drawn_anew_for_a_key(
    smallest: float, *, wide: bool
) -> None:
    norms: list[Record] = [{"step": 1, "grad_norm": smallest}, {"step": 2, "grad_norm": 1.0}]
    view, panel = view_of(run_of(norms)), panel_of("gradient")
    linear, logarithmic = (scene_of(view, Settings(log_y=log)) for log in (False, True))
    drawn = panel.draw(linear, 12, 60).text()
    assert (panel.inputs(linear) == panel.inputs(logarithmic)) is wide
    assert (panel.draw(logarithmic, 12, 60).text() == drawn) is wide
