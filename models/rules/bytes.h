/*
 * Conservation of bytes: what an application gets is what the other one sent, in order, once.
 */
#pragma once

#include "models/rules/table.h"

typedef struct RuleStream {
  uint64_t given_end;     /* of what the application sent */
  uint64_t delivered_end; /* of what the other one got */
  bool base_known;
  uint32_t base; /* sequence number of offset 0 */
  uint64_t given_at, delivered_at, base_at;
  /* when the host last began to give the connection away */
  uint64_t given_at_hand_over, delivered_at_hand_over;
  uint64_t hand_over_at; /* 0: never */
} RuleStream;

typedef struct RuleBytes {
  RuleTable streams;
} RuleBytes;

/* NULL: nothing is known of it. */
RuleStream *rule_stream_find (const RuleBytes *bytes, uint32_t connection, unsigned direction);

void rule_bytes_init (RuleBytes *bytes);
void rule_bytes_clear (RuleBytes *bytes);
