"""Train a tiny BERT with the Trainer of Transformers and log it: python huggingface.py FOLDER."""

import sys

import numpy as np
import torch
from torch.utils.data import Dataset
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    EvalPrediction,
    Trainer,
    TrainingArguments,
    set_seed,
)

from trainmon.integrations.huggingface import TrainmonCallback


class Sentences(Dataset[dict[str, torch.Tensor]]):
    """Random words; a sentence is of class 1 if its first one is of the upper half."""

    def __init__(self, count: int) -> None:
        self.words = torch.randint(0, 64, (count, 8))
        self.labels = (self.words[:, 0] >= 32).long()

    def __len__(self) -> int:
        return len(self.words)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        return {"input_ids": self.words[index], "labels": self.labels[index]}


def accuracy(prediction: EvalPrediction) -> dict[str, float]:
    right = np.argmax(prediction.predictions, axis=-1) == prediction.label_ids
    return {"accuracy": float(np.mean(right))}


folder = sys.argv[1]
torch.set_num_threads(1)
set_seed(0)
model = BertForSequenceClassification(
    BertConfig(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
    )
)
arguments = TrainingArguments(
    output_dir=f"{folder}-checkpoints",
    num_train_epochs=4,
    per_device_train_batch_size=16,
    learning_rate=1e-3,
    logging_steps=5,
    eval_strategy="epoch",
    save_strategy="epoch",
    save_total_limit=1,
    metric_for_best_model="accuracy",
    use_cpu=True,
    disable_tqdm=True,
    report_to="none",
)
Trainer(
    model,
    arguments,
    train_dataset=Sentences(1_024),
    eval_dataset=Sentences(256),
    compute_metrics=accuracy,
    callbacks=[TrainmonCallback(folder)],
).train()
