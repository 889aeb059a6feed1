#!/bin/sh
# Serves a repository that looks like Docker's own, as http://127.0.0.1:8000/linux: Debian's packages by the names that Docker gives them.
set -e
repository=/srv/linux/debian
names='s/\bdocker\.io\b/docker-ce/g; s/\bdocker-cli\b/docker-ce-cli/g; s/\bcontainerd\b/containerd.io/g
s/\bdocker-buildx\b/docker-buildx-plugin/g; s/\bdocker-compose\b/docker-compose-plugin/g'
mkdir -p $repository/dists/trixie/stable/binary-amd64 $repository/pool /tmp/packages
cd /tmp/packages
apt-get -qq update
apt-get -qq -o APT::Sandbox::User=root download docker.io docker-cli containerd docker-buildx docker-compose
for package in *.deb; do
    dpkg-deb --raw-extract "$package" unpacked
    sed -i -E "/^(Breaks|Conflicts|Replaces|Recommends|Suggests|Enhances):/d; /^(Package|Depends):/{$names}" unpacked/DEBIAN/control
    dpkg-deb -Znone --build unpacked $repository/pool > /dev/null
    rm -r unpacked "$package"
done
cd $repository
apt-ftparchive packages pool > dists/trixie/stable/binary-amd64/Packages
cd dists/trixie
apt-ftparchive -o APT::FTPArchive::Release::Suite=trixie -o APT::FTPArchive::Release::Components=stable \
    -o APT::FTPArchive::Release::Architectures=amd64 release . > /tmp/Release
gpg --batch --quiet --passphrase '' --quick-generate-key docker@example.com ed25519 sign
gpg --batch --clearsign --output InRelease /tmp/Release
gpg --armor --export > $repository/gpg
systemd-run --quiet --unit repository --working-directory /srv python3 -m http.server --bind 127.0.0.1 8000
