"""Imports TensorFlow for the first time: without chatter, and without what Keras looks for beside it.

Keras imports scikit-learn and pandas where they are installed, to wrap models for the one and to take tables of
the other. A worker does neither, and would start half a second later for them, with 70 MB more.

Imported by `core.worker.models`, before anything else of TensorFlow's.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # no start-up chatter

_UNUSED = [name for name in ("sklearn", "pandas") if name not in sys.modules]
sys.modules.update(dict.fromkeys(_UNUSED))  # type: ignore[arg-type]  # of None it is said that there is none
try:
    import keras  # noqa: F401
    import tensorflow as tf
finally:
    for _name in _UNUSED:
        del sys.modules[_name]

tf.get_logger().setLevel("ERROR")  # it warns that every training brings a new graph
