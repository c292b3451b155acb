# shellcheck shell=bash
# All of lib/, in the order in which it builds on itself. Sourced by the scripts.
# shellcheck source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
# shellcheck source=packages.sh
. "${BASH_SOURCE[0]%/*}/packages.sh"
# shellcheck source=parts.sh
. "${BASH_SOURCE[0]%/*}/parts.sh"
# shellcheck source=build.sh
. "${BASH_SOURCE[0]%/*}/build.sh"
