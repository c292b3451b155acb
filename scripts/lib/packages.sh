# shellcheck shell=bash
# Debian packages. Sourced after common.sh.
# shellcheck disable=SC2034  # the lists are for the scripts that source this

# What the program is built with; clang and its runtime are for scripts/test alone, but small beside the rest.
BUILD_PACKAGES=(gcc g++ cmake ninja-build pkg-config libuv1-dev libyaml-dev libcjson-dev libcurl4-openssl-dev
  libmongoc-dev libpcre2-dev libcmocka-dev ca-certificates)
TEST_PACKAGES=(clang libclang-rt-dev chromium fonts-dejavu-core shellcheck)

# need_packages WHAT-FOR PACKAGE...: installs those that are missing, and asks nothing of the network when none is.
need_packages() {
  local what=$1 name missing=()
  shift
  if ! command -v apt-get >/dev/null; then
    step "$what: this is no Debian system, so these are expected to be there: $*"
    return 0
  fi
  for name; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    die "$what: missing packages: ${missing[*]}; run this as root, or install sudo, or install them"
  step "$what: installing ${missing[*]}"
  if [ -z "${APT_UPDATED:-}" ]; then
    quietly as_root apt-get -qq -o DPkg::Lock::Timeout=600 update
    APT_UPDATED=1
  fi
  quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 \
    --no-install-recommends install "${missing[@]}"
}

# What apt and the packages' own scripts say matters only when it went wrong.
quietly() {
  local log=$SIDECARD_CACHE/logs/packages.log
  mkdir -p "${log%/*}" || die "cannot write to $SIDECARD_CACHE: set SIDECARD_CACHE to a folder that can be written"
  "$@" >"$log" 2>&1 </dev/null || { tail -n 20 "$log" >&2; die "'$*' failed; all of its output is in $log"; }
}
