/*
 * What the engine counts: segments, why they were sent again, what was odd about those that came.
 *
 * All connections of one side (host, target, peers) share a set; it lives in their TcpStore.  A
 * connection that is handed over is counted where it is.
 *
 * Units       Segments as the engine makes and takes them: one that LSO cuts up later counts once.
 * Invariants  Counters only grow.  Each segment sent again is counted by one cause.
 * Source      Our choice; where an onlooker's term exists ("keep-alive", "zero window probe",
 *             "duplicate ACK") it is Wireshark's, see docs/capture.md.
 */
#pragma once

#include <stdint.h>

/* X (member, name in figures, what it counts) */
#define TCP_COUNTERS(X)                                                                        \
  X (segments_in, "segments.in", "segments taken")                                             \
  X (segments_out, "segments.out", "segments made")                                            \
  X (data_in, "data.in", "of these, with payload")                                             \
  X (data_out, "data.out", "of these, with payload")                                           \
  X (timeouts, "timeouts", "retransmission timers that ran out")                               \
  X (recoveries, "recoveries", "fast recoveries entered")                                      \
  X (resent_syn, "resent.syn", "SYN or SYN+ACK sent again")                                    \
  X (resent_timeout, "resent.timeout", "sent again from SndUna on: timeout, MTU, shut window") \
  X (resent_fast, "resent.fast", "fast retransmissions, the first of a recovery")              \
  X (resent_partial, "resent.partial", "sent again after a partial ACK, NewReno")              \
  X (resent_sack, "resent.sack", "sent again by the scoreboard, SACK")                         \
  X (resent_rescue, "resent.rescue", "rescue retransmissions, SACK")                           \
  X (limited_transmits, "limited_transmits", "new segments sent for the first duplicate ACKs") \
  X (persist_probes, "persist_probes", "probes of a shut window")                              \
  X (keepalives, "keepalives", "keep-alive probes")                                            \
  X (resets_out, "resets.out", "RST sent by the engine")                                       \
  X (resets_in, "resets.in", "RST taken, acceptable or not")                                   \
  X (delayed_acks, "delayed_acks", "ACKs that waited for their timer")                         \
  X (duplicate_acks_out, "duplicate_acks.out", "ACKs like the one before: number and window")  \
  X (duplicate_acks_in, "duplicate_acks.in", "duplicate ACKs as RFC 5681 2 has them")          \
  X (zero_windows_out, "zero_windows.out", "segments that told a shut window")                 \
  X (zero_windows_in, "zero_windows.in", "segments that told a shut window")                   \
  X (window_shut, "window_shut", "how often the peer's window went shut")                      \
  X (out_of_order_in, "out_of_order.in", "data behind a gap")                                  \
  X (old_in, "old.in", "data that had all been received before")                               \
  X (unacceptable_in, "unacceptable.in", "segments outside the window, old data included")     \
  X (challenge_resets, "challenges.rst", "challenge ACKs for an RST in the window")            \
  X (challenge_syns, "challenges.syn", "challenge ACKs for a SYN")                             \
  X (challenge_acks, "challenges.ack", "challenge ACKs for an ACK out of range")               \
  X (paws_drops, "paws_drops", "segments with too old a timestamp")                            \
  X (stampless_drops, "stampless_drops", "segments without the timestamp agreed on")           \
  X (congestion_marks_in, "congestion_marks.in", "segments marked CE")                         \
  X (congestion_echoes, "congestion_echoes", "windows reduced for ECE")                        \
  X (rtt_samples, "rtt_samples", "round-trip times measured")

typedef struct TcpCounters {
#define X(member, name, help) uint64_t member;
  TCP_COUNTERS (X)
#undef X
} TcpCounters;
