# shellcheck shell=bash
# Debian packages. Sourced after common.sh.
# shellcheck disable=SC2034  # the lists are for the scripts that source this

# What the program is built with; clang and its runtime are for scripts/test alone, but small beside the rest.
BUILD_PACKAGES=(gcc g++ cmake ninja-build pkg-config libuv1-dev libyaml-dev libcjson-dev libcurl4-openssl-dev
  libmongoc-dev libpcre2-dev libcmocka-dev ca-certificates)
TEST_PACKAGES=(clang libclang-rt-dev chromium fonts-dejavu-core shellcheck git procps)

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
  step "$what: installing ${missing[*]}"
  if [ -z "${APT_UPDATED:-}" ]; then
    as_root apt-get -qq -o DPkg::Lock::Timeout=600 update || die "apt-get update failed: is the network there?"
    APT_UPDATED=1
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 \
    --no-install-recommends install "${missing[@]}" >/dev/null \
    || die "apt-get could not install: ${missing[*]}"
}
