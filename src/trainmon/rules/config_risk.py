"""The configuration takes risks that often end in trouble.

Looks for
---------
Settings that are known to go wrong together: no clipping with a transformer, no dropout with little
data, no warm-up with a large batch, a loader that does not shuffle, no end to a run that overfits.

Why it matters
--------------
None of them is a fault by itself. When something does go wrong, they are the first things to
change, and they are told here once so that nobody has to remember them.

Fires when
----------
The configuration tells of one or more of them. It is always info, and one finding lists them all.

Stays quiet
-----------
On settings that the configuration does not speak of, except for those whose absence is the risk,
and those only where at least four of the settings that rules read are told.

What to do
----------
Nothing, while the run is well.

Sources
-------
Godbole et al., Deep Learning Tuning Playbook (2023), on clipping and warm-up.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("config-risk")
>>> replay(rule, rule.fires())[0].event.evidence["risks"]
['no gradient clipping with a transformer', 'the loader does not shuffle']
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from trainmon.configuration import READ_KEYS
from trainmon.context import Context
from trainmon.record import EventKind as LogEventKind
from trainmon.rule import Block, Event, EventKind, Need, Rule, Severity
from trainmon.store.batch import HEADER, Record
from trainmon.threshold import threshold

_TRANSFORMERS = ("transformer", "bert", "gpt", "llama", "vit", "t5", "attention", "mistral", "qwen")
_NAMES_OF_MODELS = ("model", "arch", "architecture", "model_name", "model_type", "backbone")

Risks = tuple[str, ...]


@dataclass(frozen=True)
class ConfigRisk(Rule[Risks]):
    """Settings that often end in trouble."""

    id = "config-risk"
    summary = "the configuration takes risks that often end in trouble; lists them (info)"
    needs = (
        Need(
            "config",
            (),
            'Writer(folder, config={"lr": lr, "batch_size": batch_size, "clip": clip})',
            settings=READ_KEYS,
        ),
    )
    worst = Severity.INFO
    hears = frozenset({HEADER, LogEventKind.CONFIG})

    told: int = threshold(4, "settings that rules read: with fewer, what is absent may be set")
    small: float = threshold(5_000, "training samples: below it dropout is rarely too much")
    large: float = threshold(1_024, "samples per step: from here on papers warm the rate up")

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: the configuration alone tells."""
        del context
        return ()

    def begin(self) -> Risks:
        """Return the state before the first row: no risks told."""
        return ()

    def step(self, state: Risks, context: Context, block: Block) -> tuple[Risks, list[Event]]:
        """List the risks anew whenever the configuration changes."""
        changed = [event.row for event in block.events if event.kind in self.hears]
        risks = tuple(self._risks(context))
        if not changed or risks == state:
            return state, []
        row = changed[-1]
        if not risks:
            title = "the configuration takes none of the known risks any more"
            return risks, [Event(EventKind.CLEARED, row, row, Severity.INFO, title)]
        kind = EventKind.REPEATED if state else EventKind.OPENED
        title = f"the configuration takes risks: {'; '.join(risks)}"
        evidence = {"risks": list(risks)}
        return risks, [Event(kind, row, row, Severity.INFO, title, None, evidence)]

    def _risks(self, context: Context) -> Iterator[str]:
        settings = context.settings
        whole = sum(key in settings for key in READ_KEYS) >= self.told
        models = " ".join(str(settings.get(key) or "") for key in _NAMES_OF_MODELS).lower()
        transformer = any(word in models for word in _TRANSFORMERS)
        if transformer and context.clip is None and (whole or "clip" in settings):
            yield "no gradient clipping with a transformer"
        samples = context.positive("train_samples")
        if settings.get("dropout") == 0 and samples and samples < self.small:
            yield f"no dropout with {samples:,.0f} training samples"
        batch = context.effective_batch
        warms = context.positive("warmup_steps") or settings.get("warmup_ratio")
        if batch and batch >= self.large and not warms and (whole or "warmup_steps" in settings):
            yield f"no warm-up with {batch:,.0f} samples per step"
        if settings.get("shuffle") in (False, 0.0):
            yield "the loader does not shuffle"

    @staticmethod
    def fires() -> list[Record]:
        """A transformer without clipping, on a loader that does not shuffle."""
        config = {"model": "vit_small", "clip": 0.0, "shuffle": False, "lr": 1e-3}
        return [{"trainmon": 1, "config": config}]

    @staticmethod
    def quiet() -> list[Record]:
        """A configuration that takes none of them."""
        config = {"model": "vit_small", "clip": 1.0, "shuffle": True, "lr": 1e-3}
        return [{"trainmon": 1, "config": config}]
