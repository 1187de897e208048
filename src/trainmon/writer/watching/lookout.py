"""Looks out for what becomes NaN or infinite, in forward and backward passes."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import isfinite

import torch
from torch import Tensor, nn

from trainmon.writer.journal import Journal
from trainmon.writer.watching.activations import Activations, nan_among
from trainmon.writer.watching.batch import Batch
from trainmon.writer.watching.facts import is_compiled
from trainmon.writer.watching.forensics import LOSSES, Forensics
from trainmon.writer.watching.forwards import Forwards
from trainmon.writer.watching.gradients import GradientNorms
from trainmon.writer.watching.norms import joined
from trainmon.writer.watching.position import Position
from trainmon.writer.watching.ruins import ruined_buffers, ruined_parameters
from trainmon.writer.watching.search import Search
from trainmon.writer.watching.sighting import Pass

_SPEAKS_OF_IT = re.compile(r"\b(?:nans?|infs?|infinit\w*|(?:non|not)[- _]?finite)\b", re.IGNORECASE)
"""What an error says that a script raises when its own check of the values fails."""


class Lookout:
    """Sends what passes produced to the forensics, and searches the model when those ask for it.

    A hook on the model itself is all that stands in forward passes; hooks on its modules are there
    for one pass of a sampled step and for a few after trouble, and never where it is compiled.
    """

    def __init__(
        self,
        journal: Journal,
        model: nn.Module,
        failed: Callable[[Exception], None],
        *,
        activations: bool,
        save: bool,
    ) -> None:
        """Write to `journal`; tell `failed` of what fails in a hook."""
        self._journal = journal
        self.model = model
        self._failed = failed
        self._forensics = Forensics(journal, save=save)
        self._forwards = Forwards(model, self._forward_began, failed)
        self._position = Position(journal)
        self._with_activations = activations
        self._activations: Activations | None = None
        self._activations_due = activations
        self._search: Search | None = None
        self._passes = 0
        self._steps = 0
        journal.listen(LOSSES, self._forensics.heard)

    def backward_ended(self, measured: GradientNorms, scale: Tensor | None) -> None:
        """Have the norms of a pass looked at as soon as they are on the host."""
        whole = measured.whole
        at_hand = not isinstance(whole, Tensor)
        if at_hand and isfinite(whole) and self._activations is None:
            self._forensics.all_finite()  # most passes of a CPU need no more
            self._passes += 1
            return
        batch = self._batch()
        if not at_hand:
            batch = self._forensics.keep(batch)
        self._passes += 1
        values = measured.each
        if scale is not None:
            values = torch.cat([joined([scale]).to(values.device), values])
        after = Pass(
            batch,
            measured.parameters.names,
            scaled=scale is not None,
            at_hand=at_hand,
            ruined=self._ruined_before_the_update(measured),
        )
        self._journal.fetch(values, partial(self._forensics.arrived, after))
        if self._activations is not None:
            modules, extremes = self._activations.close()
            self._activations = None
            self._journal.fetch(extremes, partial(self._extremes_arrived, batch, modules))

    def _ruined_before_the_update(self, measured: GradientNorms) -> dict[str, object] | None:
        """Look for weights that spoil gradients, on a CPU: those of a GPU are seen too late."""
        at_hand = not isinstance(measured.whole, Tensor)
        if not at_hand or isfinite(measured.whole) or self._forensics.in_trouble:
            return None
        return ruined_parameters(self.model) or ruined_buffers(self.model)

    def step_ended(self, *, sampled_next: bool) -> None:
        """Let go of the batch; `sampled_next` tells whether to look closer in the next step."""
        self._position.after(self._steps)  # takes note of what the script has told before this step
        self._steps += 1
        self._forwards.inputs = None
        self._activations_due = sampled_next and self._with_activations

    def close(self) -> None:
        """Remove all hooks."""
        self._forwards.close()
        if self._search is not None:
            self._search.close()
        if self._activations is not None:
            self._activations.close()

    def crashed(self, message: str) -> None:
        """Look where an exception ended the training, if that has to do with what is not finite.

        A script that checks its values raises before a NaN is logged. Then the weights, or the
        last batch, may show it; else the batch is told if the `message` of the error speaks of it.
        """
        ruined = ruined_parameters(self.model) or ruined_buffers(self.model)
        batch = self._batch()
        if ruined is not None:
            self._forensics.crashed(str(ruined["where"]), batch, ruined)
        elif not batch.is_finite():
            self._forensics.crashed("batch", batch, {})
        elif _SPEAKS_OF_IT.search(message):
            self._forensics.crashed("exception", batch, {})

    def finish(self) -> None:
        """Tell of what waits for a loss that will not be logged any more, and then no more."""
        self._forensics.close()

    def _batch(self) -> Batch:
        seen = self._journal.seen[-1] if self._journal.seen else None
        step = self._position.after(self._steps)
        return Batch(self._passes, step, seen, self._forwards.inputs)

    def _forward_began(self) -> None:
        self._forensics.flush(if_at_hand=True)
        if self._search is not None:
            if not self._search.next_pass():
                self._search = None
        elif self._forensics.take_search():
            self._begin_search()
        elif self._activations_due and not is_compiled(self.model):
            self._activations_due = False
            self._activations = Activations(self.model, self._failed)

    def _begin_search(self) -> None:
        found = ruined_parameters(self.model)
        if found is not None:  # every output is NaN then, and there is nothing left to search for
            self._found(found)
            return
        found = ruined_buffers(self.model)
        if found is not None:
            self._found(found)
        if not is_compiled(self.model):
            self._search = Search(self.model, self._arose, self._failed)
            self._search.next_pass()

    def _arose(self, fields: Mapping[str, object]) -> None:
        """Tell where a value arose, unless it is that weights were ruined since the last look."""
        self._found(ruined_parameters(self.model) or fields)

    def _found(self, fields: Mapping[str, object]) -> None:
        self._forensics.found(self._position.after(self._steps), fields)

    def _extremes_arrived(
        self, batch: Batch, modules: Sequence[str], extremes: Sequence[float]
    ) -> None:
        told = nan_among(modules, extremes)
        if told is not None:
            self._forensics.activation(batch, told)
