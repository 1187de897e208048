"""Train a small network with PyTorch-Ignite and log it: python ignite_engine.py FOLDER [EPOCHS]."""

import sys

import torch
from ignite.engine import Engine, Events, create_supervised_evaluator, create_supervised_trainer
from ignite.metrics import Accuracy, Loss
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from trainmon.integrations.ignite import setup_trainmon_logging

folder, epochs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
torch.set_num_threads(1)
torch.manual_seed(0)
points = torch.rand(1_280, 2) * 2 - 1
circle = TensorDataset(points, (points.norm(dim=1) < 0.8).long())
train, val = torch.utils.data.random_split(circle, [1_024, 256])

model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
loss = nn.CrossEntropyLoss()
trainer = create_supervised_trainer(model, optimizer, loss)
evaluator = create_supervised_evaluator(model, {"accuracy": Accuracy(), "loss": Loss(loss)})


@trainer.on(Events.EPOCH_COMPLETED)
def evaluate(_: Engine) -> None:
    """Evaluate after each epoch."""
    evaluator.run(DataLoader(val, batch_size=256))


with setup_trainmon_logging(folder, trainer, optimizer, evaluator):
    trainer.run(DataLoader(train, batch_size=32, shuffle=True), max_epochs=epochs)
