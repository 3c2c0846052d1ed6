"""What a configuration changes of a recipe, as a short text that fits into an address, and back.

    >>> write("quick", replace(RECIPES["quick"].config, epochs=3))
    '{"epochs":3}'

Nothing of somebody's own is in it: no drawings, no network that is trained further, no file of the computer.

Called by `ui.state.link_values`.
"""

import json
from dataclasses import fields
from typing import Any

from core.ink.decoder import BadInput
from core.nn.architectures import LayerError
from core.records import Augmentation, TrainConfig
from core.training import configs
from core.training.recipes import RECIPES

MAX_LENGTH = 4000  # characters
# What is somebody's, of a training that has begun, or a path: whoever writes an address would choose it.
_OWN = ("fine_tuning", "changes", *configs.FILES)
_NAMES = tuple(field.name for field in fields(TrainConfig) if field.name not in _OWN)
_AUGMENTATION = {field.name for field in fields(Augmentation)}


def write(recipe: str, config: TrainConfig) -> str:
    """Return the changes as JSON, '' where there are none, or where they are somebody's own or too long."""
    if config.data in configs.FINE_TUNING_DATA:
        return ""
    before, after = configs.to_json(RECIPES[recipe].config), configs.to_json(config)
    changed = {name: after[name] for name in _NAMES if after[name] != before[name]}
    if "augmentation" in changed:
        old = before["augmentation"]
        changed["augmentation"] = {k: v for k, v in changed["augmentation"].items() if v != old[k]}
    text = json.dumps(changed, separators=(",", ":")) if changed else ""
    return text if len(text) <= MAX_LENGTH else ""


def read(recipe: str, text: str) -> TrainConfig:
    """Return the recipe's configuration with these changes. Raises BadInput, with half a sentence.

    What cannot be trained yet, such as layers that do not fit one another, is taken: the form says so.
    """
    if len(text) > MAX_LENGTH:
        raise BadInput(f"it has {len(text):,} characters, and {MAX_LENGTH:,} are the most")
    try:
        changed = json.loads(text)
    except (ValueError, RecursionError):
        changed = None
    if not isinstance(changed, dict):
        raise BadInput('expected settings as JSON, such as {"epochs":3}')
    if unknown := sorted(changed.keys() - set(_NAMES)):
        raise BadInput(f"there is no setting {unknown[0]!r}")
    content = configs.to_json(RECIPES[recipe].config)
    augmentation = changed.pop("augmentation", {})
    if not isinstance(augmentation, dict) or augmentation.keys() - _AUGMENTATION:
        raise BadInput(f"of augmentation known are {', '.join(sorted(_AUGMENTATION))}")
    content["augmentation"] |= augmentation
    return _checked(content | changed)


def _checked(content: dict[str, Any]) -> TrainConfig:
    if not isinstance(content["layers"], list) or not isinstance(content["data"], str):
        raise BadInput("expected layers as a list, and data by name")
    if content["data"] in configs.FINE_TUNING_DATA:
        raise BadInput("somebody's own drawings are in no link")
    try:
        config = configs.from_json(content)
        if problem := configs.check_settings(config):
            raise BadInput(problem.rstrip("."))
    except LayerError as error:
        raise BadInput(str(error).rstrip(".")) from None
    except (TypeError, ValueError, OverflowError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput("a setting has a value that it cannot have") from None
    return config
