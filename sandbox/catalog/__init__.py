"""What Scaleway's catalogue says: types, engines, prices, permission sets. One JSON file each."""

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def catalog(name: str) -> Any:
    """The content of `<name>.json`; not to be changed."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text())
