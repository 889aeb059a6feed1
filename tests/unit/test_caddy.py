"""What the role caddy writes, and what it refuses, told from its variables alone."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROLE = Path(__file__).parents[2] / "roles/caddy"
PROXY = {"hosts": ["shop.test", "www.shop.test"], "upstreams": ["127.0.0.1:8001"]}


def faults(**variables) -> list[str]:
    loader = DataLoader()
    for file in "vars/main.yml", "defaults/main.yml":
        variables = loader.load_from_file(str(ROLE / file), trusted_as_template=True) | variables
    return Templar(loader, variables).template(trust_as_template("{{ _caddy_faults }}"))


@pytest.mark.parametrize(
    ("variables", "fault"),
    [
        (
            {"caddy_sites": [{"hosts": ["shop.test"]}]},
            "shop.test: a site has exactly one of upstreams, root and redirect",
        ),
        ({"caddy_sites": [PROXY | {"root": "/srv"}]}, "shop.test, www.shop.test: a site has exactly one of"),
        (
            {"caddy_sites": [PROXY | {"try_duration": "forever"}]},
            "try_duration: forever is no duration such as 500ms, 30s or 1m30s",
        ),
        ({"caddy_sites": [PROXY | {"try_duration": 30}]}, "try_duration: 30 is no duration"),
        ({"caddy_sites": [PROXY | {"health_interval": "1d"}]}, "health_interval: 1d is no duration"),
        ({"caddy_sites": [PROXY | {"headers": {"X-A": "a\nb"}}]}, "headers: X-A has more than one line"),
        ({"caddy_sites": [PROXY | {"request_headers": {"X-A": "a\n"}}]}, "request_headers: X-A has more than one line"),
        ({"caddy_security_headers": {"X-A": "a\rb"}}, "caddy_security_headers: X-A has more than one line"),
        (
            {"caddy_sites": [PROXY], "caddy_secret_headers": {"www.shop.test": {"X-A": "a"}}},
            "caddy_secret_headers: www.shop.test is not the first host of a site with upstreams: shop.test",
        ),
        (
            {"caddy_sites": [PROXY], "caddy_secret_headers": {"shop.test": {"X-A": "secret\n"}}},
            "caddy_secret_headers: X-A of shop.test has more than one line",
        ),
    ],
)
def test_what_cannot_work_is_refused(variables, fault):
    (found,) = faults(**variables)
    assert fault in found
    assert "secret\n" not in found


def test_what_works_is_not_refused():
    durations = [{"try_duration": each, "health_interval": each} for each in ("0", "500ms", "1.5s", "1m30s", "1h")]
    sites = [
        PROXY,
        *(PROXY | each for each in durations),
        {"hosts": [":80"], "redirect": "https://shop.test", "root": ""},
    ]
    assert faults(caddy_sites=sites, caddy_secret_headers={"shop.test": {"X-A": 'a "b"'}}) == []


def test_a_text_is_quoted_as_caddy_reads_it():
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(ROLE / "templates"))
    quoted = templates.get_template("quoted.j2").module.quoted
    assert quoted("Zürich") == '"Zürich"'
    assert quoted('a "b"') == '"a \\"b\\""'
    assert quoted("\\{$HOME}") == '"{http.vars.literal_backslash}{http.vars.literal_brace}$HOME}"'
