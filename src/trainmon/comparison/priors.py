"""How often a difference in a setting is why one run of two goes worse, from 0 to 1.

They are the judgement of people who look for such causes, and decide on an order alone.
"""

import re

from trainmon.configuration import read_as

_OF_READ = {
    "optimizer": 0.8,
    "lr": 0.8,
    "shuffle": 0.7,
    "loss": 0.6,
    "num_classes": 0.6,
    "schedule": 0.5,
    "precision": 0.4,
    "train_samples": 0.4,
    "class_weights": 0.4,
    "pos_weight": 0.4,
    "oversample": 0.4,
    "class_counts": 0.3,
    "aux_weight": 0.3,
    "clip": 0.3,
    "dropout": 0.3,
    "weight_decay": 0.3,
    "warmup_steps": 0.3,
    "eval_limit": 0.3,
    "mode": 0.3,
    "epochs": 0.15,
    "total_steps": 0.15,
    "batch_size": 0.1,
    "accum": 0.1,
    "world_size": 0.05,
    "monitor": 0.05,
    "patience": 0.05,
    "num_workers": 0.02,
    "prefetch_factor": 0.01,
}

_OTHER = 0.15
"""Of a setting that nothing is known of."""

_NEVER = re.compile(
    r"(?:^|_)(?:seed|random_state|pin_memory|persistent|prefetch|workers|log|logs|logging|logger"
    r"|wandb|tensorboard|mlflow|comet|swanlab|trackio|report_to|hub|push_to|save|saving|print|disp"
    r"|plot|plots|visuali[sz]\w*|tqdm|verbose|verbosity|debug|profile|profiler|progress|ddp|nccl"
    r"|backend|multiprocessing|gradient_checkpointing|activation_checkpointing)(?:_|$)"
)
"""What is kept and shown of a run, and what draws other numbers or moves data otherwise."""

_HARMLESS = re.compile(
    r"(?:^|_)(?:path|paths|dir|dirs|directory|folder|file|files|filename|root|url|uri|name|names"
    r"|id|ids|uuid|tag|tags|note|notes|comment|description|version|date|time|timestamp|host"
    r"|hostname|node|port|pid|rank|gpu|gpus|device|devices|cuda|hash|commit|git|command|argv"
    r"|script|project|entity|user|run|exp|experiment|job|output|outputs|cache|checkpoint"
    r"|checkpoints|ckpt|master|dist|quiet)(?:_|$)"
)
"""Where a run is, and what it is called; unless the data or the weights are meant."""

_SORTS = (
    (0.05, r"(?:eval|val|test|predict)_"),
    (0.6, r"data|label|target|split|fold|subset|sampl|collat|normali[sz]|tokenizer|task"),
    (0.5, r"pretrain|from_scratch|init|weights|freeze|frozen|resume|load_from|\w*name_or_path"),
    (0.4, r"model|arch|backbone|encoder|decoder|head|layer|depth|width|dim|hidden|channel|act"),
    (0.4, r"amp$|half$|[bt]?f\d+|fp\d+|int\d+|quant"),
    (0.3, r"aug|mix|cutmix|crop|jitter|flip|hsv|degrees|translate|scale|shear|perspective|mosaic"),
    (0.3, r"eras|copy_paste|size|img|image|resol|length|seq|context|supervis|deep_supervis|ema"),
    (0.3, r"lr|learning|rate|decay|momentum|beta|eps|gamma|warm|anneal|cos|temperature|margin"),
    (0.3, r"alpha|lambda|smooth|loss|noise|regulari"),
)
"""Settings by how one of the words of their names begins; the first that fits counts."""

_PATTERNS = tuple((prior, re.compile(rf"(?:^|_)(?:{words})")) for prior, words in _SORTS)
_TELLING = re.compile("|".join(pattern.pattern for _, pattern in _PATTERNS[1:3]))


def prior_of(name: str) -> float:
    """Return how often a difference in a setting does harm; 0 where it never does.

    >>> prior_of("optimizer") > prior_of("hidden_size") > prior_of("zeal") > prior_of("num_workers")
    True
    >>> prior_of("output_dir"), prior_of("seed"), prior_of("trainer/run_name")
    (0.0, 0.0, 0.0)
    """
    key = read_as(name)
    if key in _OF_READ:
        return _OF_READ[key]
    word = key.rpartition("/")[2].lower().replace("-", "_")
    if _NEVER.search(word) or (_HARMLESS.search(word) and not _TELLING.search(word)):
        return 0.0
    return next((prior for prior, pattern in _PATTERNS if pattern.search(word)), _OTHER)
