/*
 * The families of monitors, in the order in which they judge a record.
 */
#pragma once

#include "models/rules/book.h"

/* clang-format off */
#define RULE_FAMILIES(X) \
  X (arch) X (reg) X (oid) X (call) X (tree) X (plc) X (blk) X (ctx) X (init) X (ists) \
  X (rbuf) X (sdata) X (term) X (state) X (upd) X (nud) X (qry) X (path) X (header) X (segment) \
  X (im) X (send) X (recv) X (dlv) X (rss) X (ind) X (ret) X (fwd) X (disc) X (evt) \
  X (sts) X (pm) X (pnp) X (stat) X (ledger) X (bytes)
/* clang-format on */

#define RULE_DECLARE_FAMILY(name) extern const RuleFamily rule_family_##name;
RULE_FAMILIES (RULE_DECLARE_FAMILY)
#undef RULE_DECLARE_FAMILY
