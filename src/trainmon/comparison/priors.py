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

_SORTS = (
    (0.6, r"data|label|target|split|fold|subset|sampler|collat|normali[sz]|tokenizer"),
    (0.5, r"pretrained|from_scratch|init|weights|freeze|frozen|resum|load_from|model_name"),
    (0.4, r"model|arch|backbone|encoder|decoder|head|layer|depth|width|dim|hidden|channel|act"),
    (0.3, r"aug|mixup|cutmix|crop|jitter|flip|size|resol|length|seq|context|supervis|ema|smooth"),
    (0.3, r"lr|rate|decay|momentum|beta|eps|gamma|warm|anneal|temperature|margin|alpha|lambda"),
)
"""Settings by words of their names, the likelier first."""

_TELLING = re.compile("|".join(words for _, words in _SORTS[:2]))

_HARMLESS = re.compile(
    r"path|dir(?:ectory)?$|folder|file|root|url|uri|(?:^|_)(?:run|exp|experiment|project|entity"
    r"|user|group|job|task)(?:_?(?:name|id|tag))?$|(?:^|_)(?:name|id|uuid|tags?|notes?|comment"
    r"|description|version|date|time|timestamp|host|hostname|node|port|pid|rank|gpu|gpus|device"
    r"|devices|cuda|seed|random_state|debug|verbose|verbosity|quiet|profile|progress|hash|commit"
    r"|git|command|argv|script)s?(?:_|$)|seed|log(?:s|ging|ger|_|$)|wandb|tensorboard|mlflow|comet"
    r"|swanlab|report_to|output|save|sav(?:e|ing)_|print|disp|plot|visuali[sz]|cache|checkpoint"
    r"|ckpt|master_|dist_url|backend|pin_memory|workers|prefetch|persistent"
)
"""Settings that change nothing of what is learnt, but where it is kept and how it is shown."""


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
    word = key.rpartition("/")[2].lower()
    if _HARMLESS.search(word) and not _TELLING.search(word):
        return 0.0
    return next((prior for prior, words in _SORTS if re.search(words, word)), _OTHER)
