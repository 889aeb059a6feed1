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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sandbox.server import running
from sandbox.services.iam import ApiKeys
from sandbox.settings import Settings

ROOT = Path(__file__).parents[2]
RECORDINGS = Path(os.environ.get("CONFORMANCE") or ROOT.parent / "shared" / "conformance")
DOCS = ROOT / "docs" / "sandbox.md"
PRODUCTS = (
    *("account", "iam", "instance", "block", "vpc", "ipam", "vpcgw", "lb", "rdb", "domain", "tem"),
    *("mnq", "redis", "secret", "cockpit", "edgeservices", "container", "registry"),
)
AT_LEAST_IN_TOTAL, AT_LEAST_EACH = 70.0, 55.0  # percent of calls that match
SETTLE_SECONDS = 3  # without machines nothing takes longer
COLUMNS = ("recordings", "calls", "match", "own", "shape", "status", "fail", "score")
OWN = re.compile(r"\$(\.domains\[\])?\.records\.dkim\.value|\$\.secret_key")
"""Values that are right to differ, which the tool does not know: every mail domain has a key of its own, and where a secret key
is told once only, recordings have it blacked out all the same."""
CHUNK, AT_ONCE = 12, 6  # recordings per sandbox, sandboxes at a time: replaying is mostly waiting


@dataclass
class Score:
    """Calls by how alike their answers are.

    match    the same status, shape and values
    own      nothing differs but a value that has to (OWN)
    shape    the same status and shape, but some value differs
    status   the same status only
    fail     another status

    `score` is the percentage of `match`.
    """

    recordings: int = 0
    calls: int = 0
    match: int = 0
    own: int = 0
    shape: int = 0
    status: int = 0
    fail: int = 0

    @property
    def score(self) -> float:
        return self._percent(self.match)

    @property
    def is_enough(self) -> bool:
        return self._percent(self.match + self.own) >= AT_LEAST_EACH

    def _percent(self, number: int) -> float:
        return round(100 * number / self.calls, 1) if self.calls else 0.0

    def __add__(self, other: Score) -> Score:
        return Score(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


def files_of(product: str) -> list[Path]:
    """What is in scope of a product."""
    names = json.loads((RECORDINGS / "SCOPE.json").read_text())["open"][product]
    return [file for name in names if (file := RECORDINGS / "recordings" / product / f"{name}.json").exists()]


def replay(files: list[Path]) -> tuple[Score, str]:
    """Replay recordings against a sandbox of their own: the score, and the tool's explanations."""
    with tempfile.TemporaryDirectory() as home, running(Settings(home=Path(home), port=0, api_only=True)) as sandbox:
        result = Path(home) / "result.json"
        command = [
            *(sys.executable, "replay.py", "-v", "--base-url", sandbox.settings.api_url),
            *("--project-id", sandbox.organization_id, "--organization-id", sandbox.organization_id),
            *("--token", sandbox.services[ApiKeys].owner()["_secret_key"]),
            *("--settle-seconds", str(SETTLE_SECONDS), "--json", str(result), *map(str, files)),
        ]
        done = subprocess.run(command, cwd=RECORDINGS, capture_output=True, text=True)
        if not result.exists():
            raise RuntimeError(f"{files[0].parent.name} could not be replayed:\n{done.stdout}\n{done.stderr}")
        found = json.loads(result.read_text())
    score = Score(len(files), *(found["total"][name] for name in ("calls", "match")), 0)
    for call in (call for recording in found["recordings"].values() for call in recording["calls_in_order"]):
        verdict = call["verdict"]
        if verdict == "shape" and all(OWN.fullmatch(difference["path"]) for difference in call["differences"]):
            verdict = "own"
        if verdict != "match":
            setattr(score, verdict, getattr(score, verdict) + 1)
    return score, done.stdout


def measure(products: list[str]) -> tuple[dict[str, Score], str]:
    """Scores by product and in total, and all explanations."""
    chunks = [
        (name, files[at : at + CHUNK])
        for name in products
        for files in [files_of(name)]
        for at in range(0, len(files), CHUNK)
    ]
    scores = dict.fromkeys(products, Score())
    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(pool.map(replay, [files for _, files in chunks]))
    for (name, _), (score, _) in zip(chunks, done, strict=True):
        scores[name] += score
    scores["total"] = sum(scores.values(), Score())
    return scores, "\n".join(explanation for _, explanation in done)


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
    scores, explanations = measure(options.products or list(PRODUCTS))
    if options.verbose:
        print(explanations)
    print(table(scores))
    if options.write_docs:
        write_docs(table(scores))
    low = [name for name, score in scores.items() if not score.is_enough]
    if scores["total"].score < AT_LEAST_IN_TOTAL:
        low.append("total")
    if low:
        sys.exit(f"Too low: {', '.join(low)} (at least {AT_LEAST_EACH:g} % each, {AT_LEAST_IN_TOTAL:g} % in total)")


if __name__ == "__main__":
    main()
