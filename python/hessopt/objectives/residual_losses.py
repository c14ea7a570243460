"""Losses of the residual beside the squared error and Huber's."""

from __future__ import annotations

from .linear_model import LinearModel


class PseudoHuber(LinearModel):
    """A smooth loss of outliers: δ² (√(1 + (r/δ)²) − 1) of the residual r = η − y.

    About ½r² near 0 and δ|r| far away. The parameters are those of `LinearModel`, and

    delta : float
        Where the one becomes the other, > 0, in units of y; 1 by default.

    References
    ----------
    P. Charbonnier, L. Blanc-Féraud, G. Aubert, M. Barlaud, "Deterministic edge-preserving
    regularization in computed imaging", IEEE Trans. Image Process. 6 (1997).

    Examples
    --------
    >>> import hessopt
    >>> X, y = [[0.0], [1.0], [2.0], [3.0], [4.0]], [0.0, 1.0, 2.0, 3.0, 99.0]
    >>> hessopt.minimize(hessopt.objectives.PseudoHuber(X, y, delta=0.1), [0.0, 0.0]).x.round(2)
    array([ 1.08, -0.08])
    """

    response = "identity"
    _loss = "PseudoHuber"


class Expectile(LinearModel):
    """Asymmetric least squares, whose minimum is an expectile of y: |level − [y < η]| ½(y − η)².

    The parameters are those of `LinearModel`, and

    level : float
        In (0, 1); 0.5, the default, is the mean.

    Notes
    -----
    Its second derivative is piecewise constant, so Newton's method ends in finitely many steps.

    References
    ----------
    W. K. Newey, J. L. Powell, "Asymmetric least squares estimation and testing", Econometrica 55
    (1987).

    Examples
    --------
    >>> import hessopt
    >>> f = hessopt.objectives.Expectile([[0.0]] * 2, [0.0, 1.0], level=0.8, l2=1.0)
    >>> hessopt.minimize(f, [0.0, 0.0]).x.round(6)
    array([0. , 0.8])
    """

    response = "identity"
    _loss = "Expectile"


class SmoothedQuantile(LinearModel):
    """Quantile regression, its corner rounded: level·u + h log(1 + e^(−u/h)), u = y − η.

    The parameters are those of `LinearModel`, and

    level : float
        In (0, 1); 0.5, the default, is the median.
    width : float
        h > 0, in units of y; 1 by default. The smaller, the nearer to the quantile: the loss is
        at most h log 2 above max(level·u, (level − 1)·u). Below a hundredth of the spread of y,
        start from the minimum of a larger one.

    References
    ----------
    S. Zheng, "Gradient descent algorithms for quantile regression with smooth approximation", Int.
    J. Mach. Learn. Cybern. 2 (2011).

    Examples
    --------
    >>> import hessopt
    >>> X, y, x = [[0.0]] * 5, [1.0, 2.0, 3.0, 4.0, 99.0], [0.0, 0.0]
    >>> for width in (10.0, 1.0, 0.1, 0.01):
    ...     f = hessopt.objectives.SmoothedQuantile(X, y, width=width, l2=1.0)
    ...     x = hessopt.minimize(f, x).x
    >>> x.round(6) + 0.0
    array([0., 3.])
    """

    _loss = "SmoothedQuantile"
