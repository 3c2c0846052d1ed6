"""How a worker's process begins."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASK = """
import sys
import core.worker.tasks
print(*[name for name in ("sklearn", "pandas") if name in sys.modules])
import pandas, sklearn.utils
"""


def test_a_worker_imports_no_tables_and_no_other_learning_and_whoever_wants_them_can():
    done = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
