#!/bin/bash
# The command line as a user meets it: exit codes, messages with their places, and what is left on the disk.
#   tests/cli.sh [PROGRAM]
cd "$(dirname "$0")/.." || exit 1
chimsim=$(realpath "${1:-build/chimsim}")
work=$(mktemp -d) || exit 1
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
passed=0 failed=0
small=tests/scenarios/small.yaml

fail() {
  echo "FAILED line ${BASH_LINENO[1]}: $*"
  sed 's/^/    /' "$work/err" | head -5
  failed=$((failed + 1))
}

# expect CODE WORDS COMMAND...: the command's exit code, and words on standard error or output ("" for none asked).
expect() {
  local code=$1 words=$2 got
  shift 2
  "$@" >"$work/out" 2>"$work/err" </dev/null
  got=$?
  if [ "$got" -ne "$code" ]; then
    fail "exit $got, not $code: $*"
  elif [ -n "$words" ] && ! grep -qF -- "$words" "$work/out" "$work/err"; then
    fail "does not say \`$words\`: $*"
  else
    passed=$((passed + 1))
  fi
}

holds() { # holds WHAT COMMAND...
  local what=$1
  shift
  if "$@" >"$work/out" 2>"$work/err"; then passed=$((passed + 1)); else fail "$what"; fi
}

run() {
  "$chimsim" run --progress none --no-plots "$@"
}

# Usage.
expect 2 "name a verb" "$chimsim"
expect 0 "Exit codes" "$chimsim" --help
expect 0 "chimsim 0." "$chimsim" --version
expect 2 "did you mean \`validate\`" "$chimsim" validat
expect 2 "explore is not yet there" "$chimsim" explore
expect 2 "Unknown option --frob" "$chimsim" run --frob
expect 2 "name one scenario" "$chimsim" run
expect 0 "--check-determinism" "$chimsim" run --help
expect 2 "write auto, plain or none" "$chimsim" run --progress loud "$small"
expect 2 "write T1..T2" "$chimsim" run --window 5 "$small"

# Scenarios.
expect 2 "no_such.yaml" "$chimsim" validate no_such.yaml
expect 0 "accepted" "$chimsim" validate "$small" scenarios/bulk_offload.yaml
expect 2 "write --set PATH=VALUE" "$chimsim" validate --set x "$small"
expect 2 "target.tables.tpc" "$chimsim" validate --set target.tables.tpc=5 "$small"
expect 2 "write tcp" "$chimsim" validate --set target.tables.tpc=5 "$small"
expect 0 "target.tables.tcp" "$chimsim" explain "$small" target.tables
expect 2 "has no \`target.nothing\`" "$chimsim" explain "$small" target.nothing
for what in params events calls records rules defects metrics conditions situations choices presets; do
  expect 0 "" "$chimsim" list $what
  holds "list $what --json is JSON" sh -c "'$chimsim' list $what --json | python3 -m json.tool"
done
expect 2 "name what to list" "$chimsim" list nothing
expect 2 "--state is for rules" "$chimsim" list defects --state
expect 2 "--schema is for params" "$chimsim" list rules --schema
expect 2 "--manual is for params and rules" "$chimsim" list calls --manual
printf 'format: chimsim/1\nname: twice\nname: again\nstop: {at: 5}\nhots: {}\n' >"$work/bad.yaml"
expect 2 "bad.yaml:3:1:" "$chimsim" validate "$work/bad.yaml"
expect 2 "bad.yaml:4:12:" "$chimsim" validate "$work/bad.yaml"
expect 2 "bad.yaml:5:1:" "$chimsim" validate "$work/bad.yaml"

# A run and what it leaves.
expect 0 "verdict" run "$small" -o "$work/r"
for file in manifest.json env.json scenario.resolved.yaml summary.txt stats.json stats.csv latency.csv verdict.json \
  schedule.yaml ownership.csv counters.csv report.html; do
  holds "$file is there" test -s "$work/r/$file"
done
for file in manifest env stats verdict; do
  holds "$file.json is JSON" python3 -m json.tool "$work/r/$file.json"
done
holds "every file has the digest that the manifest says" python3 - "$work/r" <<'P'
import hashlib, json, os, sys
folder = sys.argv[1]
listed = {f["name"]: f for f in json.load(open(folder + "/manifest.json"))["files"]}
for name, f in listed.items():
    data = open(os.path.join(folder, name), "rb").read()
    assert hashlib.sha256(data).hexdigest() == f["sha256"] and len(data) == f["bytes"], name
there = {os.path.relpath(os.path.join(d, n), folder) for d, _, ns in os.walk(folder) for n in ns}
assert there == set(listed) | {"manifest.json", "env.json"}, there ^ set(listed)
P
holds "latency stages sum to the total" python3 - "$work/r/latency.csv" <<'P'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1])))
assert len(rows) > 100
known = {"class", "id", "connection", "path", "begin_ps", "end_ps", "total_ps"}
for r in rows:
    assert sum(int(v or 0) for k, v in r.items() if k not in known) == int(r["total_ps"]), r
    assert int(r["end_ps"]) - int(r["begin_ps"]) == int(r["total_ps"]), r
P
printf '%s\n' 'format: chimsim/1' 'name: refused' 'stop: {at: 20 ms}' 'connections: {web: {count: 2}}' 'timeline:' \
  '  - {id: off, at: 1 ms, do: set_chimney, to: off}' '  - {id: too-soon, at: 1.001 ms, do: set_chimney, to: on}' >"$work/refused.yaml"
expect 0 "refused.yaml:7:5: note: event \`too-soon\` failed at 1.001000000 ms" run "$work/refused.yaml" -o "$work/refused"
holds "the summary names an event that was refused" grep -q '^timeline   too-soon failed$' "$work/refused/summary.txt"
expect 0 "" run "$small" -o "$work/again/r"
holds "every file but env.json is the same on a rerun" diff -r -x env.json "$work/r" "$work/again/r"
expect 0 "" run "$work/r/scenario.resolved.yaml" -o "$work/resolved"
holds "the resolved scenario gives the same fingerprints" sh -c "
  grep -A5 fingerprints '$work/r/manifest.json' >'$work/a'; grep -A5 fingerprints '$work/resolved/manifest.json' | diff '$work/a' -"
expect 0 "" run --check-determinism "$small" -o "$work/r"
expect 0 '"verdict"' run --json "$small" -o "$work/r"
expect 0 "" run --seed 99 "$small" -o "$work/seed"
holds "another seed is another run" sh -c "
  grep '\"wire\"' '$work/r/manifest.json' >'$work/a'; ! grep '\"wire\"' '$work/seed/manifest.json' | diff '$work/a' -"

expect 0 "verdict" "$chimsim" run --progress none scenarios/one_offload.yaml -o "$work/one"
holds "plots of a single operation are there" test -s "$work/one/plots/cdf_offload.svg"

# Recordings and schedules.
expect 0 "" run --record events --window 5ms..6ms "$small" -o "$work/events"
expect 2 "window: nothing is recorded" run --window 5ms..6ms "$small" -o "$work/events"
expect 2 "runs backwards; write 0ms..1ms" run --record events --window 1ms..0ms "$small" -o "$work/events"
expect 2 "write T1..T2" run --record events --window 1ms "$small" -o "$work/events"
expect 1 "BYTES-02" run --record events,pcapng --set 'timeline=[{id: f, at: 1 ms, do: flood, target: "web/*", kind: data, aim: exact, payload: 65451 B, count: 5}]' --set stop.at='3 ms' "$small" -o "$work/flood"
expect 0 "call-begin" "$chimsim" trace --kind call "$work/events/events.bin"
expect 2 "is no events.bin" "$chimsim" trace "$small"
expect 2 "no_such.bin: cannot read: No such file" "$chimsim" trace no_such.bin
expect 2 "no kind or category cal; write call" "$chimsim" trace --kind cal "$work/events/events.bin"
expect 0 "" run --schedule "$work/r/schedule.yaml" "$small" -o "$work/replay"
expect 0 "was made for another scenario" run --schedule "$work/r/schedule.yaml" --set stop.at=55ms "$small" -o "$work/replay"
expect 0 "was made under seed 7" run --schedule "$work/r/schedule.yaml" --seed 8 "$small" -o "$work/replay"
printf 'format: chimsim-schedule/1\nchoices:\n  - {site: nowhere, subject: 0, ordinal: 1, value: 1}\n' >"$work/s.yaml"
expect 2 "s.yaml:3:12: \`nowhere\` is no choice site" run --schedule "$work/s.yaml" "$small"
printf 'format: chimsim-schedule/1\nchoices:\n  - {site: loss, subject: 999999, ordinal: 1, value: 1}\n' >"$work/s.yaml"
expect 3 "the schedule did not fit" run --schedule "$work/s.yaml" "$small" -o "$work/r"

# A defect is found by its rule, and the command to repeat it is told.
expect 1 "reproduce: ./chimsim run" run --set 'target.defects=[send-complete-before-ack]' "$small" -o "$work/defect"
expect 1 "SEND-13" run --set 'target.defects=[send-complete-before-ack]' "$small" -o "$work/defect"

# Expectations and tests of scenarios.
cp "$small" "$work/expects.yaml"
printf 'checks: {expect: [{id: none, always: "offloaded(target) == 0"}]}\n' >>"$work/expects.yaml"
expect 1 "none: violated at" run "$work/expects.yaml" -o "$work/expects"
holds "a violated expectation is in verdict.json" grep -q '"verdict": "violated"' "$work/expects/verdict.json"
expect 0 "passed         $small: clean" "$chimsim" test tests/scenarios
expect 0 '"outcome": "passed"' "$chimsim" test --json -j 3 "$small"
expect 1 "expectation none: violated" "$chimsim" test "$work/expects.yaml"
sed 's/^test: .*/test: {golden: order}/' "$small" >"$work/golden.yaml"
expect 5 "golden.golden cannot be read" "$chimsim" test "$work/golden.yaml"
expect 0 "passed" "$chimsim" test --update-golden "$work/golden.yaml"
expect 0 "passed" "$chimsim" test "$work/golden.yaml"
sed -i 's/^seed: .*/seed: 99/' "$work/golden.yaml"
expect 5 "fingerprint order is" "$chimsim" test "$work/golden.yaml"
expect 2 "no scenario there says what it expects" "$chimsim" test scenarios/presets
expect 2 "is not there" "$chimsim" test "$work/nowhere"
expect 2 "name a folder" "$chimsim" test
expect 2 "write 1 to" "$chimsim" test -j 0 "$small"

# Charts.
race=scenarios/races/a_reset_arrives_between_initiate_and_completion.yaml
expect 0 "rst_before_context_live" "$chimsim" chart "$race"
expect 0 "owner: going-down" "$chimsim" chart --for web/3 --window 1ms..2ms "$race"
expect 0 "<svg xmlns" "$chimsim" chart --format svg "$race"
expect 0 "participant L1 as target" "$chimsim" chart --format mermaid "$race"
expect 0 "met no situation" "$chimsim" chart "$small"
expect 2 "write one connection of the scenario, e.g. web/0" "$chimsim" chart --for web/32 "$race"
expect 2 "write one connection" "$chimsim" chart --for web/1-2 "$race"
expect 2 "write T1..T2" "$chimsim" chart --for web/1 --window 5 "$race"
expect 2 "name the connection" "$chimsim" chart --window 1ms..2ms "$race"
expect 2 "write text, svg or mermaid" "$chimsim" chart --format pdf "$race"
expect 2 "name one scenario" "$chimsim" chart
expect 0 "" run "$race" -o "$work/race"
holds "the report has the charts of what was met" grep -q 'id="chart-rst_before_context_live"' "$work/race/report.html"
holds "charts are files, too" test -s "$work/race/charts/rst_after_context_live.svg"

# Coverage.
expect 0 "operations      4 of   15" "$chimsim" coverage "$small"
expect 0 "initiate, connection, going-down, D0" "$chimsim" coverage --all -j 2 "$small"
expect 0 '"table": "oids"' "$chimsim" coverage --json "$small"
expect 0 "coverage of 3 scenarios" "$chimsim" coverage --random 3
"$chimsim" coverage --all -j 1 "$small" "$small" | grep -m 1 "initiate, path, going-down" >"$work/count1"
"$chimsim" coverage --all -j 2 "$small" "$small" | grep -m 1 "initiate, path, going-down" >"$work/count2"
holds "coverage counts the same with any number of workers" cmp "$work/count1" "$work/count2"
expect 1 "operations: 4 of 15 reached" "$chimsim" coverage --complete operations "$small"
expect 2 "there is no table" "$chimsim" coverage --complete fish "$small"
expect 2 "name a folder" "$chimsim" coverage

# Sweeps.
cat "$small" - >"$work/sweep.yaml" <<'Y'
sweep:
  variants: {off: {host.chimney: false}, on: {host.chimney: true}}
  grid: {target.tables.tcp: [4, 8, 16]}
  skip: "variant == off and target.tables.tcp > 4"
  baseline: {variant: off}
  replications: {min: 2}
Y
sed -i '/^test:/d' "$work/sweep.yaml"
sweep() {
  "$chimsim" sweep --progress none --no-plots "$work/sweep.yaml" "$@"
}
expect 2 "has no section sweep" "$chimsim" sweep "$small"
expect 2 "name one scenario" "$chimsim" sweep
expect 2 "write I/N" sweep --shard 3/2
expect 2 "write local, parallel or slurm" sweep --executor cloud
expect 2 "-j: write 1 to" sweep -j 0
expect 2 "there is no setting host.chimny" "$chimsim" sweep --set 'sweep.grid={host.chimny: [true]}' "$work/sweep.yaml"
expect 0 "8 points of 4 cells" sweep --plan -o "$work/sw"
holds "a plan runs nothing" test ! -e "$work/sw"
holds "the plan as JSON is JSON" sh -c "'$chimsim' sweep --plan --json '$work/sweep.yaml' | python3 -m json.tool"
expect 0 "--shard 4/4" sweep --executor parallel
expect 0 "#SBATCH --array=1-4" sweep --executor slurm
expect 0 "points     8 of 8" sweep -j 1 -o "$work/sw"
expect 0 "" sweep -j 4 -o "$work/sw4"
holds "a sweep is the same with any number of workers" diff -r "$work/sw" "$work/sw4"
for i in 1 2 3; do
  expect 6 "when the other shards are done" sweep --shard $i/4 -o "$work/shards"
done
expect 0 "points     8 of 8" sweep --shard 4/4 -o "$work/shards"
holds "shards come to the same" diff -r "$work/sw" "$work/shards"
rm -rf "$work"/shards/points/[0-7]* "$work/shards/report"
stat -c '%n %y' "$work"/shards/points/* | sort >"$work/a"
expect 0 "points     8 of 8" sweep --resume -o "$work/shards"
holds "--resume repeats nothing" sh -c "stat -c '%n %y' '$work'/shards/points/* | sort | comm -23 '$work/a' - | cmp - /dev/null"
holds "a resumed sweep comes to the same" diff -r "$work/sw" "$work/shards"
holds "cells.csv has what each part of the stack costs" sh -c "head -1 '$work/sw/report/cells.csv' | grep -q cycles_per_byte.of.host-tcp,"
holds "cells.csv has the differences from the baseline" sh -c "head -1 '$work/sw/report/cells.csv' | grep -q cycles_per_byte.total.difference.half_width"
expect 1 "reproduce: ./chimsim run" sweep --set 'target.defects=[send-complete-before-ack]' -o "$work/swbad"
"$chimsim" sweep --progress none --no-plots --set 'stop.at=20 s' -j 2 -o "$work/swint" "$work/sweep.yaml" >"$work/out" 2>"$work/err" &
pid=$!
sleep 1
kill -INT $pid
wait $pid
code=$?
if [ "$code" -eq 130 ] && grep -q "go on with --resume" "$work/err"; then passed=$((passed + 1)); else fail "an interrupted sweep: exit $code"; fi

# Events moved through their windows.
race=scenarios/races/a_reset_arrives_between_initiate_and_completion.yaml
window() {
  "$chimsim" sweep --progress none --no-plots "$race" --window late "$@"
}
expect 2 "--window and --step: write both" window
expect 2 "--window and --step: write both" "$chimsim" sweep --step 1us "$race"
expect 2 "there is no event lat that fires in a window; write late" "$chimsim" sweep "$race" --window lat --step 1us
expect 0 "--window 'late' --step '40us' --resume" window --step 40us --executor parallel
expect 0 "10 points of 10 cells" window --step 40us --plan -o "$work/win"
expect 0 "rst_after_context_live; web/0 host CLOSED" window --step 40us -j 1 -o "$work/win"
expect 0 "points     10 of 10" window --step 40us -j 3 -o "$work/win3"
holds "a map is the same with any number of workers" diff -r "$work/win" "$work/win3"
holds "outcomes.csv has the stretches" sh -c "grep -q '^,40,.*rst_after_context_live' '$work/win/report/outcomes.csv'"
holds "the page shows how to run one of them" sh -c "grep -q 'timeline.late.when.offset=40 us' '$work/win/report/index.html'"

# Two results side by side.
expect 0 "" run --set 'target.engine.clock=100 MHz' "$small" -o "$work/slow"
expect 0 "no evidence of a difference" "$chimsim" compare "$work/r" "$work/r"
expect 0 "request: " "$chimsim" compare "$work/r" "$work/slow"
expect 0 "the seeds differ" "$chimsim" compare "$work/r" "$work/seed"
holds "a comparison as JSON is JSON" sh -c "'$chimsim' compare --json '$work/r' '$work/slow' | python3 -m json.tool"
expect 2 "is no result with a latency.csv" "$chimsim" compare "$work/r" "$work"
expect 2 "name two results" "$chimsim" compare "$work/r"

# What goes wrong outside leaves earlier results as they were.
cp -r "$work/r" "$work/kept"
expect 2 "gnuplot" env PATH=/nonexistent "$chimsim" run --progress none "$small" -o "$work/r"
holds "a missing gnuplot changed nothing" diff -r "$work/r" "$work/kept"
mkdir "$work/mine" && echo words >"$work/mine/thesis.txt"
expect 2 "is not a result of chimsim" run "$small" -o "$work/mine"
holds "another's folder is left alone" test -s "$work/mine/thesis.txt"
cp -r "$work/r" "$work/shared" && echo words >"$work/shared/notes.txt"
expect 2 "holds notes.txt" run "$small" -o "$work/shared"
holds "notes beside a result are left alone" test -s "$work/shared/notes.txt"
expect 2 "cannot" run "$small" -o /proc/nowhere/r
expect 2 "cannot write to standard output" sh -c "'$chimsim' list params >/dev/full"
(ulimit -f 8; run "$small" -o "$work/r") >"$work/out" 2>"$work/err"
code=$?
if [ "$code" -eq 2 ] && grep -q "cannot write" "$work/err"; then passed=$((passed + 1)); else fail "a full disk: exit $code"; fi
holds "a full disk changed nothing" diff -r "$work/r" "$work/kept"
"$chimsim" run --progress none --no-plots --set 'stop.at=100 s' "$small" -o "$work/r" >"$work/out" 2>"$work/err" &
pid=$!
sleep 1
kill -KILL $pid
wait $pid 2>/dev/null
holds "a killed run changed nothing" diff -r "$work/r" "$work/kept"
"$chimsim" run --progress none --no-plots --set 'stop.at=100 s' "$small" -o "$work/r" >"$work/out" 2>"$work/err" &
pid=$!
sleep 1
kill -INT $pid
wait $pid
code=$?
if [ "$code" -eq 130 ] && grep -q interrupted "$work/err"; then passed=$((passed + 1)); else fail "interrupted: exit $code"; fi
holds "an interrupted run changed nothing" diff -r "$work/r" "$work/kept"
expect 0 "" run "$small" -o "$work/r"
holds "what killed runs left is gone" sh -c "! ls -A '$work' | grep '^[.]r[.]'"
expect 4 "" run --set stop.max_events=1000 "$small" -o "$work/limit"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
