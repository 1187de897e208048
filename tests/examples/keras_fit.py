"""Train a small network with Keras and log it: python keras_fit.py FOLDER [EPOCHS]."""

import sys

import keras
import numpy as np

from trainmon.integrations.keras import TrainmonCallback

folder, epochs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
keras.utils.set_random_seed(0)
points = np.random.default_rng(0).uniform(-1, 1, (1_280, 2)).astype("float32")
inside = (np.linalg.norm(points, axis=1) < 0.8).astype("float32")

model = keras.Sequential([keras.layers.Dense(32, "relu"), keras.layers.Dense(1, "sigmoid")])
model.compile(
    keras.optimizers.Adam(1e-2, global_clipnorm=1.0),
    loss="binary_crossentropy",
    metrics=["accuracy", keras.metrics.AUC(name="auroc")],
)
model.fit(
    points[:1_024],
    inside[:1_024],
    batch_size=32,
    epochs=epochs,
    validation_data=(points[1_024:], inside[1_024:]),
    callbacks=[TrainmonCallback(folder, config={"batch_size": 32})],
    verbose=0,
)
