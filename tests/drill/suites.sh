#!/bin/sh
# Runs public suites of packetdrill scripts on both paths and prints, in Markdown, what passes by
# topic (folder), what does not apply and why, and why what fails does.  The reasons come from
# suites.txt beside this file; a failure without one ends the run with 1.
#
#   tests/drill/suites.sh [NAME=]DIR...     the program is $CHIMSIM, or build/chimsim
set -eu

CHIMSIM=${CHIMSIM:-build/chimsim}
reasons=$(dirname "$0")/suites.txt
program=$(command -v "$CHIMSIM" || true)
case $program in
'') echo "$0: no program '$CHIMSIM': set CHIMSIM" >&2; exit 2 ;;
/*) ;;
*) program=$PWD/$program ;;
esac
[ $# -gt 0 ] || { echo "usage: $0 [NAME=]DIR..." >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
for suite in "$@"; do
  folder=${suite#*=}
  name=${suite%%=*}
  [ -d "$folder" ] || { echo "$0: no folder '$folder'" >&2; exit 2; }
  (
    cd "$folder"
    find . -name '*.pkt' | sed 's|^\./||' | LC_ALL=C sort >"$work/scripts"
    # A script that cannot be read is told on the standard error; the rest runs.
    xargs "$program" drill <"$work/scripts" >"$work/host" 2>"$work/unread" || true
    xargs "$program" drill --offload after-handshake <"$work/scripts" >"$work/target" \
      2>/dev/null || true
  )
  LC_ALL=C awk -v suite="$name" -f "$(dirname "$0")/suites.awk" \
    "$reasons" "$work/scripts" "$work/host" "$work/target" || status=1
done
exit $status
