#include "models/target/context.h"

#include <glib.h>

#include "models/target/target.h"
#include "sim/mix.h"

/* Tokens: the target's number and the generation in the upper half, layer and index plus one in the
 * lower. */
#define TOKEN_NUMBER_SHIFT 28
#define TOKEN_LAYER_SHIFT 28
#define TOKEN_INDEX_MASK ((UINT32_C (1) << TOKEN_LAYER_SHIFT) - 1)

static const size_t context_bytes[OFFLOAD_N_LAYERS] = {
  [OFFLOAD_LAYER_NEIGHBOR] = sizeof (NeighborContext),
  [OFFLOAD_LAYER_PATH] = sizeof (PathContext),
  [OFFLOAD_LAYER_TCP] = sizeof (TcpContext),
};

static NDIS_TOKEN
make_token (uint32_t number, OffloadLayer layer, uint32_t index, uint32_t generation)
{
  SIM_ASSERT (index < TOKEN_INDEX_MASK);
  SIM_ASSERT (generation >> TOKEN_NUMBER_SHIFT == 0);
  return (NDIS_TOKEN)(number << TOKEN_NUMBER_SHIFT | generation) << 32
         | (uint32_t)layer << TOKEN_LAYER_SHIFT | (index + 1);
}

uint32_t
target_of_context (NDIS_TOKEN token)
{
  return (uint32_t)(token >> 32) >> TOKEN_NUMBER_SHIFT;
}

static void
init_table (ContextTable *table, OffloadLayer layer, uint32_t limit)
{
  *table = (ContextTable){ .limit = limit };
  table->pool = sim_pool_new (context_bytes[layer], limit);
  table->generation = g_new0 (uint32_t, (size_t)limit + 1);
}

static void
init_ids (IdTable *table, uint32_t limit)
{
  *table = (IdTable){ .limit = limit };
  table->id = g_new0 (uint32_t, (size_t)limit + 1);
  table->uses = g_new0 (uint32_t, (size_t)limit + 1);
}

static uint32_t
power_of_two_above (uint32_t n)
{
  uint32_t power = 16;
  while (power < n)
    power *= 2;
  return power;
}

void
target_contexts_init (Contexts *contexts, const TargetConfig *config)
{
  SIM_ASSERT (config->number < TARGETS_MAX);
  *contexts = (Contexts){ .number = config->number };
  init_table (&contexts->table[OFFLOAD_LAYER_NEIGHBOR], OFFLOAD_LAYER_NEIGHBOR,
              config->tables.neighbors);
  init_table (&contexts->table[OFFLOAD_LAYER_PATH], OFFLOAD_LAYER_PATH, config->tables.paths);
  init_table (&contexts->table[OFFLOAD_LAYER_TCP], OFFLOAD_LAYER_TCP, config->tables.tcp);
  init_ids (&contexts->macs, config->tables.mac_addresses);
  init_ids (&contexts->addresses, config->tables.ip_addresses);
  init_ids (&contexts->vlans, config->tables.vlans);
  uint32_t buckets = power_of_two_above (config->tables.tcp);
  contexts->bucket = g_new0 (TcpContext *, buckets);
  contexts->bucket_mask = buckets - 1;
}

static void
free_all (Contexts *contexts, OffloadLayer layer)
{
  for (uint32_t i = 0; i < contexts->table[layer].limit; i++) {
    TargetContext *context = target_context_at (contexts, layer, i);
    if (context != NULL)
      sim_pool_put (contexts->table[layer].pool, context);
  }
}

void
target_contexts_clear (Contexts *contexts)
{
  for (OffloadLayer layer = 0; layer < OFFLOAD_N_LAYERS; layer++) {
    free_all (contexts, layer);
    sim_pool_free (contexts->table[layer].pool);
    g_free (contexts->table[layer].generation);
  }
  g_free (contexts->macs.id);
  g_free (contexts->macs.uses);
  g_free (contexts->addresses.id);
  g_free (contexts->addresses.uses);
  g_free (contexts->vlans.id);
  g_free (contexts->vlans.uses);
  g_free (contexts->bucket);
}

TargetContext *
target_context_new (Contexts *contexts, OffloadLayer layer)
{
  ContextTable *table = &contexts->table[layer];

  if (table->count == table->limit)
    return NULL;
  TargetContext *context = sim_pool_take (table->pool);
  uint32_t index = sim_pool_index (table->pool, context);
  SIM_ASSERT (index < table->limit);
  context->layer = layer;
  context->token = make_token (contexts->number, layer, index, ++table->generation[index]);
  table->count++;
  table->peak = MAX (table->peak, table->count);
  return context;
}

void
target_context_free (Contexts *contexts, TargetContext *context)
{
  ContextTable *table = &contexts->table[context->layer];

  table->count--;
  context->token = 0;
  sim_pool_put (table->pool, context);
}

TargetContext *
target_context_find (const Contexts *contexts, NDIS_TOKEN token)
{
  uint32_t low = (uint32_t)token;
  uint32_t layer = low >> TOKEN_LAYER_SHIFT;
  uint32_t index = low & TOKEN_INDEX_MASK;

  if (index == 0 || layer >= OFFLOAD_N_LAYERS || index > contexts->table[layer].limit)
    return NULL;
  TargetContext *context = sim_pool_at (contexts->table[layer].pool, index - 1);
  return context != NULL && context->token == token ? context : NULL;
}

TcpContext *
target_tcp_find (const Contexts *contexts, NDIS_TOKEN token)
{
  TargetContext *context = target_context_find (contexts, token);
  return context != NULL && context->layer == OFFLOAD_LAYER_TCP ? (TcpContext *)context : NULL;
}

TargetContext *
target_context_at (const Contexts *contexts, OffloadLayer layer, uint32_t index)
{
  return sim_pool_at (contexts->table[layer].pool, index);
}

uint32_t
target_context_count (const Contexts *contexts, OffloadLayer layer)
{
  return contexts->table[layer].count;
}

bool
target_contexts_are_empty (const Contexts *contexts)
{
  for (OffloadLayer layer = 0; layer < OFFLOAD_N_LAYERS; layer++)
    if (target_context_count (contexts, layer) > 0)
      return false;
  return true;
}

/* Links */

void
target_path_link (PathContext *path, NeighborContext *neighbor)
{
  SIM_ASSERT (path->neighbor == NULL);
  path->neighbor = neighbor;
  path->previous = NULL;
  path->next = neighbor->paths;
  if (path->next != NULL)
    path->next->previous = path;
  neighbor->paths = path;
}

void
target_path_unlink (PathContext *path)
{
  if (path->neighbor == NULL)
    return;
  if (path->next != NULL)
    path->next->previous = path->previous;
  if (path->previous != NULL)
    path->previous->next = path->next;
  else
    path->neighbor->paths = path->next;
  path->neighbor = NULL;
}

void
target_tcp_link (TcpContext *context, PathContext *path)
{
  SIM_ASSERT (context->path == NULL);
  context->path = path;
  context->previous = NULL;
  context->next = path->connections;
  if (context->next != NULL)
    context->next->previous = context;
  path->connections = context;
}

void
target_tcp_unlink (TcpContext *context)
{
  if (context->path == NULL)
    return;
  if (context->next != NULL)
    context->next->previous = context->previous;
  if (context->previous != NULL)
    context->previous->next = context->next;
  else
    context->path->connections = context->next;
  context->path = NULL;
}

NeighborContext *
target_tcp_neighbor (const TcpContext *context)
{
  return context->path != NULL ? context->path->neighbor : NULL;
}

bool
target_tcp_is_invalid (const TcpContext *context)
{
  const NeighborContext *neighbor = target_tcp_neighbor (context);

  return neighbor == NULL || context->head.invalid || context->path->head.invalid
         || neighbor->head.invalid;
}

/* Lookup */

static TcpContext **
bucket_of (const Contexts *contexts, TcpTuple tuple)
{
  uint64_t addresses = (uint64_t)tuple.source_address_id << 32 | tuple.destination_address_id;
  uint64_t ports = (uint64_t)tuple.source_port << 16 | tuple.destination_port;

  return &contexts->bucket[sim_mix (addresses ^ sim_mix (ports)) & contexts->bucket_mask];
}

void
target_lookup_add (Contexts *contexts, TcpContext *context)
{
  TcpContext **bucket = bucket_of (contexts, context->tcb.tuple);

  context->next_in_bucket = *bucket;
  *bucket = context;
}

void
target_lookup_remove (Contexts *contexts, TcpContext *context)
{
  TcpContext **link = bucket_of (contexts, context->tcb.tuple);

  while (*link != NULL && *link != context)
    link = &(*link)->next_in_bucket;
  if (*link != NULL)
    *link = context->next_in_bucket;
}

TcpContext *
target_lookup (const Contexts *contexts, const TcpSegment *segment)
{
  TcpTuple tuple = tcp_tuple_reversed (segment->tuple);
  TcpContext *context = *bucket_of (contexts, tuple);

  while (context != NULL
         && !(tcp_tuple_equal (context->tcb.tuple, tuple)
              && context->tcb.ip_version == segment->ip_version))
    context = context->next_in_bucket;
  return context;
}

/* Ids */

bool
id_table_take (IdTable *table, uint32_t id)
{
  for (uint32_t i = 0; i < table->count; i++)
    if (table->id[i] == id) {
      table->uses[i]++;
      return true;
    }
  if (table->count == table->limit)
    return false;
  table->id[table->count] = id;
  table->uses[table->count++] = 1;
  return true;
}

void
id_table_put (IdTable *table, uint32_t id)
{
  for (uint32_t i = 0; i < table->count; i++)
    if (table->id[i] == id && --table->uses[i] == 0) {
      table->count--;
      table->id[i] = table->id[table->count];
      table->uses[i] = table->uses[table->count];
      return;
    }
}
