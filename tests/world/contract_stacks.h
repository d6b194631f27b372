/*
 * Whom the contract binds: the target in several makes, each intermediate driver in the table that
 * passes the chimney on, alone and eight deep, and stacks drawn at random, over a real target.
 *
 * A new driver is in it by its row in the table of kinds; a new make of the target by a row in
 * |makes|.
 */
#pragma once

#include "tests/world/contract_bench.h"

#include "sim/random.h"

#define STACKS_MAX 64
#define RANDOM_STACKS 16

static inline void
with_engines (TargetConfig *config)
{
  config->engines.count = 4;
  config->interrupts.vectors = 4;
}

static inline void
with_moderation (TargetConfig *config)
{
  config->interrupts.completions_max = 16;
  config->interrupts.delay_max = sim_us (5);
}

static inline void
with_a_small_cache (TargetConfig *config)
{
  config->cache.entries = 1;
  config->cache.memory = TARGET_CONTEXT_IN_HOST;
}

static inline void
with_a_narrow_mailbox (TargetConfig *config)
{
  config->mailbox.commands_max = 1;
}

static const ContractStack makes[] = {
  { .name = "target" },
  { .name = "target with engines", .configure = with_engines },
  { .name = "target with moderation", .configure = with_moderation },
  { .name = "target with a small cache", .configure = with_a_small_cache },
  { .name = "target with a narrow mailbox", .configure = with_a_narrow_mailbox },
};

typedef struct Stacks {
  ContractStack stack[STACKS_MAX];
  char name[STACKS_MAX][160];
  uint32_t n;
} Stacks;

static inline void
add_stack (Stacks *stacks, ContractStack stack)
{
  char *name = stacks->name[stacks->n];

  assert_true (stacks->n < STACKS_MAX);
  g_strlcpy (name, stack.name != NULL ? stack.name : "", sizeof stacks->name[0]);
  for (uint32_t i = 0; i < stack.n_kinds; i++) {
    g_strlcat (name, i > 0 ? " " : "", sizeof stacks->name[0]);
    g_strlcat (name, stack.kind[i]->name, sizeof stacks->name[0]);
  }
  stack.name = name;
  stacks->stack[stacks->n++] = stack;
}

/* One kind, alone and as often as a stack takes it. */
static inline void
add_kind (Stacks *stacks, const ImKind *kind)
{
  ContractStack stack = { .kind = { kind }, .n_kinds = 1 };

  add_stack (stacks, stack);
  for (; stack.n_kinds < CONTRACT_DRIVERS_MAX; stack.n_kinds++)
    stack.kind[stack.n_kinds] = kind;
  add_stack (stacks, stack);
}

static inline ContractStack
random_stack (const ImKind *const *kinds, uint32_t n_kinds, uint32_t number)
{
  SimStream stream = sim_stream (1, "contract");
  ContractStack stack = {
    .n_kinds = 2 + (uint32_t)sim_draw_below (stream, number, 0, CONTRACT_DRIVERS_MAX - 1)
  };

  stack.configure = makes[number % G_N_ELEMENTS (makes)].configure;
  for (uint32_t i = 0; i < stack.n_kinds; i++)
    stack.kind[i] = kinds[sim_draw_below (stream, number, 1 + i, n_kinds)];
  return stack;
}

static inline void
stacks_init (Stacks *stacks)
{
  size_t n;
  uint32_t n_passing = 0;
  const ImKind *all = im_kinds (&n);
  const ImKind *passing[16];

  *stacks = (Stacks){ 0 };
  for (size_t i = 0; i < G_N_ELEMENTS (makes); i++)
    add_stack (stacks, makes[i]);
  for (size_t i = 0; i < n; i++)
    if (all[i].passes_chimney) {
      passing[n_passing++] = &all[i];
      add_kind (stacks, &all[i]);
    }
  for (uint32_t i = 0; i < RANDOM_STACKS; i++)
    add_stack (stacks, random_stack (passing, n_passing, i));
}

/* Runs |body| against each of them, and holds its whole trace against the contract. */
static inline void
against_each (void (*body) (Contract *c))
{
  g_autofree Stacks *stacks = g_new (Stacks, 1);

  stacks_init (stacks);
  for (uint32_t i = 0; i < stacks->n; i++) {
    Contract *c = contract_open (&stacks->stack[i]);
    contract_enable (c);
    body (c);
    contract_close (c);
  }
}

#define CONTRACT(name)                          \
  static void name##_body (Contract *c);        \
  static void name (G_GNUC_UNUSED void **state) \
  {                                             \
    against_each (name##_body);                 \
  }                                             \
  static void name##_body (Contract *c)
