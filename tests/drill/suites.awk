# The tables of suites.sh.  Files, in order: reasons, list of scripts, verdicts of the host's path
# and of the target's.

function pattern(glob) {
  gsub(/[.+(){}^$|]/, "\\\\&", glob)
  gsub(/\[/, "\\[", glob)
  gsub(/\*/, ".*", glob)
  gsub(/\?/, ".", glob)
  return "^" glob "$"
}

function topic_of(script) {
  sub(/\/?[^\/]*$/, "", script)
  return script == "" ? "." : script
}

# What a missing thing is called in the table.
function family(thing,    i) {
  for (i = 1; i <= n_families; i++)
    if (thing ~ family_pattern[i])
      return family_name[i]
  return thing
}

function note_missing(topic, thing) {
  thing = family(thing)
  if ((topic, thing) in missing)
    return
  missing[topic, thing] = 1
  missing_text[topic] = missing_text[topic] (missing_text[topic] == "" ? "" : "; ") thing
}

# The first reason that fits; 0: none.
function reason_of(script, path,    i) {
  for (i = 1; i <= n_reasons; i++)
    if (script ~ reason_pattern[i] && (reason_path[i] == "both" || reason_path[i] == path))
      return i
  return 0
}

FNR == 1 { file++ }

# both|host|target GLOB TEXT, or missing GLOB TEXT with blanks in the glob as _.
file == 1 && /^(both|host|target|missing) / {
  kind = $1
  glob = $2
  text = $0
  sub(/^[^ ]+ +[^ ]+ +/, "", text)
  if (kind == "missing") {
    gsub(/_/, "?", glob)
    family_pattern[++n_families] = pattern(glob)
    family_name[n_families] = text
  } else {
    reason_path[++n_reasons] = kind
    reason_pattern[n_reasons] = pattern(glob)
    reason_text[n_reasons] = text
  }
  next
}
file == 1 { next }

file == 2 {
  topic = topic_of($0)
  if (!(topic in scripts))
    topics[++n_topics] = topic
  scripts[topic]++
  next
}

file == 3 { path = "host" }
file == 4 { path = "target" }

/^passed / || /^failed / || /^not applicable / {
  verdict = $1
  script = $0
  sub(/^(passed|failed|not applicable) /, "", script)
  topic = topic_of(script)
  count[path, verdict, topic]++
  total[path, verdict]++
  if (verdict == "failed") {
    reason = reason_of(script, path)
    explained[path, reason]++
    if (reason == 0)
      unexplained[++n_unexplained] = path ": " script
    else if (example[reason] == "")
      example[reason] = script
  }
  next
}

/^  / && verdict == "not" {
  thing = $0
  sub(/^ +/, "", thing)
  sub(/ \(line [0-9]+\)$/, "", thing)
  if (path == "host")
    note_missing(topic, thing)
}

function row(topic,    h, t) {
  h = count["host", "passed", topic] + count["host", "failed", topic]
  t = count["target", "passed", topic] + count["target", "failed", topic]
  printf "| %s | %d | %d | %d | %d | %d | %s |\n", topic, scripts[topic], h, \
    count["host", "passed", topic], t, count["target", "passed", topic], missing_text[topic]
}

END {
  printf "### %s\n\n", suite
  print "| topic | scripts | applicable: host | pass | applicable: target | pass | not applicable |"
  print "| --- | --- | --- | --- | --- | --- | --- |"
  for (i = 1; i <= n_topics; i++) {
    row(topics[i])
    all += scripts[topics[i]]
  }
  printf "| **all** | %d | %d | **%d** | %d | **%d** | |\n\n", all, \
    total["host", "passed"] + total["host", "failed"], total["host", "passed"], \
    total["target", "passed"] + total["target", "failed"], total["target", "passed"]
  print "| fail: host | fail: target | for example | why |"
  print "| --- | --- | --- | --- |"
  for (i = 1; i <= n_reasons; i++)
    if (explained["host", i] + explained["target", i] > 0)
      printf "| %d | %d | %s | %s |\n", explained["host", i], explained["target", i], example[i], \
        reason_text[i]
  print ""
  for (i = 1; i <= n_unexplained; i++)
    print "suites: no reason for " unexplained[i] >"/dev/stderr"
  exit n_unexplained > 0
}
