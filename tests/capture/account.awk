# The frames at the NIC's end of the wire, from the trace of a run (chimsim trace -k wire events.bin), one a
# line, with what an onlooker there concludes of each: see docs/capture.md, "What is counted".
#
#   stream ns way sender seq ack payload window flags conclusions
#
# The sender is 0 for the host, 1 for the target; frames from outside have none.

BEGIN {
  M = 4294967296
  H = 2147483648
}

function diff(a, b) { a = (a - b) % M; return a < 0 ? a + M : a }
function before(a, b) { return diff(a, b) >= H }
function after(a, b) { a = diff(a, b); return a > 0 && a < H }
function at_or_before(a, b) { return !after(a, b) }

# The value of a column of the record that was read.
function value(name,    i) {
  for (i = 4; i <= NF; i++)
    if (index($i, name "=") == 1)
      return substr($i, length(name) + 2) + 0
  print "no column " name ": " $0 > "/dev/stderr"
  exit 2
}

# To the peers as they leave, from the peers as they arrive, spoiled ones among them.
$3 == "wire-send" && value("direction") == 0 { look($1 + 0, 0) }
$3 == "wire-arrive" && value("direction") == 1 { look($1 + 0, 1) }
$3 == "wire-drop" && value("direction") == 1 && value("reason") == 3 { look($1 + 0, 1, " spoiled") }

function look(ps, way, state,    c, seq, ack, flags, payload, window) {
  c = value("connection")
  if (!(c in stream))
    stream[c] = streams++
  seq = value("seq")
  ack = value("ack")
  flags = value("flags")
  payload = value("payload")
  window = value("window")
  # The remainder first: a quotient of this size would be rounded.
  printf "%d %.0f %s %s %.0f %.0f %d %d %d ", stream[c], (ps - ps % 1000) / 1000, way == 0 ? "out" : "in", way == 0 ? value("sender") : "-", seq,
         ack, payload, window, flags
  print conclude(stream[c] "/" way, stream[c] "/" 1 - way, (ps - ps % 1000) / 1000, seq, ack, payload, window, flags) state
}

# |f| names this direction of the connection, |r| the other.
function conclude(f, r, ns, seq, ack, payload, window, flags,    text, moves, repeats, next_seq, plain, probe, seen) {
  moves = flags % 4 != 0                         # SYN or FIN
  plain = flags % 8 == 0                         # nor RST
  probe = payload == 1 && seq == next_of[f] && (r in last_window) && last_window[r] == 0
  seen = f in next_of

  if (probe) {
    text = "P"
  } else {
    if (window == 0 && plain)
      text = text "Z"
    if (seen && after(seq, next_of[f]) && int(flags / 4) % 2 == 0)
      text = text "L"
    if (payload <= 1 && seen && seq == diff(next_of[f], 1) && plain)
      text = text "K"
    if (payload == 0 && plain && seen && seq == next_of[f] && ack == last_ack[f]) {
      if (window != 0 && window != last_window[f])
        text = text "U"
      if (window == last_window[f]) {
        if (window != 0 && last_text[r] ~ /K/)
          text = text "k"
        else if (window == 0 && last_text[r] ~ /P/)
          text = text "p"
        else if (window != 0) {
          duplicates[f]++
          text = text "D"
        }
      }
    }
  }
  if (!seen || ack != last_ack[f])
    duplicates[f] = 0

  if (payload > 0 || moves)
    text = text repeat_of(f, r, ns, seq, payload, moves, text)

  next_seq = (seq + payload + (moves ? 1 : 0)) % M
  if (!probe && (!seen || after(next_seq, next_of[f]))) {
    next_of[f] = next_seq
    next_ns[f] = ns
  }
  last_window[f] = window
  last_ack[f] = ack
  last_ns[f] = ns
  last_text[f] = text
  return text == "" ? "-" : text
}

function repeat_of(f, r, ns, seq, payload, moves, text,    repeats) {
  if (text ~ /K/ || !(f in next_of))
    return ""
  repeats = before(seq, next_of[f])
  if (payload > 1 && seq == diff(next_of[f], 1))
    repeats = 0
  if (payload > 0 && (r in last_ack) && at_or_before((seq + payload) % M, last_ack[r]))
    return "S"
  if (!repeats)
    return ""
  if (duplicates[r] >= 2 && last_ack[r] == seq && ns - last_ns[r] < 20000000)
    return "F"
  if (ns - next_ns[f] < 3000000 && next_of[f] != (seq + payload + (moves ? 1 : 0)) % M)
    return "O"
  return "R"
}
