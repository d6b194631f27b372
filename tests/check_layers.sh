#!/bin/sh
# Proves layers.mk from the #include lines: every quoted include names a file by its path from the
# root, in a module that the including module may know.
cd "$(dirname "$0")/.." || exit 1
awk '
  FILENAME == "layers.mk" {
    if (match ($1, /^LAYER_/)) { m = substr ($1, 7); known[m, m] = 1; for (i = 3; i <= NF; i++) known[m, $i] = 1 }
    if (match ($1, /^DIR_/)) dir[$3] = substr ($1, 5)
    next
  }
  function module_of(path) { sub (/\/[^\/]*$/, "", path); return (path in dir) ? dir[path] : "" }
  FNR == 1 { me = module_of(FILENAME); if (me == "") { print FILENAME ": in no module of layers.mk"; bad = 1 } }
  /^#include "/ {
    split ($0, part, "\""); it = module_of(part[2])
    if (it == "" || !((me, it) in known)) { printf "%s:%d: %s may not include %s\n", FILENAME, FNR, me, part[2]; bad = 1 }
    n++
  }
  END { if (!n) { print "check_layers: no include seen"; bad = 1 } if (!bad) printf "layers hold: %d includes\n", n; exit bad }
' layers.mk $(git ls-files -co --exclude-standard 'sim/*.[ch]' 'models/*.[ch]' 'lab/*.[ch]' 'lab/cli/*.[ch]' | sort -u)
