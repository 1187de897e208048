"""The words of training logs: what counts steps, what names a split, what is measured."""

import re

STEP_WORDS = frozenset(
    {
        "step",
        "steps",
        "global_step",
        "iter",
        "iters",
        "iteration",
        "iterations",
        "it",
        "n_iter",
        "update",
        "updates",
        "num_updates",
        "num_steps",
        "train_step",
        "training_step",
        "batch",
        "minibatch",
        "batch_idx",
        "opt_step",
        "optimizer_step",
    }
)
EPOCH_WORDS = frozenset(
    {"epoch", "epochs", "ep", "epoch_num", "current_epoch"}
    | {f"{split}_epoch" for split in ("train", "training", "val", "valid", "validation", "test")}
)

NO_METRICS = frozenset(
    {
        "eta",
        "pid",
        "port",
        "rank",
        "local_rank",
        "seed",
        "gpu",
        "device",
        "line",
        "id",
        "version",
        "event",
        "trainmon",
        "remaining",
        "time_left",
        "day",
        "days",
        "world_size",
        "host",
        "hostname",
        "v_num",
        "max_epochs",
        "max_steps",
    }
)
"""Names of numbers that tell nothing of the training, or that would be taken for events."""

_VALIDATION = frozenset(
    {"val", "valid", "validation", "eval", "evaluation", "test", "testing", "dev"}
)
_TRAINING = frozenset({"train", "training"})

# What is measured, where no sign stands between the word and its number.
MEASURED = re.compile(
    r"(?:^|[_/@\W])(?:loss|losses|nll|acc|accuracy|acc@?\d|top-?\d|lr|norm|gnorm|ppl|perplexity"
    r"|bpb|bpc|mfu|err|error|reward|return|score|iou|miou|dice|f1|bleu|map|ap|auc|auroc|psnr|ssim|wer|cer|fid|mae|mse"
    r"|rmse|time|data|data_time|step_time|tps|kl|entropy|rate|scale)$",
    re.IGNORECASE,
)

_LEADING = frozenset(
    {
        "lm",
        "learning",
        "grad",
        "gradient",
        "total",
        "avg",
        "average",
        "mean",
        "running",
        "best",
        "smoothed",
        "batch",
        "global",
        "loss",
    }
)
"""Words that belong to the name that follows them: "learning rate", "avg train loss"."""

_SPLIT = re.compile(
    r"(?<![\w/.-])(?:(val|valid|validation|eval|evaluation|test|testing|dev)|train|training)"
    r"(?![\w/.-])",
    re.IGNORECASE,
)


SPLIT_WORDS = _VALIDATION | _TRAINING
"""Words that tell of which data a line speaks."""


def split_told(text: str) -> str:
    """Return "val" or "train" for the last such word of a text, or nothing.

    >>> split_told("Epoch(val) ["), split_told("INFO - Train: ["), split_told("train/loss")
    ('val', 'train', '')
    """
    last = None
    for last in _SPLIT.finditer(text):  # noqa: B007 - the last one is what is wanted
        pass
    if last is None:
        return ""
    return "val" if last[1] else "train"


def split_of(name: str) -> str:
    """Return the split that a name begins with, "val" or "train", or nothing."""
    first = re.split(r"[_/ ]", name.lower(), maxsplit=1)[0]
    return "val" if first in _VALIDATION else "train" if first in _TRAINING else ""


def last_words(phrase: str) -> str:
    """Return the name that a phrase ends in, where no sign tells where it begins.

    >>> last_words("we saw train loss"), last_words("step"), last_words("saved to")
    ('train loss', 'step', '')
    """
    words = phrase.split(" ")
    last = words[-1].lower()
    if last not in STEP_WORDS | EPOCH_WORDS and not MEASURED.search(last):
        return ""
    start = len(words) - 1
    while start and words[start - 1].lower() in _LEADING | _VALIDATION | _TRAINING:
        start -= 1
    return " ".join(words[start:])
