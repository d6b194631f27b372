#!/bin/sh
# cppcheck finds nothing.  Suppressions say why.   tests/check_lint.sh BUILD_FOLDER
if ! command -v cppcheck >/dev/null; then
  echo "lint: cppcheck is missing: apt-get install cppcheck" >&2
  exit 1
fi
mkdir -p "$1/cppcheck"
# unknownMacro: X-macro lists are expanded by their includers.
cppcheck --quiet --std=c11 --language=c -j 2 --error-exitcode=1 --inline-suppr -I. \
  --cppcheck-build-dir="$1/cppcheck" --enable=warning,portability --library=gtk \
  --suppress=missingInclude --suppress=missingIncludeSystem --suppress=unknownMacro \
  --suppress=normalCheckLevelMaxBranches \
  sim models lab && echo "lint: cppcheck finds nothing"
