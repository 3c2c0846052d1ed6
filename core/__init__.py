"""Networks, ink, data, training and storage: all that is no page.

Whatever imports a part of it multiplies on one thread of NumPy's and SciPy's OpenBLAS, unless the environment
says otherwise: the matrices here are small, so its threads wait for each other, and a training or others
have the cores. Measured on two cores: a photograph is read in 0.24 s in place of 0.29, in half the
processor time; beside a training the shipped network's gradient takes 1.0 ms per image in place of 7.
"""

import os

from threadpoolctl import threadpool_limits

_NAME = "OPENBLAS_NUM_THREADS"
if _NAME not in os.environ:
    os.environ[_NAME] = "1"  # what loads later, here and in processes started from here, reads it
    threadpool_limits(1, "blas")  # what is loaded
