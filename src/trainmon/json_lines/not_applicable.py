"""Values that stand for "not applicable": COCO's -1 where there is no object of a size."""

import re
from dataclasses import replace

from trainmon.json_lines.naming import Mask
from trainmon.store.batch import Batch, Samples

_PLACEHOLDER = -1.0

_AVERAGE = re.compile(r"(?:^|[/_. ])m?a[pr](?![a-z])", re.IGNORECASE)
"""Average precision and recall, which are never negative: "coco/AP (M)", "bbox_mAP_s"."""


def without_placeholders(batch: Batch, rows: Mask) -> Batch:
    """Return a batch with gaps for the -1 of average precisions and recalls in these rows."""
    samples = dict(batch.samples)
    for name, each in batch.samples.items():
        if not _AVERAGE.search(name):
            continue
        placeholder = rows[each.rows] & (each.values == _PLACEHOLDER)
        if placeholder.all():
            del samples[name]
        elif placeholder.any():
            samples[name] = Samples(each.rows[~placeholder], each.values[~placeholder])
    return replace(batch, samples=samples)
