"""What the frameworks need to know before they are imported."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")  # Keras has no backend of its own
