"""The inputs of the model are not normalised.

Looks for
---------
Input features far from 0, very large, or of very different scales.

Why it matters
--------------
The first layer's gradient grows with its inputs: one feature in the thousands decides every step,
whatever the others say. The run explodes, is held by the clipping and learns nothing, or stands
still with saturated units.

Fires when
----------
An `inputs` event tells of a feature whose mean is more than 50 of its standard deviations from 0,
of values beyond 1,000, or of features whose standard deviations are apart by more than 1,000 times.
That is info by itself; it is made a warning where exploding or clipped gradients, a high first loss
or a run that does not learn stand beside it, and at once where the very first gradient norm is
above 1,000: no initialisation is meant to give that, and nothing but the data can have done so yet.

Stays quiet
-----------
On ids, tokens and indices, which are looked up and not multiplied; on features that are constant;
on features of a usual scale beside some that are nearly constant, as the borders of images are; on
images from 0 to 255, which are bad enough for none of the thresholds and common.

What to do
----------
Subtract the mean and divide by the standard deviation of the training set, feature by feature; take
the logarithm first where a feature spans orders of magnitude; give ids to an embedding.

Sources
-------
LeCun et al., Efficient BackProp (1998), section 4.3, on why inputs are normalised.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("unnormalised-inputs")
>>> event = replay(rule, rule.fires())[0].event
>>> event.severity.word, event.evidence["leads"]
('info', 'time')
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import inf, isfinite
from typing import Any

from trainmon.context import Context
from trainmon.record import EventKind as LogEventKind
from trainmon.rule import Block, Event, EventKind, Evidence, Need, Rule, Severity, known
from trainmon.store.batch import LogEvent, Record
from trainmon.threshold import threshold

_LOOKED_UP = ("id", "ids", "token", "tokens", "index", "idx", "mask", "label", "labels", "position")
"""Last words of names of what an embedding takes, or nothing multiplies."""

_FEATURES_LIMIT = 4_096
"""Features of an event that are looked at."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One input: its name, mean, standard deviation, and largest absolute value."""

    name: str
    mean: float
    deviation: float
    largest: float


@dataclass(frozen=True, slots=True)
class Watch:
    """What was told of the inputs."""

    row: int = -1
    """Where it was told that they are not normalised."""
    evidence: Evidence = field(default_factory=dict)
    settled: bool = False
    """Whether the first gradients have been looked at."""


@dataclass(frozen=True)
class UnnormalisedInputs(Rule[Watch]):
    """Inputs of scales that no first layer bears."""

    id = "unnormalised-inputs"
    summary = "input features are far from 0, very large, or of very different scales"
    needs = (
        Need(
            "inputs",
            (),
            "log.inputs(x, y)  # looks at the first batches, and then rarely",
            events=("inputs/features",),
        ),
    )
    worst = Severity.INFO
    hears = frozenset({LogEventKind.INPUTS})

    offset: float = threshold(50.0, "standard deviations from 0: the feature is all but constant")
    far: float = threshold(10.0, "from 0 then: nearer to it a constant feature is a small bias")
    largest: float = threshold(1e3, "times the scale that initialisations assume")
    apart: float = threshold(1e3, "times: the smaller features are lost in the rounding of the sum")
    wide: float = threshold(30.0, "the widest deviation then: border pixels that are 0 harm nobody")

    huge: float = threshold(1e3, "a first gradient norm above it is of no initialisation")

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: events alone tell of inputs, and whole cells of gradients."""
        del context
        return ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the gradient norm."""
        return (context.grad_norm,) if context.grad_norm else ()

    def begin(self) -> Watch:
        """Return the state before the first row: nothing has been told."""
        return Watch()

    def step(self, state: Watch, context: Context, block: Block) -> tuple[Watch, list[Event]]:
        """Judge each look at the inputs, and the first gradients once they are there."""
        events = list[Event]()
        for event in block.events:
            if event.kind != LogEventKind.INPUTS:
                continue
            evidence = self._evidence(tuple(_features(event)))
            if evidence and state.row < 0:
                title, row = _title(evidence), event.row
                events.append(
                    Event(EventKind.OPENED, row, row, Severity.INFO, title, None, evidence)
                )
                state = Watch(row, evidence, state.settled)
        digest = block.digest(context.grad_norm)
        if state.settled or not digest.count:
            return state, events
        first = int(digest.rows[0])
        worse = self._with_gradients(state, context.grad_norm, block, first)
        return replace(state, settled=True), [*events, *worse]

    def _with_gradients(
        self, state: Watch, name: str | None, block: Block, row: int
    ) -> Iterator[Event]:
        """Yield that the first gradients are huge, in the cell that ends at a row."""
        norms = block.lane.samples(name).values
        if not 0 <= state.row <= row or not self.huge < norms[0] < inf:
            return
        evidence = {**state.evidence, "grad_norm": float(norms[0])}
        title = f"{_title(evidence)}, and gradients begin at {norms[0]:,.4g}"
        yield Event(EventKind.WORSENED, row, state.row, Severity.WARNING, title, None, evidence)

    def _evidence(self, features: tuple[Feature, ...]) -> dict[str, Any]:
        """Return what is wrong with the features, and which leads; nothing if all is well."""
        varied = [feature for feature in features if feature.deviation > 0]
        if not varied:
            return {}
        leads = max(varied, key=lambda feature: feature.largest)
        offset = max(varied, key=lambda feature: abs(feature.mean) / feature.deviation)
        widest = max(feature.deviation for feature in varied)
        narrow = min(varied, key=lambda feature: feature.deviation)
        evidence: dict[str, Any] = {}
        if leads.largest > self.largest:
            evidence["largest"] = leads.largest
        if abs(offset.mean) > max(self.offset * offset.deviation, self.far):
            evidence["offset"] = abs(offset.mean) / offset.deviation
            leads = leads if "largest" in evidence else offset
        if widest > max(self.apart * narrow.deviation, self.wide):
            evidence["apart"] = widest / narrow.deviation
            evidence["narrowest"] = narrow.name
        if not evidence:
            return {}
        named = {"leads": leads.name, "mean": leads.mean, "std": leads.deviation}
        return known(evidence | named | {"features": len(features)})

    @staticmethod
    def fires() -> list[Record]:
        """Detector hits: times in the ten thousands beside an auxiliary bit."""
        features = {
            "time": {"mean": 13_130.0, "std": 3_000.0, "min": 5_714.0, "max": 77_785.0, "nan": 0},
            "charge": {"mean": 3.9, "std": 20.0, "min": 0.025, "max": 2_762.0, "nan": 0},
            "auxiliary": {"mean": 0.28, "std": 0.45, "min": 0.0, "max": 1.0, "nan": 0},
        }
        return [{"event": "inputs", "step": 1, "n": 64, "features": features}]

    @staticmethod
    def quiet() -> list[Record]:
        """Normalised features, and ids for an embedding."""
        features = {
            "charge": {"mean": 0.1, "std": 1.1, "min": -3.0, "max": 5.0, "nan": 0},
            "sensor_id": {"mean": 2_500.0, "std": 1_400.0, "min": 0.0, "max": 5_159.0, "nan": 0},
        }
        return [{"event": "inputs", "step": 1, "n": 64, "features": features}]


def _features(event: LogEvent) -> Iterator[Feature]:
    """Yield the features that an event tells of and that are multiplied with weights."""
    told = event.fields.get("features")
    if not isinstance(told, dict):
        return
    whole = event.fields.get("dtype")
    for name, spread in list(told.items())[:_FEATURES_LIMIT]:
        dtype = whole.get(name) if isinstance(whole, dict) else whole
        if isinstance(spread, dict) and not _is_looked_up(str(name), str(dtype or "")):
            feature = _feature(str(name), spread)
            if feature is not None:
                yield feature


def _feature(name: str, spread: Mapping[str, Any]) -> Feature | None:
    numbers = [spread.get(key) for key in ("mean", "std", "min", "max")]
    told = [float(n) for n in numbers if isinstance(n, (int, float)) and isfinite(n)]
    if len(told) != len(numbers):
        return None
    mean, deviation, low, high = told
    return Feature(name, mean, deviation, max(abs(low), abs(high)))


def _is_looked_up(name: str, dtype: str) -> bool:
    word = name.lower().replace("/", "_").rpartition("_")[2]
    return word in _LOOKED_UP or dtype.startswith(("int", "uint", "bool"))


def _title(evidence: Mapping[str, Any]) -> str:
    said = []
    if "largest" in evidence:
        said.append(f"values up to {evidence['largest']:,.5g}")
    if "offset" in evidence:
        said.append(f"a mean {evidence['offset']:,.3g} standard deviations from 0")
    if "apart" in evidence:
        said.append(f"scales {evidence['apart']:,.3g} times apart")
    return f"inputs are not normalised: {', '.join(said)}; {evidence['leads']} leads"
