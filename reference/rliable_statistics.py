"""Reference values for descender-study's statistics, made with rliable.

Run from the top of the repository; writes reference/rliable_statistics.json:

    pip install rliable==1.2.0 arch==7.2.0 "pandas<3"
    python reference/rliable_statistics.py

The inputs are matrices of scores, runs × tasks, of different shapes, some with ties and some skewed; they are recorded
(runs as rows), so that the file is enough to check any implementation. For each: rliable's aggregates and run-score
profile, and their stratified-bootstrap 95 % percentile intervals; for pairs of matrices the probability of
improvement. A bootstrap interval is itself random, so each is made SEEDS times with RESAMPLES resamples, and the file
holds the mean of each bound and its standard deviation over the seeds.
"""

import json
import pathlib

import numpy
from rliable import library, metrics

SEEDS, RESAMPLES = 10, 2000
TARGET = 0.75  # of the optimality gap; rliable's default is 1


def matrices():
    generator = numpy.random.default_rng(20210830)
    skill = generator.uniform(0.2, 1.4, size=(1, 8))
    return {
        "normal 5x3": generator.normal([0.4, 0.9, 1.3], 0.3, size=(5, 3)),
        "normal 16x3": generator.normal([0.5, 0.8, 1.4], 0.3, size=(16, 3)),
        "skewed 10x8": skill * generator.lognormal(-0.3, 0.9, size=(10, 8)),
        "tied 20x4": generator.integers(0, 5, size=(20, 4)) / 4,
        "tied 12x4": generator.integers(1, 6, size=(12, 4)) / 4,
        "one task 24x1": generator.exponential(0.8, size=(24, 1)),
        "outliers 7x2": numpy.where(generator.random((7, 2)) < 0.2, 40.0, generator.random((7, 2))),
    }


AGGREGATES = {
    "interquartile_mean": metrics.aggregate_iqm,
    "mean": metrics.aggregate_mean,
    "median_of_means": metrics.aggregate_median,
    "optimality_gap": lambda scores: metrics.aggregate_optimality_gap(scores, gamma=TARGET),
}
THRESHOLDS = [0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.5]
PAIRS = [
    ("normal 5x3", "normal 16x3"),
    ("tied 12x4", "tied 20x4"),
    ("one task 24x1", "one task 24x1"),
]


def intervals(scores, function):
    """The point value, and mean and standard deviation over the seeds of the interval's bounds."""
    bounds = []
    for seed in range(SEEDS):
        numpy.random.seed(seed)  # rliable's indices come from NumPy's global generator
        point, interval = library.get_interval_estimates(
            {"x": scores}, lambda *x: numpy.atleast_1d(function(*x)), reps=RESAMPLES
        )
        bounds.append(interval["x"])
    bounds = numpy.array(bounds)  # seeds × 2 × values
    return {
        "value": point["x"].tolist(),
        "bounds": bounds.mean(axis=0).tolist(),
        "spread": bounds.std(axis=0, ddof=1).tolist(),
    }


def main():
    scores = {name: matrix.round(6) for name, matrix in matrices().items()}
    profile = lambda matrix: library.score_distributions(matrix, THRESHOLDS)
    document = {
        "seeds": SEEDS,
        "resamples": RESAMPLES,
        "target": TARGET,
        "thresholds": THRESHOLDS,
        "matrices": [
            {
                "name": name,
                "scores": matrix.tolist(),
                "aggregates": {key: intervals(matrix, function) for key, function in AGGREGATES.items()},
                "profile": intervals(matrix, profile),
            }
            for name, matrix in scores.items()
        ],
        "pairs": [
            {
                "x": x,
                "y": y,
                "probability_of_improvement": intervals(
                    [scores[x], scores[y]], metrics.probability_of_improvement
                ),
            }
            for x, y in PAIRS
        ],
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
