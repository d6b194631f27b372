# What tshark's fields of a capture come to, in the form of account.awk; what is wrong with a frame stands behind.
BEGIN { FS = "\t" }

function field(at, letter) { return $at == "" ? "" : letter }

{
  text = field(10, "P") field(11, "Z") field(12, "L") field(13, "K") field(14, "U") field(15, "k") field(16, "p") field(17, "D")
  if ($19 != "" || $20 != "")
    $18 = ""                                     # it says "retransmission" of these as well
  text = text field(18, "R") field(19, "F") field(20, "S") field(21, "O")
  if (text == "")
    text = "-"
  # IPv6 has no checksum of its own.
  if ($22 != 1 || ($23 != 1 && $23 != "") || $24 $25 != "")
    text = text " spoiled"
  sub(/\./, "", $2)
  sub(/^0+/, "", $2)
  printf "%s %s %s %s %s %s %s %s %d %s\n", $1, $2 == "" ? 0 : $2, $3 ~ /2$/ ? "out" : "in", $4 == "" ? "-" : $4, $5, $6, $7, $8,
         hex($9), text
}

function hex(text,    i, n) {
  for (i = 3; i <= length(text); i++)
    n = 16 * n + index("0123456789abcdef", substr(text, i, 1)) - 1
  return n
}
