"""Counts of other hospitals as a supplier's prior, worth less the more they disagree with its own counts.

An outside item counts as d items, d one of TRUST; d is weighed by how well the outside counts, taken so, explain the
own ones (a normalised power prior: Ibrahim and Chen 2000; Duan, Ye and Smith 2006) and averaged over. The outside
counts of a supplier say something of that supplier alone: the Beta of its group is learnt from own counts only.
Source: docs/domains/parts.md, "Outside counts".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pilothouse.parts.estimation import (  # fmt: skip
    DRAWS,
    LEVEL,
    LOGITS,
    Community,
    Counts,
    Estimates,
    Floats,
    densities,
    estimate,
    log_beta,
    log_mixture,
    log_others,
)

TRUST = np.array([0.0, 1 / 64, 1 / 16, 1 / 4, 1.0])
"""How much of an outside item counts as an item, each equally likely before the own counts are seen."""
_POINTS = 121
"""Points of each part of a mixture: one for every trust."""
_NEGLIGIBLE = 25.0
_LITTLE = 12.0
"""Betas that weigh this much less than the best, in ln, for all suppliers at once are left out."""
_SUPPLIERS = 64
"""Suppliers reckoned at a time, which bounds the memory."""
_NARROW = 1.0
"""A posterior narrower than this in log odds is a needle."""
_STEPS = np.linspace(0, 1, _POINTS)
_P_LOG, _Q_LOG = -np.logaddexp(0, -LOGITS), -np.logaddexp(0, LOGITS)
Places = NDArray[np.intp]


def estimate_shared(community: Community, own: Counts, outside: Counts) -> Estimates:
    """Each supplier's rate given its group (learnt from own counts) and its outside counts, of which some may be 0 of 0."""
    told = np.empty((3, len(own.n)))
    far, alone = np.flatnonzero(outside.n > 0), np.flatnonzero(outside.n == 0)
    plain = estimate(community, own.take(alone))
    told[:, alone] = plain.mean, plain.low, plain.high
    for start in range(0, len(far), _SUPPLIERS):
        part = far[start : start + _SUPPLIERS]
        told[:, part] = _summaries(community, own.take(part), outside.take(part))
    return Estimates(*told)


def draws_shared(community: Community, own: Counts, outside: Counts, seed: int | list[int], size: int = DRAWS) -> Floats:  # fmt: skip
    """Draws of the suppliers' rates, as `estimation.draws`; the trust is drawn for each supplier anew. Shape (size, suppliers)."""
    dice = np.random.default_rng(seed)
    which = dice.choice(len(community.a), size=size, p=community.weight)
    a, b = community.a[which][:, None], community.b[which][:, None]
    trust = np.zeros((size, len(own.n)))
    dealt = dice.random(trust.shape)
    for start in range(0, len(own.n), _SUPPLIERS):
        part = np.arange(start, min(start + _SUPPLIERS, len(own.n)))
        part = part[outside.n[part] > 0]
        if len(part):
            below = _trusted(community, own.take(part), outside.take(part))[:, :, which]
            trust[:, part] = TRUST[(dealt[:, part].T[:, None] > below).sum(axis=1)].T
    x, n = own.x + trust * outside.x, own.n + trust * outside.n
    drawn: Floats = dice.beta(a + x, b + n - x)
    return drawn


def _trusted(community: Community, own: Counts, outside: Counts) -> Floats:
    """For each supplier and Beta: P(trust <= each of TRUST but the last). Shape (suppliers, trusts - 1, Betas)."""
    explained, _ = _explained(community.a, community.b, own, outside)
    below = np.cumsum(np.exp(explained - explained.max(axis=1, keepdims=True)), axis=1)
    shares: Floats = below[:, :-1] / below[:, -1:]
    return shares


def _explained(a: Floats, b: Floats, own: Counts, outside: Counts) -> tuple[Floats, Floats]:
    """ln P(own counts) after the outside ones at each trust, and ln B(a, b) after them. Shape (suppliers, trusts, Betas)."""
    x, y = _counted(own, outside)
    far_x, far_y = x - own.x[:, None], y - (own.n - own.x)[:, None]
    after_far: Floats = log_beta(a + far_x[..., None], b + far_y[..., None])
    return log_beta(a + x[..., None], b + y[..., None]) - after_far, after_far


def _counted(own: Counts, outside: Counts) -> tuple[Floats, Floats]:
    """Own and trusted outside items, counted and not. Each of shape (suppliers, trusts)."""
    x = own.x[:, None] + TRUST * outside.x[:, None]
    y = (own.n - own.x)[:, None] + TRUST * (outside.n - outside.x)[:, None]
    return x, y


def _summaries(community: Community, own: Counts, outside: Counts) -> tuple[Floats, Floats, Floats]:
    """Mean, low and high of each supplier: for each trust a mixture of Betas, read off points around its own place."""
    many = len(own.n)
    smooth, weight = _smooth(community, own, outside)
    x, y = _counted(own, outside)
    logits, density, width = _around(smooth.reshape(-1, len(LOGITS)), x.reshape(-1), y.reshape(-1))
    mass = np.exp(density - density.max(axis=1, keepdims=True)) * width
    mass *= weight.reshape(-1, 1) / mass.sum(axis=1, keepdims=True)
    mean = (mass / (1 + np.exp(-logits))).reshape(many, -1).sum(axis=1)
    logits, mass = logits.reshape(many, -1), mass.reshape(many, -1)
    order = np.argsort(logits, axis=1)
    logits, mass = np.take_along_axis(logits, order, 1), np.take_along_axis(mass, order, 1)
    below = np.cumsum(mass, axis=1) - mass / 2
    tail = (1 - LEVEL) / 2
    bounds = np.array([np.interp([tail, 1 - tail], below[i], logits[i]) for i in range(many)])
    low, high = (1 / (1 + np.exp(-bounds))).T
    return mean, low, high


def _smooth(community: Community, own: Counts, outside: Counts) -> tuple[Floats, Floats]:
    """ln of what the others taught of p for each trust, at LOGITS, weighed as the outside counts make it; the trusts' weights.

    Times p^x (1 - p)^y with the items of `_counted` the first is, up to a factor, the part of the posterior that has
    this trust. The factor is not kept, for where the group and the outside counts are worlds apart it would be lost
    among numbers too small to hold. Shapes (suppliers, trusts, logits) and (suppliers, trusts).
    """
    others = log_others(community, own)
    kept = (others > others.max(axis=1, keepdims=True) - _LITTLE).any(axis=0)
    near = Community(community.a[kept], community.b[kept], community.log_weight[kept])
    taught = others[:, None, kept]
    explained, after_far = _explained(near.a, near.b, own, outside)
    explained += taught
    top = explained.max(axis=(1, 2), keepdims=True)
    weight = np.exp(explained - top).sum(axis=2)
    weight /= weight.sum(axis=1, keepdims=True)
    mixed = log_mixture((taught + log_beta(near.a, near.b) - after_far).reshape(-1, len(near.a)), densities(near, LOGITS))  # fmt: skip
    return mixed.reshape(len(own.n), len(TRUST), -1), weight


def _around(smooth: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    """For each row points around the peak of smooth(p) p^x (1 - p)^y, ln of the density there, and their widths.

    The points keep to the spacing of LOGITS, which is finer where rates lie. What is narrower than a few of its steps
    is looked at once more. Each of shape (rows, points).
    """
    first, last = _near(smooth + x[:, None] * _P_LOG + y[:, None] * _Q_LOG)
    logits = np.interp(first[:, None] + (last - first)[:, None] * _STEPS, np.arange(len(LOGITS)), LOGITS)
    density = _density(smooth, logits, x, y)
    needle = np.flatnonzero(logits[:, -1] - logits[:, 0] < _NARROW)
    if len(needle):
        first, last = _near(density[needle])
        start, end = logits[needle, first], logits[needle, last]
        logits[needle] = start[:, None] + (end - start)[:, None] * _STEPS
        density[needle] = _density(smooth[needle], logits[needle], x[needle], y[needle])
    return logits, density, np.gradient(logits, axis=1)


def _near(density: Floats) -> tuple[Places, Places]:
    """For each row the first and the last place that is not negligible, with one more on each side."""
    near = density > density.max(axis=1, keepdims=True) - _NEGLIGIBLE
    size = near.shape[1]
    return np.maximum(near.argmax(axis=1) - 1, 0), np.minimum(size - near[:, ::-1].argmax(axis=1), size - 1)


def _density(smooth: Floats, logits: Floats, x: Floats, y: Floats) -> Floats:
    """ln of smooth(p) p^x (1 - p)^y, each row at its own logits; smooth is read linearly between LOGITS."""
    between = np.array([np.interp(at, LOGITS, values) for at, values in zip(logits, smooth, strict=True)])
    grown = np.log1p(np.exp(-np.abs(logits)))  # -ln p and -ln (1 - p) share it
    density: Floats = between - x[:, None] * (grown + np.maximum(-logits, 0)) - y[:, None] * (grown + np.maximum(logits, 0))  # fmt: skip
    return density
