"""Cox's model against its definition, against statsmodels, and as R prints it."""

import pickle

import numpy as np
import pytest

import hessopt
from hessopt.objectives import Cox
from teams import check_bits

rng = np.random.default_rng(0)
N, P = 60, 3
X = rng.normal(size=(N, P)) + np.array([5, 0, 100])
TIME = np.ceil(6 * rng.exponential(size=N) * np.exp(0.7 * (X[:, 0] - 5)))  # with ties
EVENT = rng.random(N) < 0.7
ENTRY = np.maximum(TIME - rng.integers(1, 9, N), 0)
STRATA = rng.integers(0, 3, N)
WEIGHT = rng.integers(0, 4, N) / 2
OFFSET = rng.normal(size=N)
AT = np.array([0.5, -0.3, 0.2])
CASES = {
    "plain": {},
    "strata": {"strata": STRATA},
    "entry": {"entry": ENTRY},
    "both": {"strata": STRATA, "entry": ENTRY},
    "all": {"strata": STRATA, "entry": ENTRY, "sample_weight": WEIGHT, "offset": OFFSET},
}


def by_definition(w, ties, entry=None, strata=None, sample_weight=None, offset=None):
    """Value, gradient and Hessian, one risk set after the other."""
    weight = np.ones(N) if sample_weight is None else sample_weight
    eta = X @ w + (0 if offset is None else offset)
    stratum = np.zeros(N) if strata is None else strata
    entered = np.full(N, -np.inf) if entry is None else entry
    Z, value, gradient, hessian = X - X.mean(axis=0), 0.0, 0.0, 0.0
    for s in np.unique(stratum):
        here = (stratum == s) & (weight > 0)
        for t in np.unique(TIME[here & EVENT]):
            at_risk = here & (entered < t) & (t <= TIME)
            tied = here & EVENT & (t == TIME)
            d = tied.sum()
            top = eta[at_risk].max()
            share = np.where(at_risk, weight * np.exp(np.minimum(eta - top, 0)), 0)
            value -= weight[tied] @ (eta[tied] - top)
            gradient -= weight[tied] @ Z[tied]
            for part in np.arange(d) / d if ties == "efron" else [0.0]:
                of = share * (1 - part * tied)
                c = weight[tied].sum() / (d if ties == "efron" else 1)
                mean = of @ Z / of.sum()
                value += c * np.log(of.sum())
                gradient += c * mean
                hessian += c * ((Z * of[:, None]).T @ Z / of.sum() - np.outer(mean, mean))
    return value / weight.sum(), gradient / weight.sum(), hessian / weight.sum()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("ties", ["breslow", "efron"])
@pytest.mark.parametrize("far", [1, 100])
def test_the_definition(ties, case, far):
    f, w = Cox(X, TIME, EVENT, ties=ties, **CASES[case]), far * AT
    value, gradient, hessian = by_definition(w, ties, **CASES[case])
    got, slope = f.value_and_gradient(w)
    assert got == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(slope, gradient, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(f.hessian(w), hessian, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(f.hessp(w, AT), hessian @ AT, rtol=1e-9, atol=1e-12)
    assert f.evaluate(w, hessian=True, V=AT[:, None])[0] == got


@pytest.mark.parametrize("entry", [None, ENTRY])
def test_no_range_of_predictors_is_too_wide(entry):
    """Logs of shares between e^-5000 and e^5000, the largest gone before the last events."""
    eta = np.linspace(5000, -5000, N)[np.argsort(np.argsort(TIME, kind="stable"))]
    f = Cox(X, TIME, EVENT, ties="breslow", entry=entry, offset=eta)
    want = 0.0
    for i in np.flatnonzero(EVENT):
        at_risk = (TIME[i] <= TIME) & (True if entry is None else entry < TIME[i])
        want += np.logaddexp.reduce(eta[at_risk]) - eta[i]
    assert f.value_and_gradient(np.zeros(P))[0] == pytest.approx(want / N, rel=1e-13)
    assert np.isfinite(f.hessian(np.zeros(P))).all()


def test_what_leaves_a_risk_set_takes_no_digits_along():
    """Twenty rows of shares 1e20 times as large, gone before the others enter."""
    early, late = np.arange(20), np.arange(20, N)
    time = np.r_[np.linspace(1, 2, 20), np.linspace(3, 9, N - 20)]
    entry = np.r_[np.zeros(20), np.full(N - 20, 2.5)]
    offset = np.r_[np.full(20, 46.0), np.zeros(N - 20)]
    parts = [
        len(rows) * Cox(X[rows], time[rows], EVENT[rows]).value_and_gradient(AT)[1]
        for rows in (early, late)
    ]
    f = Cox(X, time, EVENT, entry=entry, offset=offset)
    np.testing.assert_allclose(N * f.value_and_gradient(AT)[1], sum(parts), rtol=1e-12)


def test_breslow_counts_a_weight_as_repetitions():
    times = WEIGHT * 2
    rows = np.repeat(np.arange(N), times.astype(int))
    f = Cox(X, TIME, EVENT, ties="breslow", sample_weight=times)
    twice = Cox(X[rows], TIME[rows], EVENT[rows], ties="breslow")
    np.testing.assert_allclose(f.hessian(AT), twice.hessian(AT), rtol=1e-12)
    x = hessopt.minimize(f, np.zeros(P)).x
    np.testing.assert_allclose(f.covariance(x), twice.covariance(x), rtol=1e-10)
    assert f.log_likelihood(AT) == pytest.approx(twice.log_likelihood(AT), rel=1e-13)


def test_every_kind_of_rows_has_the_fit_of_the_dense_table():
    sparse = pytest.importorskip("scipy.sparse")
    codes = rng.integers(0, 4, N)
    dense = np.column_stack([X[:, 0], np.eye(4)[codes][:, 1:]])
    mixed = hessopt.Columns({"a": X[:, 0], "b": sparse.csr_array(dense[:, 1:])})
    given = {"entry": ENTRY, "l2": 0.01}
    want = hessopt.minimize(Cox(dense, TIME, EVENT, **given), np.zeros(4), tol=1e-12).x
    for kind in (sparse.csr_array(dense), sparse.csc_array(dense), mixed, np.asfortranarray(dense)):
        f = Cox(kind, TIME, EVENT, **given)
        assert hessopt.check_derivatives(f, 0.1 * np.arange(4.0))
        got = hessopt.minimize(f, np.zeros(4), tol=1e-12)
        np.testing.assert_allclose(got.x, want, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(
            f.predict_cumulative_hazard(want, kind, [5.0]),
            f.predict_cumulative_hazard(want, dense, [5.0]),
            rtol=1e-12,
        )
    levels = Cox(hessopt.Categorical(codes, 4), TIME, EVENT, l2=0.1)
    want = Cox(np.eye(4)[codes], TIME, EVENT, l2=0.1).hessian(np.arange(4.0))
    np.testing.assert_allclose(levels.hessian(np.arange(4.0)), want, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_same_bits_for_any_team(dtype):
    n = 5000
    rows = np.random.default_rng(1)
    Z, time = rows.normal(size=(n, 5)).astype(dtype), rows.integers(1, 900, n)
    entry, event = time - rows.integers(1, 300, n), rows.random(n) < 0.5
    models = [Cox(Z, time, event), Cox(Z, time, event, entry=entry, strata=time % 3)]
    at = np.linspace(-1, 1, 5)

    def bits():
        found = [f.evaluate(at, hessian=True, V=at[:, None]) for f in models]
        return [np.asarray(part).tobytes() for one in found for part in one]

    check_bits(bits)


def test_columns_far_from_zero_keep_their_digits():
    near = Cox(X - X.mean(axis=0), TIME, EVENT)
    for far in (1e3, 1e6):
        f = Cox(X - X.mean(axis=0) + far, TIME, EVENT)
        np.testing.assert_allclose(f.hessian(AT), near.hessian(AT), rtol=1e-14 * far + 1e-9)


def test_a_pickle_and_another_penalty():
    f = Cox(X, TIME, EVENT, ties="breslow", **CASES["all"])
    for other in (pickle.loads(pickle.dumps(f)), f.with_l2(0.0)):
        assert other.value_and_gradient(AT)[0] == f.value_and_gradient(AT)[0]
        assert repr(other) == repr(f)
    penalised = f.with_l2([0.0, 2.0, 0.0])
    assert penalised.value_and_gradient(AT)[0] - f.value_and_gradient(AT)[0] == pytest.approx(
        AT[1] ** 2
    )
    assert penalised.log_likelihood(AT) == pytest.approx(f.log_likelihood(AT), rel=1e-13)


def test_a_likelihood_that_rises_without_end_is_told():
    Z = np.random.default_rng(1).normal(size=(200, 3))
    f = Cox(Z, np.exp(-3 * Z[:, 1]), np.ones(200))
    fit = hessopt.minimize(f, np.zeros(3))
    assert "X[:, 1] ranks every event first of all at risk, in 199 comparisons" in fit.message
    assert not fit.success
    with pytest.warns(RuntimeWarning, match="ranks every event first"):
        f.covariance(np.array([0, 40.0, 0]))
    assert hessopt.minimize(f.with_l2(1e-3), np.zeros(3)).success
    one_against = np.exp(-3 * Z[:, 1])
    one_against[[3, 80]] = one_against[[80, 3]]
    assert hessopt.minimize(Cox(Z, one_against, np.ones(200)), np.zeros(3)).success
    together = Cox(Z, np.exp(-Z @ [1, -2, 0.5]), Z[:, 0] > 0)
    message = hessopt.minimize(together, np.zeros(3)).message
    assert "a combination of X[:, 0], X[:, 1] and X[:, 2] ranks every event first" in message


def test_predictions():
    f = Cox(X, TIME, EVENT, strata=STRATA)
    x = hessopt.minimize(f, np.zeros(P)).x
    times, hazard = f.baseline_cumulative_hazard(x, stratum=1)
    assert (np.diff(times) > 0).all()
    share = np.exp(X @ x)
    for t, h in zip(times, hazard, strict=True):
        want = sum(
            1 / share[(STRATA == 1) & (TIME[i] <= TIME)].sum()
            for i in np.flatnonzero(EVENT & (STRATA == 1) & (t >= TIME))
        )
        assert h == pytest.approx(want, rel=1e-11)
    survival = f.predict_survival_function(
        x, X[:2], [0.0, times[3], 1e9], strata=[1, 1], offset=[0.0, 0.5]
    )
    np.testing.assert_allclose(survival[:, 0], 1)
    np.testing.assert_allclose(survival[0, 1], np.exp(-hazard[3] * share[0]), rtol=1e-10)
    np.testing.assert_allclose(
        survival[1, 2], np.exp(-hazard[-1] * share[1] * np.exp(0.5)), rtol=1e-10
    )


def test_what_is_wrong_is_said():
    def refuse(message, *given, **named):
        with pytest.raises(ValueError, match=message):
            Cox(*given, **named)

    refuse(r"^event: got the number 2; want True and False, or 1 and 0", X, TIME, EVENT * 2)
    refuse(r"^event: got no event in a row that weighs; want", X, TIME, np.zeros(N))
    refuse(r"^event: got no event", X, TIME, EVENT, sample_weight=1 - EVENT)
    refuse(r"^entry: got 60 rows at or after their time; want", X, TIME, EVENT, entry=TIME)
    refuse(r"^ties: got 'exact'; want one of", X, TIME, EVENT, ties="exact")
    refuse(r"^time: got length 3; want length 60", X, TIME[:3], EVENT)
    f = Cox(X, TIME, EVENT, strata=STRATA)
    with pytest.raises(ValueError, match=r"^strata: got nothing; want the strata of the rows"):
        f.predict_cumulative_hazard(AT, X, [1.0])
    with pytest.raises(ValueError, match=r"^strata: got 7; want a stratum that the model"):
        f.baseline_cumulative_hazard(AT, stratum=7)
    with pytest.raises(np.linalg.LinAlgError, match="vary among rows at risk"):
        Cox(np.column_stack([X, np.ones(N)]), TIME, EVENT).covariance(np.append(AT, 0))


# as R prints them


@pytest.mark.parametrize(
    ("ties", "coefficient", "at_zero", "at_best"),
    [("breslow", 1.475285, -4.5643, -3.8247), ("efron", 1.676857, -4.2767, -3.3590)],
)
def test_the_test_data_of_therneau(ties, coefficient, at_zero, at_best):
    """T. M. Therneau, P. M. Grambsch, "Modeling Survival Data", 2000, appendix E."""
    f = Cox(np.transpose([[1, 1, 1, 0, 0, 0]]), [1, 1, 6, 6, 8, 9], [1, 0, 1, 1, 0, 1], ties=ties)
    x = hessopt.minimize(f, [0.0]).x
    assert x[0] == pytest.approx(coefficient, abs=1e-6)
    assert f.log_likelihood([0.0]) == pytest.approx(at_zero, abs=5e-5)
    assert f.log_likelihood(x) == pytest.approx(at_best, abs=5e-5)


def test_the_examples_of_coxph():
    """`test1`, with strata, and `test2`, with entries, of the help page of R's survival."""
    x, stratum = np.transpose([[0, 2, 1, 1, 1, 0, 0]]), [0, 0, 0, 0, 1, 1, 1]
    f = Cox(x, [4, 3, 1, 1, 2, 2, 3], [1, 1, 1, 0, 1, 1, 0], strata=stratum)
    best = hessopt.minimize(f, [0.0]).x
    assert best.round(3).tolist() == [0.802]
    assert np.sqrt(f.covariance(best)).round(3).tolist() == [[0.822]]
    assert round(2 * (f.log_likelihood(best) - f.log_likelihood([0.0])), 2) == 1.09
    start, stop = [1, 2, 5, 2, 1, 7, 3, 4, 8, 8], [2, 3, 6, 7, 8, 9, 9, 9, 14, 17]
    x, event = np.transpose([[1, 0, 0, 1, 0, 1, 1, 1, 0, 0]]), [1] * 7 + [0] * 3
    f = Cox(x, stop, event, entry=start)
    best = hessopt.minimize(f, [0.0]).x
    assert best.round(4).tolist() == [-0.0211]
    assert np.sqrt(f.covariance(best)).round(3).tolist() == [[0.795]]


def test_remission_of_leukaemia():
    """`gehan` of R's MASS, from E. A. Gehan, Biometrika 52 (1965): 6-MP against a placebo."""
    treated = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    event = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    control = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    f = Cox(np.repeat([[0.0], [1.0]], 21, axis=0), treated + control, event + [1] * 21)
    x = hessopt.minimize(f, [0.0]).x
    assert x.round(2).tolist() == [1.57]
    assert np.exp(x).round(2).tolist() == [4.82]
    assert np.sqrt(f.covariance(x)).round(3).tolist() == [[0.412]]
    assert round(2 * (f.log_likelihood(x) - f.log_likelihood([0.0])), 1) == 16.4


@pytest.mark.agreement
@pytest.mark.parametrize("case", ["plain", "strata", "entry", "both"])
@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_statsmodels_has_the_same_fit(ties, case):
    regression = pytest.importorskip("statsmodels.duration.hazard_regression")
    Z, given = X - X.mean(axis=0), dict(CASES[case])
    if "entry" in given:  # at the time of an event a row that enters is at risk to it, not to R
        given["entry"] = np.maximum(ENTRY - 0.5, 0)
    f = Cox(Z, TIME, EVENT, ties=ties, **given)
    fit = hessopt.minimize(f, np.zeros(P), tol=1e-12)
    model = regression.PHReg(TIME, Z, status=EVENT.astype(int), ties=ties, **given)
    peer = model.fit(disp=0, start_params=fit.x, tol=1e-14)
    np.testing.assert_allclose(fit.x, peer.params, rtol=1e-8)
    np.testing.assert_allclose(np.sqrt(np.diag(f.covariance(fit.x))), peer.bse, rtol=1e-8)
    assert f.log_likelihood(fit.x) == pytest.approx(peer.llf, rel=1e-12)
