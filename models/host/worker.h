/*
 * A worker: passive work that belongs to no connection, done by whichever processor gets round to
 * it first.
 *
 * A processor that drowns in received frames runs no passive work; work that was pinned to it would
 * wait for as long.
 *
 * Order       Each wake gives one run; wakes before it are the same wake.
 */
#pragma once

#include "sim/cpu.h"

typedef struct Host Host;

typedef struct HostWorker {
  Host *host;
  SimWork *work; /* one for each processor */
  bool is_wanted;
  void (*run) (Host *host);
} HostWorker;

void worker_init (HostWorker *worker, Host *host, void (*run) (Host *host));
void worker_clear (HostWorker *worker);
void worker_wake (HostWorker *worker);
