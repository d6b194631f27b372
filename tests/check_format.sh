#!/bin/sh
# The code is laid out as .clang-format says.  Layout differs between versions of clang-format: only the one that the
# project uses is asked.   tests/check_format.sh FILE...
wanted=14
if ! command -v clang-format >/dev/null; then
  echo "format-check: clang-format is missing: apt-get install clang-format" >&2
  exit 1
fi
version=$(clang-format --version | sed 's/.*version \([0-9]*\).*/\1/')
if [ "$version" != "$wanted" ]; then
  echo "format-check skipped: clang-format $version is not $wanted"
  exit 0
fi
clang-format --dry-run -Werror "$@" && echo "laid out: $# files"
