"""Secrets as playbooks use them: generated once, rotated on request, read by lookup, shown nowhere."""

from __future__ import annotations

import re
import string
import subprocess

import pytest

MODULE = "stackway.scaleway.secret"


def lookup(term, **options):
    given = "".join(f", {name}={value!r}" for name, value in options.items())
    return "{{ lookup('stackway.scaleway.secret', " + repr(term) + given + ") }}"


def debug(name, term, **options):
    return {"name": name, "ansible.builtin.debug": {"msg": lookup(term, **options)}}


def task(name, options, **keywords):
    return {"name": name, MODULE: options, **keywords}


def test_a_generated_value_stays_until_it_is_rotated(api_sandbox):
    secret = {"path": "/test", "name": "stays", "generate": {"kind": "password", "length": 24}}
    done = api_sandbox.play(
        [
            task("make", secret),
            debug("first", "stays", path="/test"),
            task("make again", secret | {"generate": {"kind": "hex"}}),
            debug("same", "/test/stays"),
            task("predict rotation", secret | {"rotation": "1"}, check_mode=True),
            task("rotate", secret | {"rotation": "1", "disable_previous": True}),
            task("rotated", secret | {"rotation": "1"}),
            debug("new", "/test/stays"),
            debug("old", "/test/stays", revision="1"),
            task("remove", secret | {"state": "absent"}),
        ]
    )
    first = done["first"]["msg"]
    assert done["same"]["msg"] == first and done["new"]["msg"] != first
    assert [done[name]["changed"] for name in ("make", "make again", "predict rotation", "rotate", "rotated")] == [
        True, False, True, True, False,
    ]  # fmt: skip
    assert (done["make"]["secret"]["revision"], done["rotated"]["secret"]["revision"]) == (1, 2)
    assert "the version is disabled" in done["old"]["msg"]
    assert len(first) == 24
    for members in (string.ascii_lowercase, string.ascii_uppercase, string.digits, "-_.~"):
        assert set(first) & set(members)
    assert first not in str([done[name] for name in ("make", "make again", "rotate")])


@pytest.mark.parametrize(
    ("generate", "pattern"),
    [
        ({"kind": "hex", "length": 16}, "[0-9a-f]{32}"),
        ({"kind": "base64"}, "[A-Za-z0-9+/]{43}="),
        ({"kind": "alphanumeric", "length": 12}, "[A-Za-z0-9]{12}"),
        ({"kind": "uuid"}, "[0-9a-f]{8}-[0-9a-f-]{27}"),
    ],
)
def test_kinds(api_sandbox, generate, pattern):
    secret = {"name": f"kind-{generate['kind']}", "generate": generate, "reveal": True}
    done = api_sandbox.play([task("make", secret), task("remove", {"name": secret["name"], "state": "absent"})])
    assert re.fullmatch(pattern, done["make"]["secret"]["value"])


def test_an_ssh_key_is_a_pair(api_sandbox, tmp_path):
    secret = {"name": "pair", "generate": {"kind": "ssh_key"}}
    done = api_sandbox.play(
        [task("make", secret), debug("private", "pair"), task("remove", secret | {"state": "absent"})]
    )
    file = tmp_path / "key"
    file.touch(0o600)
    file.write_text(done["private"]["msg"])
    public = subprocess.run(["ssh-keygen", "-y", "-f", file], capture_output=True, text=True, check=True).stdout.strip()
    assert public == done["make"]["secret"]["public_key"]


def test_a_value_is_shown_nowhere(api_sandbox):
    secret = {"name": "hidden", "value": "correct-horse-battery"}
    done = api_sandbox.play(
        [
            task("make", secret, diff=True),
            task("change", secret | {"value": "other-horse-battery"}, diff=True),
            {"name": "info", "stackway.scaleway.secret_info": {"name": "hidden"}},
            task("remove", {"name": "hidden", "state": "absent"}),
        ],
        "-vvv",
    )
    assert done["change"]["changed"]
    assert [found["name"] for found in done["info"]["secrets"]] == ["hidden"]
    assert "horse" not in str(done)


def test_a_missing_secret_is_explained(api_sandbox):
    done = api_sandbox.play(
        [
            task("elsewhere", {"name": "lost", "path": "/a", "value": "lost-and-found"}),
            task("empty", {"name": "empty", "path": "/a"}),
            debug("wrong path", "lost", path="/b"),
            debug("nowhere", "never-made"),
            debug("no value", "empty", path="/a"),
            debug("default", "never-made", default="instead"),
            debug("planned, for real", "never-made", planned=True),
            task("half", {"name": "json", "value": {"user": "u-name"}}),
            debug("field", "json", field="user"),
            debug("no field", "json", field="password"),
            *(task(f"remove {name}", {"name": name, "path": path, "state": "absent"})
              for name, path in (("lost", "/a"), ("empty", "/a"), ("json", "/"))),
        ]
    )  # fmt: skip
    assert "does not exist in /b" in done["wrong path"]["msg"] and "there is one in /a" in done["wrong path"]["msg"]
    assert "create it with stackway.scaleway.secret" in done["nowhere"]["msg"]
    assert "empty in /a has no version latest_enabled" in done["no value"]["msg"]
    assert done["default"]["msg"] == "instead"
    assert "does not exist" in done["planned, for real"]["msg"]
    assert done["field"]["msg"] == "u-name"
    assert "no JSON object with a key 'password'" in done["no field"]["msg"]


def test_check_mode_runs_on_where_a_secret_is_planned(api_sandbox):
    tasks = [debug("planned", "never-made", planned=True), debug("not planned", "never-made")]
    done = api_sandbox.play(tasks, "--check")
    assert done["planned"]["msg"] == "(known after apply)"
    assert "or look it up with planned=true where the run itself makes it" in done["not planned"]["msg"]


def test_a_protected_secret_stays(api_sandbox):
    done = api_sandbox.play(
        [
            task("make", {"name": "kept", "protected": True, "value": "kept-value"}),
            task("refused", {"name": "kept", "state": "absent"}),
            task("removed", {"name": "kept", "state": "absent", "protected": False}),
        ]
    )
    assert "protected: false" in done["refused"]["msg"]
    assert done["removed"]["changed"] and done["removed"]["secret"] is None


def test_a_half_made_secret_is_completed(api_sandbox):
    """A run that died between the secret and its first version."""
    secret = {"name": "half", "generate": {"kind": "hex"}}
    done = api_sandbox.play([task("half", {"name": "half"}), task("rest", secret), task("again", secret),
                             task("remove", secret | {"state": "absent"})])  # fmt: skip
    assert (done["half"]["secret"]["id"], 1) == (done["rest"]["secret"]["id"], done["rest"]["secret"]["revision"])
    assert not done["again"]["changed"]
