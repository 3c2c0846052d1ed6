"""Where a new digit goes on a finished map of many: the same arithmetic as ui/components/star_map/placement.js.

Called by `core.analysis.embedding` and `core.analysis.map_export`.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import logsumexp

from core.nn.activations import softmax

PERPLEXITY = 5  # about how many neighbours pull at it, as openTSNE's `transform` has it
NEIGHBOURS = 3 * PERPLEXITY  # that have a pull at all
_STEPS, _HALVINGS = 60, 40  # at most
_FLAT = 1e-6  # a slope that is none

Cost = Callable[[np.ndarray], tuple[float, np.ndarray]]


def by_tsne(vectors: np.ndarray, points: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Put one more digit where t-SNE's own cost is least, with all others held where they are; float64 [2].

    vectors: [n, k], the others in the hidden layer. points: [n, 2], on the map. own: [k].

    The cost is sum_j p_j ln(p_j / q_j): p_j falls off with the distance in the hidden layer as a Gaussian
    that is as wide as PERPLEXITY asks, q_j with the distance on the map as 1 / (1 + d^2). From the mean of
    its neighbours' places, weighted by p, it slides downhill.
    """
    squares = ((vectors - own) ** 2).sum(1, dtype=float)
    near = np.argsort(squares, kind="stable")[:NEIGHBOURS]
    p = weights(squares[near] - squares[near[0]], PERPLEXITY)
    positions = points.astype(float)

    def cost(at: np.ndarray) -> tuple[float, np.ndarray]:
        offsets = at - positions
        closeness = 1 / (1 + (offsets**2).sum(1))
        q = closeness / closeness.sum()
        pulls = -q
        pulls[near] += p
        return float(-(p * np.log(q[near])).sum()), 2 * (pulls * closeness) @ offsets

    return downhill(cost, p @ positions[near])


def weights(squares: np.ndarray, perplexity: float) -> np.ndarray:
    """Gaussian weights that sum to 1 and are as many as `perplexity`: exp of their entropy. By halving."""
    low, high = -30.0, 30.0  # ln of the precision, against the mean square
    scaled = squares / max(float(squares.mean()), 1e-30)
    for _ in range(50):
        middle = (low + high) / 2
        logs = -np.exp(middle) * scaled
        logs -= logsumexp(logs)
        entropy = -(np.exp(logs) * logs).sum()
        low, high = (middle, high) if entropy > np.log(perplexity) else (low, middle)
    return softmax(logs)


def downhill(cost: Cost, start: np.ndarray) -> np.ndarray:
    """Return where the cost, which gives its slope too, is least around `start`: float64 [2].

    By the method of Broyden, Fletcher, Goldfarb and Shanno, each step halved until it goes down far enough
    (Armijo). SciPy's own chooses its steps in another way, which a browser would have to repeat to the letter.
    """
    at = np.array(start, float)
    value, slope = cost(at)
    inverse = np.eye(2)  # of the curvature, as far as it is known
    for _ in range(_STEPS):
        step = -inverse @ slope
        fall = float(slope @ step)
        if np.abs(slope).max() < _FLAT or fall >= 0:
            break
        for _ in range(_HALVINGS):
            lower, next_slope = cost(at + step)
            if lower <= value + 1e-4 * fall:
                break
            step, fall = step / 2, fall / 2
        else:
            break
        inverse = _updated(inverse, step, next_slope - slope)
        at, value, slope = at + step, lower, next_slope
    return at


def _updated(inverse: np.ndarray, step: np.ndarray, turned: np.ndarray) -> np.ndarray:
    """Learn the curvature from how far the slope has turned along a step."""
    along = float(step @ turned)
    if along <= 1e-12:
        return inverse
    without = np.eye(2) - np.outer(step, turned) / along
    return without @ inverse @ without.T + np.outer(step, step) / along
