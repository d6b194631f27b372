#include "lab/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lab/mistakes.h"
#include "sim/assert.h"

struct LabFolder {
  char *path; /* the final place */
  char *work; /* the temporary one; NULL after the commit */
  int lock;   /* on the temporary one: it is in use */
  GPtrArray *files;
};

static bool
fail (GError **error, const char *what, const char *path, int code)
{
  g_set_error (error, LAB_ERROR, LAB_ERROR_FILE, "%s: %s: %s", path, what, g_strerror (code));
  return false;
}

static void
file_free (void *data)
{
  LabFile *file = data;
  g_free (file->name);
  g_free (file->sha256);
  g_free (file);
}

/* Removes a folder and what is in it: only ever one that we made. */
static void
remove_tree (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);
    if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
      remove_tree (child);
    else
      (void)g_unlink (child);
  }
  if (dir != NULL)
    g_dir_close (dir);
  (void)g_rmdir (path);
}

/* True if the manifest's text lists |name|. */
static bool
is_listed (const char *manifest, const char *name)
{
  g_autofree char *quoted = g_strdup_printf ("\"name\": \"%s\"", name);
  return strstr (manifest, quoted) != NULL;
}

/* The first file below |path| that its |manifest| does not list, as a path from there; NULL: all
 * are ours. */
static char *
find_stranger (const char *path, const char *below, const char *manifest)
{
  g_autofree char *folder = g_build_filename (path, below, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = *below ? g_build_filename (below, name, NULL) : g_strdup (name);
    g_autofree char *whole = g_build_filename (path, child, NULL);
    char *stranger = NULL;
    if (g_file_test (whole, G_FILE_TEST_IS_DIR))
      stranger = find_stranger (path, child, manifest);
    else if (strcmp (child, "manifest.json") != 0 && strcmp (child, "env.json") != 0
             && !is_listed (manifest, child))
      stranger = g_steal_pointer (&child);
    if (stranger != NULL)
      return stranger;
  }
  return NULL;
}

static bool
refuse (const char *path, const char *why, GError **error)
{
  g_set_error (error, LAB_ERROR, LAB_ERROR_FILE, "%s: %s: name another folder with -o", path, why);
  return false;
}

/* True if |path| is free, empty, or a result of ours with nothing else in it. */
static bool
may_replace (const char *path, GError **error)
{
  g_autofree char *file = g_build_filename (path, "manifest.json", NULL);
  g_autofree char *manifest = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return true;
  if (!g_file_get_contents (file, &manifest, NULL, NULL)) {
    g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
    return (dir != NULL && g_dir_read_name (dir) == NULL)
           || refuse (path, "is not a result of chimsim (it has no manifest.json)", error);
  }
  g_autofree char *stranger = find_stranger (path, "", manifest);
  if (stranger == NULL)
    return true;
  g_autofree char *why = g_strdup_printf ("holds %s, which no run has written", stranger);
  return refuse (path, why, error);
}

/* Removes what killed runs left beside |base|: a temporary folder that nobody holds locked. */
static void
remove_leftovers (const char *parent, const char *base)
{
  g_autoptr (GDir) dir = g_dir_open (parent, 0, NULL);
  g_autofree char *prefix = g_strdup_printf (".%s.", base);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    if (!g_str_has_prefix (name, prefix) || g_str_has_suffix (name, ".old"))
      continue; /* an .old one may be somebody's only result */
    g_autofree char *path = g_build_filename (parent, name, NULL);
    int lock = g_open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (lock >= 0 && flock (lock, LOCK_EX | LOCK_NB) == 0)
      remove_tree (path);
    if (lock >= 0)
      close (lock);
  }
}

LabFolder *
lab_folder_new (const char *path, GError **error)
{
  g_autofree char *final = g_canonicalize_filename (path, NULL);
  g_autofree char *parent = g_path_get_dirname (final);
  g_autofree char *base = g_path_get_basename (final);

  if (!may_replace (final, error))
    return NULL;
  if (g_mkdir_with_parents (parent, 0777) != 0) {
    fail (error, "cannot make the folder", parent, errno);
    return NULL;
  }
  remove_leftovers (parent, base);
  g_autofree char *name = g_strdup_printf (".%s.XXXXXX", base);
  g_autofree char *work = g_build_filename (parent, name, NULL);
  if (g_mkdtemp_full (work, 0777) == NULL) {
    fail (error, "cannot write there", parent, errno);
    return NULL;
  }
  LabFolder *folder = g_new0 (LabFolder, 1);
  folder->path = g_steal_pointer (&final);
  folder->work = g_steal_pointer (&work);
  folder->lock = g_open (folder->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (folder->lock >= 0)
    (void)flock (folder->lock, LOCK_EX | LOCK_NB);
  folder->files = g_ptr_array_new_with_free_func (file_free);
  return folder;
}

void
lab_folder_free (LabFolder *folder)
{
  if (folder == NULL)
    return;
  if (folder->work != NULL)
    remove_tree (folder->work);
  if (folder->lock >= 0)
    close (folder->lock);
  g_ptr_array_unref (folder->files);
  g_free (folder->work);
  g_free (folder->path);
  g_free (folder);
}

static gint
compare_files (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(LabFile *const *)a)->name, (*(LabFile *const *)b)->name);
}

static void
note (LabFolder *folder, const char *name, const char *content, gsize bytes)
{
  LabFile *file = g_new0 (LabFile, 1);

  file->name = g_strdup (name);
  file->sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)content, bytes);
  file->bytes = bytes;
  g_ptr_array_add (folder->files, file);
  g_ptr_array_sort (folder->files, compare_files);
}

bool
lab_folder_write (LabFolder *folder, const char *name, const char *content, gssize bytes,
                  GError **error)
{
  SIM_ASSERT (folder->work != NULL);
  gsize size = bytes < 0 ? strlen (content) : (gsize)bytes;
  g_autofree char *path = g_build_filename (folder->work, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *shown = g_build_filename (folder->path, name, NULL);

  if (g_mkdir_with_parents (parent, 0777) != 0)
    return fail (error, "cannot make the folder", shown, errno);
  FILE *out = g_fopen (path, "wb");
  if (out == NULL)
    return fail (error, "cannot write", shown, errno);
  bool ok = fwrite (content, 1, size, out) == size && fflush (out) == 0;
  int code = errno;
  if (fclose (out) != 0 && ok) {
    ok = false;
    code = errno;
  }
  if (!ok)
    return fail (error, "cannot write", shown, code);
  note (folder, name, content, size);
  return true;
}

bool
lab_folder_add (LabFolder *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder->work, name, NULL);
  g_autofree char *content = NULL;
  gsize bytes;

  if (!g_file_get_contents (path, &content, &bytes, error))
    return false;
  note (folder, name, content, bytes);
  return true;
}

const GPtrArray *
lab_folder_files (const LabFolder *folder)
{
  return folder->files;
}

void
lab_folder_to_json (const LabFolder *folder, LabJson *json)
{
  lab_json_begin_array (json, "files");
  for (guint i = 0; i < folder->files->len; i++) {
    const LabFile *file = g_ptr_array_index (folder->files, i);
    lab_json_begin_object (json, NULL);
    lab_json_string (json, "name", file->name);
    lab_json_unsigned (json, "bytes", file->bytes);
    lab_json_string (json, "sha256", file->sha256);
    lab_json_end_object (json);
  }
  lab_json_end_array (json);
}

const char *
lab_folder_work_path (const LabFolder *folder)
{
  return folder->work;
}

const char *
lab_folder_path (const LabFolder *folder)
{
  return folder->path;
}

/* Without an exchange in one step: the earlier result waits aside for a moment. */
static bool
replace_in_two_steps (LabFolder *folder, GError **error)
{
  g_autofree char *old = g_strdup_printf ("%s.old", folder->work);

  if (g_rename (folder->path, old) != 0)
    return fail (error, "cannot replace the earlier result", folder->path, errno);
  if (g_rename (folder->work, folder->path) != 0) {
    int code = errno;
    (void)g_rename (old, folder->path);
    return fail (error, "cannot put the result there", folder->path, code);
  }
  remove_tree (old);
  return true;
}

bool
lab_folder_commit (LabFolder *folder, GError **error)
{
  SIM_ASSERT (folder->work != NULL);
  if (!g_file_test (folder->path, G_FILE_TEST_EXISTS)) {
    if (g_rename (folder->work, folder->path) != 0)
      return fail (error, "cannot put the result there", folder->path, errno);
  } else if (renameat2 (AT_FDCWD, folder->work, AT_FDCWD, folder->path, RENAME_EXCHANGE) == 0) {
    remove_tree (folder->work);
  } else if (!replace_in_two_steps (folder, error)) {
    return false;
  }
  g_clear_pointer (&folder->work, g_free);
  return true;
}
