"""build.py SOURCE TARGET: the page as it is served, and nothing else in its folder. Scripts and styles are named by their content."""

import hashlib
import shutil
import sys
from pathlib import Path


def build(source: Path, target: Path):
    shutil.rmtree(target, ignore_errors=True)
    assets = target / "assets"
    assets.mkdir(parents=True)
    page = (source / "index.html").read_text()
    for file in sorted(source.iterdir()):
        if file.name == "index.html":
            continue
        content = file.read_bytes()
        name = f"{file.stem}.{hashlib.sha256(content).hexdigest()[:12]}{file.suffix}"
        (assets / name).write_bytes(content)
        if f'"{file.name}"' not in page:
            sys.exit(f"index.html does not refer to {file.name}")
        page = page.replace(f'"{file.name}"', f'"/assets/{name}"')
    (target / "index.html").write_text(page)


build(Path(sys.argv[1]), Path(sys.argv[2]))
