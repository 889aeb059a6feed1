"""What the role promises, after a failed migration, a release that did not start, an update and a rollback."""

import json
import os

import testinfra.utils.ansible_runner

testinfra_hosts = testinfra.utils.ansible_runner.AnsibleRunner(os.environ["MOLECULE_INVENTORY_FILE"]).get_hosts("all")
SECRET = "sécret 'a' \"b\" $HOME ${X:-y} \\n \\ #c `d` %e"


def releases(host):
    return json.loads(host.file("/srv/demo/releases.json").content_string)


def inspect(host, container):
    return json.loads(host.check_output("docker inspect %s", container))[0]


def test_services_run_from_one_image(host):
    running = host.check_output("docker ps --format '{{.Names}} {{.Image}}'").splitlines()
    image = releases(host)[0]["image"]
    assert sorted(running) == [f"demo-{slot} {image}" for slot in ("api-1", "api-2", "single-1", "worker-1")]
    for container in "demo-api-1", "demo-api-2", "demo-single-1":
        assert inspect(host, container)["State"]["Health"]["Status"] == "healthy"


def test_version_is_readable_on_the_host_and_in_the_application(host):
    version = releases(host)[0]["version"]
    answer = json.loads(host.check_output("curl --silent --fail http://127.0.0.1:8001/health"))
    assert (answer["version"], answer["greeting"]) == (version, "first")


def test_settings_arrive_as_they_were_given(host):
    settings = {
        "PASSWORD": SECRET,
        "PEM": "-----BEGIN-----\nabc\n-----END-----\n",
        "EMPTY": "",
        "DEBUG": "false",
        "WORKERS": "2",
        "HOSTS": '["a", "b\\"é"]',
    }
    for name, value in settings.items():
        assert host.check_output("docker exec demo-api-1 printenv %s", name) == value.rstrip("\n")
    for name, value in {"PRICE": "💶 $5", "EMPTY": "", "DEBUG": "true", "LIMITS": '{"a": 1}'}.items():
        assert host.check_output("docker exec demo-worker-1 printenv %s", name) == value
    assert host.check_output("docker exec demo-worker-1 cat /etc/demo/motd") == "costs $5"


def test_secrets_are_in_no_file_that_others_may_read(host):
    for folder in "/srv", "/etc", "/tmp", "/root/.ansible", "/var/log":
        assert host.run("find %s -type f -perm /044 -exec grep --files-with-matches 'sécret' {} +", folder).stdout == ""
    found = host.check_output("find /srv/demo -name .env -printf '%m %u\\n'").splitlines()
    assert found
    assert set(found) == {"600 root"}


def test_secrets_are_in_the_container_s_environment_alone(host):
    container = inspect(host, "demo-api-1")
    assert any("sécret" in variable for variable in container["Config"].pop("Env"))
    assert "sécret" not in json.dumps(container, ensure_ascii=False)
    assert "sécret" not in host.check_output("docker image history --no-trunc %s", releases(host)[0]["image"])


def test_ports_are_on_the_loopback_interface_only(host):
    listening = host.check_output("ss -Hltn | awk '{print $4}'").splitlines()
    assert {address for address in listening if 8000 < int(address.split(":")[-1]) < 9000} == {
        "127.0.0.1:8001",
        "127.0.0.1:8002",
        "127.0.0.1:8101",
    }


def test_containers_gain_no_privileges_and_a_user_of_their_own_choice(host):
    container = inspect(host, "demo-worker-1")
    assert "no-new-privileges:true" in container["HostConfig"]["SecurityOpt"]
    assert container["HostConfig"]["ReadonlyRootfs"] is True
    assert host.check_output("docker exec demo-worker-1 id --user --name") == "nobody"


def test_source_and_failed_releases_are_gone(host):
    kept = {release["release"] for release in releases(host)}
    assert len(kept) == 1
    assert set(host.file("/srv/demo/releases").listdir()) == kept
    images = host.check_output("docker image ls --format '{{.Repository}}:{{.Tag}}' demo").splitlines()
    assert images == [release["image"] for release in releases(host)]
    assert not host.check_output("find /tmp -maxdepth 1 -name 'demo-*'")
