"""Inference where the data leave something open: dependent columns, classes, noise."""

import numpy as np
import pytest

import hessopt
from hessopt.objectives import Cox, Multinomial, Ordinal, Poisson, Softmax, Squared

RNG = np.random.default_rng(0)
N = 150
X = RNG.normal([0, 3, 1], size=(N, 3))
Z = np.column_stack([X[:, 0], np.ones(N), X[:, 1:], X[:, 0] - X[:, 1], np.zeros(N)])
KEPT, HELD = [0, 2, 3], [1, 4, 5]
ETA = X @ [0.4, -0.2, 0.3]
COUNTS = RNG.poisson(np.exp(ETA)).astype(float)
LABELS = np.digitize(ETA + RNG.logistic(size=N), [-0.5, 1.0])
WEIGHT = RNG.integers(1, 4, N).astype(float)


def fitted(f, **options):
    start = f.start() if hasattr(f, "start") else np.zeros(f.n_parameters)
    return hessopt.inference(f, hessopt.minimize(f, start, tol=1e-12).x, **options)


def models(A):
    columns = hessopt.Columns({str(j): column for j, column in enumerate(A.T)})
    yield Poisson(columns, COUNTS, sample_weight=WEIGHT)
    yield Poisson(hessopt.RowBlocks([A[:50], A[50:]]), COUNTS, sample_weight=WEIGHT)
    yield Poisson(A, COUNTS, fit_intercept=A.shape[1] < 5)
    yield Squared(pytest.importorskip("scipy.sparse").csr_array(A), ETA + COUNTS)
    yield Ordinal(A, LABELS)
    yield Cox(A, COUNTS + 1, LABELS > 0)
    yield Multinomial(A, LABELS, reference=1)


@pytest.mark.parametrize("which", range(7))
def test_dependent_columns_are_left_out_as_if_they_were_not_there(which):
    f, g = list(models(Z))[which], list(models(X))[which]
    held = [j for j in range(f.n_parameters) if j % (7 if which == 6 else 99) in HELD]
    if which == 2:  # the constant is then the intercept, which comes after the columns
        held, g = [4, 5], Poisson(Z[:, :4], COUNTS, fit_intercept=False)
    kept = np.delete(np.arange(f.n_parameters), held)
    kinds = ["observed", "HC1", "HC3", "expected"] if which < 4 else ["observed"]
    for kind in kinds:
        ours, other = fitted(f, covariance=kind), fitted(g, covariance=kind)
        assert ours.left_out == [ours.names[j] for j in held]
        assert np.isnan(ours.p_values[held]).all()
        assert np.isnan(ours.confidence_intervals()[held]).all()
        for name in ("coefficients", "standard_errors", "p_values"):
            np.testing.assert_allclose(
                getattr(ours, name)[kept], getattr(other, name), rtol=1e-6, atol=1e-9
            )
        assert ours.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-12)
        assert ours.aic == pytest.approx(other.aic, rel=1e-12)
        assert ours.residual_degrees_of_freedom == other.residual_degrees_of_freedom
    said = str(ours).splitlines()[-1]
    assert said == f"Left out as combinations of other columns: {', '.join(ours.left_out)}"
    assert said in ours._repr_html_()
    assert other.left_out == []
    assert "Left out" not in str(other)


def test_profiles_and_clusters_without_dependent_columns():
    groups = RNG.integers(0, 20, N)
    f, g = Poisson(Z, COUNTS), Poisson(X, COUNTS)
    ours, other = fitted(f, clusters=groups), fitted(g, clusters=groups)
    np.testing.assert_allclose(ours.standard_errors[[*KEPT, 6]], other.standard_errors, rtol=1e-7)
    ours, other = (fitted(m).confidence_intervals(method="profile") for m in (f, g))
    np.testing.assert_allclose(ours[[*KEPT, 6]], other, rtol=1e-6)
    assert np.isnan(ours[HELD]).all()


def test_influence_without_dependent_columns():
    ours, other = (
        hessopt.influence(f, hessopt.minimize(f, np.zeros(f.n_parameters), tol=1e-12))
        for f in (Poisson(Z, COUNTS), Poisson(X, COUNTS))
    )
    for name in ("leverage", "residual", "cooks_distance"):
        np.testing.assert_allclose(getattr(ours, name), getattr(other, name), rtol=1e-6)
    np.testing.assert_allclose(ours.dfbeta()[:, [*KEPT, 6]], other.dfbeta(), rtol=1e-5, atol=1e-9)
    assert np.isnan(ours.dfbetas()[:, HELD]).all()
    np.testing.assert_allclose(ours.on_prediction(Z[0]), other.on_prediction(X[0]), atol=1e-8)


def test_what_is_no_column_is_still_an_error():
    with pytest.raises(np.linalg.LinAlgError):
        hessopt.inference(
            hessopt.expected(Poisson(Z, COUNTS), hessopt.Dropout(0), "exact"), 7 * [0]
        )


def by_formula(f, x):
    """In a basis of the contrasts of classes, from the Hessian as it is."""
    k = f.n_classes if isinstance(f, Softmax) else f.objective.n_classes
    size = f.n_parameters // k
    contrasts = np.kron(np.eye(k)[:, 1:] - 1 / k, np.eye(size))
    inner = np.linalg.inv(contrasts.T @ f.hessian(x) @ contrasts) / N
    return contrasts @ inner @ contrasts.T


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("l2", [0.0, 0.05, [0.1, 0.0, 2.0]])
def test_classes_are_held_against_their_mean(l2, intercept):
    f = Softmax(X, LABELS, l2=l2, fit_intercept=intercept)
    noisy = hessopt.expected(f, hessopt.Dropout(0.1), "taylor")
    for model in (f, noisy):
        fit = fitted(model)
        np.testing.assert_allclose(fit.covariance, by_formula(model, fit.coefficients), rtol=1e-8)
        np.testing.assert_allclose(fit.coefficients.reshape(3, -1).sum(0), 0, atol=1e-12)
        gradient = model.value_and_gradient(fit.coefficients)[1]
        np.testing.assert_allclose(gradient, 0, atol=1e-9)
    with pytest.raises(ValueError, match=r"^method: got 'profile' of classes of which none"):
        fit.confidence_intervals(method="profile")


def test_contrasts_of_classes_are_those_of_the_log_odds():
    """Without a penalty: the same as differences from any reference."""
    free, against = fitted(Softmax(X, LABELS)), fitted(Multinomial(X, LABELS))
    differences = np.kron([[-1.0, 1, 0], [-1, 0, 1]], np.eye(4))
    np.testing.assert_allclose(differences @ free.coefficients, against.coefficients, rtol=1e-7)
    np.testing.assert_allclose(
        differences @ free.covariance @ differences.T, against.covariance, rtol=1e-6, atol=1e-12
    )
    for name in ("log_likelihood", "aic", "bic"):
        assert getattr(free, name) == pytest.approx(getattr(against, name), rel=1e-12)
    two, one = fitted(Softmax(X, LABELS > 0)), fitted(hessopt.objectives.Logistic(X, LABELS > 0))
    np.testing.assert_allclose(2 * two.standard_errors[4:], one.standard_errors, rtol=1e-7)


def test_a_penalty_on_classes_leaves_fewer_degrees_of_freedom():
    """tr A(A + P)⁻¹ over the contrasts, by their eigenvalues."""
    f = Softmax(X, LABELS, l2=0.3, fit_intercept=False)
    fit = fitted(f)
    H = f.hessian(fit.coefficients)
    values = np.linalg.eigvalsh(H)[3:] - 0.3
    assert fit.effective_degrees_of_freedom == pytest.approx((values / (values + 0.3)).sum())


def test_noise_is_in_the_curvature_and_not_in_the_likelihood():
    y = ETA + RNG.normal(size=N)
    f, noise = Squared(X, y), hessopt.GaussianDropout(0.3)
    fit = fitted(hessopt.expected(f, noise, "exact"))
    # The noise of x_j w_j has the variance 0.3 / 0.7 · x_j² w_j²: a penalty.
    penalty = 0.3 / 0.7 * np.mean(X**2, axis=0)
    ridge = fitted(Squared(X, y, l2=penalty))
    for name in ("coefficients", "standard_errors", "p_values"):
        np.testing.assert_allclose(getattr(fit, name), getattr(ridge, name), rtol=1e-7)
    for name in ("dispersion", "deviance", "null_deviance", "log_likelihood", "aic", "bic"):
        assert getattr(fit, name) == pytest.approx(getattr(ridge, name), rel=1e-9), name
    assert "GaussianDropout" in fit.model_name
    assert fit.names == ridge.names
