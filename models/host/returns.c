#include "models/host/returns.h"

#include <glib.h>

#include "models/host/machine.h"

struct HostReturn {
  HostReturn *next;
  NET_BUFFER_LIST *nbl;
  Connection *connection;
  SimTime due;
};

/* Lists */

static void
append (HostReturnList *list, HostReturn *entry)
{
  entry->next = NULL;
  if (list->first == NULL)
    list->first = entry;
  else
    list->last->next = entry;
  list->last = entry;
}

static HostReturn *
take_first (HostReturnList *list)
{
  HostReturn *entry = list->first;
  if (entry != NULL)
    list->first = entry->next;
  return entry;
}

/* Giving */

static void
give (Host *host, HostReturn *entry)
{
  Connection *c = entry->connection;

  entry->nbl->Next = c->to_return;
  c->to_return = entry->nbl;
  sim_pool_put (host->returns.pool, entry);
  processors_defer (host, c, HOST_JOB_CHIMNEY);
}

static void
delay (Host *host, HostReturn *entry)
{
  HostReturns *returns = &host->returns;

  entry->due = sim_time_add (sim_now (host->sim), host->config.receive.return_delay);
  append (&returns->delayed, entry);
  if (returns->delayed.first == entry)
    sim_event_schedule (host->sim, &returns->event, entry->due);
}

/* The indications that put something aside here have returned. */
static void
clear_desk (SimCpu *cpu, const SimStepArgs *args)
{
  Host *host = args->self;
  HostReturnDesk *desk = &host->returns.desk[sim_cpu_index (cpu)];
  HostReturn *entry;

  while ((entry = take_first (&desk->fresh)) != NULL)
    if (host->config.receive.return_delay.ps > 0)
      delay (host, entry);
    else
      give (host, entry);
}

static void
expire (Sim *sim, void *data)
{
  Host *host = data;
  HostReturns *returns = &host->returns;

  while (returns->delayed.first != NULL
         && !sim_time_before (sim_now (sim), returns->delayed.first->due))
    give (host, take_first (&returns->delayed));
  if (returns->delayed.first != NULL)
    sim_event_schedule (sim, &returns->event, returns->delayed.first->due);
}

void
returns_add (Host *host, Connection *c, NET_BUFFER_LIST *nbl)
{
  SimCpu *cpu = sim_cpu_current (host->sim);
  HostReturnDesk *desk = &host->returns.desk[sim_cpu_index (cpu)];
  HostReturn *entry = sim_pool_take (host->returns.pool);

  SIM_ASSERT (sim_cpu_level (cpu) == SIM_LEVEL_DPC);
  *entry = (HostReturn){ .nbl = nbl, .connection = c };
  append (&desk->fresh, entry);
  sim_cpu_queue (cpu, &desk->work);
}

/* Life */

void
returns_init (Host *host)
{
  HostReturns *returns = &host->returns;
  SimStepArgs args = { .self = host };

  returns->pool = sim_pool_new (sizeof (HostReturn), 0);
  returns->desk = g_new0 (HostReturnDesk, host->config.n_cpus);
  for (uint32_t i = 0; i < host->config.n_cpus; i++)
    sim_work_init (&returns->desk[i].work, SIM_LEVEL_PASSIVE, clear_desk, args);
  sim_event_init (&returns->event, SIM_PHASE_HOST, host->config.actor_id, expire, host);
}

static void
put_all (Host *host, HostReturnList *list)
{
  HostReturn *entry;
  while ((entry = take_first (list)) != NULL)
    sim_pool_put (host->returns.pool, entry);
}

void
returns_clear (Host *host)
{
  HostReturns *returns = &host->returns;

  sim_event_cancel (host->sim, &returns->event);
  put_all (host, &returns->delayed);
  for (uint32_t i = 0; i < host->config.n_cpus; i++)
    put_all (host, &returns->desk[i].fresh);
  g_free (returns->desk);
  sim_pool_free (returns->pool);
}
