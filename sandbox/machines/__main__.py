"""Bare hosts without an API around them, as the tests of roles need them.

    python -m sandbox.machines start NAME --key FILE.pub [--image instance-docker] [--memory GIB]   prints the address
    python -m sandbox.machines delete NAME

SANDBOX_NAME and SANDBOX_SUBNET say in which sandbox.
"""

import argparse
import hashlib
from pathlib import Path

from ..settings import Settings
from .firewall import Group
from .instance import Instances, Machine


def start(instances, name, key, image="instance", memory=4):
    """Boot a host that takes ssh for root with `key`, all ports open; its address.

    The address follows from the name, in the half of the flexible IPs' range that the API reaches last.
    """
    instances.prepare()
    instances.set_group("open", Group())
    offset = 2**14 + 2**13 + int.from_bytes(hashlib.sha256(name.encode()).digest()[:2]) % 2**13
    address = str(instances.engine.subnet[offset])
    machine = Machine(name, name, image, cpus=2, memory=memory * 2**30, keys=(key,), addresses=(address,), group="open")
    if not instances.start(machine, patience=120):
        raise SystemExit(f"{name} ({address}) does not take connections on port 22")
    return address


def main():
    parser = argparse.ArgumentParser(prog="python -m sandbox.machines", description="Hosts without an API around them.")
    commands = parser.add_subparsers(dest="command", required=True)
    starting = commands.add_parser("start", help="boot a host and print its address")
    starting.add_argument("name")
    starting.add_argument("--key", type=Path, required=True, help="file of the public key that root takes")
    starting.add_argument("--image", default="instance", help="an image of sandbox/images")
    starting.add_argument("--memory", type=int, default=4, help="GiB")
    commands.add_parser("delete", help="delete a host and its disk").add_argument("name")
    options = parser.parse_args()

    instances = Instances(Settings.from_env())
    if options.command == "start":
        print(start(instances, options.name, options.key.read_text().strip(), options.image, options.memory))
    else:
        instances.delete(options.name)


if __name__ == "__main__":
    main()
