#include "models/host/worker.h"

#include <glib.h>

#include "models/host/machine.h"

static void
get_round (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  HostWorker *worker = args->self;

  if (!worker->is_wanted)
    return;
  worker->is_wanted = false;
  worker->run (worker->host);
}

void
worker_init (HostWorker *worker, Host *host, void (*run) (Host *host))
{
  SimStepArgs args = { .self = worker };

  *worker = (HostWorker){ .host = host, .run = run };
  worker->work = g_new0 (SimWork, host->processors.n);
  for (uint32_t i = 0; i < host->processors.n; i++)
    sim_work_init (&worker->work[i], SIM_LEVEL_PASSIVE, get_round, args);
}

void
worker_clear (HostWorker *worker)
{
  g_free (worker->work);
}

void
worker_wake (HostWorker *worker)
{
  Host *host = worker->host;

  worker->is_wanted = true;
  for (uint32_t i = 0; i < host->processors.n; i++)
    sim_cpu_queue (host->processors.cpu[i], &worker->work[i]);
}
