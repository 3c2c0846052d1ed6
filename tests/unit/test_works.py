"""What is computed beside the pages."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENDS = """
import threading
from core.analysis import works
from core.models import classifiers
begun = threading.Event()
def compute(on_progress):
    begun.set()
    while True:
        on_progress(0.5)  # as long as a map
for name in "ab":
    works.work(classifiers.shipped(), f"endless-{name}", compute, dict)
begun.wait()
"""


def test_what_is_computed_does_not_keep_the_program_from_its_end():
    subprocess.run([sys.executable, "-c", ENDS], cwd=ROOT, timeout=60, check=True)
