"""What every host is promised."""

import json
import os

import testinfra.utils.ansible_runner

testinfra_hosts = testinfra.utils.ansible_runner.AnsibleRunner(os.environ["MOLECULE_INVENTORY_FILE"]).get_hosts("all")
ADJUSTED = "docker-host-adjusted"


def test_docker_with_compose_and_buildx_runs(host):
    assert host.check_output("docker info --format '{{.LiveRestoreEnabled}}'") == "true"
    assert host.run_test("docker compose version && docker buildx version").succeeded


def test_docker_comes_from_its_own_repository_where_that_answers(host):
    found = host.check_output("apt-cache policy docker-ce")
    if host.backend.host == ADJUSTED:
        assert not host.package("docker-ce").is_installed
    else:
        assert host.package("docker-ce").is_installed and "http://127.0.0.1:8000/linux/debian trixie/stable" in found


def test_daemon_rotates_logs(host):
    daemon = json.loads(host.file("/etc/docker/daemon.json").content_string)
    adjusted = host.backend.host == ADJUSTED
    assert daemon["log-opts"] == (
        {"max-size": "1m", "max-file": "4"} if adjusted else {"max-size": "10m", "max-file": "3"}
    )
    assert daemon.get("max-concurrent-downloads") == (7 if adjusted else None)


def test_ssh_takes_keys_only(host):
    settings = host.check_output("sshd -T").splitlines()
    assert {"passwordauthentication no", "kbdinteractiveauthentication no"} <= set(settings)
    assert {"permitrootlogin without-password", "authenticationmethods publickey"} <= set(settings)
    assert host.check_output("getent shadow root").split(":")[1] == "*"


def test_security_updates_are_installed(host):
    settings = host.check_output("apt-config dump")
    assert 'APT::Periodic::Unattended-Upgrade "1"' in settings
    reboot = "true" if host.backend.host == ADJUSTED else "false"
    assert f'Unattended-Upgrade::Automatic-Reboot "{reboot}"' in settings
    assert host.package("unattended-upgrades").is_installed
    assert host.service("apt-daily-upgrade.timer").is_enabled


def test_no_swap_after_a_reboot(host):
    assert host.service("swap.target").is_masked


def test_firewall_starts_at_boot(host):
    assert host.service("nftables").is_enabled
    assert "chain from_outside" in host.check_output("nft list table inet docker_host")


def test_stopping_the_firewall_leaves_docker_alone(host):
    before = host.check_output("iptables-save --table nat | grep -v '^#' | sed 's/ \\[.*//'")
    host.check_output("systemctl stop nftables")
    assert host.check_output("iptables-save --table nat | grep -v '^#' | sed 's/ \\[.*//'") == before
    host.check_output("systemctl start nftables")
    assert "chain from_outside" in host.check_output("nft list table inet docker_host")
