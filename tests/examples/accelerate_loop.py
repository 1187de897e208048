"""Train a small network with Accelerate and log it: python accelerate_loop.py FOLDER."""

import sys

import torch
from accelerate import Accelerator
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from trainmon.integrations.accelerate import TrainmonTracker

torch.manual_seed(0)
torch.set_num_threads(1)
epochs, lr, batch_size = 10, 3e-3, 64
digits = load_digits()
inputs = torch.tensor(digits.data / 16.0, dtype=torch.float32)
targets = torch.tensor(digits.target)
train = TensorDataset(inputs[:1_400], targets[:1_400])
val_inputs, val_targets = inputs[1_400:], targets[1_400:]

accelerator = Accelerator(cpu=True, log_with=TrainmonTracker(sys.argv[1]))
accelerator.init_trackers("digits", config={"lr": lr, "batch_size": batch_size, "epochs": epochs})

model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=lr)
loader = DataLoader(train, batch_size, shuffle=True)
model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
loss_of = nn.CrossEntropyLoss()

step = 0
for epoch in range(1, epochs + 1):
    for x, y in loader:
        optimizer.zero_grad()
        loss = loss_of(model(x), y)
        accelerator.backward(loss)
        optimizer.step()
        step += 1
        accelerator.log({"train/loss": loss, "epoch": epoch}, step=step)
    with torch.no_grad():
        logits = model(val_inputs.to(accelerator.device))
        accuracy = (logits.argmax(dim=1).cpu() == val_targets).float().mean()
        val_loss = loss_of(logits.cpu(), val_targets)
    accelerator.log({"val/loss": val_loss, "val/accuracy": accuracy, "epoch": epoch}, step=step)
accelerator.end_training()
