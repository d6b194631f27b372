#include "tests/support.h"

#include <glib/gstdio.h>
#include <string.h>

#include "lab/capture.h"
#include "lab/frame_bytes.h"

#define BLOCK_SECTION 0x0A0D0D0A
#define BLOCK_INTERFACE 1
#define BLOCK_PACKET 6
#define BLOCKS_MAX 16

/* A block of a pcapng file: what is between type and length at either end. */
typedef struct Block {
  uint32_t type;
  const uint8_t *body;
  size_t count;
} Block;

/* A wire between two ends that take everything, and a capture of it. */
typedef struct Fixture {
  char *folder, *path;
  Sim *sim;
  Wire *wire;
  LabCapture *capture;
  char *content;
  Block block[BLOCKS_MAX];
  unsigned n_blocks;
} Fixture;

static void
take (G_GNUC_UNUSED void *data, G_GNUC_UNUSED const TcpSegment *segment)
{
}

static void
begin (Fixture *f, uint64_t loss_numerator, LabWindow window)
{
  WireConfig config = { .rate_bits_per_s = 1000000000,
                        .one_way = { 10 * SIM_PS_PER_US },
                        .queue_bytes = 65536,
                        .loss_numerator = loss_numerator,
                        .loss_denominator = 1,
                        .actor_id = 4 };
  WireListener listener = { .arrive = take };

  f->sim = sim_new (1);
  sim_trace_set_kinds (sim_trace (f->sim), trace_kinds, TRACE_N_KINDS);
  f->wire = wire_new (f->sim, &config);
  wire_attach (f->wire, WIRE_END_NIC, &listener);
  wire_attach (f->wire, WIRE_END_PEERS, &listener);
  f->capture = lab_capture_new (f->path, sim_trace (f->sim), window, NULL);
  assert_non_null (f->capture);
  lab_capture_watch (f->capture, f->wire, "target");
}

static int
set_up (void **state)
{
  Fixture *f = g_new0 (Fixture, 1);

  f->folder = g_dir_make_tmp ("chimsim-capture-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "capture.pcapng", NULL);
  *state = f;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *f = *state;

  lab_capture_free (f->capture);
  wire_free (f->wire);
  if (f->sim != NULL)
    sim_free (f->sim);
  g_unlink (f->path);
  g_rmdir (f->folder);
  g_free (f->content);
  g_free (f->path);
  g_free (f->folder);
  g_free (f);
  return 0;
}

static const LabWindow always = { { 0 }, { INT64_MAX } };

static uint32_t
le32 (const uint8_t *at)
{
  return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Closes the capture and takes its file apart. */
static void
finish (Fixture *f)
{
  gsize count, at = 0;

  assert_true (lab_capture_close (f->capture, NULL));
  assert_true (g_file_get_contents (f->path, &f->content, &count, NULL));
  const uint8_t *bytes = (const uint8_t *)f->content;
  while (at < count) {
    uint32_t total = le32 (bytes + at + 4);
    assert_int_equal (total % 4, 0);
    assert_in_range (total, 12, count - at);
    assert_int_equal (le32 (bytes + at + total - 4), total);
    assert_in_range (f->n_blocks, 0, BLOCKS_MAX - 1);
    f->block[f->n_blocks++] = (Block){ le32 (bytes + at), bytes + at + 8, total - 12 };
    at += total;
  }
}

/* The value of an option of the list at |at|, NULL if there is none. */
static const uint8_t *
option (const Block *block, size_t at, unsigned code, unsigned count)
{
  while (at + 4 <= block->count) {
    uint32_t head = le32 (block->body + at);
    if (head == 0)
      return NULL;
    if ((head & 0xFFFF) == code) {
      assert_int_equal (head >> 16, count);
      return block->body + at + 4;
    }
    at += 4 + ((head >> 16) + 3) / 4 * 4;
  }
  return NULL;
}

/* Packet |i|, from 0; asserts whose it is. */
static const Block *
packet (const Fixture *f, unsigned i, uint32_t interface)
{
  assert_in_range (3 + i, 3, f->n_blocks - 1);
  const Block *block = &f->block[3 + i];
  assert_int_equal (block->type, BLOCK_PACKET);
  assert_int_equal (le32 (block->body), interface);
  assert_int_equal (le32 (block->body + 12), le32 (block->body + 16));
  return block;
}

static uint64_t
stamp (const Block *block)
{
  return (uint64_t)le32 (block->body + 4) << 32 | le32 (block->body + 8);
}

static size_t
options_at (const Block *block)
{
  return 20 + (le32 (block->body + 12) + 3) / 4 * 4;
}

static TcpSegment
segment (uint32_t seq, uint32_t payload_bytes)
{
  return (TcpSegment){ .tuple = { 1, 2, 1024, 80 },
                       .seq = seq,
                       .flags = TCP_ACK,
                       .ip_version = 4,
                       .ttl = 64,
                       .source_mac_id = 1,
                       .destination_mac_id = 2,
                       .payload = { .stream_id = 0, .offset = seq, .bytes = payload_bytes } };
}

static void
run (Fixture *f)
{
  assert_int_equal (sim_run (f->sim, (SimLimits){ .until = SIM_TIME_NEVER }), SIM_STOP_IDLE);
}

static void
the_file_begins_with_a_section_and_two_interfaces (void **state)
{
  Fixture *f = *state;
  begin (f, 0, always);
  finish (f);

  assert_int_equal (f->n_blocks, 3);
  assert_int_equal (f->block[0].type, BLOCK_SECTION);
  assert_int_equal (le32 (f->block[0].body), 0x1A2B3C4D);
  assert_int_equal (le32 (f->block[0].body + 4), 1);
  assert_memory_equal (option (&f->block[0], 16, 4, 13), "chimsim 0.1.0", 13);
  static const struct {
    uint32_t link_type;
    const char *name;
  } expected[] = { { 1, "wire" }, { 147, "chimney" } };
  for (unsigned i = 0; i < 2; i++) {
    const Block *block = &f->block[1 + i];
    unsigned count = (unsigned)strlen (expected[i].name);
    assert_int_equal (block->type, BLOCK_INTERFACE);
    assert_int_equal (le32 (block->body), expected[i].link_type);
    assert_memory_equal (option (block, 8, 2, count), expected[i].name, count);
    assert_int_equal (*option (block, 8, 9, 1), 9);
    assert_int_equal (*option (block, 8, 13, 1), 0);
  }
}

static void
a_frame_stands_there_as_it_leaves_and_as_it_arrives (void **state)
{
  Fixture *f = *state;
  TcpSegment down = segment (1, 0), up = segment (7, 101);
  uint8_t frame[LAB_FRAME_BYTES_MAX];
  begin (f, 0, always);
  wire_send (f->wire, WIRE_END_NIC, SIDE_TARGET, &down);
  wire_send (f->wire, WIRE_END_PEERS, SIDE_PEER, &up);
  run (f);
  finish (f);

  assert_int_equal (f->n_blocks, 5);
  const Block *left = packet (f, 0, 0), *arrived = packet (f, 1, 0);
  assert_int_equal (stamp (left), 0);
  assert_int_equal (le32 (left->body + 12), 60);
  assert_int_equal (lab_frame_write (&down, frame), 60);
  assert_memory_equal (left->body + 20, frame, 60);
  assert_int_equal (le32 (option (left, options_at (left), 2, 4)), 2);
  assert_int_equal (le32 (option (left, options_at (left), 6, 4)), SIDE_TARGET);

  assert_int_equal (stamp (arrived), tcp_segment_wire_bytes (&up) * 8 + 10000);
  assert_int_equal (le32 (arrived->body + 12), 155);
  assert_int_equal (lab_frame_write (&up, frame), 155);
  assert_memory_equal (arrived->body + 20, frame, 155);
  assert_int_equal (arrived->body[20 + 155], 0);
  assert_int_equal (le32 (option (arrived, options_at (arrived), 2, 4)), 1);
  assert_null (option (arrived, options_at (arrived), 6, 4));
}

static void
a_lost_frame_is_seen_only_where_it_left (void **state)
{
  Fixture *f = *state;
  TcpSegment down = segment (1, 0), up = segment (2, 0);
  begin (f, 1, always);
  wire_send (f->wire, WIRE_END_NIC, SIDE_HOST, &down);
  wire_send (f->wire, WIRE_END_PEERS, SIDE_PEER, &up);
  run (f);
  finish (f);

  assert_int_equal (f->n_blocks, 4);
  const Block *left = packet (f, 0, 0);
  assert_int_equal (le32 (option (left, options_at (left), 2, 4)), 2);
  assert_int_equal (le32 (option (left, options_at (left), 6, 4)), SIDE_HOST);
}

/* Something crosses every 1.5 ns. */
typedef struct Clockwork {
  SimEvent event;
  int ticks;
} Clockwork;

static void
tick (Sim *sim, void *data)
{
  Clockwork *clockwork = data;

  TRACE (sim_trace (sim), 3, CALL_BEGIN, 1 + clockwork->ticks, NDIS_CALL_MiniportInitiateOffload, 9,
         2, 1, 3, 0x0102030405060708, 11, -2, 1 << 20);
  if (++clockwork->ticks < 6)
    sim_event_schedule (sim, &clockwork->event,
                        sim_time_add (sim_now (sim), (SimDuration){ 1500 }));
}

static void
record_ticks (Fixture *f)
{
  Clockwork clockwork = { .ticks = 0 };

  sim_event_init (&clockwork.event, SIM_PHASE_HOST, 3, tick, &clockwork);
  sim_event_schedule (f->sim, &clockwork.event, SIM_TIME_ZERO);
  run (f);
  finish (f);
}

static void
instants_are_rounded_down_to_nanoseconds (void **state)
{
  static const uint64_t expected[] = { 0, 1, 3, 4, 6, 7 };
  Fixture *f = *state;
  begin (f, 0, always);
  record_ticks (f);

  assert_int_equal (f->n_blocks, 9);
  for (unsigned i = 0; i < 6; i++)
    assert_int_equal (stamp (packet (f, i, 1)), expected[i]);
}

static void
a_window_keeps_what_happens_between_its_instants (void **state)
{
  Fixture *f = *state;
  begin (f, 0, (LabWindow){ { 1500 }, { 4500 } });
  record_ticks (f);

  assert_int_equal (f->n_blocks, 6);
  for (unsigned i = 0; i < 3; i++)
    assert_int_equal (packet (f, i, 1)->body[20 + 15], 2 + i); /* crossing, last byte */
}

static void
a_window_holds_for_frames_too (void **state)
{
  Fixture *f = *state;
  TcpSegment first = segment (1, 0), second = segment (2, 0);
  begin (f, 0, (LabWindow){ { 1 }, { INT64_MAX } });
  wire_send (f->wire, WIRE_END_NIC, SIDE_HOST, &first);
  wire_send (f->wire, WIRE_END_NIC, SIDE_HOST, &second);
  run (f);
  finish (f);

  assert_int_equal (f->n_blocks, 4);
  assert_int_equal (packet (f, 0, 0)->body[20 + 14 + 20 + 7], 2); /* sequence number, last byte */
}

static void
a_crossing_has_its_fields_and_its_names (void **state)
{
  static const uint8_t began[] = "\1\0\0\2\0\2\1\3"
                                 "\0\0\0\0\0\0\0\5"
                                 "\0\0\0\0\0\0\0\11"
                                 "\1\2\3\4\5\6\7\10"
                                 "\0\0\0\0\0\0\0\13"
                                 "\377\377\377\377\377\377\377\376"
                                 "\0\0\0\0\0\20\0\0"
                                 "\27MiniportInitiateOffload";
  static const uint8_t ended[] = "\1\3\0\4\0\0\0\1"
                                 "\0\0\0\0\0\0\0\6"
                                 "\0\0\0\0\0\0\0\0"
                                 "\0\0\0\0\0\0\0\7"
                                 "\0\0\0\0\0\0\0\0"
                                 "\0\0\0\0\0\0\0\2"
                                 "\0\0\0\0\0\0\5\264"
                                 "\37ProtocolInitiateOffloadComplete"
                                 "\23NDIS_STATUS_FAILURE";
  Fixture *f = *state;
  begin (f, 0, always);
  TRACE (sim_trace (f->sim), 3, CALL_BEGIN, 5, NDIS_CALL_MiniportInitiateOffload, 9, 2, 1, 3,
         0x0102030405060708, 11, -2, 1 << 20);
  TRACE (sim_trace (f->sim), 3, CALL_END, 6, NDIS_CALL_ProtocolInitiateOffloadComplete, 1, 7, 2,
         1460);
  finish (f);

  assert_int_equal (f->n_blocks, 5);
  const Block *first = packet (f, 0, 1), *second = packet (f, 1, 1);
  /* It has no status: the length of its name is the zero at the literal's end. */
  assert_int_equal (le32 (first->body + 12), sizeof began);
  assert_memory_equal (first->body + 20, began, sizeof began);
  assert_int_equal (le32 (option (first, options_at (first), 2, 4)), 2);
  assert_int_equal (le32 (second->body + 12), sizeof ended - 1);
  assert_memory_equal (second->body + 20, ended, sizeof ended - 1);
  assert_int_equal (le32 (option (second, options_at (second), 2, 4)), 1);
}

static void
a_full_disk_is_told_in_plain_words (void **state)
{
  Fixture *f = *state;
  g_autoptr (GError) error = NULL;
  g_free (f->path);
  f->path = g_strdup ("/dev/full");
  begin (f, 0, always);

  assert_false (lab_capture_close (f->capture, &error));
  assert_string_equal (error->message, "/dev/full: cannot write: No space left on device");
  f->path[0] = '\0'; /* nothing to remove */
}

static void
a_file_that_cannot_be_made_is_refused_at_once (void **state)
{
  Fixture *f = *state;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (f->folder, "none", "capture.pcapng", NULL);
  f->sim = sim_new (1);

  assert_null (lab_capture_new (path, sim_trace (f->sim), always, &error));
  g_autofree char *expected = g_strdup_printf ("%s: cannot write: No such file or directory", path);
  assert_string_equal (error->message, expected);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    TEST (the_file_begins_with_a_section_and_two_interfaces),
    TEST (a_frame_stands_there_as_it_leaves_and_as_it_arrives),
    TEST (a_lost_frame_is_seen_only_where_it_left),
    TEST (instants_are_rounded_down_to_nanoseconds),
    TEST (a_window_keeps_what_happens_between_its_instants),
    TEST (a_window_holds_for_frames_too),
    TEST (a_crossing_has_its_fields_and_its_names),
    TEST (a_full_disk_is_told_in_plain_words),
    TEST (a_file_that_cannot_be_made_is_refused_at_once),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
