#include "lab/recording.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "lab/mistakes.h"
#include "sim/assert.h"

#define BUFFER_BYTES (256 * 1024)

struct LabRecording {
  FILE *out;
  char *path;
  int code; /* errno of the first failure; 0: none */
};

static void
fail (GError **error, const char *path, int code)
{
  g_set_error (error, LAB_ERROR, LAB_ERROR_FILE, "%s: cannot write: %s", path, g_strerror (code));
}

static void
note_failure (LabRecording *recording)
{
  if (recording->code == 0)
    recording->code = errno != 0 ? errno : EIO;
}

LabRecording *
lab_recording_new (const char *path, GError **error)
{
  FILE *out = g_fopen (path, "wb");

  if (out == NULL) {
    fail (error, path, errno);
    return NULL;
  }
  setvbuf (out, NULL, _IOFBF, BUFFER_BYTES);
  LabRecording *recording = g_new0 (LabRecording, 1);
  recording->out = out;
  recording->path = g_strdup (path);
  return recording;
}

void
lab_recording_put (LabRecording *recording, const void *bytes, size_t count)
{
  SIM_ASSERT (recording->out != NULL);
  errno = 0;
  if (recording->code == 0 && fwrite (bytes, 1, count, recording->out) != count)
    note_failure (recording);
}

bool
lab_recording_close (LabRecording *recording, GError **error)
{
  SIM_ASSERT (recording->out != NULL);
  errno = 0;
  if (fflush (recording->out) != 0)
    note_failure (recording);
  if (fclose (g_steal_pointer (&recording->out)) != 0)
    note_failure (recording);
  if (recording->code != 0)
    fail (error, recording->path, recording->code);
  return recording->code == 0;
}

void
lab_recording_free (LabRecording *recording)
{
  if (recording == NULL)
    return;
  if (recording->out != NULL)
    fclose (recording->out);
  g_free (recording->path);
  g_free (recording);
}
