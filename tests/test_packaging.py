"""The wheel, the sdist, the editable install and the plain checkout hold the same package, and nothing else leaks."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = {"envs": "esreason/envs", "verifiers": "esreason/verifiers"}  # folder -> place in the package
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

slow_group = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]

# What each kind of installation must be able to do, away from the checkout.
PROBE = """
import importlib.metadata, importlib.util, json, pathlib, sys
import esreason, esreason.envs.puzzles, esreason.verifiers
task = esreason.make_task("sudoku", seed=1, level=1)
print(json.dumps({
    "home": esreason.__file__,
    "room": esreason.envs.puzzles.__file__,
    "passed": esreason.verify("sudoku", task, esreason.solve(task).answer).passed,
    "version": esreason.__version__,
    "leaks": [name for name in ("envs", "verifiers", "leaderboards", "tests") if importlib.util.find_spec(name)],
}))
"""


def files(*arguments: str) -> list[Path]:
    """The files git lists, relative to the root; links are listed, not followed."""
    done = subprocess.run(["git", "ls-files", "-z", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout")
    paths = [Path(name) for name in done.stdout.split("\0") if name]
    return [path for path in paths if (ROOT / path).is_symlink() or (ROOT / path).is_file()]


def in_package(path: Path) -> str | None:
    """Where a file of the checkout lies in the wheel; None outside the package."""
    first, *rest = path.parts
    if first in ROOMS:
        return "/".join([ROOMS[first], *rest])
    return path.as_posix() if first == "esreason" and path.as_posix() not in ROOMS.values() else None


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command away from this process's Python settings; return its output, or fail with all of it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
    done = subprocess.run(command, cwd=cwd, env=clean | environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout


def build_wheel(source: Path, out: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-index", "--no-build-isolation"]
    run(*pip, "--wheel-dir", out, source, cwd=out.parent)
    (wheel,) = out.glob("esreason-*.whl")
    return wheel


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.startswith("esreason/")}


def environment(directory: Path, target: Path, *flags: str) -> Path:
    """A fresh environment with `target` installed that sees our dependencies, but not our own installation."""
    run(sys.executable, "-m", "venv", "--without-pip", directory, cwd=directory.parent)
    python = directory / "bin" / "python"
    (site,) = (directory / "lib").glob("python*/site-packages")
    # A path named in a .pth file is searched, and its own .pth files (the editable esreason) are not read.
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index"]
    run(*pip, "--no-build-isolation", "--ignore-installed", *flags, target, cwd=directory.parent)
    return python


def probe(python: Path, cwd: Path, **variables: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(run(python, "-c", PROBE, cwd=cwd, **variables))
    assert found["passed"] is True
    assert found["version"] == SETTINGS["project"]["version"]
    return found


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what git would hand out, so that builds leave nothing in the real one."""
    copy = tmp_path_factory.mktemp("packaging") / "checkout"
    for path in files("--cached", "--others", "--exclude-standard"):
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, copy / path, follow_symlinks=False)
    return copy


@pytest.fixture(scope="module")
def wheel(checkout: Path) -> Path:
    return build_wheel(checkout, checkout.parent / "wheel")


def test_the_list_of_packages_is_the_folders_with_an_init_file() -> None:
    found = {
        ".".join([place, *init.relative_to(ROOT / folder).parts[:-1]]).replace("/", ".")
        for folder, place in {"esreason": "esreason", **ROOMS}.items()
        for init in (ROOT / folder).rglob("__init__.py")  # follows no links
        if "__pycache__" not in init.parts
    }
    listed = SETTINGS["tool"]["setuptools"]["packages"]
    missing, stale = sorted(found - set(listed)), sorted(set(listed) - found)
    assert not missing, f"add to tool.setuptools.packages in pyproject.toml: {missing}"
    assert not stale, f"remove from tool.setuptools.packages in pyproject.toml: {stale}"
    assert listed == sorted(listed)


def test_every_module_lies_in_a_package() -> None:
    homeless = [
        path.as_posix()
        for path in files("--cached", "--others", "--exclude-standard", "*.py")
        if in_package(path) and not (ROOT / path.parent / "__init__.py").is_file()
    ]
    assert homeless == []


def test_the_links_to_the_rooms_are_links() -> None:
    listing = run("git", "ls-files", "--stage", *ROOMS.values(), cwd=ROOT)
    assert [line.split()[0] for line in listing.splitlines()] == ["120000"] * len(ROOMS)
    assert all((ROOT / place).resolve() == ROOT / folder for folder, place in ROOMS.items())


@pytest.mark.parametrize(
    "words", [("/wo" + "rk/",), ("/ro" + "ot/",), ("/ho" + "me/",), ("/op" + "t/",)]
)
def test_no_file_names_a_place_on_somebody_s_machine(words: tuple[str]) -> None:
    (place,) = words
    pattern = re.compile(rf"(?<![\w.\-}}\])]){re.escape(place)}[\w.-]+")
    found = [
        f"{path}: {match.group()}"
        for path in files("--cached")
        if not (ROOT / path).is_symlink() and path.suffix not in {".safetensors", ".png"}
        for match in pattern.finditer((ROOT / path).read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_no_file_names_another_package_index_than_the_public_one() -> None:
    setting = re.compile(r"(?:index-url|find-links|trusted-host|index_url)[\s=]+\S+")
    found = [
        f"{path}: {match.group()}"
        for path in files("--cached")
        if path != Path("tests/test_packaging.py") and not (ROOT / path).is_symlink()
        for match in setting.finditer((ROOT / path).read_text(encoding="utf-8", errors="replace"))
        if "https://pypi.org/" not in match.group() and "https://download.pytorch.org/" not in match.group()
    ]
    assert found == []


class TestBuilds:
    pytestmark = slow_group

    def test_the_wheel_holds_every_file_of_the_package_and_no_other(self, checkout: Path, wheel: Path) -> None:
        ours = {
            place: (checkout / path).read_bytes()
            for path in files("--cached", "--others", "--exclude-standard")
            if (place := in_package(path)) and (checkout / path).exists()
        }
        built = contents(wheel)
        assert sorted(set(ours) - set(built)) == [], "not in the wheel: see tool.setuptools.package-data"
        assert sorted(set(built) - set(ours)) == []
        assert built == ours

    def test_the_wheel_works_and_leaks_no_other_name(self, wheel: Path, tmp_path: Path) -> None:
        python = environment(tmp_path / "venv", wheel)
        found = probe(python, tmp_path)
        assert found["leaks"] == []
        assert str(found["home"]).startswith(str(tmp_path)) and str(found["room"]).startswith(str(tmp_path))
        assert wheel.name.startswith(f"esreason-{found['version']}-py3-none-any")
        listed = json.loads(run(tmp_path / "venv" / "bin" / "esreason", "envs", "--json", cwd=tmp_path))
        assert "sudoku" in {env["name"] for env in listed}

    def test_the_sdist_rebuilds_the_same_wheel(self, checkout: Path, wheel: Path, tmp_path: Path) -> None:
        source = tmp_path / "source"
        shutil.copytree(checkout, source, symlinks=True)
        backend = f"from setuptools import build_meta; print(build_meta.build_sdist({str(tmp_path)!r}))"
        name = run(sys.executable, "-c", backend, cwd=source).splitlines()[-1]
        assert contents(build_wheel(tmp_path / name, tmp_path / "wheel")) == contents(wheel)

    def test_a_clone_without_links_builds_the_same_wheel(self, checkout: Path, wheel: Path, tmp_path: Path) -> None:
        source = tmp_path / "source"
        shutil.copytree(checkout, source, symlinks=True)
        for place in ROOMS.values():  # what git writes under core.symlinks=false
            target = os.readlink(source / place)
            (source / place).unlink()
            (source / place).write_text(target)
        assert contents(build_wheel(source, tmp_path / "wheel")) == contents(wheel)

    def test_the_editable_install_follows_the_source(self, checkout: Path, tmp_path: Path) -> None:
        source = tmp_path / "source"
        shutil.copytree(checkout, source, symlinks=True)
        python = environment(tmp_path / "venv", source, "--editable")
        found = probe(python, tmp_path)
        assert found["leaks"] == []
        assert str(found["home"]).startswith(str(source)) and str(found["room"]).startswith(str(source))
        (source / "envs" / "added_later.py").write_text("ANSWER = 42\n")
        added = "from esreason.envs.added_later import ANSWER; print(ANSWER)"
        assert run(python, "-c", added, cwd=tmp_path) == "42\n"

    def test_the_plain_checkout_works_uninstalled(self, checkout: Path, tmp_path: Path) -> None:
        found = probe(Path(sys.executable), tmp_path, PYTHONPATH=str(checkout))
        assert str(found["home"]).startswith(str(checkout)) and str(found["room"]).startswith(str(checkout))
