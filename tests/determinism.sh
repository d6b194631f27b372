#!/bin/sh
# The same scenario gives the same fingerprints, however the program was built and however many drivers cost nothing.
#
# Builds: gcc -O0, gcc -O2, clang -O2, gcc with sanitizers.  Then: twice in one process, and the wire with 0 and 3
# intermediate drivers whose cost is zero.
cd "$(dirname "$0")/.." || exit 1
scenario=scenarios/bulk_offload.yaml
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
bad=0

# prints PROGRAM [OPTIONS]: the fingerprints of one run.
prints() {
  program=$1
  shift
  "$program" run "$scenario" --no-plots --progress none --json -o "$out/result" "$@" >"$out/json" || return 1
  sed -n '/"fingerprints"/,/}/p' "$out/json" | grep -E '"(order|timing|wire|ownership)"' | tr -d ' ,\n'
}

build() {
  name=$1
  shift
  make -s -j2 B="build-$name" "$@" "build-$name/chimsim" >"$out/log" 2>&1 || { cat "$out/log"; exit 1; }
}

expect() { # expect WHAT PRINTS WANTED
  if [ -n "$2" ] && [ "$2" = "$3" ]; then
    echo "same: $1"
  else
    echo "DIFFERENT: $1: $2, not $3"
    bad=1
  fi
}

build gcc-O2 CC=gcc OPT='-O2 -g'
wanted=$(prints build-gcc-O2/chimsim)
echo "fingerprints of $scenario: $wanted"
build gcc-O0 CC=gcc OPT='-O0 -g'
expect "gcc -O0" "$(prints build-gcc-O0/chimsim)" "$wanted"
if command -v clang >/dev/null; then
  build clang-O2 CC=clang OPT='-O2 -g'
  expect "clang -O2" "$(prints build-clang-O2/chimsim)" "$wanted"
else
  echo "clang skipped: it is not installed"
fi
build asan CC=gcc OPT='-O1 -g' SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all'
expect "ASan and UBSan" "$(prints build-asan/chimsim)" "$wanted"
expect "twice in one process" "$(prints build-gcc-O2/chimsim --check-determinism)" "$wanted"
expect "another locale and time zone" "$(LC_ALL=C TZ=Asia/Kolkata prints build-gcc-O2/chimsim)" "$wanted"

# What a crossing costs is NDIS's cycles and the driver's: with both at zero the wire cannot tell how many drivers there are.
free='{dispatch: 0 cycles, convert: 0 cycles, per_nbl: 0 cycles}'
driver='{call_cost: 0 cycles, node_cost: 0 cycles}'
wire_of() { sed 's/.*\("wire":"[^"]*"\).*/\1/'; }
none=$(prints build-gcc-O2/chimsim --set "ndis.costs=$free" --set 'im={}' --set 'stack=[host, target, wire]' | wire_of)
three=$(prints build-gcc-O2/chimsim --set "ndis.costs=$free" --set "im={a: $driver, b: $driver, c: $driver}" \
  --set 'stack=[host, im.a, im.b, im.c, target, wire]' | wire_of)
expect "the wire with 0 and 3 drivers at no cost" "$three" "$none"
[ "$bad" -eq 0 ]
