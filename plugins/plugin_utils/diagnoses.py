# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with what was found, and what to do: one function for each part of a system."""

from __future__ import annotations

from collections.abc import Iterator

OK, WARN, FAIL = "ok", "warn", "fail"
AGAIN = "run playbooks/site.yml: it makes what is missing"
GIGABYTE = 1_000_000_000
LAG_WARN, LAG_FAIL = GIGABYTE // 10, GIGABYTE  # bytes that a replication slot holds back
WAITING = 100  # messages in a queue


def finding(check: str, state: str, seen: str, remedy: str = "") -> dict[str, str]:
    return {"check": check, "state": state, "seen": seen, "remedy": "" if state == OK else remedy}


def share(check: str, used: float, limit: float, what: str, remedy: str) -> dict[str, str]:
    """How full something is: from 80 % on it is told, from 95 % on it is too full."""
    part = used / limit if limit else 1
    state = FAIL if part >= 0.95 else WARN if part >= 0.8 else OK
    return finding(check, state, f"{what}, {part:.0%}", remedy)


def _state(check: str, state: str, good: set[str], bad: dict[str, str], message: str | None = "") -> dict[str, str]:
    """The API's word on a resource. `bad`: state -> remedy; any other is one that passes."""
    seen = f"{state}{': ' if message else ''}{message or ''}"
    if state in good:
        return finding(check, OK, state)
    if state in bad:
        return finding(check, FAIL, seen, bad[state])
    return finding(check, WARN, seen, "it is changing: look again in some minutes, and at the console if it stays so")


LOCKED = "Scaleway locked it: ask its support"


def servers(found: list[dict], names: list[str], answers: dict[str, dict]) -> Iterator[dict]:
    """`answers`: name -> result of asking it by SSH for how full its disk is."""
    by_name = {server["name"]: server for server in found}
    for name in names:
        check = f"server {name}"
        if name not in by_name:
            yield finding(check, FAIL, "does not exist", AGAIN)
            continue
        state = by_name[name]["state"]
        stopped = f"start it: scw instance server start {by_name[name]['id']}"
        yield _state(check, state, {"running"}, {"stopped": stopped, "stopped in place": stopped, "locked": LOCKED})
        answer = answers.get(name) or {}
        if answer.get("unreachable") or answer.get("rc"):
            seen = " ".join(str(answer.get("msg") or answer.get("stderr") or "no answer").split())
            remedy = "look at its security group (port 22), the way in (bastion, gateway), and its console; ssh -v tells where it stops"
            yield finding(f"{check}: ssh", FAIL, seen, remedy)
        elif "stdout" in answer:
            full = int(answer["stdout"].split()[-1].rstrip("%"))
            remedy = "remove what is not needed (docker system prune), or have a larger root_volume"
            yield share(f"{check}: disk", full, 100, "answers by ssh, disk used", remedy)


def networks(found: dict, names: list[str], gateways: list[str], attached: dict[str, list[str]]) -> Iterator[dict]:
    """`found`: private_networks, gateways, servers; `attached`: server -> private networks that it should be in."""
    ids = {network["name"]: network["id"] for network in found["private_networks"]}
    for name in names:
        yield finding(
            f"private network {name}", OK if name in ids else FAIL, "there" if name in ids else "does not exist", AGAIN
        )
    by_name = {gateway["name"]: gateway for gateway in found["gateways"]}
    for name in gateways:
        check = f"gateway {name}"
        if name not in by_name:
            yield finding(check, FAIL, "does not exist", AGAIN)
            continue
        yield _state(
            check,
            by_name[name]["status"],
            {"running"},
            {"failed": "look at the console, or delete it: the next run makes it anew", "locked": LOCKED},
        )
        for connection in by_name[name]["gateway_networks"]:
            yield _state(f"{check}: its private network", connection["status"], {"ready"}, {})
    cards = {server["name"]: server["private_nics"] for server in found["servers"]}
    for server, wanted in attached.items():
        states = {card["private_network_id"]: card["state"] for card in cards.get(server, [])}
        for name in wanted if server in cards else []:
            state = states.get(ids.get(name, ""))
            check = f"server {server}: in private network {name}"
            yield _state(check, state, {"available"}, {}) if state else finding(check, FAIL, "not attached", AGAIN)


def database(found: list[dict], name: str, answer: dict | None, logical: bool) -> Iterator[dict]:
    """`answer`: what ask_postgresql.py said; `logical`: whether replication is wanted."""
    check = f"database {name}"
    if not found:
        yield finding(check, FAIL, "does not exist", AGAIN)
        return
    instance = found[0]
    full = "have a larger rdb_volume_size and run playbooks/site.yml; it takes writes again then"
    yield _state(
        check,
        instance["status"],
        {"ready"},
        {"error": "look at its logs in the console", "locked": LOCKED, "disk_full": full},
    )
    for number, replica in enumerate(instance["read_replicas"], 1):
        failed = dict.fromkeys(("error", "locked"), "delete the replica: the next run makes it anew")
        yield _state(f"{check}: read replica {number}", replica["status"], {"ready"}, failed)
    if answer is None:
        return
    if error := answer.get("error"):
        remedy = "look at rdb_acl_rules or its private network, at the server between (doctor_database_host), and at its password's secret"
        yield finding(f"{check}: reachable", FAIL, error, remedy)
        return
    yield finding(f"{check}: reachable", OK, f"{answer['seconds'] * 1000:.0f} ms by {answer['through']}")
    used, limit = answer["connections"], answer["max_connections"]
    more = "let applications hold fewer (their pool's size), put PgBouncer before it, or have a larger rdb_node_type"
    yield share(f"{check}: connections", used, limit, f"{used} of {limit}", more)
    size, volume = answer["bytes"], instance["volume"]["size"]
    seen = f"{size / GIGABYTE:.2f} of {volume / GIGABYTE:.0f} GB"
    yield share(
        f"{check}: disk", size, volume, seen, "have a larger rdb_volume_size, or look for slots that hold back the log"
    )
    if logical or answer["slots"]:
        yield from replication(check, answer, logical)


def replication(check: str, answer: dict, logical: bool) -> Iterator[dict]:
    level, slots, most = answer["wal_level"], answer["slots"], answer["max_replication_slots"]
    if logical:
        switch = "set rdb_settings: {rdb.enable_logical_replication: true}, run playbooks/site.yml, and restart the database if it stays so"
        yield finding(f"{check}: wal_level", OK if level == "logical" else FAIL, level, switch)
    yield share(
        f"{check}: replication slots", len(slots), most, f"{len(slots)} of {most}", "drop slots that nobody reads"
    )
    for slot in slots:
        behind = slot["lag_bytes"] or 0
        drop = f"start its reader; if there is none any more: SELECT pg_drop_replication_slot('{slot['name']}')"
        if not slot["active"]:
            state, seen = FAIL if behind >= LAG_FAIL else WARN, f"nobody reads it, {behind / 1e6:.1f} MB behind"
        else:
            state = FAIL if behind >= LAG_FAIL else WARN if behind >= LAG_WARN else OK
            seen, drop = f"{behind / 1e6:.1f} MB behind", "its reader is too slow: look at its log and its CPU"
        yield finding(f"{check}: slot {slot['name']}", state, seen, drop)


def redis(found: list[dict], name: str) -> Iterator[dict]:
    if not found:
        yield finding(f"redis {name}", FAIL, "does not exist", AGAIN)
    for cluster in found:
        bad = {"error": "look at the console", "locked": LOCKED, "suspended": LOCKED}
        yield _state(f"redis {name}", cluster["status"], {"ready"}, bad)


def containers(found: dict, declared: list[dict], region: str) -> Iterator[dict]:
    """`found`: namespaces, containers, and images of the registry."""
    there = {container["name"]: container for container in found["containers"]}
    pushed = {
        f"{image['name']}{mark}"
        for image in found["images"]
        for tag, digest in image["digests"].items()
        for mark in (f":{tag}", f"@{digest}", f":{tag}@{digest}")
    }
    for namespace in found["namespaces"]:
        bad = {"error": "look at the console", "locked": LOCKED}
        yield _state(
            f"namespace {namespace['name']}", namespace["status"], {"ready"}, bad, namespace.get("error_message")
        )
    for wanted in declared:
        check = f"container {wanted['name']}"
        container = there.get(wanted["name"])
        if container is None:
            yield finding(
                check, FAIL, f"does not exist in {region}", AGAIN + "; another region has containers of its own"
            )
            continue
        bad = {
            "error": "its image has to be there, and it has to listen on its port within its start-up probe: its logs are in Cockpit",
            "locked": LOCKED,
        }
        yield _state(check, container["status"], {"ready"}, bad, container.get("error_message"))
        least = int(wanted.get("min_scale") or 0)
        if container["min_scale"] < least:
            yield finding(
                f"{check}: min_scale", FAIL, f"{container['min_scale']}, not {least}", "run playbooks/site.yml"
            )
        host, _slash, name = container["image"].rpartition("/")
        if found["images"] or found["registry"]:
            own = host == found["registry"]
            if own and name not in pushed:
                yield finding(
                    f"{check}: image",
                    FAIL,
                    f"{name} is not in the registry",
                    "push it: playbooks/site.yml builds and pushes what is declared",
                )
            elif own:
                yield finding(f"{check}: image", OK, name)


def triggers(found: list[dict]) -> Iterator[dict]:
    for trigger in found:
        bad = {"error": "look at what it reads, and at its credentials", "locked": LOCKED}
        yield _state(f"trigger {trigger['name']}", trigger["status"], {"ready"}, bad, trigger.get("error_message"))


def queues(found: dict[str, list[dict]], dead_letters: list[str]) -> Iterator[dict]:
    """`found`: name -> what there is of it."""
    for name, queue in found.items():
        if not queue:
            yield finding(f"queue {name}", FAIL, "does not exist", AGAIN)
            continue
        waiting, busy = (
            queue[0]["approximate_number_of_messages"],
            queue[0]["approximate_number_of_messages_not_visible"],
        )
        if name in dead_letters:
            remedy = "read why the consumer refused them (its log), mend that, and move them back"
            yield finding(f"queue {name}", WARN if waiting else OK, f"{waiting} dead letters", remedy)
        else:
            remedy = "look whether its consumer runs and keeps up: trigger, max_scale, log"
            yield finding(
                f"queue {name}", WARN if waiting >= WAITING else OK, f"{waiting} wait, {busy} are worked on", remedy
            )


def load_balancer(found: dict, name: str) -> Iterator[dict]:
    """`found`: lbs, backends, certificates."""
    if not found["lbs"]:
        yield finding(f"load balancer {name}", FAIL, "does not exist", AGAIN)
        return
    bad = {"error": "look at the console", "locked": LOCKED, "stopped": "start it in the console"}
    yield _state(f"load balancer {name}", found["lbs"][0]["status"], {"ready"}, bad)
    for backend in found["backends"]:
        check = f"backend {backend['name']}"
        if not backend["pool"]:
            yield finding(check, FAIL, "has no server", AGAIN)
        for address, server in (backend.get("servers") or {}).items():
            state, health = server["server_state"], server["last_health_check_status"]
            good = state == "running" and health in ("passed", "neutral")
            remedy = f"ask {address}:{backend['forward_port']} for its health check; look whether its application and network are up"
            yield finding(f"{check}: {address}", OK if good else FAIL, f"{state}, health check {health}", remedy)
    for certificate in found["certificates"]:
        bad = {
            "error": "its name has to lead to the load balancer, and port 80 to be open: then delete it, and run playbooks/site.yml"
        }
        yield _state(
            f"certificate {certificate['name']}",
            certificate["status"],
            {"ready"},
            bad,
            certificate.get("status_details"),
        )


def zones(found: list[dict], names: list[str]) -> Iterator[dict]:
    by_name = {zone["name"]: zone for zone in found}
    for name in names:
        check = f"zone {name}"
        if name not in by_name:
            yield finding(check, FAIL, "does not exist", AGAIN)
            continue
        zone = by_name[name]
        servers = " and ".join(zone["ns_default"] or zone["ns"])
        bad = {
            "error": f"delegate it: at its registrar, or in the zone above, {servers} have to be its name servers",
            "locked": LOCKED,
        }
        yield _state(check, zone["status"], {"active"}, bad, zone.get("message"))


def records(found: list[dict]) -> Iterator[dict]:
    """What resolve.py found: name, type, data (as declared), found, error."""
    for record in found:
        check = f"record {record['type']} {record['name']}"
        wanted, there = sorted(record["data"]), sorted(record["found"])
        if record.get("error"):
            remedy = "look whether the zone is delegated to Scaleway, and whether the record is in it: playbooks/site.yml --check --diff"
            yield finding(check, FAIL, f"does not resolve: {record['error']}", remedy)
        else:
            remedy = "run playbooks/site.yml; what was cached goes with its TTL"
            seen = ", ".join(there) + ("" if wanted == there else f", not {', '.join(wanted)}")
            yield finding(check, OK if wanted == there else FAIL, seen, remedy)


def certificates(found: list[dict]) -> Iterator[dict]:
    """What look_at_certificates.py saw: name, error or days and lifetime, issuer."""
    for seen in found:
        check = f"certificate of {seen['name']}"
        if seen.get("error"):
            remedy = "look whether the name leads here and ports 80 and 443 are open, then at the log of what asks for it (Caddy, load balancer, edge)"
            yield finding(check, FAIL, seen["error"], remedy)
            continue
        # It is renewed when a third of its life is left.
        late = seen["days"] < seen["lifetime"] / 4
        remedy = "it should have been renewed: look at the log of what asks for it (Caddy, load balancer, edge)"
        yield finding(
            check,
            WARN if late else OK,
            f"{seen['days']:.1f} of {seen['lifetime']:.1f} days left, by {seen['issuer']}",
            remedy,
        )


def email(found: list[dict], names: list[str]) -> Iterator[dict]:
    by_name = {domain["name"]: domain for domain in found if domain["status"] != "revoked"}
    publish = "publish its records (role email does where dns_zone is given), and run playbooks/site.yml"
    bad = {"unchecked": publish, "invalid": publish, "locked": LOCKED, "autoconfiguring": publish}
    for name in names:
        check = f"email {name}"
        if name not in by_name:
            yield finding(check, FAIL, "does not exist", AGAIN)
            continue
        domain = by_name[name]
        yield _state(check, domain["status"], {"checked"}, bad, domain.get("last_error"))


def secrets(found: list[dict], names: list[str]) -> Iterator[dict]:
    """Only what is wrong with single ones; `names` with their paths."""
    there = {f"{secret['path'].rstrip('/')}/{secret['name']}": secret for secret in found}
    wrong = [
        name
        for name in names
        if name not in there or not there[name]["version_count"] or there[name]["status"] != "ready"
    ]
    for name in wrong:
        secret = there.get(name)
        seen = "does not exist" if secret is None else f"{secret['status']}, {secret['version_count']} versions"
        yield finding(f"secret {name}", FAIL, seen, AGAIN + "; a new value is not the one that was lost")
    if names and not wrong:
        yield finding("secrets", OK, f"{len(names)} there")


PARTS = {
    function.__name__: function
    for function in (
        servers, networks, database, redis, containers, triggers, queues, load_balancer, zones, records, certificates, email, secrets,
    )
}  # fmt: skip
