"""Recomputes with scipy what scipy_test.cpp has computed. Usage: oracle.py CASES.json; prints each difference, exit 1."""
import itertools
import json
import math
import sys

import numpy as np
from scipy import optimize, stats

failures = []


def same(name, found, expected, tolerance=1e-9):
    if not math.isclose(found, expected, rel_tol=tolerance, abs_tol=tolerance):
        failures.append(f"{name}: {found} instead of {expected}")


def mcnemar(case):
    mended, broken = case["mended"], case["broken"]
    n, fewer = mended + broken, min(mended, broken)
    exact = stats.binomtest(mended, n, 0.5).pvalue if n else 1.0
    mid = min(1.0, 2 * stats.binom.cdf(fewer, n, 0.5) - stats.binom.pmf(fewer, n, 0.5)) if n else 1.0
    same(f"exact p {case}", case["exact_p"], exact)
    same(f"mid p {case}", case["mid_p"], mid)


def score_p(b, c, n, margin):
    """One-sided p of (b - c) / n > -margin: the likelihood under -margin maximized by search, not by Tango's root."""
    d = -margin

    def loss(q):  # P(only old right) = q, P(only new right) = q + d
        terms = [(b, q + d), (c, q), (n - b - c, 1 - 2 * q - d)]
        return -sum(count * math.log(p) for count, p in terms if count > 0)

    low, high = max(0.0, -d), (1 - d) / 2
    edge = 1e-14
    q = optimize.minimize_scalar(loss, bounds=(low + edge, high - edge), method="bounded",
                                 options={"xatol": 1e-13}).x
    z = (b - c - n * d) / math.sqrt(n * (2 * q + d * (1 - d)))
    return stats.norm.sf(z)


def equivalence(case):
    b, c, n, margin = case["mended"], case["broken"], case["rows"], case["margin"]
    same(f"above {case}", case["p_above_minus_margin"], score_p(b, c, n, margin), 2e-3)
    same(f"below {case}", case["p_below_margin"], score_p(c, b, n, margin), 2e-3)


def sign_flip(case):
    sums = np.array(case["sums"])
    observed = abs(sums.sum())
    all_signs = np.array(list(itertools.product([-1, 1], repeat=len(sums))))
    totals = np.abs(all_signs @ np.abs(sums))
    same(f"flip {case}", case["exact_p"], (totals >= observed).mean())
    same(f"flip {case}", case["mid_p"], (totals > observed).mean() + 0.5 * (totals == observed).mean())


def power(case):
    """Connor's formula, solved for the drop by Brent's method."""
    rows, discordant = case["rows"], case["discordant"]

    def surplus(drop):
        psi = max(drop, discordant)
        z = stats.norm.ppf(0.975) * math.sqrt(psi) + stats.norm.ppf(0.8) * math.sqrt(psi - drop**2)
        return z**2 / drop**2 - rows

    same(f"drop {case}", case["drop"], optimize.brentq(surplus, 1e-6, 1.0), 1e-6)


def bootstrap(case):
    """The paired bootstrap of a difference of means: other random numbers, so up to a tenth of the width."""
    before, after = np.array(case["before"]), np.array(case["after"])
    groups = np.array(case["groups"]) if case["groups"] else np.arange(len(before))
    names = np.unique(groups)
    sums = np.array([(after - before)[groups == g].sum() for g in names])
    sizes = np.array([(groups == g).sum() for g in names])

    def difference(s, n, axis=-1):
        return s.sum(axis=axis) / n.sum(axis=axis)

    result = stats.bootstrap((sums, sizes), difference, paired=True, vectorized=True, method="percentile",
                             confidence_level=case["level"], n_resamples=20000, random_state=5)
    low, high = result.confidence_interval
    tolerance = 0.1 * (high - low)
    same(f"value {case['name']}", case["value"], (after - before).mean())
    for name, bound in (("low", low), ("high", high)):
        if abs(case[name] - bound) > tolerance:
            failures.append(f"{case['name']} {name}: {case[name]} instead of {bound}")


def holm(case):
    p = np.array(case["p"])
    order = np.argsort(p)
    adjusted = np.minimum(1, np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p)))))
    for i, value in zip(order, adjusted):
        same(f"holm {i}", case["corrected"][i], value)


judges = {"mcnemar": mcnemar, "equivalence": equivalence, "sign_flip": sign_flip, "power": power,
          "bootstrap": bootstrap, "holm": holm}
count = 0
for test_case in json.load(open(sys.argv[1])):
    judges[test_case["kind"]](test_case)
    count += 1
print("\n".join(failures))
print(f"{count} cases", file=sys.stderr)
sys.exit(1 if failures or count == 0 else 0)
