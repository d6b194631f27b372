#!/bin/sh
# Instructions of the TCP engine for each step of a segment's way, counted by callgrind.
#   bench/segment.sh BENCH_SEGMENT
command -v valgrind >/dev/null || { echo "instructions per segment: skipped, valgrind is not installed"; exit 0; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
valgrind --tool=callgrind --callgrind-out-file="$work/profile" "$1" 40000 >"$work/counts" 2>"$work/log" ||
  { cat "$work/log"; exit 1; }
callgrind_annotate --inclusive=yes --threshold=100 "$work/profile" |
  awk -v counts="$(cat "$work/counts")" '
    BEGIN { split(counts, n, " ") }
    { gsub(/,/, "", $1) }
    /:data_made/ { made = $1 } /:data_taken/ { taken = $1 } /:ack_made/ { ack = $1 } /:ack_taken/ { acked = $1 }
    END {
      if (!made || !taken || !ack || !acked) { print "callgrind shows no steps"; exit 1 }
      printf "instructions        for each   of them\n"
      printf "data made        %11.1f   %d data segments\n", made / n[1], n[1]
      printf "data taken       %11.1f\n", taken / n[1]
      printf "ACK asked for    %11.1f   (one in two goes)\n", ack / n[1]
      printf "ACK taken        %11.1f   %d ACKs\n", acked / n[2], n[2]
      printf "both ends        %11.1f   of a data segment, its share of ACKs included\n", (made + taken + ack + acked) / n[1]
      printf "sender           %11.1f\nreceiver         %11.1f\n", (made + acked) / n[1], (taken + ack) / n[1]
    }'
