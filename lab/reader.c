#include "lab/reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "sim/assert.h"

typedef struct Reader {
  yaml_parser_t parser;
  LabTree *tree;
  LabMistakes *mistakes;
  unsigned depth;
} Reader;

static LabNode *read_node (Reader *reader, const yaml_event_t *event);

static SimLoc
loc_of (const Reader *reader, yaml_mark_t mark)
{
  return (SimLoc){ lab_tree_file (reader->tree), (uint32_t)mark.line + 1,
                   (uint32_t)mark.column + 1 };
}

/* What libyaml says, and what usually helps. */
static void
report_syntax (Reader *reader)
{
  static const struct {
    const char *problem;
    const char *advice;
  } table[] = {
    { "mapping values are not allowed in this context",
      "put a value that contains \": \" in quotes, or start a new line" },
    { "did not find expected ',' or '}'", "close the map with } or put a comma" },
    { "did not find expected ',' or ']'", "close the list with ] or put a comma" },
    { "did not find expected key", "indent the entries of one map alike" },
    { "did not find expected '-' indicator", "indent the entries of one list alike" },
    { "could not find expected ':'", "write key: value" },
    { "found unexpected end of stream", "close the quote" },
    { "found character that cannot start any token", "put the value in quotes" },
  };
  const char *problem = reader->parser.problem != NULL ? reader->parser.problem : "unreadable";
  const char *advice = "see YAML 1.2";
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    if (strcmp (problem, table[i].problem) == 0)
      advice = table[i].advice;
  lab_mistakes_add (reader->mistakes, loc_of (reader, reader->parser.problem_mark),
                    "this is not YAML (%s); %s", problem, advice);
}

static bool
next_event (Reader *reader, yaml_event_t *ret_event)
{
  if (yaml_parser_parse (&reader->parser, ret_event) == 1)
    return true;
  report_syntax (reader);
  return false;
}

/* Checks what any node may carry; the node is unusable if this is false. */
static bool
check_properties (Reader *reader, SimLoc loc, const yaml_char_t *anchor, const yaml_char_t *tag)
{
  if (anchor != NULL)
    lab_mistakes_add (reader->mistakes, loc,
                      "anchors are not read: leave out &%s and write the value where it is needed",
                      anchor);
  if (tag != NULL) {
    static const char core[] = "tag:yaml.org,2002:";
    bool is_core = g_str_has_prefix ((const char *)tag, core);
    lab_mistakes_add (reader->mistakes, loc, "tags are not read: leave out %s%s",
                      is_core ? "!!" : "", (const char *)tag + (is_core ? strlen (core) : 0));
  }
  return anchor == NULL && tag == NULL;
}

static LabNode *
read_scalar (Reader *reader, const yaml_event_t *event)
{
  SimLoc loc = loc_of (reader, event->start_mark);
  LabNode *node = lab_tree_new_node (reader->tree, LAB_NODE_SCALAR, loc);
  const char *text = (const char *)event->data.scalar.value;
  size_t n_bytes = event->data.scalar.length;

  node->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
  node->is_broken =
      !check_properties (reader, loc, event->data.scalar.anchor, event->data.scalar.tag);
  if (memchr (text, '\0', n_bytes) != NULL) {
    lab_mistakes_add (reader->mistakes, loc, "a text may not contain \\0; leave it out");
    node->is_broken = true;
  }
  node->text = lab_tree_string (reader->tree, text, n_bytes);
  return node;
}

static bool
read_list_entries (Reader *reader, LabNode *list)
{
  for (;;) {
    yaml_event_t event;
    if (!next_event (reader, &event))
      return false;
    bool is_end = event.type == YAML_SEQUENCE_END_EVENT;
    LabNode *child = is_end ? NULL : read_node (reader, &event);
    yaml_event_delete (&event);
    if (is_end || child == NULL)
      return is_end;
    lab_tree_append (list, child);
  }
}

/* A key that is no word breaks its entry, not the file. */
static bool
check_key (Reader *reader, const LabNode *key)
{
  if (key->is_broken)
    return false;
  if (key->kind != LAB_NODE_SCALAR || key->text[0] == '\0') {
    lab_mistakes_add (reader->mistakes, key->loc, "a key must be a word; write key: value");
    return false;
  }
  if (strcmp (key->text, "<<") == 0 && !key->is_quoted) {
    lab_mistakes_add (reader->mistakes, key->loc, "merge keys are not read; write the keys out");
    return false;
  }
  return true;
}

static void
add_entry (Reader *reader, LabNode *map, GHashTable *seen, const LabNode *key, LabNode *value)
{
  const LabNode *first = g_hash_table_lookup (seen, key->text);
  if (first != NULL) {
    lab_mistakes_add (reader->mistakes, key->loc,
                      "%s is written twice, first in line %u; keep one of them", key->text,
                      first->key_loc.line);
    return;
  }
  value->key = key->text;
  value->key_loc = key->loc;
  lab_tree_append (map, value);
  g_hash_table_insert (seen, (void *)value->key, value);
}

static bool
read_map_entries (Reader *reader, LabNode *map)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (;;) {
    yaml_event_t event;
    if (!next_event (reader, &event))
      return false;
    bool is_end = event.type == YAML_MAPPING_END_EVENT;
    LabNode *key = is_end ? NULL : read_node (reader, &event);
    yaml_event_delete (&event);
    if (is_end || key == NULL)
      return is_end;

    if (!next_event (reader, &event))
      return false;
    LabNode *value = read_node (reader, &event);
    yaml_event_delete (&event);
    if (value == NULL)
      return false;
    if (check_key (reader, key))
      add_entry (reader, map, seen, key, value);
  }
}

static LabNode *
read_collection (Reader *reader, LabNodeKind kind, SimLoc loc)
{
  if (reader->depth == LAB_TREE_DEPTH_MAX) {
    lab_mistakes_add (reader->mistakes, loc, "nested deeper than %d; flatten it",
                      LAB_TREE_DEPTH_MAX);
    return NULL;
  }
  LabNode *node = lab_tree_new_node (reader->tree, kind, loc);
  reader->depth++;
  bool ok =
      kind == LAB_NODE_MAP ? read_map_entries (reader, node) : read_list_entries (reader, node);
  reader->depth--;
  return ok ? node : NULL;
}

/* Reads the node that begins with |event|; NULL if the rest of the file cannot be read. */
static LabNode *
read_node (Reader *reader, const yaml_event_t *event)
{
  SimLoc loc = loc_of (reader, event->start_mark);
  if (lab_tree_n_nodes (reader->tree) >= LAB_TREE_NODES_MAX) {
    lab_mistakes_add (reader->mistakes, loc, "more than %d values; split the file",
                      LAB_TREE_NODES_MAX);
    return NULL;
  }
  LabNode *node = NULL;
  if (event->type == YAML_SCALAR_EVENT)
    return read_scalar (reader, event);
  if (event->type == YAML_SEQUENCE_START_EVENT) {
    bool ok = check_properties (reader, loc, event->data.sequence_start.anchor,
                                event->data.sequence_start.tag);
    node = read_collection (reader, LAB_NODE_LIST, loc);
    if (node != NULL)
      node->is_broken = !ok;
    return node;
  }
  if (event->type == YAML_MAPPING_START_EVENT) {
    bool ok = check_properties (reader, loc, event->data.mapping_start.anchor,
                                event->data.mapping_start.tag);
    node = read_collection (reader, LAB_NODE_MAP, loc);
    if (node != NULL)
      node->is_broken = !ok;
    return node;
  }
  SIM_ASSERT (event->type == YAML_ALIAS_EVENT);
  lab_mistakes_add (reader->mistakes, loc,
                    "aliases are not read: write the value in the place of *%s",
                    event->data.alias.anchor);
  node = lab_tree_new_node (reader->tree, LAB_NODE_SCALAR, loc);
  node->is_broken = true;
  return node;
}

static void
check_directives (Reader *reader, const yaml_event_t *event)
{
  const yaml_version_directive_t *version = event->data.document_start.version_directive;
  SimLoc loc = loc_of (reader, event->start_mark);
  if (version != NULL && (version->major != 1 || version->minor != 2))
    lab_mistakes_add (reader->mistakes, loc, "this is read as YAML 1.2; leave out %%YAML %d.%d",
                      version->major, version->minor);
  if (event->data.document_start.tag_directives.start
      != event->data.document_start.tag_directives.end)
    lab_mistakes_add (reader->mistakes, loc, "tags are not read; leave out %%TAG");
}

/* Follows the stream to its end: document after document, of which only the first is ours. */
static void
read_stream (Reader *reader)
{
  for (unsigned n_documents = 0;;) {
    yaml_event_t event;
    if (!next_event (reader, &event))
      return;
    yaml_event_type_t type = event.type;
    LabNode *node = NULL;
    if (type == YAML_DOCUMENT_START_EVENT && n_documents++ == 0)
      check_directives (reader, &event);
    else if (type == YAML_DOCUMENT_START_EVENT)
      lab_mistakes_add (reader->mistakes, loc_of (reader, event.start_mark),
                        "a second document begins here; write one a file");
    bool is_content = type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT
                      || type == YAML_MAPPING_START_EVENT || type == YAML_ALIAS_EVENT;
    if (is_content)
      node = read_node (reader, &event);
    yaml_event_delete (&event);
    if (is_content && lab_tree_root (reader->tree) == NULL)
      lab_tree_set_root (reader->tree, node);
    if (type == YAML_STREAM_END_EVENT || n_documents > 1 || (is_content && node == NULL))
      return;
  }
}

/* Blames the first tab of each line and returns the text with blanks in their place, so that the
 * rest can be read. */
static char *
without_tabs (const char *text, size_t n_bytes, const char *file, LabMistakes *mistakes)
{
  char *copy = g_malloc (n_bytes + 1);
  SimLoc loc = { file, 1, 1 };
  uint32_t blamed_line = 0;
  for (size_t i = 0; i < n_bytes; i++) {
    copy[i] = text[i] == '\t' ? ' ' : text[i];
    if (text[i] == '\t' && blamed_line != loc.line) {
      lab_mistakes_add (mistakes, loc, "a tab; write blanks");
      blamed_line = loc.line;
    }
    bool is_continuation = (text[i] & 0xC0) == 0x80;
    if (text[i] == '\n')
      loc = (SimLoc){ file, loc.line + 1, 1 };
    else if (!is_continuation)
      loc.column++;
  }
  copy[n_bytes] = '\0';
  return copy;
}

/* The place of byte |offset|. */
static SimLoc
loc_at (const char *text, size_t offset, const char *file)
{
  SimLoc loc = { file, 1, 1 };
  for (size_t i = 0; i < offset; i++) {
    if (text[i] == '\n')
      loc = (SimLoc){ file, loc.line + 1, 1 };
    else if ((text[i] & 0xC0) != 0x80)
      loc.column++;
  }
  return loc;
}

/* What can be said before YAML is looked at. */
static bool
check_text (const char *text, size_t n_bytes, const char *file, LabMistakes *mistakes)
{
  if (n_bytes > LAB_TREE_BYTES_MAX) {
    lab_mistakes_add (mistakes, (SimLoc){ file, 1, 1 }, "larger than 1 MiB; split the file");
    return false;
  }
  const char *end = text;
  if (!g_utf8_validate_len (text, n_bytes, &end)) {
    lab_mistakes_add (mistakes, loc_at (text, (size_t)(end - text), file),
                      "not UTF-8 text; save the file as UTF-8");
    return false;
  }
  return true;
}

LabTree *
lab_tree_parse (const char *text, size_t n_bytes, const char *file, LabMistakes *mistakes)
{
  if (!check_text (text, n_bytes, file, mistakes))
    return NULL;

  g_autofree char *copy = without_tabs (text, n_bytes, file, mistakes);
  unsigned before = lab_mistakes_count (mistakes);
  g_autoptr (LabTree) tree = lab_tree_new (file);
  Reader reader = { .tree = tree, .mistakes = mistakes };
  if (yaml_parser_initialize (&reader.parser) != 1)
    g_error ("out of memory");
  yaml_parser_set_input_string (&reader.parser, (const unsigned char *)copy, n_bytes);
  read_stream (&reader);
  yaml_parser_delete (&reader.parser);

  if (lab_tree_root (tree) == NULL && lab_mistakes_count (mistakes) == before)
    lab_mistakes_add (mistakes, (SimLoc){ file, 1, 1 }, "the file is empty; write key: value");
  return lab_tree_root (tree) != NULL ? g_steal_pointer (&tree) : NULL;
}

/* Reads at most one byte more than is allowed: even a device without end comes to an end. */
static bool
read_file (const char *path, char *text, size_t *ret_bytes, int *reterr_errno)
{
  FILE *stream = fopen (path, "rb");
  if (stream == NULL) {
    *reterr_errno = errno;
    return false;
  }
  *ret_bytes = fread (text, 1, LAB_TREE_BYTES_MAX + 1, stream);
  bool ok = ferror (stream) == 0;
  *reterr_errno = errno;
  fclose (stream);
  return ok;
}

LabTree *
lab_tree_load (const char *path, LabMistakes *mistakes)
{
  g_autofree char *text = g_malloc (LAB_TREE_BYTES_MAX + 1);
  size_t n_bytes = 0;
  int why = 0;
  if (!read_file (path, text, &n_bytes, &why)) {
    lab_mistakes_add (mistakes, (SimLoc){ path, 0, 0 }, "cannot be read: %s", g_strerror (why));
    return NULL;
  }
  return lab_tree_parse (text, n_bytes, path, mistakes);
}
