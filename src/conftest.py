"""What the doctests need to know before a framework is imported."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")  # Keras has no backend of its own
