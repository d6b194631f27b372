#!/bin/sh
# Runs test programs one after the other; prints each failure whole and a line at the end.
#   tests/run.sh PROGRAM...
passed=0 failed=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
for program in "$@"; do
  CMOCKA_MESSAGE_OUTPUT=stdout "$program" >"$log" 2>&1
  status=$?
  ok=$(grep -c '^\[       OK \]' "$log")
  bad=$(grep -c '^\[  FAILED  \] [^0-9]' "$log")
  if [ "$status" -ne 0 ]; then
    [ "$bad" -gt 0 ] || bad=1
    echo "FAILED $program (exit $status)"
    cat "$log"
  elif [ "$ok" -eq 0 ]; then
    bad=1
    echo "FAILED $program: no test ran"
  fi
  passed=$((passed + ok)) failed=$((failed + bad))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
