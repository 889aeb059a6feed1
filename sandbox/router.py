"""From a method and a path to what serves them."""

from urllib.parse import unquote

from . import errors
from .service import Route


class Router:
    """Which route serves a method and a path. A literal part of a path wins over a placeholder."""

    def __init__(self, services):
        self._routes: dict[tuple[str, int], list[tuple[list[str], Route]]] = {}
        for route in (route for service in services for route in service.routes()):
            parts = route.path.strip("/").split("/")
            self._routes.setdefault((route.method, len(parts)), []).append((parts, route))
        for routes in self._routes.values():
            routes.sort(key=lambda found: [part.startswith("{") for part in found[0]])

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route, and what the placeholders of its path stand for."""
        given = path.strip("/").split("/")
        for parts, route in self._routes.get((method, len(given)), ()):
            if all(part == value or part.startswith("{") for part, value in zip(parts, given, strict=True)):
                pairs = zip(parts, given, strict=True)
                return route, {part[1:-1]: unquote(value) for part, value in pairs if part.startswith("{")}
        raise errors.not_served(method, path)

    def served(self) -> list[Route]:
        return [route for routes in self._routes.values() for _, route in routes]
