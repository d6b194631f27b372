/*
 * Claims: conditions about a run, resolved against a scenario and ready to be evaluated.
 *
 *   offloaded(web) == min(established(web), tables(target).tcp)
 *
 * Names are resolved, sides are compared only if they are of one sort, quantities are read in the
 * unit of the other side, and what the scenario fixes (tables(target).tcp, wire.rate) has become a
 * number.
 *
 * Owns        A claim owns its terms.
 * Errors      Go to LabMistakes.
 * Invariants  A claim has at least one term: what names nothing that a run changes is refused.
 */
#pragma once

#include "lab/setting.h"
#include "lab/term.h"

#define LAB_CLAIM_TERMS_MAX 64

typedef struct LabClaim LabClaim;

/* lab_claim_new reads |text|, which stands at |spot|, in the resolved |scenario|; NULL with a
 * mistake. */
LabClaim *lab_claim_new (const char *text, const LabSetting *scenario, const WorldConfig *config,
                         LabSpot spot);
void lab_claim_free (LabClaim *claim);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabClaim, lab_claim_free)

/* The terms, each once, in the order they are named. */
const LabTerm *lab_claim_terms (const LabClaim *claim, uint32_t *ret_count);

/* lab_claim_holds tells whether it is true with |values| for its terms. */
bool lab_claim_holds (const LabClaim *claim, const int64_t *values);

/* lab_claim_values says what the terms are: "offloaded(web) is 591, power(target) is D3"; the
 * caller frees it. */
char *lab_claim_values (const LabClaim *claim, const int64_t *values);
