"""How logs were understood, as text and as JSON: what ``trainmon formats`` prints."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from trainmon.record import spell
from trainmon.report.understanding import Metric, UnderstoodRun, last_value, understood, unowned
from trainmon.roles import Direction
from trainmon.source import Source
from trainmon.view import FileView, View

FORMATS_VERSION = 1

_SHOWN = 30
"""Metrics shown of a run, so that it fits a screen; all of them on demand and in JSON."""

_NAME_WIDTH = 44
"""Cells of the longest name that still aligns the table."""

_BETTER = {Direction.HIGHER: "higher", Direction.LOWER: "lower", Direction.UNKNOWN: ""}


def formats_table(sources: Sequence[type[Source]]) -> str:
    """Return the formats that are read, one per line."""
    width = max((len(source.id) for source in sources), default=0)
    return "".join(f"{source.id:{width}}  {source.summary}\n" for source in sources)


def formats_json(sources: Sequence[type[Source]]) -> str:
    """Return the formats that are read as one line of JSON."""
    listed = [{"id": source.id, "summary": source.summary} for source in sources]
    return _line({"version": FORMATS_VERSION, "formats": listed})


def understanding_text(
    view: View, sources: Sequence[type[Source]], *, verbose: bool = False
) -> str:
    """Return how the logs of a view were understood, a paragraph per run.

    Superseded runs are told in a line unless `verbose`, which also lists every metric.
    """
    summaries = {source.id: source.summary for source in sources}
    runs = understood(view)
    earlier = Counter(run.run.path for run in runs if run.run.superseded)
    paragraphs = [
        "\n".join(_run(run, earlier[run.run.path], summaries, verbose=verbose))
        for run in runs
        if verbose or not run.run.superseded
    ]
    paragraphs += ["\n".join(_file(file, summaries)) for file in unowned(view)]
    return "\n\n".join(paragraphs) + "\n" if paragraphs else ""


def understanding_json(view: View) -> str:
    """Return the same as one line of JSON, with all metrics of all runs."""
    document = {
        "version": FORMATS_VERSION,
        "files": [
            {
                "path": file.path,
                "format": file.format or None,
                "bytes": file.bytes_read,
                "skipped": dict(file.skipped),
                "remarks": list(file.remarks),
                "settings_from": list(file.settings),
                "failure": file.failure or None,
            }
            for file in view.files
        ],
        "runs": [_run_document(run) for run in understood(view)],
    }
    return _line(document)


def _run(
    understanding: UnderstoodRun, earlier: int, summaries: dict[str, str], *, verbose: bool
) -> Iterator[str]:
    run, files = understanding.run, understanding.files
    yield f"{run.path}{' (superseded)' if run.superseded else ''}"
    yield _fact("format", _named(run.format, summaries))
    if len(files) > 1:
        yield _fact("files", f"{len(files):,}, read as one run")
    if earlier and not run.superseded:
        yield _fact("runs", f"{earlier + 1:,} in this file; the last one counts")
    yield _fact("records", f"{run.records:,}{_ranks(len(run.lanes))}")
    yield _fact("steps", _steps(understanding))
    if understanding.epochs:
        yield _fact("epochs", _between(understanding.epochs))
    yield _fact("config", _config(understanding))
    for file in files:
        yield from _oddities(file)
    for notice in run.notices:
        yield _fact("note", notice)
    yield from _metrics(understanding.metrics, None if verbose else _SHOWN)


def _file(file: FileView, summaries: dict[str, str]) -> Iterator[str]:
    yield file.path
    if file.format:
        yield _fact("format", _named(file.format, summaries))
        yield _fact("records", "none so far")
    else:
        yield _fact("format", "not recognised" if file.failure else "not recognised so far")
    if file.failure:
        yield _fact("failure", file.failure)
    yield from _oddities(file)


def _oddities(file: FileView) -> Iterator[str]:
    for reason, count in sorted(file.skipped.items()):
        yield _fact("skipped", f"{reason}: {count:,}")
    for remark in file.remarks:
        yield _fact("note", remark)


def _fact(word: str, text: str) -> str:
    return f"  {word:8} {text}"


def _named(format_id: str, summaries: dict[str, str]) -> str:
    summary = summaries.get(format_id, "")
    if summary.lower().startswith(format_id):
        return summary
    return f"{format_id}: {summary}" if summary else format_id


def _ranks(count: int) -> str:
    return f" of {count} ranks" if count > 1 else ""


def _steps(understanding: UnderstoodRun) -> str:
    if understanding.steps is None:
        told = "epochs" if understanding.epochs else "records"
        return f"not told: {told} are counted"
    times = understanding.rewinds
    again = f", went back {times} {'time' if times == 1 else 'times'}" if times else ""
    return _between(understanding.steps) + again


def _between(ends: tuple[float, float]) -> str:
    return f"{ends[0]:,.6g} to {ends[1]:,.6g}"


def _config(understanding: UnderstoodRun) -> str:
    settings = understanding.run.context.settings
    if not settings:
        return "none found"
    names = dict.fromkeys(name for file in understanding.files for name in file.settings)
    origin = f" (from {', '.join(names)})" if names else ""
    read = ", ".join(f"{key} {_setting(value)}" for key, value in understanding.config.items())
    return f"{read or 'nothing that rules read'}{origin}"


def _setting(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _metrics(metrics: Sequence[Metric], limit: int | None) -> Iterator[str]:
    shown = metrics[:limit]
    if not shown:
        return
    width = min(_NAME_WIDTH, max(len("metric"), *(len(metric.name) for metric in shown)))
    roles = max(len("role"), *(len(_role(metric)) for metric in shown))
    yield ""
    yield f"  {'metric':{width}}  {'role':{roles}}  better  unit   samples  last"
    for metric in shown:
        better = _BETTER[metric.direction]
        yield (
            f"  {metric.name:{width}}  {_role(metric):{roles}}  {better:6}  {metric.unit:5}"
            f"  {metric.samples:7,}  {last_value(metric)}"
        )
    if len(metrics) > len(shown):
        yield f"  and {len(metrics) - len(shown):,} more; -v lists them"


def _role(metric: Metric) -> str:
    return f"{metric.role.value}{' (as told)' if metric.told else ''}"


def _run_document(understanding: UnderstoodRun) -> dict[str, Any]:
    run = understanding.run
    return {
        "run": run.name,
        "path": run.path,
        "format": run.format,
        "superseded": run.superseded,
        "records": run.records,
        "ranks": len(run.lanes),
        "steps": understanding.steps,
        "epochs": understanding.epochs,
        "rewinds": understanding.rewinds,
        "config": {
            key: spell(value) if isinstance(value, float) else value
            for key, value in understanding.config.items()
        },
        "train_loss": run.context.train_loss,
        "val_loss": run.context.val_loss,
        "notices": list(run.notices),
        "metrics": [
            {
                "name": metric.name,
                "role": metric.role.value,
                "told": metric.told,
                "direction": metric.direction.value,
                "unit": metric.unit or None,
                "samples": metric.samples,
                "last": spell(metric.last),
            }
            for metric in understanding.metrics
        ],
    }


def _line(document: dict[str, Any]) -> str:
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE).decode()
