"""Networks of dense layers for classes and labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils.extmath import softmax
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import column_or_1d

from .callbacks import with_callbacks
from .data import coded, rows
from .networks import MultilayerPerceptron, dense

_Array = npt.NDArray[Any]


class MLPClassifier(ClassifierMixin, MultilayerPerceptron):
    """A network of dense layers for two classes, for more, or for several labels at once.

    Minimises Σᵢ wᵢ ℓᵢ / Σᵢ wᵢ + alpha Σₗ ‖Wₗ‖² / (2 Σᵢ wᵢ), ℓ the cross-entropy of the classes, or
    the sum of those of the labels, as scikit-learn's estimator of this name does. With dropout, ℓ
    is a mean over masks.

    Parameters
    ----------
    hidden_layer_sizes : int or array_like of int
        Units of each hidden layer.
    activation : {"identity", "logistic", "tanh", "relu"}
        Of the hidden layers.
    solver : {"auto", "adam", "adamw", "adam+lbfgs", "lbfgs", "newton_cg", "trust_region"}
        A method of `hessopt.networks.fit`. "auto" is "adam" with dropout, whose masks are then
        drawn anew in every step, and from 10,000 rows on, else "lbfgs". The solvers other than Adam
        take 16 masks a row, which stay the same: the objective is one function of the weights.
    alpha : float
        Strength of the penalty of the weights; intercepts are free. With `batch_norm` it is that of
        the last layer, as the scale of the others' weights changes nothing.
    max_iter : int
        Most iterations, or how many epochs of Adam, whose learning rate falls to 0 over them.
    random_state : int, RandomState instance or None
        Of the start, the masks, and the order of the rows.
    tol : float
        End where no component of the gradient is larger. Not of Adam, which ends with its epochs.
    warm_start : bool
        Begin from the last fit.
    verbose : bool
        Whether to print the loss of every iteration.
    dropout : float
        Fraction of the units of each hidden layer that is dropped, in [0, 1).
    input_dropout : float
        The same of the columns of X.
    batch_norm : bool
        Whether each hidden layer is normalised before its activation, by mean and variance of all
        rows; of Adam's batches by theirs.

    Attributes
    ----------
    classes_ : ndarray, shape (K,)
        Labels.
    coefs_ : list of ndarray, shape (inputs, units)
        Weights of each layer, of float32 where X is. A batch normalisation, by the statistics of
        all rows without dropout, is folded into them: they are the whole network in prediction.
    intercepts_ : list of ndarray, shape (units,)
        Intercepts of each layer.
    loss_ : float
        The objective at the end; with dropout, under the 16 masks a row of the solvers.
    loss_fresh_ : float
        The same under 32 masks that nothing was fitted to: far above `loss_`, the masks were
        fitted by heart.
    loss_curve_ : list of float
        The objective after every iteration, or the mean over the batches of every epoch.
    n_iter_ : int
        Iterations, epochs among them.
    n_layers_, n_outputs_ : int
        Layers, inputs among them; units of the last.
    out_activation_ : {"logistic", "softmax"}
        What the outputs go through.
    categories_, column_names_ : dict, list
        Of a frame with categorical columns: their levels, and what each row of ``coefs_[0]`` is of.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Notes
    -----
    Predictions are of the network without dropout; `predict_distribution` keeps its masks on.
    Sparse X is made dense.

    Examples
    --------
    >>> import numpy as np
    >>> from hessopt.sklearn import MLPClassifier
    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> y = np.where(X[:, 0] * X[:, 1] > 0, "same", "other")
    >>> fit = MLPClassifier(10, "tanh", alpha=0.01, max_iter=1000, random_state=0).fit(X, y)
    >>> fit.predict([[1.0, 1.0], [1.0, -1.0]])
    array(['same', 'other'], dtype='<U5')
    >>> [W.shape for W in fit.coefs_]
    [(2, 10), (10, 1)]
    >>> noisy = MLPClassifier(10, "tanh", dropout=0.2, random_state=0).fit(X, y)
    >>> noisy.predict_distribution([[1.0, 1.0]]).mean.shape
    (1,)
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: str = "auto",
        alpha: float = 1e-4,
        max_iter: int = 200,
        random_state: Any = None,
        tol: float = 1e-4,
        warm_start: bool = False,
        verbose: bool = False,
        dropout: float = 0.0,
        input_dropout: float = 0.0,
        batch_norm: bool = False,
    ) -> None:
        super().__init__(
            hidden_layer_sizes=hidden_layer_sizes,
            activation=activation,
            solver=solver,
            alpha=alpha,
            max_iter=max_iter,
            random_state=random_state,
            tol=tol,
            warm_start=warm_start,
            verbose=verbose,
            dropout=dropout,
            input_dropout=input_dropout,
            batch_norm=batch_norm,
        )

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPClassifier:
        """Fit the network.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.
        y : array_like, shape (n,) or (n, K)
            Labels, or a column of 0 and 1 for each of several.
        sample_weight : array_like, shape (n,), optional
            Weights >= 0 of the rows.

        Returns
        -------
        self
        """
        self._fit(X, y, sample_weight)
        return self

    def _read(self, X: Any, y: Any, reset: bool) -> tuple[_Array, _Array, str]:
        X, y = rows(self, X, y, reset=reset, multi_output=True)
        y = np.asarray(y.toarray() if hasattr(y, "tocsr") else y)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        several = y.ndim == 2
        if several and (kind := type_of_target(y)) != "multilabel-indicator":
            raise ValueError(f"y: got {kind} targets; want a column of 0 and 1 for each label")
        classes, codes = (np.arange(y.shape[1]), y) if several else coded(y)
        if reset:
            self._set_classes(classes)
        elif not np.isin(classes, self.classes_).all():
            raise ValueError(f"y: got the labels {classes}; want those of the fit")
        elif not several:
            codes = np.searchsorted(self.classes_, y)
        loss = "logistic" if several or len(self.classes_) == 2 else "softmax"
        return dense(X), codes.astype(np.float64), loss

    def _set_classes(self, classes: _Array) -> None:
        if len(classes) < 2:
            raise ValueError(
                "This solver needs samples of at least 2 classes in the data, but the data "
                f"contains only one class: {classes.tolist()[0]!r}"
            )
        last = getattr(self, "classes_", classes)
        if self.warm_start and not np.array_equal(last, classes):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous "
                f"call to fit. Previously got {last}, `y` has {classes}"
            )
        self.classes_ = classes

    def predict(self, X: Any) -> _Array:
        """The likeliest class of each row, or its labels.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.

        Returns
        -------
        ndarray, shape (n,) or (n, K)
        """
        z = self._outputs(X)
        if self._has_labels:
            return (z > 0).astype(self.classes_.dtype)
        at = z.argmax(axis=1) if z.shape[1] > 1 else (z[:, 0] > 0).astype(np.intp)
        return np.asarray(self.classes_[at])

    def decision_function(self, X: Any) -> _Array:
        """The outputs: log-odds of the second of two classes or of labels, or logits of classes.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.

        Returns
        -------
        ndarray, shape (n,) or (n, K)
        """
        z = self._outputs(X)
        return z[:, 0] if z.shape[1] == 1 else z

    def predict_proba(self, X: Any) -> _Array:
        """Probabilities of the classes, in the order of `classes_`, or those of the labels.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.

        Returns
        -------
        ndarray, shape (n, K)
        """
        z = self._outputs(X)
        if self.out_activation_ == "softmax":
            return np.asarray(softmax(z, copy=False))
        return np.asarray(expit(z) if self._has_labels else np.hstack([expit(-z), expit(z)]))

    def predict_log_proba(self, X: Any) -> _Array:
        """Their logarithms.

        Parameters
        ----------
        X : array_like, sparse matrix or frame, shape (n, p)
            Rows.

        Returns
        -------
        ndarray, shape (n, K)
        """
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.predict_proba(X)))

    @property
    def _has_labels(self) -> bool:
        """Whether there are several labels, and no classes that exclude each other."""
        return self.out_activation_ == "logistic" and self.n_outputs_ > 1

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
