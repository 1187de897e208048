"""Train a small network with Lightning and log it: python lightning_loop.py FOLDER [EPOCHS]."""

import sys

import lightning
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from trainmon.integrations.lightning import TrainmonCallback, TrainmonLogger

folder, epochs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5


class Circle(lightning.LightningModule):
    """Tells the points inside a circle from those outside."""

    def __init__(self) -> None:
        super().__init__()
        self.network = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))

    def training_step(self, batch: list[torch.Tensor]) -> torch.Tensor:
        """Return the loss of a batch."""
        loss = nn.functional.cross_entropy(self.network(batch[0]), batch[1])
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch: list[torch.Tensor]) -> None:
        """Log loss and accuracy."""
        logits = self.network(batch[0])
        self.log("val_loss", nn.functional.cross_entropy(logits, batch[1]))
        self.log("val_accuracy", (logits.argmax(dim=1) == batch[1]).float().mean())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return the optimizer."""
        return torch.optim.Adam(self.parameters(), lr=1e-2)


torch.set_num_threads(1)
lightning.seed_everything(0, verbose=False)
points = torch.rand(1_280, 2) * 2 - 1
circle = TensorDataset(points, (points.norm(dim=1) < 0.8).long())
train, val = torch.utils.data.random_split(circle, [1_024, 256])
trainer = lightning.Trainer(
    max_epochs=epochs,
    logger=TrainmonLogger(folder),
    callbacks=[TrainmonCallback()],
    gradient_clip_val=1.0,
    accelerator="cpu",
    enable_progress_bar=False,
    log_every_n_steps=10,
)
train_loader = DataLoader(train, batch_size=32, shuffle=True)
trainer.fit(Circle(), train_loader, DataLoader(val, batch_size=256))
