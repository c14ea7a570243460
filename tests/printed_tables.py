"""Tables that R printed, with the data that they are of, and what compares with every digit.

The data are of R's `datasets`, of MASS (W. N. Venables, B. D. Ripley) and of survival (T. M.
Therneau); the tables are those of the examples' reference output that these packages ship, of
`example(glm)` and of `example(longley)`.

R rounds numbers twice, first to the digits of the smallest of a column, so that half a unit of the
last may be a little more.
"""

import dataclasses
import re

import numpy as np
import pandas as pd


def digits_agree(printed, value, last=0.51):
    """Whether a number is what was printed in all its digits: to half a unit of the last."""
    if printed.startswith("<"):
        return value < float(printed[1:])
    if printed == "NA":
        return bool(np.isnan(value))
    mantissa, *exponent = printed.split("e")
    unit = 10.0 ** (int(exponent[0] if exponent else 0) - len(mantissa.partition(".")[2]))
    return abs(value - float(printed)) <= last * unit * (1 + 1e-9)


def rows_of(table):
    """The rows of a table, by name: what was printed of each."""
    rows = [re.split(r" +", line.strip()) for line in table.replace("< ", "<").strip().split("\n")]
    return {name: numbers for name, *numbers in rows}


def check(fit, table, names=lambda name: name, last=0.51):
    """Every digit of coefficient, standard error, statistic and p-value; fewer columns as well."""
    columns = fit.coefficients, fit.standard_errors, fit.statistics, fit.p_values
    ours = dict(zip(map(names, fit.names), zip(*columns, strict=True), strict=True))
    for name, printed in rows_of(table).items():
        for text, value in zip(printed, ours[name], strict=False):
            assert digits_agree(text, value, last), (name, text, value)


def stopped(fit, eta, mean, slope, n_steps, dispersion=1.0):
    """The fit with R's standard errors, which are of the step before its last, at a canonical link.

    R begins with a mean and its predictor, in which it has this slope, and ends where the deviance
    changes by 1e-8 of itself, after as many steps as it prints.
    """
    f = fit.model
    A = np.column_stack([f.X @ np.eye(f.X.shape[1]), np.ones(f.n_rows)])
    y, root = f._given[0][1], np.sqrt(f.row_weights * np.abs(slope))
    x = np.linalg.lstsq(root[:, None] * A, root * (eta + (y - mean) / slope))[0]
    for _ in range(n_steps - 2):
        x = x - np.linalg.solve(f.hessian(x), f.value_and_gradient(x)[1])
    return dataclasses.replace(fit, covariance=f.covariance(x, dispersion=dispersion))


def as_r(name):
    """The name that R has for a row of ours."""
    return "(Intercept)" if name == "intercept" else name.replace("=", "")


def numbers(text):
    return np.array(text.split(), float)


# Counts of the example of `glm`, of A. J. Dobson, 1990: outcome and treatment.
DOBSON = pd.DataFrame(
    {"outcome": pd.Categorical(list("123") * 3), "treatment": pd.Categorical([*"111222333"])}
)
DOBSON_COUNTS = numbers("18 17 15 20 10 20 25 13 12")
DOBSON_TABLE = """
(Intercept)  3.045e+00  1.709e-01  17.815   <2e-16
outcome2    -4.543e-01  2.022e-01  -2.247   0.0246
outcome3    -2.930e-01  1.927e-01  -1.520   0.1285
"""

# `warpbreaks`, of J. W. Tukey, 1977: breaks of yarn, of wool and tension.
YARN = pd.DataFrame(
    {
        "wool": pd.Categorical(np.repeat(["A", "B"], 27)),
        "tension": pd.Categorical(np.tile(np.repeat(["L", "M", "H"], 9), 2), ["L", "M", "H"]),
    }
)
BREAKS = numbers("""26 30 54 25 70 52 51 26 67 18 21 29 17 12 18 35 30 36 36 21 24 18 10 43 28 15 26
27 14 29 19 29 31 41 20 44 42 26 19 16 39 28 21 39 29 20 21 24 17 13 15 15 16 28""")
YARN_TABLE = """
(Intercept)  3.69196    0.04541  81.302  < 2e-16
woolB       -0.20599    0.05157  -3.994 6.49e-05
tensionM    -0.32132    0.06027  -5.332 9.73e-08
tensionH    -0.51849    0.06396  -8.107 5.21e-16
"""
YARN_QUASI_TABLE = """
(Intercept)  3.69196    0.09374  39.384  < 2e-16
woolB       -0.20599    0.10646  -1.935 0.058673
tensionM    -0.32132    0.12441  -2.583 0.012775
tensionH    -0.51849    0.13203  -3.927 0.000264
"""

# The example of `confint.glm`, of Venables and Ripley, 4th ed., section 8.4: budworms.
DEAD = numbers("1 4 9 13 18 20 0 2 6 10 12 16")

# Clotting times, of P. McCullagh and J. A. Nelder, 1989, p. 300: by the concentration of plasma.
PLASMA = numbers("5 10 15 20 30 40 60 80 100")
CLOTTING = numbers("118 58 42 35 27 25 21 19 18")
CLOTTING_TABLE = """
(Intercept) -0.01655438 0.00092755
log(u)       0.01534311 0.00041496
"""

# Weights of plants, of A. J. Dobson, 1990, p. 9: the example of `lm`.
PLANTS = numbers("""4.17 5.58 5.18 6.11 4.50 4.61 5.17 4.53 5.33 5.14
4.81 4.17 4.41 3.59 5.87 3.83 6.03 4.89 4.32 4.69""")
PLANTS_TABLE = """
(Intercept)   5.0320     0.2202  22.850 9.55e-15
groupTrt     -0.3710     0.3114  -1.191    0.249
"""

# `longley`, with employment and the like in the units that R has.
LONGLEY_TABLE = """
(Intercept)  -3.482e+03  8.904e+02  -3.911 0.003560
GNP.deflator  1.506e-02  8.492e-02   0.177 0.863141
GNP          -3.582e-02  3.349e-02  -1.070 0.312681
Unemployed   -2.020e-02  4.884e-03  -4.136 0.002535
Armed.Forces -1.033e-02  2.143e-03  -4.822 0.000944
Population   -5.110e-02  2.261e-01  -0.226 0.826212
Year          1.829e+00  4.555e-01   4.016 0.003037
"""

# `anorexia` of MASS: weights before and after, of girls of three treatments.
TREATED = np.repeat(["CBT", "Cont", "FT"], [29, 26, 17])
BEFORE = numbers("""80.5 84.9 81.5 82.6 79.9 88.7 94.9 76.3 81 80.5 85 89.2 81.3 76.5 70 80.4 83.3
83 87.7 84.2 86.4 76.5 80.2 87.8 83.3 79.7 84.5 80.8 87.4 80.7 89.4 91.8 74 78.1 88.3 87.3 75.1 80.6
78.4 77.6 88.7 81.3 78.1 70.5 77.3 85.2 86 84.1 79.7 85.5 84.4 79.6 77.5 72.3 89 83.8 83.3 86 82.5
86.7 79.6 76.9 94.2 73.4 80.5 81.6 82.1 77.6 83.5 89.9 86 87.3""")
AFTER = numbers("""82.2 85.6 81.4 81.9 76.4 103.6 98.4 93.4 73.4 82.1 96.7 95.3 82.4 72.5 90.9 71.3
85.4 81.6 89.1 83.9 82.7 75.7 82.6 100.4 85.2 83.6 84.6 96.2 86.7 80.2 80.1 86.4 86.3 76.1 78.1 75.1
86.7 73.5 84.6 77.4 79.5 89.6 81.4 81.8 77.3 84.2 75.4 79.5 73 88.3 84.7 81.4 81.2 88.2 78.8 95.2
94.3 91.5 91.9 100.3 76.7 76.8 101.6 94.9 75.2 77.8 95.5 90.7 92.5 93.8 91.7 98""")
ANOREXIA_TABLE = """
(Intercept)  49.7711    13.3910   3.717 0.000410
Prewt        -0.5655     0.1612  -3.509 0.000803
TreatCont    -4.0971     1.8935  -2.164 0.033999
TreatFT       4.5631     2.1333   2.139 0.036035
"""

# `bacteria` of MASS: those free of it, of how many, by week (0, 2, 4, 6, 11) and treatment.
FREE = numbers("19 19 14 16 16 12 11 7 6 8 14 10 10 7 8")
TESTED = numbers("21 20 18 17 20 14 13 12 11 12 15 11 12 12 12")
BACTERIA_TABLE = """
(Intercept)        1.97548    0.30053   6.573 4.92e-11
trtdrug           -0.99848    0.69490  -1.437  0.15075
trtencourage       0.83865    0.73482   1.141  0.25374
week              -0.11814    0.04460  -2.649  0.00807
trtdrug:week      -0.01722    0.10570  -0.163  0.87061
trtencourage:week -0.07043    0.10964  -0.642  0.52060
"""

# `Insurance` of MASS: holders and claims by district, group of the car and age.
HOLDERS = numbers("""197 264 246 1680 284 536 696 3582 133 286 355 1640 24 71 99 452 85 139 151 931
149 313 419 2443 66 175 221 1110 9 48 72 322 35 73 89 648 53 155 240 1635 24 78 121 692 7 29 43 245
20 33 40 316 31 81 122 724 18 39 68 344 3 16 25 114""")
CLAIMS = numbers("""38 35 20 156 63 84 89 400 19 52 74 233 4 18 19 77 22 19 22 87 25 51 49 290 14 46
39 143 4 15 12 53 5 11 10 67 10 24 37 187 8 19 24 101 3 2 8 37 2 5 4 36 7 10 22 102 5 7 16 63 0 6 8
33""")
CLAIMS_TABLE = """
(Intercept) -1.810508
District2    0.025868
District3    0.038524
District4    0.234205
Group.L      0.429708
Group.Q      0.004632
Group.C     -0.029294
Age.L       -0.394432
Age.Q       -0.000355
Age.C       -0.016737
"""

# `quine` of MASS: days of absence, by Eth, Age, Lrn and Sex; no slow learner is in F3.
DAYS = """A F0 AL F 5 11 24 45|A F0 AL M 5 5 13 20 22|A F0 SL F 3|A F0 SL M 2 11 14
A F1 AL F 5 5 11 17 19|A F1 AL M 7 14|A F1 SL F 5 6 6 9 13 23 25 32 53 54|A F1 SL M 6 6 15
A F2 AL F 2|A F2 AL M 14 16 16 17 40 43 46|A F2 SL F 8 13 14 20 47 48 60 81|A F2 SL M 6 32 53 57
A F3 AL F 0 2 3 5 10 14 21 36 40|A F3 AL M 8 23 23 28 34 36 38
N F0 AL F 10 11 20 33|N F0 AL M 0 0 2 7 11 12|N F0 SL F 25|N F0 SL M 6 17 67
N F1 AL F 5 14 6 6 7 28|N F1 AL M 3 4|N F1 SL F 5 7 0 1 5 5 5 5 7 11 15|N F1 SL M 0 0 5 5 5 11 17
N F2 AL F 1|N F2 AL M 8 0 1 5 7 16 27|N F2 SL F 0 5 14 2 2 3 8 10 12|N F2 SL M 22 30 36
N F3 AL F 1 9 22 3 3 5 15 18 22 37|N F3 AL M 0 30 10 14 27 41 69"""
QUINE_TABLE = """
(Intercept)             3.0564     0.3760   8.128 4.38e-16
EthN                   -0.1386     0.5334  -0.260 0.795023
AgeF1                  -0.6227     0.5125  -1.215 0.224334
AgeF2                  -2.3632     1.0770  -2.194 0.028221
AgeF3                  -0.3784     0.4546  -0.832 0.405215
LrnSL                  -1.9577     0.9967  -1.964 0.049493
SexM                   -0.4914     0.5104  -0.963 0.335653
EthN:AgeF1              0.1029     0.7123   0.144 0.885175
EthN:AgeF2             -0.5546     1.6798  -0.330 0.741297
EthN:AgeF3              0.0633     0.6396   0.099 0.921159
EthN:LrnSL              2.2588     1.3019   1.735 0.082743
AgeF1:LrnSL             2.6421     1.0821   2.442 0.014618
AgeF2:LrnSL             4.8585     1.4423   3.369 0.000755
AgeF3:LrnSL                 NA         NA      NA       NA
EthN:SexM              -0.7524     0.7220  -1.042 0.297400
AgeF1:SexM              0.4092     0.8299   0.493 0.621973
AgeF2:SexM              3.1098     1.1655   2.668 0.007624
AgeF3:SexM              1.1145     0.6365   1.751 0.079926
LrnSL:SexM              1.5900     1.1499   1.383 0.166750
EthN:AgeF1:LrnSL       -3.5493     1.4270  -2.487 0.012876
EthN:AgeF2:LrnSL       -3.3315     2.0919  -1.593 0.111256
EthN:AgeF3:LrnSL            NA         NA      NA       NA
EthN:AgeF1:SexM        -0.3105     1.2055  -0.258 0.796735
EthN:AgeF2:SexM         0.3469     1.7965   0.193 0.846875
EthN:AgeF3:SexM         0.8329     0.8970   0.929 0.353092
EthN:LrnSL:SexM        -0.1639     1.5250  -0.107 0.914411
AgeF1:LrnSL:SexM       -2.4285     1.4201  -1.710 0.087246
AgeF2:LrnSL:SexM       -4.1914     1.6201  -2.587 0.009679
AgeF3:LrnSL:SexM            NA         NA      NA       NA
EthN:AgeF1:LrnSL:SexM   2.1711     1.9192   1.131 0.257963
EthN:AgeF2:LrnSL:SexM   2.1029     2.3444   0.897 0.369718
EthN:AgeF3:LrnSL:SexM       NA         NA      NA       NA
"""

# `housing` of MASS: satisfaction, by influence, type of the house and contact.
SATISFIED = numbers("""21 21 28 34 22 36 10 11 36 61 23 17 43 35 40 26 18 54 13 9 10 8 8 12 6 7 9 18
6 7 15 13 13 7 5 11 14 19 37 17 23 40 3 5 23 78 46 43 48 45 86 15 25 62 20 23 20 10 22 24 7 10 21 57
23 13 31 21 13 5 6 13""")
HOUSES = pd.DataFrame(
    {
        "Infl": pd.Categorical.from_codes(np.arange(72) // 3 % 3, ["Low", "Medium", "High"]),
        "Type": pd.Categorical.from_codes(
            np.arange(72) // 9 % 4, ["Tower", "Apartment", "Atrium", "Terrace"]
        ),
        "Cont": pd.Categorical.from_codes(np.arange(72) // 36, ["Low", "High"]),
    }
)
# By `polr`, logit and probit: coefficient, standard error, t.
ORDERED_TABLES = {
    "logit": """
InflMedium     0.566     0.1047    5.41
InflHigh       1.289     0.1272   10.14
TypeApartment -0.572     0.1192   -4.80
TypeAtrium    -0.366     0.1552   -2.36
TypeTerrace   -1.091     0.1515   -7.20
ContHigh       0.360     0.0955    3.77
Low|Medium           -0.496     0.125    -3.974
Medium|High            0.691     0.125     5.505
""",
    "probit": """
InflMedium     0.346     0.0641    5.40
InflHigh       0.783     0.0764   10.24
TypeApartment -0.348     0.0723   -4.81
TypeAtrium    -0.218     0.0948   -2.30
TypeTerrace   -0.664     0.0918   -7.24
ContHigh       0.222     0.0581    3.83
Low|Medium           -0.300     0.076    -3.937
Medium|High            0.427     0.076     5.585
""",
}
# By `multinom`, of the class Low as the reference: as many digits as its steps have.
CLASSES_TABLE = """
1:InflMedium     0.4464
1:InflHigh       0.6649
1:TypeApartment -0.4357
1:TypeAtrium     0.1314
1:TypeTerrace   -0.6666
1:ContHigh       0.3609
1:(Intercept)   -0.4192
2:InflMedium     0.7349
2:InflHigh       1.6126
2:TypeApartment -0.7356
2:TypeAtrium    -0.4080
2:TypeTerrace   -1.4123
2:ContHigh       0.4818
2:(Intercept)   -0.1387
"""

# Times of remission, `gehan` of MASS, and of survival, `leuk`; a + has none seen.
REMISSIONS = {
    "6-MP": "10 7 32+ 23 22 6 16 34+ 32+ 25+ 11+ 20+ 19+ 6 17+ 35+ 6 13 9+ 6+ 10+",
    "control": "1 22 3 12 8 17 2 11 8 12 2 5 4 15 8 23 5 11 4 1 8",
}
REMISSIONS_TABLE = "treatcontrol 1.5721    0.4124 3.812 0.000138"
LEUKAEMIA = numbers(
    "65 156 100 134 16 108 121 4 39 143 56 26 22 1 1 5 65 56 65 17 7 16 22 3 4 2 3 8 4 3 30 4 43"
)
CELLS = numbers("""2300 750 4300 2600 6000 10500 10000 17000 5400 7000 9400 32000 35000 100000
100000 52000 100000 4400 3000 4000 1500 9000 5300 10000 19000 27000 28000 31000 26000 21000 79000
100000 100000""")
LEUKAEMIA_TABLE = """
agpresent -1.0691    0.4293 -2.490  0.01276
log(wbc)   0.3677    0.1360  2.703  0.00687
"""

# `ovarian` of survival: days, deaths, age, residual disease, treatment and performance.
OVARIAN = pd.DataFrame(
    {
        "age": numbers("""72.3315 74.4932 66.4658 53.3644 50.3397 56.4301 56.9370 59.8548 64.1753
55.1781 56.7562 50.1096 59.6301 57.0521 39.2712 43.1233 38.8932 44.6000 53.9068 44.2055 59.5890
74.5041 43.1370 63.2192 64.4247 58.3096"""),
        "resid.ds": numbers("2 2 2 2 2 1 2 2 2 1 1 1 2 2 1 1 2 1 1 2 1 2 2 1 2 1"),
        "rx": numbers("1 1 1 2 1 1 2 2 1 2 1 2 2 2 1 1 1 1 2 2 2 1 1 2 2 2"),
        "ecog.ps": numbers("1 1 2 1 1 2 2 2 1 2 2 1 2 1 1 2 2 1 1 1 2 2 1 2 1 1"),
    }
)
OVARIAN_DAYS = numbers("""59 115 156 421 431 448 464 475 477 563 638 744 769 770 803 855 1040 1106
1129 1206 1227 268 329 353 365 377""")
OVARIAN_DEATHS = numbers("1 1 1 0 1 0 1 1 0 1 1 0 0 0 0 0 0 0 0 0 0 1 1 1 1 0")
OVARIAN_TABLES = [
    ("age 0.16162 0.04974 3.249 0.00116", 14.29),
    (
        "age 0.1470 0.0463 3.175 0.0015\nrx -0.8146 0.6342 -1.285 0.1990\n"
        "ecog.ps 0.1032 0.6064 0.170 0.8649",
        15.92,
    ),
    (
        "age 0.1285 0.0473 2.718 0.00657\nresid.ds 0.6964 0.7585 0.918 0.35858\n"
        "rx -0.8489 0.6392 -1.328 0.18416",
        16.77,
    ),
    (
        "resid.ds 1.3466 0.6803 1.980 0.0478\nrx -0.7493 0.5949 -1.260 0.2078\n"
        "ecog.ps 0.4528 0.5903 0.767 0.4431",
        6.03,
    ),
]
