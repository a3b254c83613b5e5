"""True rates behind small counts: a beta-binomial model of a group of suppliers, integrated over its Beta.

In a group the count x of n of supplier i is binomial with its own p; the p come from one Beta(a, b) with
a = m c, b = (1 - m) c. The Beta is not plugged in: everything is averaged over a grid of its mean m and its
concentration c, weighted by how well they explain all suppliers. Source: docs/domains/parts.md, "Estimate".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Points = tuple[Floats, Floats, Floats]
"""Logits, ln of the density there, and the width that each point stands for."""

SPREADS = np.geomspace(0.1, 3.0, 13)
"""Spread t of the suppliers' log odds; the concentration is c = 1 / (t^2 m (1 - m))."""
LEVEL = 0.90
DRAWS = 1_000
"""Draws behind `worse`: at most 1.6 points of standard error."""

_FAR = 15.0
"""Points of the grid this far below the best in log likelihood are left out when it is drawn finer."""
_COARSE_MEANS = np.arange(-9.0, 9.01, 0.75)
_FINE_MEANS = 25
LOGITS: Floats = np.concatenate(
    [np.arange(-80, -10, 0.5), np.arange(-10, 10, 0.05), np.arange(10, 80.1, 0.5)]
)
_LOCAL = 201
_STEPS = np.linspace(0, 1, _LOCAL)
_WIDTHS = np.gradient(LOGITS)
_WIDE = 10.0
"""A posterior wider than this in log odds is read off the grid of all, which is finer than _LOCAL points across it."""
_NEGLIGIBLE = 25.0


def log_gamma(z: Floats) -> Floats:
    """ln Gamma(z) for z > 0, to about 1e-13: Stirling's series at z + 8, brought back by the recurrence."""
    product = z * (z + 1) * (z + 2) * (z + 3)
    product = product * (z + 4) * (z + 5) * (z + 6) * (z + 7)
    w = z + 8
    inverse = 1 / w
    square = inverse * inverse
    series = inverse * (
        1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))
    )
    stirling: Floats = (w - 0.5) * np.log(w) - w + 0.5 * np.log(2 * np.pi) + series - np.log(product)
    return stirling


def log_beta(a: Floats, b: Floats) -> Floats:
    """ln B(a, b)."""
    return log_gamma(a) + log_gamma(b) - log_gamma(a + b)


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of some suppliers, one place each: x of n."""

    n: Floats
    x: Floats

    @classmethod
    def of(cls, n: Iterable[float], x: Iterable[float]) -> Counts:
        """From any iterables."""
        return cls(np.asarray(list(n), float), np.asarray(list(x), float))

    def take(self, places: NDArray[np.intp]) -> Counts:
        """The counts of some of the suppliers."""
        return Counts(self.n[places], self.x[places])


@dataclass(frozen=True, slots=True)
class Community:
    """What suppliers have taught of the Beta that their rates come from.

    a, b: the Betas of the grid; log_weight: ln of their posterior weights, normalised.
    """

    a: Floats
    b: Floats
    log_weight: Floats

    @property
    def weight(self) -> Floats:
        """Posterior weights of the grid, summing to one."""
        weight: Floats = np.exp(self.log_weight)
        return weight

    @property
    def mean(self) -> float:
        """Posterior mean of the Beta's mean: the rate of the group."""
        return float(self.weight @ (self.a / (self.a + self.b)))


@dataclass(frozen=True, slots=True)
class Estimates:
    """For each supplier the posterior mean and the equal-tailed 90 % interval of its rate."""

    mean: Floats
    low: Floats
    high: Floats


def learn(counts: Counts) -> Community:
    """Weigh the Betas of the grid by what all suppliers show; what weighs next to nothing is left out."""
    whole = _drawn_finer(counts)
    kept = whole.log_weight > whole.log_weight.max() - _FAR
    log_weight = whole.log_weight[kept]
    return Community(whole.a[kept], whole.b[kept], log_weight - np.log(np.exp(log_weight).sum()))


def _drawn_finer(counts: Counts) -> Community:
    """The grid of all means, then a finer one around those that matter, and once more where that is still coarse."""
    coarse = _weighed(counts, _COARSE_MEANS)
    matters = coarse.log_weight.reshape(len(_COARSE_MEANS), -1).max(axis=1)
    places = np.flatnonzero(matters > matters.max() - _FAR)
    step = _COARSE_MEANS[1] - _COARSE_MEANS[0]
    fine = np.linspace(_COARSE_MEANS[places[0]] - step, _COARSE_MEANS[places[-1]] + step, _FINE_MEANS)
    again = _weighed(counts, fine)
    matters = again.log_weight.reshape(_FINE_MEANS, -1).max(axis=1)
    places = np.flatnonzero(matters > matters.max() - _FAR)
    if len(places) > _FINE_MEANS // 2:
        return again
    step = fine[1] - fine[0]
    return _weighed(counts, np.linspace(fine[places[0]] - step, fine[places[-1]] + step, _FINE_MEANS))


def _weighed(counts: Counts, means: Floats) -> Community:
    """The grid over logit means and SPREADS (means outer, spreads inner) with its posterior weights."""
    logit, spread = (part.ravel() for part in np.meshgrid(means, SPREADS, indexing="ij"))
    m = 1 / (1 + np.exp(-logit))
    concentration = 1 / (spread**2 * m * (1 - m))
    a, b = m * concentration, (1 - m) * concentration
    log_weight = log_hyperprior(m, spread) + _shared(counts, a, b)
    log_weight -= log_weight.max()
    return Community(a, b, log_weight - np.log(np.exp(log_weight).sum()))


def log_hyperprior(m: Floats, spread: Floats) -> Floats:
    """Weak beliefs before any count: m ~ Beta(1/2, 1/2), every spread of the log odds from 0.1 to 3 alike.

    As a density over logit m and ln spread, in which the grid is even.
    Source: Jeffreys for m; Gelman 2006 (Bayesian Analysis 1) for a flat spread, which needs three suppliers or more to
    be told from its bounds.
    """
    prior: Floats = 0.5 * np.log(m) + 0.5 * np.log1p(-m) + np.log(spread)
    return prior


def _shared(counts: Counts, a: Floats, b: Floats) -> Floats:
    """Log likelihood of each Beta from all suppliers; those with the same counts are reckoned once."""
    rows = np.stack([counts.n, counts.x], axis=1)
    distinct, times = np.unique(rows[counts.n > 0], axis=0, return_counts=True)
    total = np.zeros_like(a)
    for start in range(0, len(distinct), 256):
        part, repeated = distinct[start : start + 256], times[start : start + 256]
        total += repeated @ log_likelihood(Counts(*part.T), a, b)
    return total


def log_likelihood(counts: Counts, a: Floats, b: Floats) -> Floats:
    """For each supplier and each Beta: ln P(x of n), up to the binomial coefficient. Shape (suppliers, Betas)."""
    x, y = counts.x[:, None], (counts.n - counts.x)[:, None]
    told: Floats = log_beta(a + x, b + y) - log_beta(a, b)
    return told


def log_others(community: Community, counts: Counts) -> Floats:
    """For each supplier the ln weights of the Betas as all the *others* taught them. Shape (suppliers, Betas)."""
    own = log_likelihood(counts, community.a, community.b)
    others: Floats = community.log_weight - np.where(counts.n[:, None] > 0, own, 0.0)
    return others


def estimate(community: Community, counts: Counts) -> Estimates:
    """Each supplier's rate, given the community it is part of (its own counts are among those learnt from)."""
    distinct, back = np.unique(np.stack([counts.n, counts.x], axis=1), axis=0, return_inverse=True)
    found = [_summary(*points) for points in _posteriors(community, Counts(*distinct.T))]
    table = np.array(found, float).reshape(-1, 3)[back.reshape(-1)]
    return Estimates(table[:, 0], table[:, 1], table[:, 2])


def densities(community: Community, logits: Floats) -> Floats:
    """The density of each Beta at the logits, as a density of the logit. Shape (Betas, logits)."""
    p_log, q_log = -np.logaddexp(0, -logits), -np.logaddexp(0, logits)
    a, b = community.a, community.b
    told: Floats = np.exp(p_log[:, None] * a + q_log[:, None] * b - log_beta(a, b)).T
    return told


def _posteriors(community: Community, counts: Counts) -> Iterable[tuple[Floats, Floats]]:
    """For each supplier its posterior as logits and their masses.

    The mixture of Betas equals the supplier's likelihood times what the *others* taught of p; the latter is
    smooth and reckoned on one grid for all, the former may be sharp and is reckoned around its peak.
    """
    smooth = log_mixture(log_others(community, counts), densities(community, LOGITS))
    for i in range(len(counts.n)):
        logits, density, width = _sharp(smooth[i], counts.x[i], counts.n[i] - counts.x[i])
        mass = np.exp(density - density.max()) * width
        yield logits, mass / mass.sum()


def log_mixture(log_weights: Floats, kernel: Floats) -> Floats:
    """ln of the mixtures of the kernel's rows, one for each row of weights."""
    top = log_weights.max(axis=1, keepdims=True)
    # Row by row: numpy gives a whole product to threads, which cost a hundred times more than they save here.
    mixed = np.array([row @ kernel for row in np.exp(log_weights - top)])
    mixture: Floats = np.log(np.maximum(mixed, 1e-300)) + top
    return mixture


def _sharp(smooth: Floats, x: float, y: float) -> Points:
    """Logits around the peak of smooth(p) p^x (1 - p)^y, ln of the density there, and the width of each point."""
    logits, density = LOGITS, _density(LOGITS, smooth, x, y)
    for _ in range(2):
        near = np.flatnonzero(density > density.max() - _NEGLIGIBLE)
        first, last = max(near[0] - 1, 0), min(near[-1] + 1, len(logits) - 1)
        if logits[last] - logits[first] > _WIDE:
            break
        logits = logits[first] + (logits[last] - logits[first]) * _STEPS
        density = _density(logits, smooth, x, y)
    width = _WIDTHS if logits is LOGITS else np.full(_LOCAL, logits[1] - logits[0])
    return logits, density, width


def _density(logits: Floats, smooth: Floats, x: float, y: float) -> Floats:
    """ln of smooth(p) p^x (1 - p)^y at the logits."""
    density: Floats = np.interp(logits, LOGITS, smooth) - x * np.logaddexp(0, -logits) - y * np.logaddexp(0, logits)  # fmt: skip
    return density


def _summary(logits: Floats, mass: Floats) -> tuple[float, float, float]:
    """Mean, low and high of a posterior given as points."""
    p = 1 / (1 + np.exp(-logits))
    below = np.cumsum(mass) - mass / 2
    tail = (1 - LEVEL) / 2
    low, high = 1 / (1 + np.exp(-np.interp([tail, 1 - tail], below, logits)))
    return float(mass @ p), float(low), float(high)


def draws(community: Community, counts: Counts, seed: int | list[int], size: int = DRAWS) -> Floats:
    """Draws from the joint posterior of the suppliers' rates. Shape (size, suppliers).

    A Beta of the grid is drawn first and shared by all, so that what is not known of the group moves its
    suppliers together.
    """
    dice = np.random.default_rng(seed)
    which = dice.choice(len(community.a), size=size, p=community.weight)
    a, b = community.a[which][:, None], community.b[which][:, None]
    drawn: Floats = dice.beta(a + counts.x, b + counts.n - counts.x)
    return drawn


def worse_than_median(drawn: Floats, *, lower_is_worse: bool) -> Floats:
    """For each supplier the share of draws in which its rate is worse than the median of all, itself included."""
    median = np.median(drawn, axis=1, keepdims=True)
    worse = drawn < median if lower_is_worse else drawn > median
    share: Floats = worse.mean(axis=0)
    return share


def moments(p: Floats) -> tuple[float, float]:
    """a and b of the Beta with the mean and the sample variance (n - 1) of the raw rates.

    Shown beside the other methods only to tell them apart: no estimate of the house uses it.
    """
    mean, variance = float(p.mean()), float(p.var(ddof=1))
    concentration = mean * (1 - mean) / variance - 1
    return mean * concentration, (1 - mean) * concentration
