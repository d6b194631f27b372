/*
 * An attacker: a flood of crafted segments, with the peer's addresses as their source.
 *
 * Each segment goes to one connection of a set, drawn, and carries a number (of its first byte; of
 * what it acknowledges, in a flood of ACKs) that is aimed better or worse.
 *
 *            blind                 window                       exact
 *   rst      any number            in the window, not its edge  what the host expects
 *   syn      any number            the same                     the same
 *   ack      acknowledges any      acknowledges more than has   acknowledges what the peer does:
 *            number                come: what the wire loses    a duplicate
 *                                  then is lost for good
 *   data     any number            overlaps what the peer sent  what the peer has yet to send
 *   zero_window, urgent
 *            any number            as rst: the host takes the   what the host expects: until the
 *                                  window for the newer one,    peer's next segment
 *                                  and no later one from the
 *                                  peer (SND.WL1)
 *
 * Order       Segments are events of phase WIRE, the attacker's actor.
 * Owns        Borrows the peers, which must outlive it.
 * Errors      An interval or a count of 0 asserts: the loader has checked it.
 * Invariants  Segment n's connection and number depend on (seed, name, n) and, except for blind
 *             numbers, on where the connection stands; a blind number is uniform on all 2^32.
 * Source      RFC 5961 3-5; RFC 4953 for the attacks.
 */
#pragma once

#include "models/wire/peer.h"

#define ATTACK_KINDS(X)                                                   \
  X (RST, "rst", "resets")                                                \
  X (SYN, "syn", "requests for a connection that is there already")       \
  X (ACK, "ack", "acknowledgments")                                       \
  X (DATA, "data", "data with the stream's own bytes")                    \
  X (ZERO_WINDOW, "zero_window", "acknowledgments that close the window") \
  X (URGENT, "urgent", "urgent pointers")

typedef enum AttackKind {
#define ATTACK_KIND(id, name, help) ATTACK_##id,
  ATTACK_KINDS (ATTACK_KIND)
#undef ATTACK_KIND
} AttackKind;

typedef enum AttackAim {
  ATTACK_BLIND,
  ATTACK_WINDOW,
  ATTACK_EXACT,
} AttackAim;

typedef struct AttackSpec {
  const char *name; /* of the flood: keys its draws */
  AttackKind kind;
  AttackAim aim;
  uint32_t first, last; /* connections, both included */
  SimDuration every;
  uint64_t count;
  uint32_t payload_bytes; /* DATA */
  uint32_t actor_id;
} AttackSpec;

typedef struct Attacker Attacker;

/* attacker_new sends the first segment now and calls |done| after the last; not from within. */
Attacker *attacker_new (Sim *sim, Peers *peers, const AttackSpec *spec, void (*done) (void *data),
                        void *data);
void attacker_free (Attacker *attacker);
