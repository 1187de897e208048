from tests.ui.scenes import healthy, not_a_number, overfitting, run_of
from trainmon.record import EventKind
from trainmon.store.batch import Record
from trainmon.ui.charts.ink import Ink
from trainmon.ui.curves.marks import marks_of
from trainmon.ui.scene import Settings

LOSS = "train/loss"


def event(kind: EventKind, step: int) -> Record:
    return {"event": kind.value, "step": step}


def glyphs(records: list[Record], *metrics: str, events: bool = True) -> list[tuple[str, float]]:
    marks = marks_of(run_of(records), Settings(), *metrics, events=events)
    return [(mark.glyph, mark.x) for mark in marks]


def test_a_finding_is_marked_at_its_onset_with_its_name() -> None:
    (mark,) = [m for m in marks_of(run_of(not_a_number()), Settings(), LOSS) if m.label]
    assert (mark.glyph, mark.ink, mark.label, mark.x) == ("●", Ink.ERROR, "non-finite", 301)


def test_a_finding_of_another_metric_is_not_marked() -> None:
    assert ("▲", 200.0) in glyphs(overfitting(), "val/loss")
    assert "▲" not in [glyph for glyph, _ in glyphs(overfitting(), "lr")]


def test_of_many_checkpoints_the_newest_is_marked() -> None:
    assert glyphs(healthy(), LOSS) == [("◆", 480.0)]


def test_resumes_and_phases_are_all_marked() -> None:
    records = [
        *healthy()[:100],
        event(EventKind.PHASE, 95),
        event(EventKind.RESUME, 90),
        *healthy()[94:200],
        event(EventKind.RESUME, 180),
    ]
    marked = [glyph for glyph, _ in glyphs(records, LOSS)]
    assert marked.count("↻") == 2
    assert marked.count("▏") == 1


def test_a_chart_may_leave_the_events_of_the_run_to_others() -> None:
    assert glyphs(healthy(), LOSS, events=False) == []


def test_what_has_no_place_on_the_axis_is_not_marked() -> None:
    records: list[Record] = [{"step": 1, "loss": 1.0}, {"event": "checkpoint"}, *healthy()[1:20]]
    assert glyphs(records, LOSS) == []


def test_a_log_of_many_events_has_a_bounded_number_of_marks() -> None:
    records = [{"step": 1, "loss": 1.0}, *(event(EventKind.RESUME, 1) for _ in range(500))]
    assert len(glyphs(records, LOSS)) == 40
