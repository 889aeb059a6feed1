"""How alike the sandbox's answers and the real API's are: replays recorded conversations against fresh sandboxes.

    python -m tests.conformance.run [--write-docs] [-v] [PRODUCT ...]

The recordings and the tool that compares are no part of this repository: they are looked for in $CONFORMANCE, else in
../shared/conformance. Where they are not, that is said and nothing is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandbox.server import running
from sandbox.services.iam import ApiKeys
from sandbox.settings import Settings

ROOT = Path(__file__).parents[2]
RECORDINGS = Path(os.environ.get("CONFORMANCE") or ROOT.parent / "shared" / "conformance")
DOCS = ROOT / "docs" / "sandbox.md"
PRODUCTS = ("account", "iam", "instance", "block", "vpc", "ipam", "rdb", "domain", "tem")
AT_LEAST_IN_TOTAL, AT_LEAST_EACH = 70.0, 55.0  # percent of calls that match
SETTLE_SECONDS = 3  # without machines nothing takes longer
COLUMNS = ("recordings", "calls", "match", "shape", "status", "fail", "score")


@dataclass
class Score:
    """`match`: same status, shape and values; `shape`: some value differs; `status`: the shape does; `fail`: the status."""

    recordings: int = 0
    calls: int = 0
    match: int = 0
    shape: int = 0
    status: int = 0
    fail: int = 0

    @property
    def score(self) -> float:
        return round(100 * self.match / self.calls, 1) if self.calls else 0.0

    def __add__(self, other: Score) -> Score:
        return Score(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


def replay(product: str, verbose: bool) -> Score:
    """Replay what is in scope of a product against a sandbox of its own."""
    open_ones = json.loads((RECORDINGS / "SCOPE.json").read_text())["open"][product]
    files = [RECORDINGS / "recordings" / product / f"{name}.json" for name in open_ones]
    files = [str(file) for file in files if file.exists()]
    with tempfile.TemporaryDirectory() as home, running(Settings(home=Path(home), port=0, api_only=True)) as sandbox:
        result = Path(home) / "result.json"
        command = [
            *(sys.executable, "replay.py", "--base-url", sandbox.settings.api_url),
            *("--project-id", sandbox.organization_id, "--organization-id", sandbox.organization_id),
            *("--token", sandbox.services[ApiKeys].owner()["_secret_key"]),
            *("--settle-seconds", str(SETTLE_SECONDS), "--json", str(result), *(["-v"] if verbose else []), *files),
        ]
        done = subprocess.run(command, cwd=RECORDINGS, capture_output=not verbose, text=True)
        if not result.exists():
            sys.exit(f"{product} could not be replayed:\n{done.stdout}\n{done.stderr}")
        total = json.loads(result.read_text())["total"]
    return Score(len(files), *(total[name] for name in ("calls", "match", "shape", "status", "fail")))


def table(scores: dict[str, Score]) -> str:
    """Markdown."""
    rows = [("product", *COLUMNS)]
    rows += [(name, *(str(getattr(score, column)) for column in COLUMNS)) for name, score in scores.items()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 1) + ":" for width in widths) + "|", *lines[1:]])


def write_docs(text: str):
    begin, end = "<!-- conformance: written by make conformance -->", "<!-- /conformance -->"
    page = DOCS.read_text()
    if begin not in page:
        sys.exit(f"{DOCS} has no place for the table: {begin} ... {end}")
    section = f"{begin}\n\n{text}\n\n{end}"
    DOCS.write_text(re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: section, page, flags=re.DOTALL))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("products", nargs="*", metavar="PRODUCT", help=f"default: {' '.join(PRODUCTS)}")
    parser.add_argument("--write-docs", action="store_true", help="put the table into docs/sandbox.md")
    parser.add_argument("-v", "--verbose", action="store_true", help="explain every difference")
    options = parser.parse_args()
    if not (RECORDINGS / "replay.py").exists():
        print(f"Conformance was not measured: the recordings are not here (looked in {RECORDINGS})")
        return
    scores = {product: replay(product, options.verbose) for product in options.products or PRODUCTS}
    scores["total"] = sum(scores.values(), Score())
    print(table(scores))
    if options.write_docs:
        write_docs(table(scores))
    low = [
        name
        for name, score in scores.items()
        if score.score < (AT_LEAST_IN_TOTAL if name == "total" else AT_LEAST_EACH)
    ]
    if low:
        sys.exit(f"Too low: {', '.join(low)} (at least {AT_LEAST_EACH:g} % each, {AT_LEAST_IN_TOTAL:g} % in total)")


if __name__ == "__main__":
    main()
