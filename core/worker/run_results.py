"""What a run leaves: its network, measured on the test images and calibrated.

Called by `core.worker.tasks`.
"""

from typing import Any

import numpy as np

from core.data import datasets
from core.models import input_scalings
from core.nn import metrics
from core.nn.activations import softmax
from core.records import Dataset, Run, TrainConfig
from core.training import configs, finetuning
from core.worker import export, measure, models, run_data, training, writer

DIGITS = 0.9  # the prior probability that a drawing is a digit


def store_network(
    mine: writer.Writer,
    run: Run,
    model: training.keras.Model,
    status: str | None = None,
    note: str | None = None,
    fits: np.ndarray | None = None,
    **facts: Any,
) -> None:
    """facts: more of `Store.finish`."""
    calibration = None
    if run.kind == "trained" and run.config.data in run_data.HELD_OUT:
        calibration = measure.calibrate(model, *run_data.HELD_OUT[run.config.data](run.training), prior=DIGITS)
    probabilities, accuracy, loss = None, None, None
    try:
        version = datasets.version(run.config.data)  # first: what takes their place meanwhile is another
        data = datasets.load(run.config.data)
    except datasets.NoData as error:  # it reads all the same
        note = note and f"{note} Its accuracy is not measured. {error}"
    else:
        logits = measure.logits(model, data.x_test)
        facts["version"] = version
        probabilities, (accuracy, loss, _) = softmax(logits), metrics.figures(logits, data.y_test)
        if status == "done" and run.kind == "trained":
            facts["training_figures"] = _training_figures(run.training, model, data)
    mine.finish(
        export.to_network(model, run.config.layers, run.name, {}, run.config.data),
        export.to_keras(model),
        probabilities,
        test_accuracy=accuracy,
        test_loss=loss,
        calibration=calibration,
        scalings=fits,
        status=status,
        note=note,
        **facts,
    )


def _training_figures(
    config: TrainConfig, model: training.keras.Model, data: Dataset
) -> tuple[float, float] | None:
    """Accuracy and loss of a finished network on all images of the published data that it has learnt from.

    None where it has learnt from none of them.
    """
    if finetuning.learns_alone(config):
        return None
    chosen = configs.training_indices(config, len(data.x_train) - configs.divide(config)[1])
    return measure.figures(model, data.x_train, data.y_train, chosen)


def keras_model(run: Run, weights: dict[str, np.ndarray]) -> training.keras.Model:
    """Return a run's network as a Keras model with these weights, named as by `models.get_weights`."""
    model = models.build(run.config.layers, configs.kind(run.config).shape)
    models.set_weights(model, weights)
    return model


def scaling(run: Run, model: training.keras.Model) -> tuple[str, np.ndarray | None]:
    """What is to be said of the pixels that a file's network was trained on, and how each scaling reads."""
    kind = configs.kind(run.config)
    try:
        data = datasets.load(run.config.data)
    except datasets.NoData:
        return "", None
    found = input_scalings.measure(lambda x: measure.logits(model, x), data.x_test, data.y_test)
    sentence = input_scalings.sentence(found, kind.shape, kind.noun)
    return f" {sentence}" * bool(sentence), np.array(list(found.values()))
