#!/bin/sh
# Captures of random runs as tshark reads them: nothing malformed, no checksum wrong that no impairment made wrong, and
# whatever either end acknowledges has been seen on the wire, byte for byte.
#   tests/random/tshark_view.sh CHIMSIM RANDOM_RUNS FROM COUNT
chimsim=$1 runs=$2 from=$3 count=$4
cd "$(dirname "$0")/../.." || exit 1
command -v tshark >/dev/null || { echo "captures of random runs: skipped, tshark is not installed"; exit 0; }

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
HOME=$work XDG_CONFIG_HOME=$work
export HOME XDG_CONFIG_HOME
bad=0 frames=0 number=$from

# tshark's reading of the run's capture, a line a frame.
reading() {
  tshark -r "$work/run/capture.pcapng" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE \
    -o tcp.relative_sequence_numbers:FALSE -o tcp.desegment_tcp_streams:FALSE -Y "frame.interface_id == 0" -T fields \
    -e frame.number -e tcp.stream \
    -e frame.packet_flags_direction -e tcp.seq_raw -e tcp.ack_raw -e tcp.len -e tcp.flags -e tcp.checksum.status \
    -e ip.checksum.status -e _ws.malformed -e _ws.short 2>/dev/null
}

while [ "$number" -lt $((from + count)) ]; do
  "$runs" --print "$number" >"$work/random.yaml"
  "$chimsim" run "$work/random.yaml" -s stop.max_events=300000 --record pcapng --no-plots --progress none \
    -o "$work/run" >"$work/out" 2>&1
  features=$(sed -n 's/^# features://p' "$work/random.yaml")
  reading | awk -v features="$features " -f tests/random/view.awk >"$work/view" || bad=$((bad + 1))
  sed -n "s/^/random-$number: /; /frame/p" "$work/view"
  frames=$((frames + $(sed -n 's/^seen //p' "$work/view")))
  number=$((number + 1))
done
echo "captures of $count random runs, $frames frames: $bad bad"
[ "$bad" -eq 0 ]
