"""Writes what follows from the code, so that a fact is written once; `make docs` runs it, a unit test compares.

meta/runtime.yml        every module of plugins/modules goes through the action plugin `resource`
docs/modules.md         the modules, one line each, from their documentation
roles/<role>/README.md  the table of variables, between the two markers, from meta/argument_specs.yml
docs/variables/         the variables that each system's application gets, from its inventory
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import yaml

from . import app_variables

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- variables: written by `make docs` -->", "<!-- end of variables -->"


def generated() -> dict[Path, str]:
    """{file: its content} for everything that is written here."""
    files = {ROOT / "meta/runtime.yml": runtime(), ROOT / "docs/modules.md": modules_page()}
    for specs in sorted(ROOT.glob("roles/*/meta/argument_specs.yml")):
        readme = specs.parents[1] / "README.md"
        files[readme] = with_variables(readme.read_text(), specs)
    for inventory in sorted(ROOT.glob("inventories/*.yml")):
        files[ROOT / f"docs/variables/{inventory.stem}.md"] = app_variables.page(inventory)
    return files


def modules() -> dict[str, dict]:
    """{module: its DOCUMENTATION}."""
    found = {}
    for file in sorted((ROOT / "plugins/modules").glob("*.py")):
        for statement in ast.parse(file.read_text()).body:
            if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "DOCUMENTATION":
                found[file.stem] = yaml.safe_load(ast.literal_eval(statement.value))
    return found


def runtime() -> str:
    names = sorted(file.stem for file in (ROOT / "plugins/modules").glob("*.py"))
    document = {
        "requires_ansible": ">=2.19.0,<2.20.0",
        "action_groups": {"all": names},
        "plugin_routing": {"modules": {name: {"action_plugin": "stackway.scaleway.resource"} for name in names}},
    }
    return "---\n# Written by `make docs`.\n" + yaml.safe_dump(document, sort_keys=False)


def modules_page() -> str:
    rows = [f"| `{name}` | {document['short_description']} |" for name, document in modules().items()]
    return "\n".join(
        [
            "# Modules",
            "",
            "Written by `make docs`. `ansible-doc stackway.scaleway.<module>` shows options, examples and return values.",
            "",
            "| module | what it does |",
            "| --- | --- |",
            *rows,
            "",
        ]
    )


def with_variables(readme: str, specs: Path) -> str:
    entry = yaml.safe_load(specs.read_text())["argument_specs"]["main"]
    rows = list(_rows(entry.get("options") or {}))
    table = "\n".join(["| variable | type | default | what it says |", "| --- | --- | --- | --- |", *rows])
    before, begin, rest = readme.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        sys.exit(f"{specs.parents[1].name}/README.md has no place for its variables: {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def _rows(options: dict, prefix: str = ""):
    for name, option in options.items():
        kind = option.get("type", "str") + (f" of {option['elements']}" if "elements" in option else "")
        default = "**required**" if option.get("required") else _code(option.get("default"))
        text = option["description"]
        text = " ".join(text) if isinstance(text, list) else text
        if option.get("choices"):
            text += f" One of {', '.join(f'`{choice}`' for choice in option['choices'])}."
        yield f"| `{prefix}{name}` | {kind} | {default} | {_plain(text)} |"
        yield from _rows(option.get("options") or {}, f"{prefix}{name}{'[]' if 'elements' in option else ''}.")


def _code(value) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text}`" if len(text) <= 40 and "|" not in text else "see defaults"


def _plain(text: str) -> str:
    """Ansible's markup -> Markdown, on one line of a table."""
    text = re.sub(r"\b[VOEC]\(([^)]*)\)", r"`\1`", " ".join(text.split()))
    return re.sub(r"\bM\(([^)]*)\)", r"`\1`", text).replace("|", "\\|")


if __name__ == "__main__":
    for file, content in generated().items():
        if not file.exists() or file.read_text() != content:
            file.parent.mkdir(exist_ok=True)
            file.write_text(content)
            print(f"wrote {file.relative_to(ROOT)}")
