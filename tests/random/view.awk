# Reads tshark's reading of a capture (tshark_view.sh): says what is wrong with it, and how many frames it has.
BEGIN {
  FS = "\t"
  attacked = features ~ / (CRAFTED|FLOODS) /
  corrupted = features ~ / CORRUPTION /
}

function distance(a, b) { # from b to a, over the wrap
  a = (a - b) % 4294967296
  if (a < 0) a += 4294967296
  return a < 2147483648 ? a : a - 4294967296
}

function number_of(hex, value, k) {
  for (k = 3; k <= length(hex); k++) value = 16 * value + index("0123456789abcdef", substr(hex, k, 1)) - 1
  return value
}

function complain(what) {
  if (complaints++ < 5) print "frame " $1 ": " what
}

# Data of |way| from |seq| to |end|: joins what has been seen without a gap, or waits.
function see(way, seq, end, k, moved) {
  if (!(way in upto)) upto[way] = seq
  waiting[way, ++n[way]] = seq
  till[way, n[way]] = end
  do {
    moved = 0
    for (k = 1; k <= n[way]; k++)
      if (distance(waiting[way, k], upto[way]) <= 0) {
        if (distance(till[way, k], upto[way]) > 0) upto[way] = till[way, k]
        waiting[way, k] = waiting[way, n[way]]
        till[way, k] = till[way, n[way]]
        n[way]--
        moved = 1
      }
  } while (moved)
}

{
  seen++
  out = number_of($3) % 4 == 2
  wrong = $8 == 0 || $9 == 0
  if ($10 != "" || $11 != "") complain("malformed")
  if (wrong && (out || !(corrupted || attacked))) complain("wrong checksum")
  if (wrong || $2 == "") next
  flags = number_of($7)
  way = $2 " " (out ? "out" : "in")
  back = $2 " " (out ? "in" : "out")
  if (int(flags / 4) % 2) next # RST
  bytes = $6 + flags % 2 + int(flags / 2) % 2
  if (bytes > 0) see(way, $4, $4 + bytes)
  if (int(flags / 16) % 2 && !attacked) {
    if (!(back in upto)) upto[back] = $5
    else if (distance($5, upto[back]) > 0) complain("acknowledges " distance($5, upto[back]) " bytes that were not seen")
  }
}

END {
  print "seen " seen + 0
  exit complaints > 0
}
