#!/bin/sh
# The pages hold: relative links and files named in backticks exist, and the man page renders without a warning.
cd "$(dirname "$0")/.." || exit 1
bad=$(mktemp) || exit 1
trap 'rm -f "$bad"' EXIT
links=0
for page in $(git ls-files -co --exclude-standard README.md CHANGELOG.md '*.md'); do
  folder=$(dirname "$page")
  for link in $(grep -oE '\]\([^)# ]+' "$page" | sed 's/^](//' | grep -vE '^[a-z]+:'); do
    [ -e "$folder/$link" ] || echo "$page: nothing at $link" >>"$bad"
    links=$((links + 1))
  done
  # A path with a known beginning and an ending, or a folder: `models/ndis/crossing.c`, `scenarios/presets/`.
  for path in $(grep -oE '`(sim|models|lab|tests|scenarios|docs|bench)/[A-Za-z0-9_./-]*(\.[a-z0-9]+|/)`' "$page" | tr -d '`' | grep -vE 'NAME|/ID\.'); do
    [ -e "$path" ] || echo "$page: there is no $path" >>"$bad"
    links=$((links + 1))
  done
done
# A test by its name: `test_rtt:one_segment_at_a_time_is_timed`.
for test in $(grep -ohE '`test_[a-z_0-9]+:[a-z_0-9]+`' docs/*.md | tr -d '`'); do
  grep -qs "^${test#*:} (" tests/*/"${test%%:*}.c" || echo "docs: there is no $test" >>"$bad"
  links=$((links + 1))
done
if command -v groff >/dev/null; then
  groff -man -Tutf8 -ww -z docs/chimsim.1 >>"$bad" 2>&1
fi
# The summary in README.md is the gallery's.
sed '1,/^<!-- summary:/d' README.md | awk '/^```/ { if (n++) exit; next } { print }' | cmp -s - results/gallery/bulk_offload/summary.txt ||
  echo "README.md: its summary is not that of results/gallery/bulk_offload: make gallery" >>"$bad"

cat "$bad"
[ ! -s "$bad" ] && [ "$links" -gt 0 ] && echo "docs hold: $links links and paths"
