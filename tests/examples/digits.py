"""Train a small network on scikit-learn's digits and log it: python digits.py FOLDER [EPOCHS]."""

import sys

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

from trainmon import Writer

folder, epochs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
torch.set_num_threads(1)
torch.manual_seed(0)
clip = 1.0

digits = load_digits()
inputs = torch.tensor(digits.data / 16.0, dtype=torch.float32)
train_x, val_x, train_y, val_y = train_test_split(
    inputs, torch.tensor(digits.target), test_size=0.25, random_state=0
)
dataset = torch.utils.data.TensorDataset(train_x, train_y)
loader = torch.utils.data.DataLoader(dataset, batch_size=64, shuffle=True)
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
loss_of = nn.CrossEntropyLoss()

with Writer(folder, config={"epochs": epochs, "clip": clip}, on_nonfinite="stop") as log:
    log.watch(model, optimizer)  # gradient norms, update ratios, learning rate; where a NaN began
    stop = log.early_stopping("val/accuracy", patience=5, also="val/loss")
    step = 0
    for epoch in range(1, epochs + 1):
        for x, y in log.batches(loader):  # waits, spikes, whether the samples differ
            logits = model(x)
            loss = loss_of(logits, y)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            step += 1
            log.log({"train/loss": loss}, step)
            log.inputs(x, y)  # these two look at the first batches, and then rarely
            log.outputs(logits, y)
        with torch.no_grad():
            logits = model(val_x)
        val_loss = loss_of(logits, val_y)
        log.evaluation("val", val_y, logits, metrics={"loss": val_loss}, step=step, epoch=epoch)
        if stop.improved:
            torch.save(model.state_dict(), f"{log.folder}/best.pt")
            log.checkpoint("best.pt")
        if log.should_stop:
            break
