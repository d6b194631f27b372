#include "lab/compare.h"

#include <string.h>

#include "lab/human.h"
#include "lab/mistakes.h"

#define FACTS 6 /* class, id, connection, path, begin, end: columns before the stages */
#define CLASS 0
#define ID 1
#define CONNECTION 2
#define SUFFIX "_ps"

/* A latency.csv. */
typedef struct Table {
  char *text;
  char **header; /* of the stages: "host", ..., "total" */
  guint n_stages;
  GPtrArray *rows;    /* char **: columns */
  GHashTable *by_key; /* key to row */
  GPtrArray *keys;    /* by row; owned by by_key */
  char *seed;
} Table;

static void
row_free (void *row)
{
  g_strfreev (row);
}

static void
table_clear (Table *table)
{
  g_strfreev (table->header);
  g_free (table->text);
  g_free (table->seed);
  if (table->by_key != NULL)
    g_hash_table_unref (table->by_key);
  if (table->keys != NULL)
    g_ptr_array_unref (table->keys);
  if (table->rows != NULL)
    g_ptr_array_unref (table->rows);
}

/* Reading */

/* Requests are known by their number; anything else by its turn on its connection. */
static char *
key_of (char **row, GHashTable *turns)
{
  if (strcmp (row[CLASS], "request") == 0)
    return g_strdup_printf ("%s %s %s", row[CLASS], row[CONNECTION], row[ID]);
  g_autofree char *who = g_strdup_printf ("%s %s", row[CLASS], row[CONNECTION]);
  guint turn = GPOINTER_TO_UINT (g_hash_table_lookup (turns, who)) + 1;
  char *key = g_strdup_printf ("%s #%u", who, turn);
  g_hash_table_insert (turns, g_steal_pointer (&who), GUINT_TO_POINTER (turn));
  return key;
}

static bool
read_rows (Table *table, char **line)
{
  g_autoptr (GHashTable) turns = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 1; line[i] != NULL && *line[i] != '\0'; i++) {
    char **row = g_strsplit (line[i], ",", -1);
    g_ptr_array_add (table->rows, row);
    if (g_strv_length (row) != FACTS + table->n_stages)
      return false;
    char *key = key_of (row, turns);
    g_hash_table_replace (table->by_key, key, row);
    g_ptr_array_add (table->keys, key);
  }
  return true;
}

static bool
read_header (Table *table, const char *line)
{
  g_auto (GStrv) names = g_strsplit (line, ",", -1);
  guint n = g_strv_length (names);

  if (n <= FACTS || strcmp (names[CLASS], "class") != 0)
    return false;
  table->n_stages = n - FACTS;
  table->header = g_new0 (char *, table->n_stages + 1);
  for (guint i = 0; i < table->n_stages; i++) {
    if (!g_str_has_suffix (names[FACTS + i], SUFFIX))
      return false;
    table->header[i] = g_strndup (names[FACTS + i], strlen (names[FACTS + i]) - strlen (SUFFIX));
  }
  return true;
}

/* The seed as the manifest has it: to be compared only. */
static char *
read_seed (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "manifest.json", NULL);
  g_autofree char *text = NULL;
  const char *seed;

  if (!g_file_get_contents (path, &text, NULL, NULL) || (seed = strstr (text, "\"seed\"")) == NULL)
    return NULL;
  return g_strndup (seed, strcspn (seed, ",\n"));
}

static bool
read_table (const char *folder, Table *table, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "latency.csv", NULL);

  table->rows = g_ptr_array_new_with_free_func (row_free);
  table->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  table->keys = g_ptr_array_new ();
  table->seed = read_seed (folder);
  if (!g_file_get_contents (path, &table->text, NULL, NULL)) {
    g_set_error (error, LAB_ERROR, LAB_ERROR_FILE,
                 "%s: is no result with a latency.csv: name the folder of a run", folder);
    return false;
  }
  g_auto (GStrv) line = g_strsplit (table->text, "\n", -1);
  if (line[0] != NULL && read_header (table, line[0]) && read_rows (table, line))
    return true;
  g_set_error (error, LAB_ERROR, LAB_ERROR_FILE, "%s: is no latency.csv of a run", path);
  return false;
}

/* Comparing */

static void
stage_free (void *data)
{
  LabStageDifference *stage = data;
  g_free (stage->stage);
  g_free (stage);
}

static void
class_free (void *data)
{
  LabClassDifference *class = data;
  g_free (class->class);
  g_ptr_array_unref (class->stages);
  g_free (class);
}

void
lab_comparison_free (LabComparison *comparison)
{
  if (comparison == NULL)
    return;
  g_ptr_array_unref (comparison->classes);
  g_free (comparison);
}

/* The time of a row in the stage of that name; a run that has no such column was never there. */
static double
time_in (const Table *table, char **row, const char *stage)
{
  for (guint i = 0; i < table->n_stages; i++)
    if (strcmp (table->header[i], stage) == 0)
      return (double)g_ascii_strtoll (row[FACTS + i], NULL, 10);
  return 0;
}

/* The pairs of one class. */
typedef struct Pairs {
  const Table *table[2];
  GPtrArray *row[2];      /* char **, side by side */
  GPtrArray *connections; /* char *: each once, in order */
  GArray *at;             /* guint: the connection of each pair */
} Pairs;

static void
add_pair (Pairs *pairs, char **first, char **second, GHashTable *places)
{
  void *place;

  if (!g_hash_table_lookup_extended (places, first[CONNECTION], NULL, &place)) {
    place = GUINT_TO_POINTER (pairs->connections->len);
    g_hash_table_insert (places, first[CONNECTION], place);
    g_ptr_array_add (pairs->connections, first[CONNECTION]);
  }
  guint at = GPOINTER_TO_UINT (place);
  g_array_append_val (pairs->at, at);
  g_ptr_array_add (pairs->row[0], first);
  g_ptr_array_add (pairs->row[1], second);
}

static LabStageDifference *
compare_stage (const Pairs *pairs, const char *name)
{
  LabStageDifference *stage = g_new0 (LabStageDifference, 1);
  guint n = pairs->at->len, n_connections = pairs->connections->len;
  g_autofree double *sum = g_new0 (double, n_connections + 1);
  g_autofree guint *count = g_new0 (guint, n_connections + 1);

  stage->stage = g_strdup (name);
  for (guint i = 0; i < n; i++) {
    double first = time_in (pairs->table[0], pairs->row[0]->pdata[i], name);
    double second = time_in (pairs->table[1], pairs->row[1]->pdata[i], name);
    guint at = g_array_index (pairs->at, guint, i);
    stage->mean[0] += first / n;
    stage->mean[1] += second / n;
    sum[at] += second - first;
    count[at]++;
  }
  for (guint c = 0; c < n_connections; c++)
    sum[c] /= count[c];
  stage->difference = lab_estimate_of (sum, n_connections, LAB_COMPARE_CONFIDENCE);
  return stage;
}

static void
add_stage (LabClassDifference *class, const Pairs *pairs, const char *name)
{
  for (guint i = 0; i < class->stages->len; i++)
    if (strcmp (((const LabStageDifference *)class->stages->pdata[i])->stage, name) == 0)
      return;
  LabStageDifference *stage = compare_stage (pairs, name);
  if (stage->mean[0] == 0 && stage->mean[1] == 0)
    stage_free (stage);
  else
    g_ptr_array_add (class->stages, stage);
}

/* Rows of |class| that the other table has nothing for. */
static guint
count_unpaired (const Table *table, const Table *other, const char *class)
{
  guint n = 0;

  for (guint i = 0; i < table->rows->len; i++)
    n += strcmp (((char **)table->rows->pdata[i])[CLASS], class) == 0
         && g_hash_table_lookup (other->by_key, table->keys->pdata[i]) == NULL;
  return n;
}

static LabClassDifference *
compare_class (const Table *table, const char *name)
{
  LabClassDifference *class = g_new0 (LabClassDifference, 1);
  Pairs pairs = { { &table[0], &table[1] },
                  { g_ptr_array_new (), g_ptr_array_new () },
                  g_ptr_array_new (),
                  g_array_new (FALSE, FALSE, sizeof (guint)) };
  g_autoptr (GHashTable) places = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < table[0].rows->len; i++) {
    char **first = table[0].rows->pdata[i];
    char **second = g_hash_table_lookup (table[1].by_key, table[0].keys->pdata[i]);
    if (second != NULL && strcmp (first[CLASS], name) == 0)
      add_pair (&pairs, first, second, places);
  }
  class->class = g_strdup (name);
  class->stages = g_ptr_array_new_with_free_func (stage_free);
  class->n_pairs = pairs.at->len;
  class->n_connections = pairs.connections->len;
  for (int side = 0; side < 2; side++)
    class->n_unpaired[side] = count_unpaired (&table[side], &table[1 - side], name);
  if (class->n_pairs > 0)
    add_stage (class, &pairs, "total");
  for (int side = 0; side < 2 && class->n_pairs > 0; side++)
    for (guint i = 0; i < table[side].n_stages; i++)
      add_stage (class, &pairs, table[side].header[i]);
  for (int side = 0; side < 2; side++)
    g_ptr_array_unref (pairs.row[side]);
  g_ptr_array_unref (pairs.connections);
  g_array_unref (pairs.at);
  return class;
}

static bool
has_class (const LabComparison *comparison, const char *name)
{
  for (guint i = 0; i < comparison->classes->len; i++)
    if (strcmp (((const LabClassDifference *)comparison->classes->pdata[i])->class, name) == 0)
      return true;
  return false;
}

LabComparison *
lab_compare (const char *first, const char *second, GError **error)
{
  Table table[2] = { { 0 }, { 0 } };
  LabComparison *comparison = NULL;

  if (read_table (first, &table[0], error) && read_table (second, &table[1], error)) {
    comparison = g_new0 (LabComparison, 1);
    comparison->classes = g_ptr_array_new_with_free_func (class_free);
    comparison->seeds_differ = g_strcmp0 (table[0].seed, table[1].seed) != 0;
    for (int side = 0; side < 2; side++)
      for (guint i = 0; i < table[side].rows->len; i++) {
        const char *class = ((char **)table[side].rows->pdata[i])[CLASS];
        if (!has_class (comparison, class))
          g_ptr_array_add (comparison->classes, compare_class (table, class));
      }
  }
  table_clear (&table[0]);
  table_clear (&table[1]);
  return comparison;
}

/* Telling */

static char *
signed_time (double ps)
{
  g_autofree char *size = lab_human_time ((int64_t)(ps < 0 ? -ps : ps));
  return g_strdup_printf ("%s%s", ps < 0 ? "-" : "+", size);
}

static void
put_stage (GString *text, const LabStageDifference *stage)
{
  bool is_total = strcmp (stage->stage, "total") == 0;
  g_autofree char *first = lab_human_time ((int64_t)stage->mean[0]);
  g_autofree char *second = lab_human_time ((int64_t)stage->mean[1]);
  g_autofree char *change = signed_time (stage->difference.mean);
  g_autofree char *half = lab_human_time ((int64_t)stage->difference.half_width);

  g_string_append_printf (text, "%s%-*s%12s%12s  ", is_total ? "  " : "    ", is_total ? 18 : 16,
                          stage->stage, first, second);
  if (stage->difference.count < 2)
    g_string_append_printf (text, "%s, on one connection: no interval\n", change);
  else if (!lab_estimate_differs (&stage->difference))
    g_string_append_printf (text, "no evidence of a difference (%s ± %s)\n", change, half);
  else
    g_string_append_printf (text, "%s ± %s\n", change, half);
}

char *
lab_comparison_text (const LabComparison *comparison)
{
  GString *text = g_string_new (NULL);

  if (comparison->seeds_differ)
    g_string_append (text, "the seeds differ: pairs are not the same operations\n");
  if (comparison->classes->len == 0)
    g_string_append (text, "neither has an operation that was measured\n");
  for (guint i = 0; i < comparison->classes->len; i++) {
    const LabClassDifference *class = comparison->classes->pdata[i];
    g_string_append_printf (text,
                            "%s: %u pairs on %u connections; without a partner %u in the first, "
                            "%u in the second\n",
                            class->class, class->n_pairs, class->n_connections,
                            class->n_unpaired[0], class->n_unpaired[1]);
    if (class->stages->len > 0)
      g_string_append_printf (text, "  %-18s%12s%12s  %s\n", "mean time", "first", "second",
                              "second less first, 95 % interval");
    for (guint s = 0; s < class->stages->len; s++)
      put_stage (text, class->stages->pdata[s]);
  }
  return g_string_free (text, FALSE);
}

static void
put_ps (LabJson *json, const char *name, double ps)
{
  lab_json_integer (json, name, (int64_t)ps);
}

static void
stage_json (const LabStageDifference *stage, LabJson *json)
{
  lab_json_begin_object (json, NULL);
  lab_json_string (json, "stage", stage->stage);
  put_ps (json, "first_ps", stage->mean[0]);
  put_ps (json, "second_ps", stage->mean[1]);
  put_ps (json, "difference_ps", stage->difference.mean);
  if (stage->difference.count > 1)
    put_ps (json, "half_width_ps", stage->difference.half_width);
  else
    lab_json_null (json, "half_width_ps");
  lab_json_boolean (json, "differs", lab_estimate_differs (&stage->difference));
  lab_json_end_object (json);
}

void
lab_comparison_json (const LabComparison *comparison, LabJson *json)
{
  lab_json_begin_object (json, NULL);
  lab_json_boolean (json, "seeds_differ", comparison->seeds_differ);
  lab_json_begin_array (json, "classes");
  for (guint i = 0; i < comparison->classes->len; i++) {
    const LabClassDifference *class = comparison->classes->pdata[i];
    lab_json_begin_object (json, NULL);
    lab_json_string (json, "class", class->class);
    lab_json_unsigned (json, "pairs", class->n_pairs);
    lab_json_unsigned (json, "connections", class->n_connections);
    lab_json_unsigned (json, "unpaired_in_first", class->n_unpaired[0]);
    lab_json_unsigned (json, "unpaired_in_second", class->n_unpaired[1]);
    lab_json_begin_array (json, "stages");
    for (guint s = 0; s < class->stages->len; s++)
      stage_json (class->stages->pdata[s], json);
    lab_json_end_array (json);
    lab_json_end_object (json);
  }
  lab_json_end_array (json);
  lab_json_end_object (json);
}
