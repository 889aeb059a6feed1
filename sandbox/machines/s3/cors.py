"""Cross-origin requests, answered from the bucket's own rules."""

from fnmatch import fnmatchcase

from .errors import S3Error


def preflight(rules, headers):
    """The headers that answer an OPTIONS request; AccessForbidden where no rule lets it through."""
    wanted = [
        name.strip().lower() for name in headers.get("access-control-request-headers", "").split(",") if name.strip()
    ]
    rule = _matching(rules, headers.get("origin"), headers.get("access-control-request-method"), wanted)
    if rule is None:
        raise S3Error("AccessForbidden")
    answer = _headers(rule, headers["origin"])
    return answer | ({"access-control-allow-headers": ", ".join(wanted)} if wanted else {})


def actual(rules, method, headers):
    """The headers that an ordinary answer gains, none where no rule matches."""
    rule = _matching(rules, headers.get("origin"), method, [])
    return _headers(rule, headers["origin"]) if rule else {}


def _matching(rules, origin, method, wanted):
    for rule in rules:
        if (
            origin
            and any(fnmatchcase(origin, pattern) for pattern in rule.allowed_origins)
            and method in rule.allowed_methods
            and all(any(fnmatchcase(name, p.lower()) for p in rule.allowed_headers or ()) for name in wanted)
        ):
            return rule
    return None


def _headers(rule, origin):
    anyone = "*" in rule.allowed_origins
    answer = {
        "access-control-allow-origin": "*" if anyone else origin,
        "access-control-allow-methods": ", ".join(rule.allowed_methods),
        "vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    }
    if not anyone:
        answer["access-control-allow-credentials"] = "true"
    if rule.exposed_headers:
        answer["access-control-expose-headers"] = ", ".join(rule.exposed_headers)
    if rule.max_age_seconds:
        answer["access-control-max-age"] = str(rule.max_age_seconds)
    return answer
