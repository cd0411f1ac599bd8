"""The code in the guides runs."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("guide", ["new-verifier.md"])
def test_the_code_of_a_guide_runs(guide: str, tmp_path: Path) -> None:
    code = "\n".join(re.findall(r"```python\n(.*?)```", (DOCS / guide).read_text(encoding="utf-8"), re.DOTALL))
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_verifier_of_the_guide_plugs_in_by_its_entry_point(tmp_path: Path) -> None:
    """The guide's function without its decorator, installed as the guide's entry point, does what the guide asserts."""
    guide = (DOCS / "new-verifier.md").read_text(encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)[0]
    function, checks = re.sub(r"@esreason.register_verifier.*\n", "", code).split("\n\n\nesreason.", 1)
    groups = tomllib.loads(re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)[0])["project"]["entry-points"]
    [(name, value)] = groups["esreason.verifiers"].items()
    module = value.partition(":")[0].replace(".", "/")
    for path, text in {
        f"{module}.py": function,
        "my_package-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: my-package\nVersion: 1\n",
        "my_package-1.dist-info/entry_points.txt": f"[esreason.verifiers]\n{name} = {value}\n",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    run = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport esreason\nesreason.{checks}"
    done = subprocess.run([sys.executable, "-c", run], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
