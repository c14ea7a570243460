"""Ordered classes against their definition in mpmath, and against statsmodels."""

import pickle

import numpy as np
import pytest

import hessopt
from hessopt.objectives import Logistic, Ordinal
from teams import check_bits

mp = pytest.importorskip("mpmath")
rng = np.random.default_rng(0)
N, P = 300, 3
X = rng.normal(size=(N, P)) + np.array([0, 0, 3])
Y = np.digitize(X @ [1, -0.5, 0.2] + rng.logistic(size=N), [-1, 0, 0.2, 2])
WEIGHT = rng.integers(0, 4, N)
OFFSET = rng.normal(size=N)
LINKS = ("logit", "probit")
AT = np.array([0.5, -0.4, 0.3, -1.2, -0.3, 0.4, 1.6])


def tails(link, a, b):
    """Density at a and b, -f'/f there, and the probability between, in 60 digits."""
    if a + b > 0:
        at, slope, p = tails(link, -b, -a)
        return at[::-1], [-s for s in slope[::-1]], p

    def law(x):
        if mp.isinf(x):
            return mp.mpf(0), mp.mpf(0), mp.mpf(x > 0)
        if link == "probit":
            return mp.npdf(x), x, mp.erfc(-x / mp.sqrt(2)) / 2
        s = 1 / (1 + mp.exp(-x))
        rest = 1 / (1 + mp.exp(x))
        return s * rest, s - rest, s

    (da, sa, below), (db, sb, above) = law(a), law(b)
    return [da, db], [sa, sb], above - below


@pytest.mark.parametrize("link", LINKS)
def test_derivatives_in_sixty_digits(link):
    """One row between thresholds of any distance, at predictors to ±600, and beyond either."""
    worst = 0.0
    with mp.workdps(80):
        for eta in (-600, -40, -25, -7.75, -4, -1.25, -0.5, 0, 0.5, 2, 6, 8.5, 25, 120.25, 600):
            for d in (1e-8, 1e-4, 0.01, 0.3, 1.7, 5, 30, 700):
                f = Ordinal([[1.0]] * 3, [0, 1, 2], link=link, sample_weight=[1e-300, 1, 1e-300])
                theta = np.array([0.25, 0.25 + d])
                a, b = mp.mpf(theta[0]) - eta, mp.mpf(theta[1]) - eta
                densities, slopes, p = tails(link, a, b)
                la, lb = (v / p for v in densities)
                aa, bb = la * (la - slopes[0]), lb * (lb + slopes[1])
                x = np.array([eta, *theta], float)
                value, gradient = f.value_and_gradient(x)
                want = [-mp.log(p), lb - la, la, -lb]
                h = f.hessian(x)
                got = [value, *gradient, h[1, 1], h[2, 2], -h[2, 1], -h[0, 1], -h[0, 2], h[0, 0]]
                below, above = aa - la * lb, bb - la * lb
                want += [aa, bb, la * lb, below, above, below + above]
                for one, other in zip(got, want, strict=True):
                    size = max(abs(other), mp.mpf("1e-50"))  # the witness has 80 digits
                    worst = max(worst, float(abs(one - other) / size))
    assert worst < 1e-12


@pytest.mark.parametrize("link", LINKS)
def test_two_classes_are_a_binomial(link):
    y = Y > 1
    f = Ordinal(X, y, link=link, l2=0.1, sample_weight=WEIGHT, offset=OFFSET)
    if link == "logit":
        peer = Logistic(X, y, l2=0.1, sample_weight=WEIGHT, offset=OFFSET)
    else:
        peer = hessopt.objectives.Binomial(
            X, y, link="probit", l2=0.1, sample_weight=WEIGHT, offset=OFFSET
        )
    x = np.array([0.5, -0.4, 0.3, 0.2])
    turned = x * [1, 1, 1, -1]
    assert f.value_and_gradient(x)[0] == pytest.approx(peer.value_and_gradient(turned)[0], 1e-13)
    sign = np.diag([1, 1, 1, -1.0])
    np.testing.assert_allclose(f.hessian(x), sign @ peer.hessian(turned) @ sign, rtol=1e-11)


@pytest.mark.parametrize("link", LINKS)
def test_derivatives_agree_with_differences(link):
    f = Ordinal(X, Y, link=link, l2=[0.1, 0, 2], sample_weight=WEIGHT, offset=OFFSET)
    assert hessopt.check_derivatives(f, AT)
    v = rng.normal(size=f.n_parameters)
    np.testing.assert_allclose(f.hessp(AT, v), f.hessian(AT) @ v, rtol=1e-11, atol=1e-13)
    fit = hessopt.minimize(f, f.start(), tol=1e-12)
    assert fit.success
    assert fit.nit < 12
    assert (np.diff(fit.x[P:]) > 0).all()
    covariance = np.linalg.inv(WEIGHT.sum() * f.hessian(fit.x))
    np.testing.assert_allclose(f.covariance(fit.x), covariance, rtol=1e-9, atol=1e-12)


def test_outside_of_the_order_f_is_infinite():
    f = Ordinal(X, Y)
    wrong = AT[[0, 1, 2, 4, 3, 5, 6]]
    value, gradient = f.value_and_gradient(wrong)
    assert value == np.inf
    assert np.isnan(gradient).all()
    assert "its start() is a point" in hessopt.minimize(f, np.zeros(7)).message


def test_every_kind_of_rows_has_the_fit_of_the_dense_table():
    sparse = pytest.importorskip("scipy.sparse")
    codes = rng.integers(0, 4, N)
    dense = np.column_stack([X[:, 0], np.eye(4)[codes]])
    want = Ordinal(dense, Y, l2=0.01)
    best = hessopt.minimize(want, want.start(), tol=1e-12).x
    mixed = hessopt.Columns({"a": X[:, 0], "level": hessopt.Categorical(codes, 4)})
    for kind in (sparse.csr_array(dense), sparse.csc_array(dense), mixed, np.asfortranarray(dense)):
        f = Ordinal(kind, Y, l2=0.01)
        np.testing.assert_allclose(f.hessian(best), want.hessian(best), rtol=1e-11, atol=1e-15)
        got = hessopt.minimize(f, f.start(), tol=1e-12).x
        np.testing.assert_allclose(got, best, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(
            f.probabilities(best, kind), want.probabilities(best, dense), rtol=1e-12
        )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_same_bits_for_any_team(dtype):
    rows = np.random.default_rng(1)
    Z, y = rows.normal(size=(9000, 5)).astype(dtype), rows.integers(0, 4, 9000)
    f, at = Ordinal(Z, y, link="probit"), np.array([0.1, -0.2, 0.3, 0, 0.5, -1, 0.2, 1.5])

    def bits():
        return [np.asarray(part).tobytes() for part in f.evaluate(at, hessian=True, V=at[:, None])]

    check_bits(bits)


def test_probabilities_and_a_pickle():
    f = Ordinal(X, Y, link="probit", offset=OFFSET, l2=0.1)
    other = pickle.loads(pickle.dumps(f))
    p = other.probabilities(AT, X, offset=OFFSET)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)
    loss = -np.log(p[np.arange(N), Y]).mean() + 0.05 * AT[:P] @ AT[:P]
    assert other.value_and_gradient(AT)[0] == pytest.approx(loss, rel=1e-13)
    assert repr(other) == repr(f)
    assert f.parameter_names == ["X[:, 0]", "X[:, 1]", "X[:, 2]", "0|1", "1|2", "2|3", "3|4"]
    assert f.with_l2(0.0).value_and_gradient(AT)[0] < loss
    far = Ordinal(X, Y).probabilities([0, 0, 0, 40, 41, 42, 43], X[:1])[0]
    np.testing.assert_allclose(far[1:4], np.exp([-40, -41, -42]) * -np.expm1(-1), rtol=1e-13)


def test_what_is_wrong_is_said():
    with pytest.raises(ValueError, match=r"^y: got no row of class 1; want a row that weighs of"):
        Ordinal(X[:3], [0, 2, 2])
    with pytest.raises(ValueError, match=r"^link: got 'cloglog'; want one of"):
        Ordinal(X, Y, link="cloglog")
    with pytest.raises(ValueError, match=r"^X: got 2 columns; want 3 columns"):
        Ordinal(X, Y).probabilities(AT, X[:, :2])
    with pytest.raises(np.linalg.LinAlgError, match="not constant"):
        Ordinal(np.ones((N, 1)), Y).covariance([0.0, -1, 0, 1, 2])


@pytest.mark.agreement
@pytest.mark.parametrize("link", LINKS)
def test_statsmodels_has_the_same_fit(link):
    ordinal = pytest.importorskip("statsmodels.miscmodels.ordinal_model")
    f = Ordinal(X, Y, link=link)
    x = hessopt.minimize(f, f.start(), tol=1e-13).x
    model = ordinal.OrderedModel(Y, X, distr=link)
    start = np.r_[x[: P + 1], np.log(np.diff(x[P:]))]
    peer = model.fit(method="newton", start_params=start, disp=0, maxiter=3)
    cuts = model.transform_threshold_params(peer.params)[1:-1]
    np.testing.assert_allclose(x, np.append(peer.params[:P], cuts), rtol=1e-8)
    assert -N * f.value_and_gradient(x)[0] == pytest.approx(peer.llf, rel=1e-13)
    # Their Hessian is by differences, to six digits; its own is held to mpmath above.
    errors = np.sqrt(np.diag(f.covariance(x)))[:P]
    np.testing.assert_allclose(errors, peer.bse[:P], rtol=1e-5)
