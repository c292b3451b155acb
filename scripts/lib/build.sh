# shellcheck shell=bash
# Building the program, and putting the parts where a profile finds them. Sourced after parts.sh.

# build_program PRESET COMPILER TARGET [CMAKE-OPTION...]: sets BUILD_FOLDER. Another compiler than gcc has a folder of its own.
build_program() {
  local preset=$1 compiler=$2 target=$3 log
  shift 3
  BUILD_FOLDER=$ROOT/build/$preset
  [ "$compiler" = gcc ] || BUILD_FOLDER+=-$compiler
  log=$BUILD_FOLDER/configure.log
  mkdir -p "$BUILD_FOLDER" || die "cannot write to $ROOT/build"
  step "sidecard: building ($preset, $compiler)"
  # cmake looks for its presets in the folder it is called in.
  (cd "$ROOT" && cmake --preset "$preset" -B "$BUILD_FOLDER" -DCMAKE_C_COMPILER="$compiler" "$@") >"$log" 2>&1 </dev/null ||
    { tail -n 20 "$log" >&2; die "cmake could not configure $BUILD_FOLDER; all of its output is in $log"; }
  cmake --build "$BUILD_FOLDER" --target "$target" -- --quiet >&2 || die "sidecard could not be built; the compiler's messages are above"
}

# Links what was built for this machine to where a profile finds the binaries that come with an application, so that
# `sidecard --profile profiles/local_fullstack.yaml` works by hand as well.
link_resources() {
  local platform folder=$APP/resources
  case $(uname -m) in
    x86_64) platform=linux-x64 ;;
    aarch64) platform=linux-arm64 ;;
    *) return 0 ;;
  esac
  link_binary "$MONGOD_BIN" "$folder/mongo/$platform/$(basename "$MONGOD_BIN")"
  link_binary "$OLLAMA_BIN" "$folder/ollama/$platform/ollama"
  # Not a link: Python looks for its packages beside the name that it was called by.
  mkdir -p "$folder/backend/$platform"
  printf '#!/bin/sh\nexec %q "$@"\n' "$PYTHON_BIN" >"$folder/backend/$platform/.python3.$$"
  chmod +x "$folder/backend/$platform/.python3.$$"
  mv "$folder/backend/$platform/.python3.$$" "$folder/backend/$platform/python3"
}

link_binary() {
  mkdir -p "${2%/*}"
  ln -sfn "$(realpath "$1")" "$2"
}

# put_models DATA_DIR: the tiny model, where a profile says `models_dir: ${data_dir}/models`.
put_models() {
  mkdir -p "$1/models" || die "cannot write to $1"
  cp -rn "$SIDECARD_TEST_MODELS/." "$1/models/"
}
