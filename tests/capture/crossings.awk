# The crossings of a run, from its trace (chimsim trace -k call events.bin), as the fields of the dissector:
#
#   ns 0 call crossing layer op parent cpu level object arg0 arg1      where a call begins
#   ns 1 call crossing layer op status value                           where it ends

$3 != "call-begin" && $3 != "call-end" { next }

{
  for (i = 4; i <= NF; i++) {
    at = index($i, "=")
    column[substr($i, 1, at - 1)] = substr($i, at + 1)
  }
  # Rounded down to nanoseconds by its digits: numbers of this size would be rounded otherwise.
  ns = length($1) > 3 ? substr($1, 1, length($1) - 3) : 0
  printf "%s %d %s %s %s %s ", ns, $3 == "call-end", column["call"], column["crossing"], column["layer"], column["op"]
  if ($3 == "call-begin")
    print column["parent"], column["cpu"], column["level"], column["object"], column["arg0"], column["arg1"]
  else
    print column["status"], column["value"]
}
