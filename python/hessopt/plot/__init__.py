"""Pictures of what the library finds, in the manner of scikit-learn's displays.

A display holds what is drawn; ``from_...`` computes it and draws, ``plot(ax=...)`` draws again.
Both draw into `ax`, or into a new figure, and leave ``ax_`` and ``figure_`` to go on with. Needs
matplotlib (``pip install hessopt[plot]``), which is imported here and nowhere else.
"""

from __future__ import annotations

try:
    import matplotlib as _matplotlib  # noqa: F401
except ImportError as exc:
    raise ImportError("hessopt.plot needs matplotlib: pip install hessopt[plot]") from exc

from .calibration import CalibrationDisplay
from .coefficients import CoefficientsDisplay
from .convergence import ConvergenceDisplay
from .influence import InfluenceDisplay
from .path import PathDisplay
from .profile import PerformanceProfileDisplay
from .spectrum import SpectrumDisplay
from .spread import PredictiveSpreadDisplay

__all__ = [
    "CalibrationDisplay",
    "CoefficientsDisplay",
    "ConvergenceDisplay",
    "InfluenceDisplay",
    "PathDisplay",
    "PerformanceProfileDisplay",
    "PredictiveSpreadDisplay",
    "SpectrumDisplay",
]
