"""One file or package per product; every class with a `path` in any of them is served."""

from importlib import import_module
from pkgutil import walk_packages

from ..service import Service


def discover() -> list[type[Service]]:
    """The services of this package, in the order of their files."""
    modules = [import_module(found.name) for found in walk_packages(__path__, f"{__name__}.")]
    modules.append(import_module("sandbox.admin"))
    return [
        found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, Service) and found.path and found.__module__ == module.__name__
    ]
