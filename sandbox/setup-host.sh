#!/bin/sh
# Installs what the sandbox needs of its host, and starts the Docker daemon where no init system does.
# Works as root or with sudo, on Debian 12 and 13; leaves alone what is there.
set -eu

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

docker_answers() {
    as_root docker version >/dev/null 2>&1
}

let_in() {
    if docker version >/dev/null 2>&1; then return; fi
    echo "Letting $(id -un) use Docker"
    as_root usermod --append --groups docker "$(id -un)"
    # The group counts from the next login on.
    as_root setfacl --modify "user:$(id -un):rw" /var/run/docker.sock
}

PATH=$PATH:/usr/sbin:/sbin
missing=
docker_answers || command -v dockerd >/dev/null && command -v docker >/dev/null || missing="docker.io iptables"
command -v mmdebstrap >/dev/null || missing="$missing mmdebstrap"
command -v nft >/dev/null || missing="$missing nftables"
command -v ip >/dev/null || missing="$missing iproute2"
command -v sysctl >/dev/null || missing="$missing procps"
python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"
[ "$(id -u)" = 0 ] || command -v setfacl >/dev/null || missing="$missing acl"
command -v ssh >/dev/null || missing="$missing openssh-client"

if [ -n "$missing" ]; then
    echo "Installing$(printf ' %s' $missing)"
    as_root apt-get update -qq
    # Debian 13 has the client in a package of its own.
    if ! command -v docker >/dev/null && apt-cache show docker-cli >/dev/null 2>&1; then
        missing="$missing docker-cli"
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
fi

if docker_answers; then
    let_in
    exit
fi

echo "Starting the Docker daemon"
if [ -d /run/systemd/system ]; then
    as_root systemctl start docker
else
    as_root sh -c 'setsid dockerd >>/var/log/dockerd.log 2>&1 </dev/null &'
fi
for _ in $(seq 60); do
    if docker_answers; then
        let_in
        exit
    fi
    sleep 0.5
done
echo "The Docker daemon does not answer; see /var/log/dockerd.log or journalctl -u docker" >&2
exit 1
