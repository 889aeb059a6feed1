"""What the role caddy writes, told from its templates alone."""

from __future__ import annotations

from pathlib import Path

import jinja2

ROLE = Path(__file__).parents[2] / "roles/caddy"


def test_a_text_is_quoted_as_caddy_reads_it():
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(ROLE / "templates"))
    quoted = templates.get_template("quoted.j2").module.quoted
    assert quoted("Zürich") == '"Zürich"'
    assert quoted('a "b"') == '"a \\"b\\""'
    assert quoted("\\{$HOME}") == '"{http.vars.literal_backslash}{http.vars.literal_brace}$HOME}"'
