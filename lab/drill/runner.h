/*
 * A drill under way: the script's clock, its sockets and its flows.
 *
 * Private to lab/drill/.
 *
 * Order       Events happen in the order of the script.  A call with an end time stays open while
 *             the events behind it happen; there is at most one.
 * Owns        The runner owns its rig, sockets and flows and borrows script and settings.
 * Errors      What the host does otherwise than the script expects ends the drill:
 *             drill_runner_fail.
 */
#pragma once

#include "lab/drill/drill.h"
#include "lab/drill/flow.h"

typedef enum DrillSocketState {
  DRILL_SOCKET_FRESH,
  DRILL_SOCKET_LISTENING,
  DRILL_SOCKET_OPEN, /* has a connection */
  DRILL_SOCKET_CLOSED,
} DrillSocketState;

typedef struct DrillSocket {
  int64_t fd; /* as the script calls it */
  DrillSocketState state;
  uint32_t connection_id;
  uint16_t port;
  bool nonblocking, lingers;
  bool reads_no_more; /* its read half is shut: what is there can be read, then the end */
  int64_t linger_s;
  bool error_told;
  HostSocketSetup setup;
  uint32_t keepidle_ms, keepintvl_ms, keepcnt, keepinit_ms;
  uint32_t receive_buffer_bytes, send_buffer_bytes;
} DrillSocket;

/* What became of a call. */
typedef struct DrillOutcome {
  bool blocks;   /* it waits; the rest is not set */
  bool is_least; /* the number is a lower bound: there may be more */
  bool is_any;   /* the number is not looked at */
  bool is_wrong; /* the call gave a value that the script did not expect: |value| or |error| */
  int64_t value;
  const char *error; /* "EAGAIN", or NULL */
} DrillOutcome;

typedef struct DrillRunner DrillRunner;
typedef DrillOutcome (*DrillCallFn) (DrillRunner *runner, const DrillCall *call);

/* A call that has not come back. */
typedef struct DrillOpenCall {
  const DrillEvent *event; /* NULL: none */
  SimTime end;
  DrillCallFn again;
} DrillOpenCall;

struct DrillRunner {
  const DrillScript *script;
  DrillSettings *settings; /* a command may change them */
  DrillRig *rig;
  Host *host;
  bool offloads;
  GArray *sockets;         /* DrillSocket */
  GArray *flows;           /* DrillFlow */
  guint flow;              /* the one under test: index, or G_MAXUINT */
  bool next_is_new;        /* the next inbound packet begins a flow: somebody listens */
  uint16_t next_port;      /* of the peer */
  uint16_t next_host_port; /* of a connect */
  SimTime clock;           /* of the last event, as the script has it */
  SimTime clock_before;
  DrillOpenCall open_call;
  uint32_t room_taken; /* written by the open call before it blocked */
  const DrillEvent *event;
  DrillResult *result;
  GHashTable *variables; /* of code: name to int64 */
};

/* drill_runner_run runs a script that applies; |result| has the verdict passed, or gets another. */
void drill_runner_run (const DrillScript *script, DrillSettings *settings, bool offloads,
                       DrillResult *result);

/* drill_runner_fail ends the drill; false, for a return. */
bool drill_runner_fail (DrillRunner *runner, const DrillEvent *event, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

DrillFlow *drill_runner_flow (DrillRunner *runner);
/* drill_runner_add_flow begins a flow and puts it under test. */
DrillFlow *drill_runner_add_flow (DrillRunner *runner, uint16_t local_port, uint16_t remote_port);

/* Calls */

/* drill_call_find gives the function of a call, or NULL; drill_call_check notes what of it does not
 * apply. */
DrillCallFn drill_call_find (const char *name);
void drill_call_check (const DrillEvent *event, DrillSettings *settings);

/* Code */

/* drill_code_check notes what of it does not apply; drill_code_run is false, with *ret_what, if
 * what it asserts does not hold. */
void drill_code_check (const DrillEvent *event, DrillSettings *settings);
bool drill_code_run (DrillRunner *runner, const char *text, char **ret_what);
