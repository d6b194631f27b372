#include "lab/capture.h"

#include "lab/crossing_bytes.h"
#include "lab/frame_bytes.h"
#include "lab/pcapng.h"
#include "lab/version.h"
#include "sim/assert.h"

enum {
  INTERFACE_WIRE,
  INTERFACE_CHIMNEY,
};

/* One wire that is watched. */
typedef struct Tap {
  LabCapture *capture;
  uint32_t interface;
} Tap;

struct LabCapture {
  LabRecording *recording;
  LabWindow window;
  uint8_t frame[LAB_FRAME_BYTES_MAX];
  Tap tap[TARGETS_MAX];
  uint32_t n_taps;
};

static void
see_frame (void *data, const WirePassing *passing)
{
  const Tap *tap = data;
  LabCapture *capture = tap->capture;

  if (passing->at != WIRE_END_NIC || !lab_window_has (capture->window, passing->when))
    return;
  bool leaves = passing->direction == TCP_TO_PEER;
  LabPcapngPacket packet = { .interface = tap->interface,
                             .when = passing->when,
                             .way = leaves ? LAB_PCAPNG_OUTBOUND : LAB_PCAPNG_INBOUND,
                             .has_queue = leaves,
                             .queue = passing->sender,
                             .bytes = capture->frame,
                             .count = lab_frame_write (passing->segment, capture->frame) };
  lab_pcapng_packet (capture->recording, &packet);
}

static void
read_record (void *data, const SimRecord *record)
{
  LabCapture *capture = data;
  uint8_t bytes[LAB_CROSSING_BYTES_MAX];

  if (!lab_window_has (capture->window, record->when))
    return;
  bool goes_down = trace_call_is_down ((NdisCall)record->column[1]);
  LabPcapngPacket packet = { .interface = INTERFACE_CHIMNEY,
                             .when = record->when,
                             .way = goes_down ? LAB_PCAPNG_OUTBOUND : LAB_PCAPNG_INBOUND,
                             .bytes = bytes,
                             .count = lab_crossing_write (record, bytes) };
  lab_pcapng_packet (capture->recording, &packet);
}

static void
put_header (LabRecording *recording)
{
  static const LabPcapngInterface interfaces[] = {
    [INTERFACE_WIRE] = { LAB_LINKTYPE_ETHERNET, "wire", "frames at the NIC's end of the wire" },
    [INTERFACE_CHIMNEY] = { LAB_LINKTYPE_USER0, "chimney",
                            "calls across the chimney; dissector: docs/chimney.lua" },
  };

  lab_pcapng_section (recording, "chimsim " LAB_VERSION);
  for (size_t i = 0; i < G_N_ELEMENTS (interfaces); i++)
    lab_pcapng_interface (recording, &interfaces[i]);
}

LabCapture *
lab_capture_new (const char *path, SimTrace *trace, LabWindow window, GError **error)
{
  static const uint16_t kinds[] = { TRACE_CALL_BEGIN, TRACE_CALL_END };
  LabRecording *recording = lab_recording_new (path, error);

  if (recording == NULL)
    return NULL;
  LabCapture *capture = g_new0 (LabCapture, 1);
  capture->recording = recording;
  capture->window = window;
  put_header (recording);
  sim_trace_add_reader (trace, read_record, capture, kinds, G_N_ELEMENTS (kinds));
  return capture;
}

void
lab_capture_watch (LabCapture *capture, Wire *wire, const char *target)
{
  SIM_ASSERT (capture->n_taps < TARGETS_MAX);
  Tap *tap = &capture->tap[capture->n_taps];
  g_autofree char *name = g_strdup_printf ("wire of %s", target);
  LabPcapngInterface interface = { LAB_LINKTYPE_ETHERNET, name,
                                   "frames at the NIC's end of the wire" };

  tap->capture = capture;
  tap->interface = capture->n_taps == 0 ? INTERFACE_WIRE : INTERFACE_CHIMNEY + capture->n_taps;
  if (capture->n_taps++ > 0)
    lab_pcapng_interface (capture->recording, &interface);
  wire_observe (wire, see_frame, tap);
}

bool
lab_capture_close (LabCapture *capture, GError **error)
{
  return lab_recording_close (capture->recording, error);
}

void
lab_capture_free (LabCapture *capture)
{
  if (capture == NULL)
    return;
  lab_recording_free (capture->recording);
  g_free (capture);
}
