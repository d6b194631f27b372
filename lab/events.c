#include "lab/events.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lab/mistakes.h"
#include "lab/recording.h"

#define MAGIC "chimsim events 1\n"

struct LabEvents {
  LabRecording *recording;
  LabWindow window;
  SimTime last;
};

static void
put_bytes (LabEvents *events, const void *bytes, size_t count)
{
  lab_recording_put (events->recording, bytes, count);
}

static void
put_unsigned (LabEvents *events, uint64_t value)
{
  uint8_t bytes[10];
  size_t n = 0;

  while (value >= 0x80) {
    bytes[n++] = (uint8_t)(value | 0x80);
    value >>= 7;
  }
  bytes[n++] = (uint8_t)value;
  put_bytes (events, bytes, n);
}

static void
put_signed (LabEvents *events, int64_t value)
{
  put_unsigned (events, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

static void
put_text (LabEvents *events, const char *text)
{
  put_unsigned (events, strlen (text));
  put_bytes (events, text, strlen (text));
}

static void
put_header (LabEvents *events)
{
  put_bytes (events, MAGIC, strlen (MAGIC));
  put_unsigned (events, TRACE_N_KINDS);
  for (int kind = 0; kind < TRACE_N_KINDS; kind++) {
    put_text (events, trace_kinds[kind].name);
    put_unsigned (events, trace_kinds[kind].n_columns);
    for (int c = 0; c < trace_kinds[kind].n_columns; c++)
      put_text (events, trace_kinds[kind].columns[c]);
  }
}

static void
read_record (void *data, const SimRecord *record)
{
  LabEvents *events = data;

  if (!lab_window_has (events->window, record->when))
    return;
  put_unsigned (events, (uint64_t)sim_time_diff (record->when, events->last).ps);
  events->last = record->when;
  put_unsigned (events, record->actor_id);
  put_unsigned (events, record->kind);
  for (int c = 0; c < record->n_columns; c++)
    put_signed (events, record->column[c]);
}

LabEvents *
lab_events_new (const char *path, SimTrace *trace, SimTime from, SimTime until, GError **error)
{
  LabRecording *recording = lab_recording_new (path, error);

  if (recording == NULL)
    return NULL;
  LabEvents *events = g_new0 (LabEvents, 1);
  events->recording = recording;
  events->window = (LabWindow){ from, until };
  put_header (events);
  sim_trace_add_reader (trace, read_record, events, NULL, 0);
  return events;
}

bool
lab_events_close (LabEvents *events, GError **error)
{
  return lab_recording_close (events->recording, error);
}

void
lab_events_free (LabEvents *events)
{
  if (events == NULL)
    return;
  lab_recording_free (events->recording);
  g_free (events);
}

/* What is left of a file in memory. */
typedef struct Cursor {
  const uint8_t *at, *end;
  bool is_broken;
} Cursor;

static uint64_t
take_unsigned (Cursor *cursor)
{
  uint64_t value = 0;

  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (cursor->at == cursor->end)
      break;
    uint8_t byte = *cursor->at++;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80)
      return value;
  }
  cursor->is_broken = true;
  return 0;
}

static int64_t
take_signed (Cursor *cursor)
{
  uint64_t value = take_unsigned (cursor);
  return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

/* True if the next text is |expected|. */
static bool
take_text (Cursor *cursor, const char *expected)
{
  uint64_t count = take_unsigned (cursor);

  if (cursor->is_broken || count > (uint64_t)(cursor->end - cursor->at)) {
    cursor->is_broken = true;
    return false;
  }
  bool same = count == strlen (expected) && memcmp (cursor->at, expected, count) == 0;
  cursor->at += count;
  return same;
}

/* The kinds must be those of this program: records are given to readers that know them by
 * number. */
static bool
take_header (Cursor *cursor)
{
  size_t magic = strlen (MAGIC);

  if ((size_t)(cursor->end - cursor->at) < magic || memcmp (cursor->at, MAGIC, magic) != 0)
    return false;
  cursor->at += magic;
  if (take_unsigned (cursor) != TRACE_N_KINDS)
    return false;
  for (int kind = 0; kind < TRACE_N_KINDS; kind++) {
    if (!take_text (cursor, trace_kinds[kind].name)
        || take_unsigned (cursor) != trace_kinds[kind].n_columns)
      return false;
    for (int c = 0; c < trace_kinds[kind].n_columns; c++)
      if (!take_text (cursor, trace_kinds[kind].columns[c]))
        return false;
  }
  return !cursor->is_broken;
}

static bool
take_record (Cursor *cursor, SimRecord *record)
{
  uint64_t delta = take_unsigned (cursor);
  record->when.ps += (int64_t)(delta & INT64_MAX);
  record->actor_id = (uint32_t)take_unsigned (cursor);
  record->kind = (uint16_t)take_unsigned (cursor);
  if (cursor->is_broken || record->kind >= TRACE_N_KINDS)
    return false;
  record->n_columns = trace_kinds[record->kind].n_columns;
  for (int c = 0; c < record->n_columns; c++)
    record->column[c] = take_signed (cursor);
  return !cursor->is_broken;
}

static GMappedFile *
map_file (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  int code = errno;
  GMappedFile *file = fd >= 0 ? g_mapped_file_new_from_fd (fd, FALSE, NULL) : NULL;

  if (file == NULL)
    g_set_error (error, LAB_ERROR, LAB_ERROR_FILE, "%s: cannot read: %s", path,
                 fd < 0 ? g_strerror (code) : "it is no regular file");
  if (fd >= 0)
    close (fd);
  return file;
}

bool
lab_events_read (const char *path, LabEventsFn record, void *data, GError **error)
{
  g_autoptr (GMappedFile) file = map_file (path, error);
  SimRecord next = { 0 };

  if (file == NULL)
    return false;
  Cursor cursor = { (const uint8_t *)g_mapped_file_get_contents (file), NULL, false };
  cursor.end = cursor.at + g_mapped_file_get_length (file);
  if (!take_header (&cursor)) {
    g_set_error (error, LAB_ERROR, LAB_ERROR_FILE,
                 "%s: is no events.bin of this version: make it again with --record events", path);
    return false;
  }
  for (; cursor.at < cursor.end; next.number++) {
    if (!take_record (&cursor, &next)) {
      g_set_error (error, LAB_ERROR, LAB_ERROR_FILE,
                   "%s: is cut short or broken after record %" G_GUINT64_FORMAT, path, next.number);
      return false;
    }
    if (!record (data, &next))
      return true;
  }
  return true;
}
