#!/bin/sh
# Every citation leads somewhere: numbers (A2.5), decisions and rules by id, and the sources that presets name.
cd "$(dirname "$0")/.." || exit 1
page=docs/calibration.md
decisions=docs/decisions/0001-where-the-documents-conflict.md
bad=$(mktemp) || exit 1
trap 'rm -f "$bad"' EXIT
sources=$(git ls-files -co --exclude-standard 'sim/*.[ch]' 'models/*.[ch]' 'models/*.def' 'lab/*.[ch]' 'scenarios/*.yaml')
count=0

# cited PATTERN FILE...: "file:word" for every different match.
cited() {
  pattern=$1
  shift
  grep -oE "$pattern" "$@" /dev/null | sort -u
}

for hit in $(cited '\bA[1-6](\.[0-9]+)?\b' models/host/costs.def models/target/costs.def scenarios/presets/*.yaml lab/fields_*.c) \
  $(cited 'calibration A[1-6](\.[0-9]+)?\b' $sources | sed 's/calibration //'); do
  grep -qE "^##+ ${hit##*:} " "$page" || echo "${hit%%:*}: $page has no row ${hit##*:}" >>"$bad"
  count=$((count + 1))
done

for hit in $(cited '\bdecision [0-9]+\b' $sources | tr ' ' '_'); do
  grep -qE "^\| ${hit##*_} \|" "$decisions" || echo "${hit%%:*}: $decisions has no row ${hit##*_}" >>"$bad"
  count=$((count + 1))
done

# Rules: the families that the book knows.
families=$(grep -ohE '^RULE \([A-Z0-9]+' models/rules/book.def models/rules/own.def | sed 's/RULE (//' | sort -u | paste -sd '|')
known=$(grep -ohE '"[A-Z0-9]+-[0-9]+"' models/rules/book.def models/rules/own.def | tr -d '"')
for hit in $(cited "\b($families)-[0-9]{2}\b" $sources); do
  echo "$known" | grep -qx "${hit##*:}" || echo "${hit%%:*}: the rule book has no ${hit##*:}" >>"$bad"
  count=$((count + 1))
done

# Presets: what is not an assumption, and not marked unverified, names a source of the last table.
words=$(sed -n '/^## Sources/,$s/^| `\([^`]*\)` .*/\1/p' "$page")
count=$((count + $(grep -cE 'status: (verified|abstract|derived|secondary)' scenarios/presets/*.yaml | awk -F: '{ n += $2 } END { print n }')))
grep -nE 'status: (verified|abstract|derived|secondary)' scenarios/presets/*.yaml | grep -vF "$words" |
  sed 's/$/   <- names no source of docs\/calibration.md/' >>"$bad"

cat "$bad"
[ ! -s "$bad" ] && [ "$count" -gt 100 ] && echo "citations hold: $count"
