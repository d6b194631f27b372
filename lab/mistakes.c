#include "lab/mistakes.h"

#include <string.h>

#include "sim/assert.h"

/* More are counted but not kept: a hostile file must not fill the memory. */
#define KEPT_MAX 10000
/* Longer words are never typing errors of ours. */
#define WORD_BYTES_MAX 40

typedef struct Mistake {
  char *text;
  uint32_t file_rank;
  uint32_t line;
  uint32_t column;
  uint32_t number;
} Mistake;

struct LabMistakes {
  GPtrArray *list;  /* of Mistake */
  GPtrArray *files; /* of char *, by rank */
  GHashTable *seen; /* texts of |list| */
  unsigned count;
};

GQuark
lab_error_quark (void)
{
  return g_quark_from_static_string ("chimsim-lab-error");
}

static void
mistake_free (void *data)
{
  Mistake *mistake = data;
  g_free (mistake->text);
  g_free (mistake);
}

LabMistakes *
lab_mistakes_new (void)
{
  LabMistakes *mistakes = g_new0 (LabMistakes, 1);
  mistakes->list = g_ptr_array_new_with_free_func (mistake_free);
  mistakes->files = g_ptr_array_new_with_free_func (g_free);
  mistakes->seen = g_hash_table_new (g_str_hash, g_str_equal);
  return mistakes;
}

void
lab_mistakes_free (LabMistakes *mistakes)
{
  if (mistakes == NULL)
    return;
  g_hash_table_unref (mistakes->seen);
  g_ptr_array_unref (mistakes->files);
  g_ptr_array_unref (mistakes->list);
  g_free (mistakes);
}

static uint32_t
file_rank (LabMistakes *mistakes, const char *file)
{
  for (guint i = 0; i < mistakes->files->len; i++)
    if (strcmp (mistakes->files->pdata[i], file) == 0)
      return i;
  g_ptr_array_add (mistakes->files, g_strdup (file));
  return mistakes->files->len - 1;
}

static char *
placed (SimLoc loc, const char *what)
{
  if (loc.line == 0)
    return g_strdup_printf ("%s: %s", loc.file, what);
  return g_strdup_printf ("%s:%u:%u: %s", loc.file, loc.line, loc.column, what);
}

void
lab_mistakes_add (LabMistakes *mistakes, SimLoc loc, const char *format, ...)
{
  SIM_ASSERT (loc.file != NULL);

  va_list args;
  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);

  g_autofree char *text = placed (loc, what);
  if (g_hash_table_contains (mistakes->seen, text))
    return;
  mistakes->count++;
  if (mistakes->list->len >= KEPT_MAX)
    return;
  Mistake *mistake = g_new0 (Mistake, 1);
  mistake->file_rank = file_rank (mistakes, loc.file);
  mistake->line = loc.line;
  mistake->column = loc.column;
  mistake->number = mistakes->list->len;
  mistake->text = g_steal_pointer (&text);
  g_ptr_array_add (mistakes->list, mistake);
  g_hash_table_add (mistakes->seen, mistake->text);
}

unsigned
lab_mistakes_count (const LabMistakes *mistakes)
{
  return mistakes->count;
}

static int
compare (uint32_t a, uint32_t b)
{
  return (a > b) - (a < b);
}

static int
mistake_compare (const void *left, const void *right)
{
  const Mistake *a = *(Mistake *const *)left;
  const Mistake *b = *(Mistake *const *)right;
  int order = compare (a->file_rank, b->file_rank);
  if (order == 0)
    order = compare (a->line, b->line);
  if (order == 0)
    order = compare (a->column, b->column);
  return order != 0 ? order : compare (a->number, b->number);
}

bool
lab_mistakes_to_error (const LabMistakes *mistakes, GError **error)
{
  if (mistakes->count == 0)
    return true;

  g_autoptr (GPtrArray) sorted = g_ptr_array_copy (mistakes->list, NULL, NULL);
  g_ptr_array_set_free_func (sorted, NULL);
  g_ptr_array_sort (sorted, mistake_compare);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < sorted->len && i < LAB_MISTAKES_SHOWN; i++) {
    const Mistake *mistake = sorted->pdata[i];
    g_string_append_printf (text, "%s%s", i == 0 ? "" : "\n", mistake->text);
  }
  if (mistakes->count > LAB_MISTAKES_SHOWN)
    g_string_append_printf (text, "\n... and %u more", mistakes->count - LAB_MISTAKES_SHOWN);
  g_set_error_literal (error, LAB_ERROR, LAB_ERROR_SCENARIO, text->str);
  return false;
}

static unsigned
least (unsigned a, unsigned b, unsigned c)
{
  unsigned ab = a < b ? a : b;
  return ab < c ? ab : c;
}

/* How many letters to insert, delete, replace or swap with their neighbour, case ignored. */
static unsigned
distance (const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
  unsigned cost[WORD_BYTES_MAX + 1][WORD_BYTES_MAX + 1];
  for (unsigned i = 0; i <= a_bytes; i++)
    cost[i][0] = i;
  for (unsigned j = 0; j <= b_bytes; j++)
    cost[0][j] = j;
  for (unsigned i = 1; i <= a_bytes; i++)
    for (unsigned j = 1; j <= b_bytes; j++) {
      char x = g_ascii_tolower (a[i - 1]);
      char y = g_ascii_tolower (b[j - 1]);
      cost[i][j] = least (cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (x != y));
      bool swapped =
          i > 1 && j > 1 && x == g_ascii_tolower (b[j - 2]) && y == g_ascii_tolower (a[i - 2]);
      if (swapped && cost[i - 2][j - 2] + 1 < cost[i][j])
        cost[i][j] = cost[i - 2][j - 2] + 1;
    }
  return cost[a_bytes][b_bytes];
}

const char *
lab_nearest (const char *word, const char *const *known, size_t n_known)
{
  size_t word_bytes = strlen (word);
  if (word_bytes == 0 || word_bytes > WORD_BYTES_MAX)
    return NULL;

  const char *best = NULL;
  /* A third of the letters may be wrong, one at least. */
  unsigned best_distance = word_bytes < 6 ? 2 : (unsigned)word_bytes / 3 + 1;
  for (size_t i = 0; i < n_known; i++) {
    size_t known_bytes = known[i] != NULL ? strlen (known[i]) : 0;
    if (known_bytes == 0 || known_bytes > WORD_BYTES_MAX)
      continue;
    unsigned d = distance (word, word_bytes, known[i], known_bytes);
    if (d < best_distance && d < known_bytes) {
      best = known[i];
      best_distance = d;
    }
  }
  return best;
}
