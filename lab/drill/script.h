/*
 * A drill script: a test of a TCP in the packetdrill language, as a tree.
 *
 * A script is a list of events in the order of the text.  An event happens at a time of the
 * script's clock and is a socket call, a segment that arrives at the wire (inbound) or is expected
 * there (outbound), a shell command, or code about the state of the connection.
 *
 * Units       Times in picoseconds of the script's clock; sequence numbers as the script writes
 *             them.
 * Owns        A script owns everything below it.
 * Invariants  Every element keeps the line it stands on, from 1.
 * Source      The grammar of packetdrill's documentation; extensions of the FreeBSD test suite.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "models/tcp/segment.h"

typedef enum DrillValueKind {
  DRILL_VALUE_ANY,     /* ... */
  DRILL_VALUE_INTEGER, /* 42, 0x2a */
  DRILL_VALUE_WORD,    /* SOCK_STREAM */
  DRILL_VALUE_STRING,  /* "text" */
  DRILL_VALUE_LIST,    /* [a, b] */
  DRILL_VALUE_RECORD,  /* {a, b} */
  DRILL_VALUE_EITHER,  /* a | b: both of |items| */
  DRILL_VALUE_APPLIED, /* htons(8080): |text| is the name, |items| the arguments */
  DRILL_VALUE_NAMED,   /* name = value: |text| and one item; arguments of the name are dropped */
} DrillValueKind;

typedef struct DrillValue {
  DrillValueKind kind;
  unsigned line;
  int64_t integer;
  char *text;
  GPtrArray *items; /* DrillValue *, or NULL */
} DrillValue;

void drill_value_free (DrillValue *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DrillValue, drill_value_free)

typedef enum DrillWhenKind {
  DRILL_WHEN_NOW,      /* no time given: a command before or after the events */
  DRILL_WHEN_ANY,      /* * */
  DRILL_WHEN_ABSOLUTE, /* from time zero of the script */
  DRILL_WHEN_RELATIVE, /* from the event before */
} DrillWhenKind;

typedef struct DrillWhen {
  DrillWhenKind kind;
  bool is_range;
  int64_t from_ps, to_ps; /* equal if it is no range */
} DrillWhen;

/* How an outbound segment's ECN field is to be. */
typedef enum DrillEcn {
  DRILL_ECN_ANY,
  DRILL_ECN_NOT_ECT,
  DRILL_ECN_ECT0,
  DRILL_ECN_ECT1,
  DRILL_ECN_ECT01, /* either */
  DRILL_ECN_CE,
} DrillEcn;

/* Which members of a packet the script gives. */
enum {
  DRILL_HAS_ACK = 1 << 0,
  DRILL_HAS_WINDOW = 1 << 1,
  DRILL_HAS_URGENT = 1 << 2,
  DRILL_HAS_TOS = 1 << 3,
  DRILL_HAS_TTL = 1 << 4,
  DRILL_HAS_PORTS = 1 << 5,
  DRILL_HAS_FLOW_LABEL = 1 << 6,
  DRILL_ANY_OPTIONS = 1 << 7,  /* <...> */
  DRILL_ANY_SEQ = 1 << 8,      /* ...(0) */
  DRILL_ABSOLUTE_SEQ = 1 << 9, /* 0:0(0)!: as on the wire, not from the first SYN on */
};

/* A message of ICMP about a segment of the host's, by what it means for TCP (RFC 1122 4.2.3.9). */
typedef enum DrillIcmp {
  DRILL_ICMP_NONE, /* the packet is a segment */
  DRILL_ICMP_SOFT, /* it may pass: nothing happens */
  DRILL_ICMP_HARD,
} DrillIcmp;

typedef struct DrillPacket {
  bool outbound;
  DrillIcmp icmp; /* only |seq| counts then */
  uint8_t flags;
  uint32_t has; /* DRILL_HAS_* */
  uint32_t seq, seq_end, payload_bytes;
  uint32_t ack;
  uint16_t window, urgent_pointer;
  uint16_t source_port, destination_port;
  DrillEcn ecn;
  uint8_t tos, ttl;
  uint32_t flow_label;
  uint8_t options; /* TCP_OPTION_* */
  uint16_t mss;
  uint8_t window_scale;
  uint32_t ts_value, ts_echo;
  uint8_t n_sack;
  TcpSackBlock sack[TCP_SACK_BLOCKS_MAX];
  GPtrArray
      *foreign; /* char *: names of what stands in it that this model does not have, or NULL */
} DrillPacket;

typedef struct DrillCall {
  char *name;
  GPtrArray *arguments; /* DrillValue * */
  DrillValue *result;
  char *error; /* "EINPROGRESS", or NULL */
  bool blocks; /* an end time is given */
  int64_t end_ps;
} DrillCall;

typedef enum DrillActionKind {
  DRILL_PACKET,
  DRILL_CALL,
  DRILL_COMMAND, /* `shell` */
  DRILL_CODE,    /* %{ code }% */
} DrillActionKind;

typedef struct DrillEvent {
  unsigned line;
  DrillWhen when;
  DrillActionKind kind;
  DrillPacket packet;
  DrillCall call;
  char *text; /* of a command, or code */
} DrillEvent;

typedef struct DrillOption {
  unsigned line;
  char *name;  /* without the dashes */
  char *value; /* NULL: none */
} DrillOption;

typedef struct DrillScript {
  char *path;
  GPtrArray *options; /* DrillOption * */
  GPtrArray *events;  /* DrillEvent * */
} DrillScript;

/* What is defined for #ifdef, and for words of the script: NAME or NAME=VALUE; NULL-terminated. */
typedef const char *const *DrillDefines;

/* drill_script_parse reads |text|; |path| is what errors and reports call it. */
DrillScript *drill_script_parse (const char *path, const char *text, size_t n_bytes,
                                 DrillDefines defines, GError **error);
/* drill_script_load reads the file at |path|. */
DrillScript *drill_script_load (const char *path, DrillDefines defines, GError **error);
void drill_script_free (DrillScript *script);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DrillScript, drill_script_free)

/* The value of a definition: "" for a bare NAME, NULL if it is not defined. */
const char *drill_defined (DrillDefines defines, const char *name, size_t name_bytes);
