"""What the sandbox's servers keep of Ansible's modules: by content, wherever the archive is, and never instead of another."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HOOK = next(Path("sandbox/images/instance/root/usr/local/lib").glob("python*/dist-packages/kept_modules.py"))
RUN = """
import sys
sys.path[:0] = [sys.argv[1]]
import kept_modules
kept_modules.FOLDER = sys.argv[2]
sys.path[:0] = [sys.argv[3]]
import module
print(module.value, module.function.__code__.co_filename)
"""


@pytest.fixture
def run(tmp_path):
    """What the module says that has a value and is in an archive of a name: its value, and the file that a traceback would name."""
    (tmp_path / "kept").mkdir()

    def run(archive, value):
        path = tmp_path / archive
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("module.py", f"value = {value!r}\ndef function(): pass\n")
        arguments = [sys.executable, "-c", RUN, HOOK.parent, tmp_path / "kept", path]
        done = subprocess.run(arguments, capture_output=True, text=True, check=True)
        return done.stdout.split()

    return run


def kept(folder):
    return sorted(file.name for file in (folder / "kept").iterdir())


def test_it_is_kept_by_its_content(run, tmp_path):
    for archive in ("one.zip", "two.zip"):
        assert run(archive, "same") == ["same", str(tmp_path / archive / "module.py")]
        assert len(kept(tmp_path)) == 1
    assert run("one.zip", "diff")[0] == "diff"
    assert len(kept(tmp_path)) == 2


def test_what_cannot_be_read_or_written_is_compiled(run, tmp_path):
    run("one.zip", "same")
    (tmp_path / "kept" / kept(tmp_path)[0]).write_bytes(b"half")
    assert run("one.zip", "same")[0] == "same"
    for file in (tmp_path / "kept").iterdir():
        file.unlink()
    (tmp_path / "kept").rmdir()
    assert run("one.zip", "same")[0] == "same"
