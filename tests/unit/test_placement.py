"""Where one more digit goes on a map, against SciPy's own way downhill."""

import numpy as np
import pytest
from scipy.optimize import minimize

from core.analysis import placement


def clusters(rng):
    """Three clouds of 40 in 12 dimensions, and on a map."""
    middles = rng.normal(0, 6, (3, 12))
    vectors = np.concatenate([middle + rng.normal(0, 1, (40, 12)) for middle in middles])
    points = np.concatenate([middle[:2] * 4 + rng.normal(0, 2, (40, 2)) for middle in middles])
    return vectors, points.astype(np.float32)


@pytest.mark.parametrize("seed", range(5))
def test_it_goes_where_scipy_goes(seed):
    """The cost written out by hand: sum p ln(p / q)."""
    rng = np.random.default_rng(seed)
    vectors, points = clusters(rng)
    own = vectors[7] + rng.normal(0, 0.5, 12)
    squares = ((vectors - own) ** 2).sum(1)
    near = np.argsort(squares)[:15]
    p = placement.weights(squares[near] - squares[near[0]], 5)

    def cost(at):
        closeness = 1 / (1 + ((points.astype(float) - at) ** 2).sum(1))
        return (p * np.log(p / (closeness / closeness.sum())[near])).sum()

    found = placement.by_tsne(vectors, points, own)
    assert found == pytest.approx(minimize(cost, p @ points[near], method="BFGS").x, abs=0.01)


def test_downhill_finds_the_bottom_of_a_valley():
    """Rosenbrock's, which winds: (1 - x)^2 + 100 (y - x^2)^2 is 0 at (1, 1)."""

    def cost(at):
        x, y = at
        value = (1 - x) ** 2 + 100 * (y - x**2) ** 2
        return value, np.array([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)])

    assert placement.downhill(cost, np.array([-1.0, 1.0])) == pytest.approx([1, 1], abs=1e-4)
