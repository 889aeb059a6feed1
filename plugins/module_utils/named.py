# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resources that have tags but no name: a tag stands for it."""

from __future__ import annotations

from .resource import Resource

NAME = "name="


class NamedByTag(Resource):
    """The option `name` is kept as the tag `name=...`, by which the resource is found."""

    def named(self, answer: dict) -> dict:
        """{name, tags}: the tag that is the name, and the others."""
        tags = answer["tags"] or []
        names = [tag.removeprefix(NAME) for tag in tags if tag.startswith(NAME)]
        return {"name": names[0] if names else "", "tags": [tag for tag in tags if not tag.startswith(NAME)]}

    def list_arguments(self):
        arguments = {name: value for name, value in super().list_arguments().items() if name != "name"}
        return arguments | ({"tags": [NAME + self.options["name"]]} if "name" in self.options else {})

    def all_tags(self, options: dict) -> list[str]:
        return [NAME + options["name"]] * bool(options.get("name")) + list(options.get("tags") or [])
