/*
 * Binding: settings become the members of a model's configuration.
 *
 * Owns        A LabStore owns what configurations point to (distributions) until lab_store_free.
 *             Texts are borrowed from the settings.
 * Errors      None: settings are checked before they are bound.  A member that cannot hold a value
 *             of its row's range is a bug of the table and asserts.
 */
#pragma once

#include "lab/setting.h"

typedef struct LabStore LabStore;

LabStore *lab_store_new (void);
void lab_store_free (LabStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabStore, lab_store_free)

/* lab_store_keep frees |block|, from g_malloc, with the store; it returns it. */
void *lab_store_keep (LabStore *store, void *block);

/* lab_bind writes all values of |section|, and of the sections in it, into |config|; what is not
 * set stays as it is.  Parts and lists of maps are the caller's. */
void lab_bind (const LabSetting *section, void *config, LabStore *store);
