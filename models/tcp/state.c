#include "models/tcp/state.h"

#include <stddef.h>

#include "models/tcp/tcp.h"
#include "sim/assert.h"

#define TCP_TRANSITIONS(X)                                       \
  /* state        event         next         source */           \
  X (Closed, PASSIVE_OPEN, Listen, "RFC 9293 3.10.1")            \
  X (Closed, ACTIVE_OPEN, SynSent, "RFC 9293 3.10.1")            \
  X (Listen, SYN, SynRcvd, "RFC 9293 3.10.7.2")                  \
  X (Listen, CLOSE, Closed, "RFC 9293 3.10.4")                   \
  X (Listen, ABORT, Closed, "RFC 9293 3.10.5")                   \
  X (SynSent, SYN, SynRcvd, "RFC 9293 3.10.7.3")                 \
  X (SynSent, SYN_ACKED, Established, "RFC 9293 3.10.7.3")       \
  X (SynSent, CLOSE, Closed, "RFC 9293 3.10.4")                  \
  X (SynSent, RESET, Closed, "RFC 9293 3.10.7.3")                \
  X (SynSent, ABORT, Closed, "RFC 9293 3.10.5")                  \
  X (SynSent, GIVE_UP, Closed, "RFC 9293 3.8.3")                 \
  X (SynRcvd, SYN_ACKED, Established, "RFC 9293 3.10.7.4")       \
  X (SynRcvd, RESET, Closed, "RFC 9293 3.10.7.4")                \
  X (SynRcvd, ABORT, Closed, "RFC 9293 3.10.5")                  \
  X (SynRcvd, GIVE_UP, Closed, "RFC 9293 3.8.3")                 \
  X (Established, CLOSE, FinWait1, "RFC 9293 3.10.4")            \
  X (Established, FIN, CloseWait, "RFC 9293 3.10.7.4")           \
  X (Established, RESET, Closed, "RFC 9293 3.10.7.4, RST-02")    \
  X (Established, ABORT, Closed, "RFC 9293 3.10.5")              \
  X (Established, GIVE_UP, Closed, "RFC 9293 3.8.3, RST-09")     \
  X (Established, SYN_AT_NEXT, Closed, "RST-05")                 \
  X (FinWait1, FIN, Closing, "RFC 9293 3.10.7.4")                \
  X (FinWait1, FIN_ACKED, FinWait2, "RFC 9293 3.10.7.4")         \
  X (FinWait1, RESET, Closed, "RFC 9293 3.10.7.4, RST-02")       \
  X (FinWait1, ABORT, Closed, "RFC 9293 3.10.5")                 \
  X (FinWait1, GIVE_UP, Closed, "RFC 9293 3.8.3, RST-09")        \
  X (FinWait1, SYN_AT_NEXT, Closed, "RST-05")                    \
  X (FinWait2, FIN, TimeWait, "RFC 9293 3.10.7.4")               \
  X (FinWait2, RESET, Closed, "RFC 9293 3.10.7.4, RST-02")       \
  X (FinWait2, ABORT, Closed, "RFC 9293 3.10.5")                 \
  X (FinWait2, EXPIRED, Closed, "TIMER-09")                      \
  X (FinWait2, GIVE_UP, Closed, "RFC 9293 3.8.3, RST-09")        \
  X (FinWait2, SYN_AT_NEXT, Closed, "RST-05")                    \
  X (CloseWait, CLOSE, LastAck, "RFC 9293 3.10.4 with figure 5") \
  X (CloseWait, RESET, Closed, "RFC 9293 3.10.7.4, RST-02")      \
  X (CloseWait, ABORT, Closed, "RFC 9293 3.10.5")                \
  X (CloseWait, GIVE_UP, Closed, "RFC 9293 3.8.3, RST-09")       \
  X (CloseWait, SYN_AT_NEXT, Closed, "RST-05")                   \
  X (Closing, FIN_ACKED, TimeWait, "RFC 9293 3.10.7.4")          \
  X (Closing, RESET, Closed, "RFC 9293 3.10.7.4, RST-02")        \
  X (Closing, ABORT, Closed, "RFC 9293 3.10.5")                  \
  X (Closing, GIVE_UP, Closed, "RFC 9293 3.8.3, RST-09")         \
  X (Closing, SYN_AT_NEXT, Closed, "RST-05")                     \
  X (LastAck, FIN_ACKED, Closed, "RFC 9293 3.10.7.4")            \
  X (LastAck, RESET, Closed, "RFC 9293 3.10.7.4, RST-02")        \
  X (LastAck, ABORT, Closed, "RFC 9293 3.10.5")                  \
  X (LastAck, GIVE_UP, Closed, "RFC 9293 3.8.3, RST-09")         \
  X (LastAck, SYN_AT_NEXT, Closed, "RST-05")                     \
  X (TimeWait, RESET, Closed, "RFC 9293 3.10.7.4")               \
  X (TimeWait, ABORT, Closed, "RFC 9293 3.10.5")                 \
  X (TimeWait, EXPIRED, Closed, "RFC 9293 3.10.8")

typedef struct StateRow {
  TCP_OFFLOAD_CONNECTION_STATE next;
  const char *rule; /* NULL: no row */
} StateRow;

static const StateRow rows[TCP_N_STATES][TCP_N_STATE_EVENTS] = {
#define X(st, ev, nx, rl) [TcpConnection##st][TCP_EVENT_##ev] = { TcpConnection##nx, rl },
  TCP_TRANSITIONS (X)
#undef X
};

static const char *const names[TCP_N_STATES] = {
  [TcpConnectionClosed] = "CLOSED",           [TcpConnectionListen] = "LISTEN",
  [TcpConnectionSynSent] = "SYN_SENT",        [TcpConnectionSynRcvd] = "SYN_RCVD",
  [TcpConnectionEstablished] = "ESTABLISHED", [TcpConnectionFinWait1] = "FIN_WAIT_1",
  [TcpConnectionFinWait2] = "FIN_WAIT_2",     [TcpConnectionCloseWait] = "CLOSE_WAIT",
  [TcpConnectionClosing] = "CLOSING",         [TcpConnectionLastAck] = "LAST_ACK",
  [TcpConnectionTimeWait] = "TIME_WAIT",
};

bool
tcp_state_next (TCP_OFFLOAD_CONNECTION_STATE state, TcpStateEvent event,
                TCP_OFFLOAD_CONNECTION_STATE *ret_next)
{
  SIM_ASSERT ((uint32_t)state < TCP_N_STATES);
  SIM_ASSERT ((uint32_t)event < TCP_N_STATE_EVENTS);
  if (rows[state][event].rule == NULL)
    return false;
  *ret_next = rows[state][event].next;
  return true;
}

const char *
tcp_state_rule (TCP_OFFLOAD_CONNECTION_STATE state, TcpStateEvent event)
{
  SIM_ASSERT ((uint32_t)state < TCP_N_STATES);
  SIM_ASSERT ((uint32_t)event < TCP_N_STATE_EVENTS);
  return rows[state][event].rule;
}

bool
tcp_state_step (Tcb *tcb, TcpStateEvent event)
{
  TCP_OFFLOAD_CONNECTION_STATE next;
  if (!tcp_state_next (tcp_state (tcb), event, &next))
    return false;
  tcb->State = (uint8_t)next;
  return true;
}

const char *
tcp_state_name (TCP_OFFLOAD_CONNECTION_STATE state)
{
  SIM_ASSERT ((uint32_t)state < TCP_N_STATES);
  return names[state];
}

bool
tcp_state_can_offload (TCP_OFFLOAD_CONNECTION_STATE state)
{
  return tcp_state_is_in (state, TCP_STATES_OFFLOADABLE);
}

bool
tcp_state_can_send (TCP_OFFLOAD_CONNECTION_STATE state)
{
  return tcp_state_is_in (state, TCP_STATES_SENDING);
}
