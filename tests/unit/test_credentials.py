"""Where credentials come from, in which order, and what is said when they are missing or malformed."""

from __future__ import annotations

import pytest
from ansible_collections.stackway.scaleway.plugins.module_utils.credentials import Credentials
from ansible_collections.stackway.scaleway.plugins.module_utils.errors import ResourceError

OPTION, VARIABLE, PROFILE, TOP = (f"{digit * 8}-0000-0000-0000-000000000000" for digit in "1234")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home without configuration, and no SCW_* in the environment."""
    for name in ("SCW_ACCESS_KEY", "SCW_SECRET_KEY", "SCW_DEFAULT_PROJECT_ID", "SCW_DEFAULT_ORGANIZATION_ID"):
        monkeypatch.delenv(name, raising=False)
    for name in ("SCW_API_URL", "SCW_CONFIG_PATH", "SCW_PROFILE", "SCW_DEFAULT_REGION", "SCW_DEFAULT_ZONE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "scw").mkdir()
    return tmp_path


def configure(home, text):
    (home / "scw/config.yaml").write_text(text)


def test_option_beats_environment_beats_profile_beats_top_of_the_file(home, monkeypatch):
    configure(home, f"secret_key: {TOP}\nactive_profile: work\nprofiles:\n  work:\n    secret_key: {PROFILE}\n")
    monkeypatch.setenv("SCW_SECRET_KEY", VARIABLE)
    assert Credentials.load({"secret_key": OPTION}).secret_key == OPTION
    assert Credentials.load({}).secret_key == VARIABLE
    monkeypatch.delenv("SCW_SECRET_KEY")
    assert Credentials.load({}).secret_key == PROFILE
    assert Credentials.load({"profile": "default"}).secret_key == TOP


def test_another_file_and_profile(home, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(f"profiles:\n  a:\n    secret_key: {PROFILE}\n    default_region: nl-ams\n")
    found = Credentials.load({"config_path": str(other), "profile": "a"})
    assert (found.secret_key, found.region, found.zone) == (PROFILE, "nl-ams", "nl-ams-1")


def test_defaults():
    found = Credentials.load({"secret_key": OPTION})
    assert (found.api_url, found.region, found.zone) == ("https://api.scaleway.com", "fr-par", "fr-par-1")
    assert found.validate_certs is True


def test_a_zone_alone_tells_the_region():
    found = Credentials.load({"secret_key": OPTION, "zone": "nl-ams-2"})
    assert (found.region, found.zone) == ("nl-ams", "nl-ams-2")


def test_the_secret_key_is_not_shown():
    assert OPTION not in repr(Credentials.load({"secret_key": OPTION}))
    with pytest.raises(ResourceError) as error:
        Credentials.load({"secret_key": "not-a-key-but-secret"})
    assert "not-a-key-but-secret" not in str(error.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "secret_key is missing: set the option, SCW_SECRET_KEY, or a profile in "),
        ({"secret_key": OPTION, "access_key": "abc"}, "access_key: 'abc' from option access_key is not SCW and 17"),
        ({"secret_key": OPTION, "zone": "paris"}, "zone: 'paris' from option zone is not a zone such as fr-par-1"),
        ({"secret_key": OPTION, "region": "fr-par-1"}, "region: 'fr-par-1' from option region is not a region"),
        ({"secret_key": OPTION, "api_url": "api.example"}, "api_url: 'api.example' is not an http"),
        ({"secret_key": OPTION, "config_path": "/nowhere.yaml"}, "config_path: /nowhere.yaml does not exist"),
        ({"secret_key": OPTION, "profile": "work"}, "profile: there is no "),
    ],
)
def test_what_is_wrong_is_named(options, message):
    with pytest.raises(ResourceError) as error:
        Credentials.load(options)
    assert str(error.value).startswith(message)


def test_an_unknown_profile_is_named(home):
    configure(home, "profiles: {home: {}}")
    with pytest.raises(ResourceError, match="profile: 'work' is not in"):
        Credentials.load({"profile": "work"})


def test_a_broken_file_is_named(home):
    configure(home, "a: [")
    with pytest.raises(ResourceError, match=r"config_path: .*cannot be read"):
        Credentials.load({})


@pytest.mark.parametrize("profiles", ["[a]", "{b: x}"])
def test_profiles_of_another_form_are_named(home, profiles):
    configure(home, f"profiles: {profiles}")
    with pytest.raises(ResourceError, match=r"config_path: profiles of .* is not a dictionary of profiles"):
        Credentials.load({"profile": "b"})
