# What tshark concludes of the frames that left (account.awk's form, second file) against what the engines counted
# (stats.csv, first file).  A segment that was made and waits for the wire when the run ends left no frame: by as many
# the two may differ, and by none where none waits.  tshark takes a keep-alive for what it is once it has seen the number
# before it; a direction that begins with one is a duplicate ACK to it from then on, and its first frame nothing at all.
#   awk -F, -f counters.awk stats.csv FS=' ' reading

BEGIN {
  side[0] = "host"
  side[1] = "target"
  letters["resent"] = "[RFSO]"
  letters["persist_probes"] = "P"
  letters["signals"] = "[KDk]"
  letters["zero_windows.out"] = "Z"
}

FILENAME ~ /stats\.csv$/ {
  if (index($1, "tcp.") == 1)
    count[$1] = $2
  next
}

$3 == "out" {
  frames[$4]++
  data[$4] += $7 > 0
  if (!(($1, $4) in known))
    unjudged[$4] += $7 == 0
  known[$1, $4] = 1
  for (name in letters)
    seen[$4, name] += $10 ~ letters[name]
}

END {
  for (s = 0; s < 2; s++) {
    what = "tcp." side[s] "."
    for (name in count)
      if (index(name, what "resent.") == 1)
        count[what "resent"] += count[name]
    count[what "signals"] = count[what "keepalives"] + count[what "duplicate_acks.out"]
    waiting = count[what "segments.out"] - frames[s]
    compare("frames with payload", count[what "data.out"] - 0, data[s] + 0)
    if (waiting < 0)
      print side[s] ": " frames[s] " frames of " count[what "segments.out"] " segments"
    for (name in letters)
      compare(name, count[what name] + 0, seen[s, name] + 0)
  }
}

function compare(name, counted, read) {
  if (counted < read || counted - read > waiting + (name == "signals" ? unjudged[s] : 0))
    printf "%s: %s: %d counted, %d read, %d segments waiting\n", side[s], name, counted, read, waiting
}
