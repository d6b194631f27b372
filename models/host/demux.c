#include "models/host/demux.h"

#include <glib.h>

#include "models/host/machine.h"

#define NO_CONNECTION UINT32_MAX
#define BUCKETS_MIN 16

void
demux_init (Host *host)
{
  host->n_buckets = BUCKETS_MIN;
  while (host->n_buckets < 2 * host->config.n_connections)
    host->n_buckets *= 2;
  host->bucket = g_new (uint32_t, host->n_buckets);
  for (uint32_t i = 0; i < host->n_buckets; i++)
    host->bucket[i] = NO_CONNECTION;
}

void
demux_clear (Host *host)
{
  g_free (host->bucket);
}

/* The bucket that holds |ours|, or the free one where it would be put. */
static uint32_t
find_bucket (const Host *host, TcpTuple ours)
{
  uint32_t i = processors_hash (ours) & (host->n_buckets - 1);

  while (host->bucket[i] != NO_CONNECTION
         && !tcp_tuple_equal (host->connection[host->bucket[i]].tcb.tuple, ours))
    i = (i + 1) & (host->n_buckets - 1);
  return i;
}

void
demux_add (Host *host, const Connection *c)
{
  uint32_t i = find_bucket (host, c->tcb.tuple);
  uint32_t before = host->bucket[i];
  SIM_ASSERT (before == NO_CONNECTION || host->connection[before].app.by_hand);
  host->bucket[i] = c->id;
}

Connection *
demux_find (Host *host, TcpTuple received)
{
  uint32_t id = host->bucket[find_bucket (host, tcp_tuple_reversed (received))];
  return id == NO_CONNECTION ? NULL : &host->connection[id];
}
