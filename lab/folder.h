/*
 * A result folder: built aside, then put in its place whole.
 *
 * Files are written into a temporary folder beside the final one; lab_folder_commit renames it.
 * Whatever stops the program before that leaves the earlier result as it was.
 *
 * Owns        The folder object owns its temporary folder and removes it unless it was committed.
 * Errors      LAB_ERROR_FILE with the path and the system's reason: no room, no permission, not
 *             ours to replace.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "lab/json.h"

typedef struct LabFolder LabFolder;

typedef struct LabFile {
  char *name;
  char *sha256; /* hexadecimal */
  uint64_t bytes;
} LabFile;

/* lab_folder_new prepares |path|; it refuses to replace a folder that no run has written (one
 * without manifest.json) or that holds a file of somebody else's.  What killed runs left beside it
 * is removed. */
LabFolder *lab_folder_new (const char *path, GError **error);
void lab_folder_free (LabFolder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabFolder, lab_folder_free)

/* lab_folder_write makes the file |name| (a slash makes a folder in it); |bytes| -1: a string. */
bool lab_folder_write (LabFolder *folder, const char *name, const char *content, gssize bytes,
                       GError **error);

/* lab_folder_add takes note of a file that somebody else has written into the folder. */
bool lab_folder_add (LabFolder *folder, const char *name, GError **error);

/* The files so far, by name; LabFile, borrowed. */
const GPtrArray *lab_folder_files (const LabFolder *folder);
/* lab_folder_to_json writes them as the array "files" of a manifest. */
void lab_folder_to_json (const LabFolder *folder, LabJson *json);
/* Where files are now (temporary), and where they will be. */
const char *lab_folder_work_path (const LabFolder *folder);
const char *lab_folder_path (const LabFolder *folder);

/* lab_folder_commit puts the folder in its place, instead of an earlier one. */
bool lab_folder_commit (LabFolder *folder, GError **error);
