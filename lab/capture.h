/*
 * capture.pcapng: what the NIC's end of the wire saw, and the crossings of the chimney, on one
 * clock.
 *
 * Interface 0, "wire": Ethernet frames.  A frame to the peers stands there when it begins to be
 * serialized, whether the wire loses it later or not; a frame from the peers when it has arrived,
 * so that one that was lost or dropped on the way is not there.  Interface 1, "chimney": the begin
 * and the end of every call that crosses, in the format of docs/capture.md.
 *
 * Use         lab_capture_new before the world has its parts, lab_capture_watch when it has them,
 *             lab_capture_close after the run.
 * Order       Packets stand in the order in which things happened; stamps never go back.
 * Owns        A capture owns its file until lab_capture_close, and outlives the run.  One wire has
 *             one.
 * Errors      LAB_ERROR_FILE; a full disk shows at the latest in lab_capture_close.
 * Invariants  The same run gives the same bytes, and is the same without a capture.
 */
#pragma once

#include "lab/recording.h"
#include "models/trace/trace.h"
#include "models/target/config.h"
#include "models/wire/wire.h"

typedef struct LabCapture LabCapture;

/* lab_capture_new begins to write |path|: what happens in |window|. */
LabCapture *lab_capture_new (const char *path, SimTrace *trace, LabWindow window, GError **error);

/* lab_capture_watch has the frames of |wire| written: of the first one as interface 0, of a further
 * one as an interface of its own, called after its |target|. */
void lab_capture_watch (LabCapture *capture, Wire *wire, const char *target);
bool lab_capture_close (LabCapture *capture, GError **error);
void lab_capture_free (LabCapture *capture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabCapture, lab_capture_free)
