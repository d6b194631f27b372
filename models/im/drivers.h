/*
 * Intermediate drivers by kind: the one table that names them.
 *
 * Owns        The caller owns an ImDriver until im_driver_free, and keeps NDIS and what the
 *             configuration borrows alive for as long.
 * Errors      An unknown kind asserts in im_driver_new: the loader has checked it with
 *             im_kind_by_name.
 */
#pragma once

#include "models/im/config.h"
#include "models/im/defect.h"
#include "models/ndis/ndis.h"

typedef struct ImDriver ImDriver;

/* Whoever asked for something that takes time: told once, with |tag|. */
typedef struct ImCaller {
  void (*done) (void *data, uint32_t tag, bool succeeded);
  void *data;
  uint32_t tag;
} ImCaller;

typedef struct ImKind {
  const char *name;
  const char *text;
  bool passes_chimney; /* false: blocks it for everything above */
  const NDIS_MINIPORT_DRIVER_CHARACTERISTICS *miniport;
  const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS *protocol;
  /* What a kind with state of its own needs; NULL: nothing. */
  void (*open) (ImDriver *im);
  void (*close) (ImDriver *im);
  void (*settled) (ImDriver *im); /* an operation has been completed upward */
  /* The buffered data of a terminate comes up through |port|. */
  void (*uploaded) (ImDriver *im, uint32_t port, NET_BUFFER_LIST *BufferedData);
  bool (*fail_over) (ImDriver *im, uint32_t port, ImCaller caller);
  bool (*set_member) (ImDriver *im, uint32_t port, bool is_member, ImCaller caller);
  bool (*can_spare) (const ImDriver *im, uint32_t port);
} ImKind;

/* im_kinds lists the kinds there are; im_kind_by_name gives NULL for an unknown one. */
const ImKind *im_kinds (size_t *ret_count);
const ImKind *im_kind_by_name (const char *name);

/* im_driver_new makes a driver of kind |config->driver|; NULL stands for "pass-through". */
ImDriver *im_driver_new (Ndis *ndis, const ImConfig *config);
void im_driver_free (ImDriver *im);

/* The driver as a stack takes it: for ndis_start. */
NdisDriver im_driver_as_ndis (ImDriver *im);

/* im_driver_set_defect switches |defect| on or off, from now on. */
void im_driver_set_defect (ImDriver *im, ImDefect defect, bool on);

/* im_driver_fail_over lets the driver change to |port|, or with UINT32_MAX to the next; |caller| is
 * told when it has.  A driver that cannot says so at once. */
void im_driver_fail_over (ImDriver *im, uint32_t port, ImCaller caller);

/* im_driver_set_member takes |port| out of the driver's team or back into it; |caller| is told as
 * before.  False where nothing changes, or nothing would be left. */
void im_driver_set_member (ImDriver *im, uint32_t port, bool is_member, ImCaller caller);
/* im_driver_can_spare tells whether the driver needs |port| no more than others: false only of one
 * over several targets that has no other left to use. */
bool im_driver_can_spare (const ImDriver *im, uint32_t port);

typedef struct ImStats {
  uint32_t entries, entries_peak; /* IM offload entries */
  uint32_t calls, calls_peak;     /* IM call entries */
  uint32_t waiting, waiting_peak; /* requests beyond the depth */
} ImStats;

ImStats im_driver_stats (const ImDriver *im);
