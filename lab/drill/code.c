/*
 * Code blocks: what a small part of the scripts' code language says about a connection.
 *
 *   statement  = "assert" condition [ "," anything ] | NAME "=" sum | NAME "+=" sum
 *              | "print" anything
 *   condition  = sum { ("==" | "!=" | "<=" | ">=" | "<" | ">") sum }, joined by "and"
 *   sum        = term { ("+" | "-" | "&" | "|") term }
 *   term       = factor { ("*" | "//") factor }
 */
#include "lab/drill/runner.h"

#include <string.h>

typedef struct Code {
  DrillRunner *runner; /* NULL: only checks */
  const char *at;
  const Tcb *tcb;       /* of the flow under test, or NULL */
  char *unknown;        /* the first name or construct that is not understood */
  GHashTable *assigned; /* names of variables, while checking */
  unsigned depth;
} Code;

#define DEPTH_MAX 32
#define STATE_LISTEN 10

static bool parse_sum (Code *code, int64_t *ret_value);

static void
skip_blanks (Code *code)
{
  while (*code->at == ' ' || *code->at == '\t')
    code->at++;
}

static bool
give_up (Code *code, const char *what, size_t bytes)
{
  if (code->unknown == NULL)
    code->unknown = g_strndup (what, MIN (bytes, 40));
  return false;
}

static size_t
word_bytes (const char *at)
{
  size_t bytes = 0;
  while (g_ascii_isalnum (at[bytes]) || at[bytes] == '_')
    bytes++;
  return bytes;
}

static bool
accept (Code *code, const char *symbol)
{
  skip_blanks (code);
  if (strncmp (code->at, symbol, strlen (symbol)) != 0)
    return false;
  if (g_ascii_isalpha (*symbol) && word_bytes (code->at) != strlen (symbol))
    return false;
  code->at += strlen (symbol);
  return true;
}

/* Names */

static uint32_t
segments (const Tcb *tcb, uint32_t bytes)
{
  return tcb->smss == 0 ? 0 : (bytes + tcb->smss - 1) / tcb->smss;
}

/* The states of a script's sockets; |tcb| NULL is a socket without a connection. */
static int64_t
state_number (const Tcb *tcb)
{
  /* As both systems of the public suites number them. */
  static const int64_t numbers[] = {
    [TcpConnectionClosed] = 7,   [TcpConnectionListen] = 10,     [TcpConnectionSynSent] = 2,
    [TcpConnectionSynRcvd] = 3,  [TcpConnectionEstablished] = 1, [TcpConnectionFinWait1] = 4,
    [TcpConnectionFinWait2] = 5, [TcpConnectionCloseWait] = 8,   [TcpConnectionClosing] = 11,
    [TcpConnectionLastAck] = 9,  [TcpConnectionTimeWait] = 6,
  };
  return numbers[tcb == NULL ? TcpConnectionClosed : tcp_state (tcb)];
}

static int64_t
option_bits (const Tcb *tcb)
{
  int64_t bits = 0;

  if (tcb->const_flags & TCP_FLAG_TIMESTAMP_ENABLED)
    bits |= 1;
  if (tcb->const_flags & TCP_FLAG_SACK_ENABLED)
    bits |= 2;
  if (tcb->const_flags & TCP_FLAG_WINDOW_SCALING_ENABLED)
    bits |= 4;
  if (tcb->bits & TCP_BIT_ECN)
    bits |= 8;
  return bits;
}

static int64_t
cwnd_segments (const Tcb *tcb)
{
  return tcb->smss == 0 ? 0 : tcb->CWnd / tcb->smss;
}

static int64_t
threshold_segments (const Tcb *tcb)
{
  return tcb->SsThresh >= INT32_MAX / 2 ? INT32_MAX : tcb->SsThresh / MAX (tcb->smss, 1);
}

static int64_t
unacked_segments (const Tcb *tcb)
{
  return segments (tcb, tcb->SndMax - tcb->SndUna);
}

static int64_t
segment_bytes (const Tcb *tcb)
{
  return tcb->smss;
}

static int64_t
backoffs (const Tcb *tcb)
{
  return tcb->backoff;
}

static const struct {
  const char *name;
  int64_t (*read) (const Tcb *tcb);
  bool without_connection; /* |tcb| may be NULL */
} readings[] = {
  { "tcpi_state", state_number, true },        { "tcpi_options", option_bits, false },
  { "tcpi_snd_cwnd", cwnd_segments, false },   { "tcpi_snd_ssthresh", threshold_segments, false },
  { "tcpi_unacked", unacked_segments, false }, { "tcpi_snd_mss", segment_bytes, false },
  { "tcpi_backoff", backoffs, false },
};

static const struct {
  const char *name;
  int64_t value;
} constants[] = {
  { "TCP_INFINITE_SSTHRESH", INT32_MAX },
  { "TCPI_OPT_TIMESTAMPS", 1 },
  { "TCPI_OPT_SACK", 2 },
  { "TCPI_OPT_WSCALE", 4 },
  { "TCPI_OPT_ECN", 8 },
  { "TCPI_ESTABLISHED", 1 },
  { "TCPI_SYN_SENT", 2 },
  { "TCPI_SYN_RECV", 3 },
  { "TCPI_SYN_RECEIVED", 3 },
  { "TCPI_FIN_WAIT_1", 4 },
  { "TCPI_FIN_WAIT_2", 5 },
  { "TCPI_TIME_WAIT", 6 },
  { "TCPI_CLOSED", 7 },
  { "TCPI_CLOSE_WAIT", 8 },
  { "TCPI_LAST_ACK", 9 },
  { "TCPI_LISTEN", STATE_LISTEN },
  { "TCPI_CLOSING", 11 },
  { "TCP_ESTABLISHED", 1 },
  { "TCP_SYN_SENT", 2 },
  { "TCP_SYN_RECV", 3 },
  { "TCP_FIN_WAIT1", 4 },
  { "TCP_FIN_WAIT2", 5 },
  { "TCP_TIME_WAIT", 6 },
  { "TCP_CLOSE", 7 },
  { "TCP_CLOSE_WAIT", 8 },
  { "TCP_LAST_ACK", 9 },
  { "TCP_LISTEN", STATE_LISTEN },
  { "TCP_CLOSING", 11 },
};

static bool
read_name (Code *code, const char *name, int64_t *ret_value)
{
  for (size_t i = 0; i < G_N_ELEMENTS (constants); i++)
    if (strcmp (constants[i].name, name) == 0) {
      *ret_value = constants[i].value;
      return true;
    }
  if (code->runner != NULL && code->tcb == NULL && code->runner->next_is_new
      && strcmp (name, "tcpi_state") == 0) {
    *ret_value = STATE_LISTEN;
    return true;
  }
  for (size_t i = 0; i < G_N_ELEMENTS (readings); i++)
    if (strcmp (readings[i].name, name) == 0) {
      bool can = code->tcb != NULL || readings[i].without_connection;
      *ret_value = code->runner != NULL && can ? readings[i].read (code->tcb) : 0;
      return true;
    }
  GHashTable *table = code->runner != NULL ? code->runner->variables : code->assigned;
  const int64_t *variable = g_hash_table_lookup (table, name);
  if (variable == NULL)
    return give_up (code, name, strlen (name));
  *ret_value = *variable;
  return true;
}

/* Sums */

static bool
parse_factor (Code *code, int64_t *ret_value)
{
  skip_blanks (code);
  if (accept (code, "(")) {
    if (++code->depth > DEPTH_MAX || !parse_sum (code, ret_value))
      return give_up (code, code->at, strlen (code->at));
    code->depth--;
    return accept (code, ")") || give_up (code, code->at, strlen (code->at));
  }
  if (g_ascii_isdigit (*code->at)) {
    char *end;
    *ret_value = g_ascii_strtoll (code->at, &end, 0);
    code->at = end;
    return *end != '.' || give_up (code, code->at, strlen (code->at));
  }
  size_t bytes = word_bytes (code->at);
  if (bytes == 0)
    return give_up (code, code->at, strlen (code->at));
  g_autofree char *name = g_strndup (code->at, bytes);
  code->at += bytes;
  skip_blanks (code);
  if (*code->at == '(' || *code->at == '.' || *code->at == '[')
    return give_up (code, name, bytes);
  return read_name (code, name, ret_value);
}

static bool
parse_term (Code *code, int64_t *ret_value)
{
  int64_t right;

  if (!parse_factor (code, ret_value))
    return false;
  for (;;) {
    bool multiplies = accept (code, "*");
    if (!multiplies && !accept (code, "//"))
      return true;
    if (!parse_factor (code, &right))
      return false;
    if (!multiplies && right == 0)
      *ret_value = 0;
    else if (multiplies)
      *ret_value = (int64_t)((uint64_t)*ret_value * (uint64_t)right);
    else
      *ret_value = right == -1 ? (int64_t)(0 - (uint64_t)*ret_value) : *ret_value / right;
  }
}

static bool
parse_sum (Code *code, int64_t *ret_value)
{
  static const char operators[] = "+-&|";
  int64_t right;

  if (!parse_term (code, ret_value))
    return false;
  for (;;) {
    skip_blanks (code);
    char operator= * code->at;
    if (operator== '\0' || strchr (operators, operator) == NULL)
      return true;
    code->at++;
    if (!parse_term (code, &right))
      return false;
    uint64_t a = (uint64_t)*ret_value, b = (uint64_t)right;
    *ret_value = (int64_t)(operator== '+' ? a + b :
                           operator== '-' ? a - b
                           :
                           operator== '&' ? a & b
                                          : a | b);
  }
}

/* Conditions and statements */

/* The comparison that stands here, as a bit set of less, equal, greater; 0: none. */
static unsigned
accept_comparison (Code *code)
{
  static const struct {
    const char *symbol;
    unsigned orders;
  } table[] = { { "==", 2 }, { "!=", 5 }, { "<=", 3 }, { ">=", 6 }, { "<", 1 }, { ">", 4 } };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    if (accept (code, table[i].symbol))
      return table[i].orders;
  return 0;
}

static bool
parse_condition (Code *code, bool *ret_holds)
{
  int64_t left, right;

  *ret_holds = true;
  do {
    if (!parse_sum (code, &left))
      return false;
    unsigned orders = accept_comparison (code);
    if (orders == 0)
      *ret_holds &= left != 0;
    for (; orders != 0; orders = accept_comparison (code)) {
      if (!parse_sum (code, &right))
        return false;
      unsigned order = left < right ? 1 : left == right ? 2 : 4;
      *ret_holds &= (orders & order) != 0;
      left = right;
    }
  } while (accept (code, "and"));
  return true;
}

static bool
assign (Code *code, const char *name, bool adds, int64_t value)
{
  GHashTable *table = code->runner != NULL ? code->runner->variables : code->assigned;
  const int64_t *before = g_hash_table_lookup (table, name);

  if (adds && before == NULL)
    return give_up (code, name, strlen (name));
  int64_t *copy = g_new (int64_t, 1);
  *copy = adds ? (int64_t)((uint64_t)*before + (uint64_t)value) : value;
  g_hash_table_replace (table, g_strdup (name), copy);
  return true;
}

/* One statement; *ret_holds is false for an assertion that does not hold. */
static bool
run_statement (Code *code, bool *ret_holds)
{
  *ret_holds = true;
  skip_blanks (code);
  if (*code->at == '\0' || *code->at == '#' || g_str_has_prefix (code->at, "print"))
    return true;
  if (accept (code, "assert")) {
    if (!parse_condition (code, ret_holds))
      return false;
    skip_blanks (code);
    return *code->at == '\0' || *code->at == ',' || *code->at == '#'
           || give_up (code, code->at, strlen (code->at));
  }
  size_t bytes = word_bytes (code->at);
  g_autofree char *name = g_strndup (code->at, bytes);
  int64_t value;
  code->at += bytes;
  bool adds = accept (code, "+=");
  if (bytes == 0 || (!adds && !accept (code, "=")) || *code->at == '=')
    return give_up (code, name, MAX (bytes, 1));
  if (!parse_sum (code, &value))
    return false;
  skip_blanks (code);
  if (*code->at != '\0' && *code->at != '#')
    return give_up (code, code->at, strlen (code->at));
  return assign (code, name, adds, value);
}

/* Runs the statements; gives the text of the assertion that does not hold, or NULL. */
static char *
run_statements (Code *code, const char *text)
{
  g_auto (GStrv) statements = g_strsplit_set (text, ";\n", -1);

  for (size_t i = 0; statements[i] != NULL; i++) {
    bool holds;
    code->at = g_strstrip (statements[i]);
    code->depth = 0;
    if (!run_statement (code, &holds))
      return NULL;
    if (!holds && code->runner != NULL)
      return g_strdup (statements[i]);
  }
  return NULL;
}

void
drill_code_check (const DrillEvent *event, DrillSettings *settings)
{
  g_autoptr (GHashTable) assigned = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Code code = { .assigned = assigned };

  /* Variables live from block to block: what another block may have set is taken as set. */
  static const char *const usual[] = { "cwnd", "ssthresh" };
  for (size_t i = 0; i < G_N_ELEMENTS (usual); i++)
    g_hash_table_insert (assigned, g_strdup (usual[i]), g_new0 (int64_t, 1));
  g_free (run_statements (&code, event->text));
  if (code.unknown != NULL)
    drill_settings_note (settings, event->line, "code with %s", code.unknown);
  g_free (code.unknown);
}

bool
drill_code_run (DrillRunner *runner, const char *text, char **ret_what)
{
  const DrillFlow *flow = drill_runner_flow (runner);
  Code code = { .runner = runner };

  if (flow != NULL && flow->connection_id != HOST_NO_SOCKET)
    code.tcb = drill_rig_tcb (runner->rig, flow->connection_id);
  char *failed = run_statements (&code, text);
  if (code.unknown != NULL) {
    g_free (failed);
    *ret_what = g_strdup_printf ("code with %s", code.unknown);
    g_free (code.unknown);
    return false;
  }
  if (failed == NULL)
    return true;
  GString *what = g_string_new ("code does not hold:");
  g_string_append_printf (what, " %s", failed);
  if (code.tcb != NULL)
    g_string_append_printf (what,
                            " (state %s, cwnd %" G_GINT64_FORMAT ", ssthresh %" G_GINT64_FORMAT
                            ", unacked %" G_GINT64_FORMAT ")",
                            tcp_state_name (tcp_state (code.tcb)), cwnd_segments (code.tcb),
                            threshold_segments (code.tcb), unacked_segments (code.tcb));
  g_free (failed);
  *ret_what = g_string_free (what, FALSE);
  return false;
}
