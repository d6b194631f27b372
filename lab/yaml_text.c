#include "lab/yaml_text.h"

#include <string.h>

#include "sim/assert.h"

/* Words that some reader takes for something else than text. */
static bool
is_trap (const char *text)
{
  static const char *const traps[] = { "true", "false", "yes",  "no", "on", "off",
                                       "y",    "n",     "null", "~",  "",   "=" };
  for (size_t i = 0; i < G_N_ELEMENTS (traps); i++)
    if (g_ascii_strcasecmp (text, traps[i]) == 0)
      return true;
  return false;
}

/* Letters and a few marks that mean nothing to YAML where they stand; blanks inside. */
static bool
is_plain (const char *text)
{
  size_t n_bytes = strlen (text);
  if (is_trap (text) || !(g_ascii_isalnum (text[0]) || text[0] == '_'))
    return false;
  for (size_t i = 0; i < n_bytes; i++) {
    bool is_inner_blank = text[i] == ' ' && i + 1 < n_bytes;
    if (!g_ascii_isalnum (text[i]) && strchr ("_./-+%()*", text[i]) == NULL && !is_inner_blank)
      return false;
  }
  return true;
}

static char *
quoted (const char *text)
{
  GString *out = g_string_new ("\"");
  for (const char *p = text; *p != '\0'; p++) {
    unsigned char c = (unsigned char)*p;
    if (c == '"' || c == '\\')
      g_string_append_printf (out, "\\%c", c);
    else if (c == '\n')
      g_string_append (out, "\\n");
    else if (c < 0x20 || c == 0x7F)
      g_string_append_printf (out, "\\x%02X", c);
    else
      g_string_append_c (out, *p);
  }
  g_string_append_c (out, '"');
  return g_string_free (out, FALSE);
}

char *
lab_yaml_scalar (const char *text)
{
  return is_plain (text) ? g_strdup (text) : quoted (text);
}

static void
append_node (GString *out, const LabNode *node)
{
  if (node->kind == LAB_NODE_SCALAR) {
    bool is_word = !node->is_quoted && is_trap (node->text);
    g_autofree char *text = node->is_quoted ? quoted (node->text) : lab_yaml_scalar (node->text);
    g_string_append (out, lab_node_is_null (node) ? "null" : is_word ? node->text : text);
    return;
  }
  bool is_map = node->kind == LAB_NODE_MAP;
  g_string_append_c (out, is_map ? '{' : '[');
  for (const LabNode *child = node->first; child != NULL; child = child->next) {
    if (child != node->first)
      g_string_append (out, ", ");
    if (is_map) {
      g_autofree char *key = lab_yaml_scalar (child->key);
      g_string_append_printf (out, "%s: ", key);
    }
    append_node (out, child);
  }
  g_string_append_c (out, is_map ? '}' : ']');
}

char *
lab_yaml_flow (const LabNode *node)
{
  GString *out = g_string_new (NULL);
  append_node (out, node);
  return g_string_free (out, FALSE);
}
