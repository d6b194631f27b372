#include "models/tcp/store.h"

#include <glib.h>

#include "sim/assert.h"

TcpStore *
tcp_store_new (uint32_t connections_limit, uint32_t blocks_limit)
{
  TcpStore *store = g_new0 (TcpStore, 1);
  store->disorders = sim_pool_new (sizeof (TcpDisorder), connections_limit);
  store->blocks = sim_pool_new (sizeof (TcpBlock), blocks_limit);
  return store;
}

void
tcp_store_free (TcpStore *store)
{
  if (store == NULL)
    return;
  sim_pool_free (store->disorders);
  sim_pool_free (store->blocks);
  g_free (store);
}

uint32_t
tcp_store_connections (const TcpStore *store)
{
  return sim_pool_out (store->disorders);
}

uint32_t
tcp_store_blocks (const TcpStore *store)
{
  return sim_pool_out (store->blocks);
}

TcpDisorder *
tcp_disorder_need (Tcb *tcb)
{
  if (tcb->disorder == NULL)
    tcb->disorder = sim_pool_take (tcb->config->store->disorders);
  return tcb->disorder;
}

void
tcp_disorder_settle (Tcb *tcb)
{
  const TcpDisorder *d = tcb->disorder;
  if (d == NULL || d->ready != NULL || d->queue != NULL || d->board != NULL || d->has_fin
      || d->has_duplicate || d->guides)
    return;
  sim_pool_put (tcb->config->store->disorders, tcb->disorder);
  tcb->disorder = NULL;
}

void
tcp_disorder_clear (Tcb *tcb)
{
  TcpDisorder *d = tcb->disorder;
  if (d == NULL)
    return;
  tcp_block_free_list (tcb, &d->ready);
  tcp_block_free_list (tcb, &d->queue);
  tcp_block_free_list (tcb, &d->board);
  sim_pool_put (tcb->config->store->disorders, d);
  tcb->disorder = NULL;
}

TcpBlock *
tcp_block_new (Tcb *tcb)
{
  return sim_pool_take (tcb->config->store->blocks);
}

void
tcp_block_free (Tcb *tcb, TcpBlock *block)
{
  sim_pool_put (tcb->config->store->blocks, block);
}

void
tcp_block_free_list (Tcb *tcb, TcpBlock **list)
{
  while (*list != NULL) {
    TcpBlock *block = *list;
    *list = block->next;
    tcp_block_free (tcb, block);
  }
}
