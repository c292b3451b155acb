# shellcheck shell=bash
# What every script here shares: names, progress lines, errors, the cache. Sourced, never run.
#
# The names that scripts/ and tests/ agree on (all but the first are set by lib/parts.sh):
#   SIDECARD_CACHE          where everything that was built is kept, outside the tree; may be set by the caller
#   MONGOD_BIN              mongod, or ferretdb where there is none   } a value that the caller set is kept;
#   OLLAMA_BIN              ollama                                    } sidecard itself reads these three
#   PYTHON_BIN              Python with the backend's packages        }
#   SIDECARD_TEST_PYTHON    Python with pytest and what the tests import
#   SIDECARD_TEST_MODELS    an Ollama store that holds the tiny model and nothing else
#   SIDECARD_TEST_MODEL     the tiny model's name in it
#   SIDECARD_TEST_CHROMIUM  a Chromium for the browser tests
# Node and npm are found on PATH.

# shellcheck disable=SC2034  # for the scripts that source this
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SIDECARD_CACHE=${SIDECARD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sidecard}
export SIDECARD_CACHE

# Progress goes to stderr, so that stdout stays free for what a script answers.
step() { printf '==> %s\n' "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# at_least WANTED HAVE: compares versions such as 1.24.0.
at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

# fingerprint FILE|FOLDER...: changes when what is in them does; part of the key that a cached build is kept under.
fingerprint() { find "$@" -type f ! -name '*.pyc' -print0 | sort -z | xargs -0 cat | sha256sum | cut -c 1-12; }

# once NAME TITLE COMMAND...: fills $SIDECARD_CACHE/NAME by `COMMAND... FOLDER`, unless an earlier run has.
# The lock lets several runs share a cache; the mark is written last, so that an interrupted build is begun anew.
once() {
  local title=$2 folder=$SIDECARD_CACHE/$1 log=$SIDECARD_CACHE/logs/$1.log lockfile=$SIDECARD_CACHE/locks/$1 lock rc=0 begin=$SECONDS
  shift 2
  [ ! -e "$folder/.complete" ] || return 0
  mkdir -p "$SIDECARD_CACHE/logs" "$SIDECARD_CACHE/locks" || die "cannot write to $SIDECARD_CACHE: set SIDECARD_CACHE to a folder that can be written"
  exec {lock}>"$lockfile"
  flock "$lock"
  if [ ! -e "$folder/.complete" ]; then
    step "$title ..."
    rm -rf "$folder"
    mkdir -p "$folder"
    "$@" "$folder" >"$log" 2>&1 </dev/null {lock}>&- || rc=$?
    if [ $rc != 0 ]; then
      tail -n 20 "$log" >&2
      die "$title: failed with code $rc; all of its output is in $log"
    fi
    touch "$folder/.complete"
    step "$title: done in $((SECONDS - begin)) s"
  fi
  exec {lock}>&-
}

# in_parallel FUNCTION...: runs them side by side and waits for all. Each is a process group of its own, so that
# Ctrl-C also ends the compilers below it.
in_parallel() {
  local pids=() groups=() job failed=0
  set -m
  for job; do
    "$job" </dev/null &
    pids+=("$!")
    groups+=("-$!")
  done
  set +m
  # shellcheck disable=SC2064  # the groups of now
  trap "kill -- ${groups[*]} 2>/dev/null; exit 130" INT TERM
  for job in "${pids[@]}"; do wait "$job" || failed=1; done
  trap - INT TERM
  [ $failed = 0 ] || exit 1
}
