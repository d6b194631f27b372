/*
 * A stack of fakes with intermediate drivers between them.
 */
#pragma once

#include "tests/ndis/fake.h"

#include "models/im/drivers.h"

#define IM_BENCH_MAX 8

typedef struct ImBench {
  Bench *bench;
  ImDriver *im[IM_BENCH_MAX];
  uint32_t n_ims;
  FakeObjects objects;
} ImBench;

/* Makes |n_ims| drivers as |config| says and starts the stack. */
static inline ImBench *
im_bench_new (uint32_t n_ims, ImConfig config)
{
  ImBench *b = g_new0 (ImBench, 1);
  NdisDriver drivers[IM_BENCH_MAX];
  static const char *const names[IM_BENCH_MAX] = { "im1", "im2", "im3", "im4",
                                                   "im5", "im6", "im7", "im8" };

  b->bench = bench_new ();
  b->n_ims = n_ims;
  bench_make_ndis (b->bench);
  for (uint32_t i = 0; i < n_ims; i++) {
    config.name = names[i];
    config.layer = i + 1;
    config.actor_id = 20 + i;
    b->im[i] = im_driver_new (b->bench->ndis, &config);
    drivers[i] = im_driver_as_ndis (b->im[i]);
  }
  bench_start (b->bench, drivers, n_ims);
  fake_objects_init (b->bench, &b->objects);
  bench_forget (b->bench);
  return b;
}

static inline void
im_bench_free (ImBench *b)
{
  for (uint32_t i = 0; i < b->n_ims; i++)
    im_driver_free (b->im[i]);
  bench_free (b->bench);
  g_free (b);
}

/* A request of the host. */
typedef struct ImRequestStep {
  NDIS_STATUS (*call) (NDIS_OFFLOAD_HANDLE *, NET_BUFFER_LIST *); /* NULL: disconnect */
  NDIS_OFFLOAD_HANDLE *handle;
  NET_BUFFER_LIST *list;
  uint32_t flags;
} ImRequestStep;

static inline void
im_request_step (G_GNUC_UNUSED Bench *bench, void *what)
{
  const ImRequestStep *request = what;
  if (request->call != NULL)
    request->call (request->handle, request->list);
  else
    NdisOffloadTcpDisconnect (request->handle, request->list, request->flags);
}

static inline void
im_bench_request (ImBench *b, NDIS_STATUS (*call) (NDIS_OFFLOAD_HANDLE *, NET_BUFFER_LIST *),
                  NDIS_OFFLOAD_HANDLE *handle, NET_BUFFER_LIST *list, uint32_t flags)
{
  ImRequestStep step = { call, handle, list, flags };
  bench_run (b->bench, im_request_step, &step);
}

/* A receive indication of the target and the answer it gets. */
typedef struct ImIndication {
  NET_BUFFER_LIST *list;
  NdisResult result;
} ImIndication;

static inline void
im_indication_returned (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  Bench *bench = args->self;
  ImIndication *indication = args->object;
  indication->result = ndis_result (bench->ndis);
}

static inline void
im_indicate_step (Bench *bench, void *what)
{
  ImIndication *indication = what;
  ndis_then (bench->ndis, im_indication_returned, (SimStepArgs){ .self = bench, .object = what });
  bench->target.events.NdisTcpOffloadReceiveHandler (
      bench->target.handle[indication->list->object_id], indication->list, NDIS_STATUS_SUCCESS);
}

static inline NdisResult
im_bench_indicate (ImBench *b, NET_BUFFER_LIST *list)
{
  ImIndication indication = { .list = list };
  bench_run (b->bench, im_indicate_step, &indication);
  return indication.result;
}

static inline NET_BUFFER_LIST *
im_received_list (ImBench *b, uint32_t bytes)
{
  NET_BUFFER_LIST *list = ndis_nbl_take (b->bench->ndis, NDIS_HOLDER_TARGET, 70, 3);
  ndis_nbl_set_data (list, (TcpRange){ 0, TCP_STREAM (70, TCP_FROM_PEER), bytes });
  return list;
}

/* What is still taken of |what| by |layer|. */
static inline unsigned
im_bench_out (const ImBench *b, TraceResource what)
{
  return bench_count (b->bench, TRACE_TAKE, 0, what) - bench_count (b->bench, TRACE_PUT, 0, what);
}
