#include "models/host/returns.h"

#include "models/host/machine.h"

struct HostReturn {
  HostReturn *next;
  NET_BUFFER_LIST *nbl;
  Connection *connection;
  SimTime due;
};

static void
give (Host *host, Connection *c, NET_BUFFER_LIST *nbl)
{
  nbl->Next = c->to_return;
  c->to_return = nbl;
  processors_defer (host, c, HOST_JOB_CHIMNEY);
}

static void
expire (Sim *sim, void *data)
{
  Host *host = data;
  HostReturns *returns = &host->returns;

  while (returns->first != NULL && !sim_time_before (sim_now (sim), returns->first->due)) {
    HostReturn *entry = returns->first;
    returns->first = entry->next;
    give (host, entry->connection, entry->nbl);
    sim_pool_put (returns->pool, entry);
  }
  if (returns->first != NULL)
    sim_event_schedule (sim, &returns->event, returns->first->due);
}

void
returns_init (Host *host)
{
  host->returns.pool = sim_pool_new (sizeof (HostReturn), 0);
  sim_event_init (&host->returns.event, SIM_PHASE_HOST, host->config.actor_id, expire, host);
}

void
returns_clear (Host *host)
{
  HostReturns *returns = &host->returns;

  sim_event_cancel (host->sim, &returns->event);
  while (returns->first != NULL) {
    HostReturn *entry = returns->first;
    returns->first = entry->next;
    sim_pool_put (returns->pool, entry);
  }
  sim_pool_free (returns->pool);
}

void
returns_add (Host *host, Connection *c, NET_BUFFER_LIST *nbl)
{
  HostReturns *returns = &host->returns;

  if (host->config.receive.return_delay.ps == 0) {
    give (host, c, nbl);
    return;
  }
  HostReturn *entry = sim_pool_take (returns->pool);
  *entry = (HostReturn){ .nbl = nbl, .connection = c };
  entry->due = sim_time_add (sim_now (host->sim), host->config.receive.return_delay);
  if (returns->first == NULL)
    returns->first = entry;
  else
    returns->last->next = entry;
  returns->last = entry;
  if (returns->first == entry)
    sim_event_schedule (host->sim, &returns->event, entry->due);
}
