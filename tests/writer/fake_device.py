"""A device whose values arrive when the test says so, in place of a GPU."""

from dataclasses import dataclass, field


@dataclass(eq=False)
class Device:
    """Counts what a real one would be asked to do; `waits` are the stalls of a training step."""

    type: str = "fake"
    arrived: bool = False
    broken: bool = False
    full: bool = False
    transfers: int = 0
    waits: int = 0
    reads: int = 0
    sizes: list[int] = field(default_factory=list)

    def __call__(self, _device: object) -> "FakeTransfer":
        self.transfers += 1
        return FakeTransfer(self)

    def scalar(self, value: float) -> "Tensor":
        return Tensor([value], self, ())

    def vector(self, *values: float) -> "Tensor":
        return Tensor(list(values), self, (len(values),))


@dataclass(eq=False)
class Tensor:
    """Values on the device. Reading them as numbers is the stall that must not happen."""

    values: list[float]
    device: Device
    shape: tuple[int, ...]

    def item(self) -> float:
        self.device.waits += 1
        return self.values[0]


class FakeTransfer:
    def __init__(self, device: Device) -> None:
        self.device = device
        self.copies: list[float] = []
        self.sent = False

    def add(self, tensor: Tensor) -> int:
        assert not self.sent
        if self.device.full:
            raise MemoryError("is on a device without memory")
        self.copies += tensor.values
        return len(self.copies) - len(tensor.values)

    def send(self) -> None:
        self.sent = True
        self.device.sizes.append(len(self.copies))

    def ready(self) -> bool:
        assert self.sent
        return self.device.arrived

    def values(self) -> list[float]:
        assert self.sent
        if self.device.broken:
            raise RuntimeError("device-side assert triggered")
        self.device.reads += 1
        if not self.device.arrived:
            self.device.waits += 1
        return self.copies
