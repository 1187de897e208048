"""Which layer a parameter is counted to, by the names that a model has for them."""

from collections.abc import Iterable, Iterator, Sequence

LAYERS_LIMIT = 200
"""Layers told apart: more are not looked at one by one, and three metrics each fill the log."""

_WRAPPERS = frozenset({"_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"})
"""What torch.compile, FSDP and activation checkpointing put between the names of modules."""

_PARALLEL = "module"
"""What DataParallel and DistributedDataParallel put in front; further on it is a user's name."""

_WHOLE = "all"
"""The one layer of a model whose modules are too many on every level."""


def readable(names: Sequence[str]) -> list[str]:
    """Return names of modules or parameters without what wrappers have added.

    Where two would become the same, all stay as they are.

    >>> readable(["module._orig_mod.layers.0.weight", "module._orig_mod.head.bias"])
    ['layers.0.weight', 'head.bias']
    """
    short = [without_wrappers(name) for name in names]
    return short if len(set(short)) == len(names) else list(names)


def without_wrappers(name: str) -> str:
    """Return the name of a module or parameter as it is in the model that was wrapped.

    >>> without_wrappers("module._orig_mod.layers.0"), without_wrappers("module")
    ('layers.0', '')
    """
    parts = [part for part in name.split(".") if part not in _WRAPPERS]
    while parts and parts[0] == _PARALLEL:
        del parts[0]
    return ".".join(parts)


def layers_of(names: Sequence[str], limit: int = LAYERS_LIMIT) -> list[str]:
    """Return the layer of each parameter: itself, or the module it is in where they are too many.

    Parameters of one layer stand side by side, as models list them module by module.

    >>> names = ["stem.weight", "blocks.0.a.weight", "blocks.0.a.bias", "blocks.0.b.weight"]
    >>> layers_of(names, limit=3)
    ['stem', 'blocks.0.a', 'blocks.0.a', 'blocks.0.b']
    >>> layers_of(names, limit=2)
    ['stem', 'blocks.0', 'blocks.0', 'blocks.0']
    """
    for layers in _levels(names):
        if len(set(layers)) <= limit:
            return layers
    return [_WHOLE] * len(names)


def module_of(parameter: str) -> str:
    """Return the name of the module that holds a parameter; that of the model itself is empty."""
    return parameter.rpartition(".")[0]


def named(metric: str, name: str) -> str:
    """Return a metric as it is called for the watch of this name; most have none.

    >>> named("grad_norm", "critic"), named("grad_norm/head.bias", "critic"), named("lr", "")
    ('grad_norm/critic', 'grad_norm/critic.head.bias', 'lr')
    """
    if not name:
        return metric
    kind, _, part = metric.partition("/")
    return f"{kind}/{name}.{part}" if part else f"{kind}/{name}"


def runs_of(layers: Iterable[str]) -> list[tuple[str, int]]:
    """Return the layers in order, each with how many parameters in a row are counted to it.

    >>> runs_of(["stem", "head", "head"])
    [('stem', 1), ('head', 2)]
    """
    runs: list[tuple[str, int]] = []
    for layer in layers:
        if runs and runs[-1][0] == layer:
            runs[-1] = (layer, runs[-1][1] + 1)
        else:
            runs.append((layer, 1))
    return runs


def _levels(names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the names, their modules, and the modules around those, up to the outermost."""
    yield list(names)
    modules = [module_of(name) or name for name in names]
    yield modules
    parts = [module.split(".") for module in modules]
    for depth in range(max(map(len, parts), default=1) - 1, 0, -1):
        yield [".".join(part[:depth]) for part in parts]
