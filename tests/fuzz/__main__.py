"""`python -m tests.fuzz 20000`: so many malformed files, read in processes of their own."""

import argparse
import sys
import time

from tests.fuzz import KINDS, numbers
from tests.fuzz.processes import faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=20_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--kind", choices=KINDS, help="only files of this kind")
    chosen = parser.parse_args()
    counts = {chosen.kind: chosen.count} if chosen.kind else numbers(chosen.count)
    found = 0
    for kind, count in counts.items():
        began, before = time.monotonic(), found
        for seed, wrong in faults(kind, chosen.first, count):
            found += 1
            print(f"{kind}, seed {seed}: {wrong}\n", flush=True)
        print(f"{kind}: {count:,} files, {found - before} faults, {time.monotonic() - began:.0f} s", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
