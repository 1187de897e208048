"""Train a small network on scikit-learn's digits and log it: python digits.py FOLDER [EPOCHS]."""

import sys
from time import perf_counter

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

from trainmon import Writer

folder, epochs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
torch.set_num_threads(1)
torch.manual_seed(0)
lr, batch_size, clip = 3e-3, 64, 1.0
config = {"optimizer": "adam", "lr": lr, "batch_size": batch_size, "epochs": epochs, "clip": clip}

digits = load_digits()
inputs = torch.tensor(digits.data / 16.0, dtype=torch.float32)
train_x, val_x, train_y, val_y = train_test_split(
    inputs, torch.tensor(digits.target), test_size=0.25, random_state=0
)
dataset = torch.utils.data.TensorDataset(train_x, train_y)
loader = torch.utils.data.DataLoader(dataset, batch_size=batch_size, shuffle=True)
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=lr)
loss_of = nn.CrossEntropyLoss()

with Writer(folder, config=config) as log:
    step = 0
    for epoch in range(1, epochs + 1):
        start = perf_counter()
        for x, y in loader:
            data_time = perf_counter() - start
            optimizer.zero_grad()
            loss = loss_of(model(x), y)
            loss.backward()
            grad_norm = nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            step += 1
            log.log(
                {
                    "train/loss": loss,
                    "lr": optimizer.param_groups[0]["lr"],
                    "grad_norm": grad_norm,
                    "data_time": data_time,
                    "step_time": perf_counter() - start,
                },
                step=step,
            )
            start = perf_counter()
        with torch.no_grad():
            logits = model(val_x)
        accuracy = (logits.argmax(dim=1) == val_y).float().mean()
        log.log({"val/loss": loss_of(logits, val_y), "val/accuracy": accuracy}, step, epoch)
