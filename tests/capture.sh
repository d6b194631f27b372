#!/bin/sh
# Captures of runs as tshark reads them: nothing malformed, every checksum right, each frame and each conclusion as the
# trace of the run has it, each crossing as the dissector shows it.
#   tests/capture.sh CHIMSIM
chimsim=$1
cd "$(dirname "$0")/.." || exit 1
command -v tshark >/dev/null || { echo "captures: skipped, tshark is not installed"; exit 0; }

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
HOME=$work XDG_CONFIG_HOME=$work
export HOME XDG_CONFIG_HOME
analysis=tcp.analysis
bad=0

fail() {
  echo "captures: $*"
  bad=1
}

# Reads the capture of this run: with checksums, and sequence numbers as they are.
reads() {
  tshark -r "$work/run/capture.pcapng" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE \
    -o tcp.relative_sequence_numbers:FALSE "$@" 2>>"$work/errors"
}

# Files $2 and $3 must have the same lines; the first difference is shown.
same() {
  cmp -s "$2" "$3" && return
  fail "$scenario: $1 differ, first in the run (<) and in tshark's reading (>):"
  diff "$2" "$3" | grep -m 1 '^<'
  diff "$2" "$3" | grep -m 1 '^>'
}

# Fast retransmission and out-of-order are told from retransmission by rules of thumb that change with tshark's
# versions; account.awk has those of 3.6 to 4.0.  With another version all of them are retransmissions.
kinds='R F S O D L Z P p U K k'
merge() { cat; }
case $(tshark --version 2>/dev/null | sed -n '1s/^[^0-9]*\([0-9]*\.[0-9]*\).*/\1/p') in
3.6 | 4.0) ;;
*)
  kinds='R D L Z P p U K k'
  merge() { sed 's/[RFSO]\([^RFSO]*\)$/R\1/'; }
  ;;
esac

read_frames() {
  reads -Y 'frame.interface_id == 0' -T fields -e tcp.stream -e frame.time_epoch -e frame.packet_flags_direction \
    -e frame.interface_queue -e tcp.seq_raw -e tcp.ack_raw -e tcp.len -e tcp.window_size_value -e tcp.flags \
    -e $analysis.zero_window_probe -e $analysis.zero_window -e $analysis.lost_segment -e $analysis.keep_alive \
    -e $analysis.window_update -e $analysis.keep_alive_ack -e $analysis.zero_window_probe_ack \
    -e $analysis.duplicate_ack -e $analysis.retransmission -e $analysis.fast_retransmission \
    -e $analysis.spurious_retransmission -e $analysis.out_of_order -e tcp.checksum.status \
    -e ip.checksum.status -e _ws.malformed -e _ws.short |
    awk -f tests/capture/reading.awk | merge >"$work/reading"
  [ -s "$work/reading" ] || fail "$scenario: no frame"
  if grep -q ' spoiled' "$work/reading" && ! grep -q 'corrupt:' "$scenario"; then
    fail "$scenario: bad checksums or malformed frames"
  fi
  cat "$work/reading" >>"$work/all"
}

# Frame by frame, lost, doubled, overtaking and spoiled ones among them.
check_frames() {
  "$chimsim" trace -k wire "$work/run/events.bin" | awk -f tests/capture/account.awk | merge >"$work/account"
  same frames "$work/account" "$work/reading"
}

# In sum, by the engines' counters.
check_counters() {
  awk -F, -f tests/capture/counters.awk "$work/run/stats.csv" FS=' ' "$work/reading" >"$work/differences"
  [ -s "$work/differences" ] || return
  fail "$scenario: the engines counted otherwise:"
  cat "$work/differences"
}

check_crossings() {
  "$chimsim" trace -k call "$work/run/events.bin" | awk -f tests/capture/crossings.awk >"$work/crossings"
  reads -X lua_script:docs/chimney.lua -Y chimney -T fields -e frame.time_epoch -e chimney.end -e chimney.call \
    -e chimney.crossing -e chimney.layer -e chimney.op -e chimney.parent -e chimney.cpu -e chimney.level \
    -e chimney.object -e chimney.arg0 -e chimney.arg1 -e chimney.status -e chimney.value |
    sed 's/^\([0-9]*\)\.\([0-9]*\)/\1\2/; s/^0*\([0-9]\)/\1/; s/\t\t*/ /g; s/ $//' >"$work/dissected"
  same crossings "$work/crossings" "$work/dissected"
  [ -s "$work/crossings" ] || fail "$scenario: no crossing"
}

for scenario in tests/capture/*.yaml; do
  if ! "$chimsim" run "$scenario" --record events,pcapng --no-plots --progress none -o "$work/run" >"$work/out" 2>&1; then
    fail "$scenario: the run failed"
    cat "$work/out"
    continue
  fi
  read_frames
  check_frames
  check_counters
  check_crossings
done
if grep -i lua "$work/errors"; then
  fail "the dissector has errors"
fi

# What was never there was not compared: each conclusion has to have come up, on either path where the path matters.
for kind in $kinds; do
  awk -v kind="$kind" 'index ($10, kind) { found = 1 } END { exit !found }' "$work/all" || fail "no frame was $kind"
done
for sender in 0 1; do
  awk -v sender="$sender" '$4 == sender && $10 ~ /[RFO]/ { r = 1 } $4 == sender && $10 ~ /D/ { d = 1 }
    $4 == sender && $10 ~ /K/ { k = 1 } END { exit !(r && d && k) }' "$work/all" ||
    fail "sender $sender did not repeat, duplicate an ACK and keep alive"
done
[ "$bad" -eq 0 ] || exit 1
awk '{ n[$10]++ } function of(kind,    k, sum) { for (k in n) if (index (k, kind)) sum += n[k]; return sum + 0 }
  END { printf "captures: %d frames as tshark reads them: %d retransmitted, %d fast, %d spurious, %d out of order, ", NR,
          of("R"), of("F"), of("S"), of("O")
        printf "%d duplicate ACKs, %d zero windows, %d probes, %d keep-alives\n", of("D"), of("Z"), of("P"), of("K") }' \
  "$work/all"
