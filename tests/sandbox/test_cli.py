"""`python -m sandbox`, as people use it: in processes of its own, without machines."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
import yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("cli") / "home"


@pytest.fixture(scope="module")
def cli(home):
    """Run a subcommand: (exit status, what it printed)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SCW_")}
    environment |= {"SANDBOX_HOME": str(home), "SANDBOX_NAME": "test-cli", "SANDBOX_PORT": str(port)}

    def run(*arguments: str, **variables: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "sandbox", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=environment | variables, capture_output=True, text=True, timeout=120
        )
        return done.returncode, done.stdout + done.stderr

    yield run
    run("down")


@pytest.fixture
def up(cli):
    status, said = cli("up", "--api-only")
    assert status == 0, said


def profile(home) -> dict:
    return yaml.safe_load((home / "config.yaml").read_text())


def test_up_twice_is_one_sandbox(cli, up, home):
    pid = (home / "pid").read_text()
    assert cli("up", "--api-only")[0] == 0
    assert (home / "pid").read_text() == pid
    assert f'"pid": {pid}' in cli("status")[1]


def test_env_is_what_a_shell_wants(cli, up, home):
    lines = dict(line.removeprefix("export ").split("=", 1) for line in cli("env")[1].splitlines())
    assert lines["SCW_SECRET_KEY"] == profile(home)["secret_key"]
    assert lines["SCW_API_URL"] == profile(home)["api_url"]
    assert lines["SCW_DEFAULT_PROJECT_ID"] == lines["SCW_DEFAULT_ORGANIZATION_ID"]
    assert lines["AWS_ENDPOINT_URL_S3"].startswith("http://")


def test_faults_freezes_and_requests(cli, up, home):
    url, headers = f"{profile(home)['api_url']}/iam/v1alpha1/users", {"X-Auth-Token": profile(home)["secret_key"]}
    assert cli("fault", "503", "--path", "/iam/*", "--count", "1")[0] == 0
    assert [requests.get(url, headers=headers, timeout=10).status_code for _ in range(2)] == [503, 200]
    assert '"count": 0' in cli("fault")[1]
    cli("fault", "--clear")
    assert '"faults": []' in cli("fault")[1]
    assert [cli(*words)[0] for words in (["freeze", "rdb.instance"], ["thaw", "rdb.instance"], ["thaw"])] == [0, 0, 0]
    assert "2 calls" in cli("requests")[1]
    cli("requests", "--clear")
    assert "0 calls" in cli("requests")[1]


def test_down_keeps_and_reset_deletes(cli, up, home):
    before = profile(home)
    assert cli("down")[0] == 0
    assert cli("status")[0] == 1
    assert cli("down") == (0, "The sandbox test-cli does not run\n")
    cli("up", "--api-only")
    assert profile(home) == before
    assert "uvicorn" in cli("logs")[1]
    assert cli("reset")[0] == 0
    assert not home.exists()


def test_reset_deletes_no_foreign_folder(cli, home):
    home.mkdir()
    (home / "precious").touch()
    assert cli("reset")[0] == 1
    assert (home / "precious").exists()
    (home / "precious").unlink()
    home.rmdir()


def test_a_start_that_fails_says_why(cli, home):
    home.mkdir()
    (home / "state.db").write_text("no database")
    status, said = cli("up", "--api-only")
    assert status == 1
    assert "file is not a database" in said
    assert cli("reset")[0] == 0


def test_a_port_that_another_sandbox_has_is_no_success(cli, up, tmp_path):
    said = cli("up", "--api-only", SANDBOX_HOME=str(tmp_path / "other"))
    assert said[0] == 1
    assert "address already in use" in said[1].lower()


def test_nothing_but_its_owner_reads_its_files(cli, up, home):
    assert home.stat().st_mode & 0o777 == 0o700
    for name in ("config.yaml", "state.db", "log"):
        assert (home / name).stat().st_mode & 0o077 == 0, name
