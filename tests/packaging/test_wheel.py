"""What is installed: the wheel carries all it needs, and names what it imports."""

from __future__ import annotations

import ast
import re
import site
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree with what is installed here: no internet."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet",
         "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)],
        check=True,
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


def committed(*folders: str) -> set[str]:
    """Return the files of the source tree that are no Python, as paths inside the wheel."""
    return {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc") and "__pycache__" not in path.parts
    }


def test_the_wheel_carries_fonts_templates_tables_pages_and_migrations(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    missing = committed("gateway", "label_editor/static") - names
    assert missing == set()
    of_the_editor = {name for name in names if name.startswith("label_editor/")}
    assert {name.rpartition("/")[0] for name in of_the_editor} == {
        "label_editor", "label_editor/static",
    }  # fmt: skip
    for pattern in (
        r"gateway/templates/fonts/.*\.ttf",
        r"gateway/templates/builtin/serial-label\.json",
        r"gateway/drivers/models\.toml",
        r"gateway/drivers/virtual/fonts/.*\.ttf",
        r"gateway/console/static/.*\.js",
        r"label_editor/static/editor\.js",
        r"gateway/store/migrations/versions/0001_first\.py",
        r".*\.dist-info/licenses/LICENSE",
        r".*\.dist-info/licenses/NOTICE",
    ):
        assert any(re.fullmatch(pattern, name) for name in names), pattern
    assert not [name for name in names if name.startswith(("tests/", "docs/", "benchmarks/"))]


def test_the_wheel_runs_where_nothing_but_its_dependencies_is(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    scripts = home / ("Scripts" if sys.platform == "win32" else "bin")
    python = scripts / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python),
         "install", "--quiet", "--no-deps", "--no-index", str(wheel)],
        check=True,
    )  # fmt: skip
    # The dependencies are those of this environment, without its own label-gateway.
    (packages,) = home.rglob("site-packages")
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    program = scripts / "label-gateway"
    helped = subprocess.run(
        [program, "--help"], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (helped.returncode, helped.stderr) == (0, "")
    assert helped.stdout.startswith("usage: label-gateway")
    where = subprocess.run(
        [python, "-c", "import gateway; print(gateway.__file__)"],
        capture_output=True, text=True, cwd=tmp_path, check=True,
    )  # fmt: skip
    assert Path(where.stdout.strip()).is_relative_to(home)
    examined = subprocess.run(
        [program, "doctor", "--data-dir", str(tmp_path / "data")],
        capture_output=True, text=True, cwd=tmp_path, check=False,
        env={"GATEWAY_LISTEN": "127.0.0.1:0", "HOME": str(tmp_path), "PATH": str(scripts)},
    )  # fmt: skip
    assert (examined.returncode, examined.stderr) == (0, ""), examined.stdout


# ---------------------------------------------------------------- dependencies


def imported() -> Iterator[tuple[str, Path]]:
    """Yield each top-level package the product imports, with the file that does."""
    for folder in ("gateway", "label_editor"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    yield from ((alias.name.partition(".")[0], path) for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    yield node.module.partition(".")[0], path


def normal(name: str) -> str:
    """Return a distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


BY_NAME = {
    "uvloop": "uvicorn's event loop",
    "httptools": "uvicorn's parser",
    "websockets": "uvicorn's sockets",
    "python-multipart": "starlette's forms with files",
    "tzdata": "zoneinfo",
}
"""Dependencies that another one imports when they are there, and what for."""

ELSEWHERE = {"pywin32": {"win32print", "pywintypes"}, "hidapi": {"hid"}}
"""Dependencies that are there on Windows or macOS only, and what the product imports of them."""


def test_the_dependencies_are_exactly_what_is_imported() -> None:
    by_module = packages_distributions()
    own = {"gateway", "label_editor"}
    outside = {
        module: path
        for module, path in imported()
        if module not in sys.stdlib_module_names and module not in own
    }
    unknown = {module for module in outside if module not in by_module}
    assert unknown <= {"uvloop"}.union(*ELSEWHERE.values()), unknown
    assert set(outside) >= set().union(*ELSEWHERE.values())
    needed = {normal(by_module[module][0]) for module in outside if module in by_module}

    def names(lines: list[str]) -> set[str]:
        return {normal(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]) for line in lines}

    named = names(PROJECT["dependencies"])
    extras = PROJECT["optional-dependencies"]
    chosen = names([*extras["mqtt"], *extras["postgres"]])
    assert needed - named == chosen, "imported and not named"
    assert named - needed - set(BY_NAME) - set(ELSEWHERE) == set(), "named and not imported"


def test_the_copyleft_library_of_the_tests_is_not_in_the_product() -> None:
    assert not [path for module, path in imported() if module == "zpl"]
    assert not [line for line in PROJECT["dependencies"] if normal(line).startswith("zpl")]
    assert not [path for module, path in imported() if module == "numpy"]
