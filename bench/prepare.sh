# Sourced by the benches: installs nginx and haproxy from Debian where they are missing.
PATH=$PATH:/usr/sbin

# Debian starts a server that it installs, unless a policy forbids it.
install_packages() {
    local as=() policy=/usr/sbin/policy-rc.d own_policy=
    [ "$(id -u)" = 0 ] || as=(sudo)
    if [ ! -e "$policy" ]; then
        own_policy=1
        printf '#!/bin/sh\nexit 101\n' | "${as[@]}" tee "$policy" >/dev/null
        "${as[@]}" chmod +x "$policy"
    fi
    "${as[@]}" apt-get update -qq &&
        "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2 ||
        echo "installing $* failed" >&2
    [ -z "$own_policy" ] || "${as[@]}" rm -f "$policy"
}

missing=()
command -v nginx >/dev/null || missing+=(nginx-light)
command -v haproxy >/dev/null || missing+=(haproxy)
[ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
