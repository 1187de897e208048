"""Log a script that was written for TensorBoard: python summary_writer.py FOLDER."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn

from trainmon.integrations.summary_writer import SummaryWriter

torch.manual_seed(0)
torch.set_num_threads(1)
digits = load_digits()
inputs = torch.tensor(digits.data / 16.0, dtype=torch.float32)
targets = torch.tensor(digits.target)
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
loss_of = nn.CrossEntropyLoss()

writer = SummaryWriter(sys.argv[1])
writer.add_hparams({"lr": 3e-3, "batch_size": 64, "epochs": 10}, {})
step = 0
for epoch in range(1, 11):
    for batch in torch.split(torch.randperm(1_400), 64):
        optimizer.zero_grad()
        loss = loss_of(model(inputs[batch]), targets[batch])
        loss.backward()
        optimizer.step()
        step += 1
        writer.add_scalar("Loss/train", loss, step)
        writer.add_scalar("lr", optimizer.param_groups[0]["lr"], step)
    with torch.no_grad():
        logits = model(inputs[1_400:])
    right = logits.argmax(dim=1) == targets[1_400:]
    # Counted in epochs, as many scripts do: it lands on the step that the training stands at.
    writer.add_scalar("Loss/val", loss_of(logits, targets[1_400:]), epoch)
    writer.add_scalar("val/accuracy", right.float().mean(), epoch)
    writer.add_histogram("weights", model[0].weight, epoch)  # accepted, not kept
writer.close()
