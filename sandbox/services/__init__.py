"""One file per product; every class with a `path` in any of them is served."""

from importlib import import_module
from pkgutil import iter_modules

from ..collection import Service


def discover() -> list[type[Service]]:
    """The services of this package, in the order of their files."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    modules.append(import_module("sandbox.admin"))
    return [
        found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, Service) and found.path and found.__module__ == module.__name__
    ]
