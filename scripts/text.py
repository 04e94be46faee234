"""Makes the text that the program embeds, in crates/task/data/text.

    cargo add brotli@=3.5.0 && cargo fetch       # in some package: puts the crate, which carries the text, into Cargo's folder
    python scripts/text.py .../brotli-3.5.0/testdata/alice29.txt

Leaves out what is not the author's: the line with the name of the edition, and what old systems need (carriage returns,
the mark of the end, empty lines at the beginning). Prints the checksum of the README.
"""

import gzip
import hashlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent / "crates/task/data/text"
ORIGINAL = "7467306ee0feed4971260f3c87421154a05be571d944e9cb021a5713700c38f0"
EDITION = "MILLENNIUM FULCRUM EDITION"


def main() -> None:
    original = Path(sys.argv[1]).read_bytes()
    found = hashlib.sha256(original).hexdigest()
    if found != ORIGINAL:
        sys.exit(f"{sys.argv[1]}: SHA-256 {found}, expected {ORIGINAL}")
    lines = original.decode("ascii").rstrip("\x1a").replace("\r\n", "\n").split("\n")
    edition = next(number for number, line in enumerate(lines) if EDITION in line)
    del lines[edition : edition + 2]
    content = ("\n".join(lines).strip("\n") + "\n").encode()
    HERE.mkdir(parents=True, exist_ok=True)
    (HERE / "alice.txt.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    print(f"| alice.txt | {len(content)} | `{hashlib.sha256(content).hexdigest()}` |")


if __name__ == "__main__":
    main()
