"""What pages offer to choose from, for their addresses: said again, so that no page need be loaded for it.

`tests/pages/test_links.py` holds it to what they offer.
"""

from ui.state import link_values

METHODS = ("All four", "Cover it", "Add it up", "Gradient", "Grad-CAM")
DAMAGES = ("Turn", "Shift", "Scale", "Thin", "Thicken", "Blur", "Noise", "Cover", "Invert")
REGULARISERS = ("L2 decay", "Blur", "Jitter", "Clip the faint")
ORDERS = ("surest first", "least sure first", "largest loss first", "by class", "by number")
RUN_ORDERS = (
    "the latest first",
    "the most right on the test first",
    "the least time first",
    "by network",
)
RUN_GROUPS = (
    *("", "network", "tags", "optimizer", "learning rate", "schedule", "batch size", "epochs"),
    *("training images", "data", "augmented"),
)
RUN_COLUMNS = (
    *("status", "test", "test loss", "training", "training loss", "validation", "time", "seed", "epochs"),
    *("optimizer", "rate", "batch", "data", "pictures", "parameters", "device", "started", "tags", "notes"),
)
COMPARED = ("validation accuracy", "validation loss", "training accuracy", "training loss")
AXES = ("images", "figure")
CHANNELS, SCALES = ("red", "green", "blue"), ("0 to 255", "0 to 1", "standardised")
# Of Data's sliders: what each begins with, and the most.
AUGMENTATION = {"rotation": (10, 45), "shear": (0, 45), "scale": (10, 50), "shift": (2, 8), "elastic": (0, 4)}
CLASSES = tuple(dict.fromkeys(name for names in link_values.CLASSES for name in names))
