"""What the documents say of the code is what the code says now."""

import subprocess
import sys
from pathlib import Path


def test_the_generated_documents_are_up_to_date(root: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "services", "docs", "--check"], cwd=root, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr + "run `make docs`"
