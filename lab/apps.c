#include "lab/apps.h"

#include "sim/mix.h"

#define N_ENDS 2

/* One end of one connection. */
typedef struct End {
  uint64_t next_offset; /* what has been delivered of its stream */
  int64_t stream;       /* its id, once something was delivered */
  bool out_of_order;    /* a byte came too early, twice, or of another stream */
  uint64_t digest;      /* of the messages so far */
  GArray *digests;      /* uint64_t: after each message; NULL before the first */
} End;

struct Apps {
  End (*end)[N_ENDS]; /* by connection: host, peer */
  uint32_t n_connections;
  bool out_of_order;
};

static End *
end_of (const Apps *apps, int64_t connection, int64_t side)
{
  SIM_ASSERT (connection < (int64_t)apps->n_connections);
  return &apps->end[connection][side == SIDE_PEER];
}

static void
on_deliver (Apps *apps, const SimRecord *record)
{
  End *end = end_of (apps, record->column[0], record->column[1]);

  if (end->next_offset == 0)
    end->stream = record->column[2];
  if ((uint64_t)record->column[3] != end->next_offset || record->column[2] != end->stream)
    end->out_of_order = apps->out_of_order = true;
  end->next_offset = (uint64_t)record->column[3] + (uint64_t)record->column[4];
}

/* A request or a response: its number, its size, and where in the stream it ended. */
static void
on_message (Apps *apps, const SimRecord *record)
{
  End *end = end_of (apps, record->column[0], record->column[1]);

  if (record->column[2] != APP_REQUEST && record->column[2] != APP_RESPONSE)
    return;
  for (uint32_t c = 2; c <= 4; c++)
    end->digest = sim_mix (end->digest ^ (uint64_t)record->column[c]);
  if (end->digests == NULL)
    end->digests = g_array_new (FALSE, FALSE, sizeof (uint64_t));
  g_array_append_val (end->digests, end->digest);
}

static void
read_record (void *data, const SimRecord *record)
{
  if (record->kind == TRACE_APP_DELIVER)
    on_deliver (data, record);
  else
    on_message (data, record);
}

Apps *
apps_new (SimTrace *trace, uint32_t n_connections)
{
  static const uint16_t kinds[] = { TRACE_APP_DELIVER, TRACE_APP_EVENT };
  Apps *apps = g_new0 (Apps, 1);

  apps->end = g_malloc0_n (MAX (n_connections, 1), sizeof *apps->end);
  apps->n_connections = n_connections;
  sim_trace_add_reader (trace, read_record, apps, kinds, G_N_ELEMENTS (kinds));
  return apps;
}

void
apps_free (Apps *apps)
{
  if (apps == NULL)
    return;
  for (uint32_t i = 0; i < apps->n_connections; i++)
    for (int e = 0; e < N_ENDS; e++)
      if (apps->end[i][e].digests != NULL)
        g_array_unref (apps->end[i][e].digests);
  g_free (apps->end);
  g_free (apps);
}

/* Both ends saw the same bytes, as far as both got: payload is a pattern of stream and offset, so
 * bytes that came in order of the same stream are the same bytes. */
static bool
bytes_agree (const End *a, const End *b, AppsCompared *compared)
{
  uint64_t bytes = MIN (a->next_offset, b->next_offset);

  compared->bytes += bytes;
  return !a->out_of_order && !b->out_of_order && (bytes == 0 || a->stream == b->stream);
}

static bool
messages_agree (const End *a, const End *b, AppsCompared *compared)
{
  guint n_a = a->digests != NULL ? a->digests->len : 0;
  guint n_b = b->digests != NULL ? b->digests->len : 0;
  guint n = MIN (n_a, n_b);

  compared->messages += n;
  return n == 0
         || g_array_index (a->digests, uint64_t, n - 1)
                == g_array_index (b->digests, uint64_t, n - 1);
}

uint32_t
apps_first_difference (const Apps *apps, const Apps *other, AppsCompared *ret_compared)
{
  uint32_t different = UINT32_MAX;

  SIM_ASSERT (apps->n_connections == other->n_connections);
  *ret_compared = (AppsCompared){ 0 };
  for (uint32_t i = 0; i < apps->n_connections && different == UINT32_MAX; i++)
    for (int e = 0; e < N_ENDS; e++) {
      const End *a = &apps->end[i][e], *b = &other->end[i][e];
      if (!bytes_agree (a, b, ret_compared) || !messages_agree (a, b, ret_compared))
        different = i;
    }
  return different;
}

bool
apps_all_in_order (const Apps *apps)
{
  return !apps->out_of_order;
}
