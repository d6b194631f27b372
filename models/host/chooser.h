/*
 * The chooser: which connections the host offloads of its own accord, and which it takes back.
 *
 * At regular instants it looks at what each connection has moved since the last look.  It uploads
 * what rests, makes room if the table is full and somebody deserves a place more, and offers what
 * the policy wants, as many as there is room for.  What came back or was refused is left alone for
 * a while that doubles.  HOST_CHOOSES_EACH compares nobody: each connection has its turn once, when
 * it has moved enough.
 *
 * Order       Candidates: most bytes first, then by id.  Evicted: the longest rest first, then by
 *             id.  It looks as long as the run lasts: such a run ends by its time.
 * Units       The room is what the miniport reports as its capacity, less what is with the target
 *             or on its way.
 * Source      Guide: terminate offload initiated by the host stack (higher priority, too little
 *             data); TERM-30.  Which connections to offload is the host's own affair.
 */
#pragma once

#include "models/host/host.h"
#include "models/host/worker.h"

typedef struct ChooserEntry ChooserEntry;
typedef struct Connection Connection;

typedef struct Chooser {
  SimEvent event;
  HostWorker worker;
  ChooserEntry *entry; /* by connection id; NULL: nothing is chosen */
  uint32_t capacity;   /* connections the target can hold, as it said last */
  bool is_offering;    /* an offer is under way */
} Chooser;

void chooser_init (Host *host);
void chooser_clear (Host *host);
/* chooser_start begins to look. */
void chooser_start (Host *host);
/* chooser_look_at is told that |c| has moved: HOST_CHOOSES_EACH offloads it now, if ever. */
void chooser_look_at (Host *host, Connection *c);
