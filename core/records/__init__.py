"""The frozen records that cross boundaries: data only. Shapes, dtypes and ranges are given here.

Those that hold an image, ink or a probability validate it when they are made, and raise ValueError, so that no
NaN is ever shown as an answer. They stand by what they hold in files of their own and are imported from here.
"""

from core.records.config import (
    Augmentation,
    Change,
    Choice,
    FineTuning,
    Imported,
    Recipe,
    Setting,
    TrainConfig,
)
from core.records.ink import (
    ColourImage,
    DigitImage,
    DigitOfNumber,
    Drawing,
    NumberPrediction,
    Prediction,
    Step,
)
from core.records.labelled import (
    Dataset,
    DrawingArrays,
    Evaluation,
    Import,
    Labelled,
    StoredDrawing,
)
from core.records.training import (
    Checkpoint,
    Metric,
    Network,
    Probe,
    Run,
    Snapshot,
    State,
    View,
)

__all__ = [
    "Augmentation",
    "Change",
    "Checkpoint",
    "Choice",
    "ColourImage",
    "Dataset",
    "DigitImage",
    "DigitOfNumber",
    "Drawing",
    "DrawingArrays",
    "Evaluation",
    "FineTuning",
    "Import",
    "Imported",
    "Labelled",
    "Metric",
    "Network",
    "NumberPrediction",
    "Prediction",
    "Probe",
    "Recipe",
    "Run",
    "Setting",
    "Snapshot",
    "State",
    "Step",
    "StoredDrawing",
    "TrainConfig",
    "View",
]
