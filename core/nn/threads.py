"""How many threads NumPy multiplies on, in a process that serves pages.

Called by `core.models.own_head` and `core.nn.backprop`.
"""

from functools import cache

from threadpoolctl import threadpool_limits


@cache
def one_thread() -> None:
    """Let NumPy multiply on one thread from now on: beside a training, its threads wait for each other.

    Measured on two cores: the shipped network's gradient, of which cores one is taken, 1.0 ms per image in
    place of 7; the last layer of own classes of 100 images, with both taken, 0.06 s in place of 7.
    """
    threadpool_limits(1, "blas")
