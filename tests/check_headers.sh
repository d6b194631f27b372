#!/bin/sh
# Each header compiles alone.   tests/check_headers.sh CC [FLAGS...]
bad=0 count=0
for header in $(git ls-files -co --exclude-standard 'sim/*.h' 'models/*.h' 'lab/*.h' 'tests/*.h'); do
  printf '#include "%s"\ntypedef int not_empty;\n' "$header" |
    "$@" -std=gnu11 -Wall -Wextra -Werror -Wno-unused-function -fsyntax-only -x c - || { echo "$header does not compile alone"; bad=1; }
  count=$((count + 1))
done
[ "$bad" -eq 0 ] && echo "headers compile alone: $count"
exit $bad
