/*
 * The adapter as a whole: what its drivers registered, what it was told, what it told, and its
 * power.
 *
 * Order       The reader runs after the monitors.
 */
#pragma once

#include "models/rules/crossing.h"

#define RULE_STRUCTURES 5     /* of register records */
#define RULE_EVENT_HANDLERS 4 /* the one that NDIS gives */
#define RULE_VLANS_MAX 16

enum {
  RULE_HANDLERS_UNKNOWN, /* it has not asked */
  RULE_HANDLERS_GOOD,
  RULE_HANDLERS_ODD, /* a table with another header than asked for */
  RULE_HANDLERS_REFUSED,
};

/* What one end has heard of pausing and uploading. */
typedef struct RuleRestraint {
  bool is_paused;
  bool upload_all;
  uint64_t paused_at;
  uint64_t upload_all_at;
  uint64_t resumed_at;
  bool queried_since; /* capabilities asked for since the resume */
} RuleRestraint;

typedef struct RuleOid {
  int64_t number;
  uint8_t edge;
  bool is_set;
  uint64_t called_at;
  int64_t result; /* of the handler: NDIS_STATUS */
} RuleOid;

/* What a target says of itself. */
typedef struct RuleTargetConfig {
  bool is_known;
  uint32_t actor;
  int64_t value[TRACE_N_CONFIG_KEYS]; /* of several values the last */
  int64_t interface_vlans[RULE_VLANS_MAX];
  uint32_t n_interface_vlans;
} RuleTargetConfig;

typedef struct RuleAdapter {
  uint32_t registered[RULE_LAYERS_MAX][RULE_STRUCTURES]; /* how often */
  uint64_t registered_at[RULE_LAYERS_MAX][RULE_STRUCTURES];
  /* What NdisMGetOffloadHandlers gave each driver, and the record that says so. */
  uint8_t handlers[RULE_LAYERS_MAX];
  uint64_t handlers_at[RULE_LAYERS_MAX];
  bool is_enabled; /* a set of the parameters has succeeded at the host */
  bool was_set;    /* ... has been called for */
  bool was_queried;
  RuleRestraint told[RULE_LAYERS_MAX];    /* at each driver: by its own indications */
  RuleRestraint heard;                    /* at the host: once its handler has returned */
  RuleTable oids;                         /* requests at the target, by id */
  uint32_t status_calls[RULE_LAYERS_MAX]; /* about all objects, executing: by edge */
  uint64_t last_terminate_complete_at;
  uint64_t defect_at;                        /* the last defect that struck; 0: none */
  RuleTargetConfig targets[RULE_LAYERS_MAX]; /* by layer; 0: of one that did not say where it is */
  uint32_t links_down;
  RuleTable announced;   /* MACs that ARP or neighbor discovery have told the host */
  bool has_management;   /* something that is no TCP has arrived */
  bool has_priorities;   /* the target has sent a frame with a priority */
  uint64_t rss_table_at; /* OID_GEN_RECEIVE_SCALE_PARAMETERS was set; 0: never */
  uint64_t link_at;
  /* The record by which a driver on several adapters heard that one offers something else, until it
   * has told. */
  uint64_t capabilities_owed[RULE_LAYERS_MAX];
} RuleAdapter;

void rule_adapter_init (RuleAdapter *adapter);
void rule_adapter_clear (RuleAdapter *adapter);

void rule_adapter_on_begin (RuleAdapter *adapter, const RuleCrossings *crossings,
                            const RuleCrossing *x);
void rule_adapter_on_end (RuleAdapter *adapter, const RuleCrossings *crossings,
                          const RuleCrossing *x);
/* A defect struck, or the link changed. */
void rule_adapter_on_event (RuleAdapter *adapter, const SimRecord *record, uint64_t at);
void rule_adapter_on_config (RuleAdapter *adapter, const SimRecord *record);
void rule_adapter_on_register (RuleAdapter *adapter, const SimRecord *record, uint64_t at);

/* rule_target_config is what the target at |layer| says of itself; NULL: it said nothing. */
const RuleTargetConfig *rule_target_config (const RuleAdapter *adapter, unsigned layer);
/* rule_target_of_actor is the layer of the target that speaks as |actor|; 0: not known. */
unsigned rule_target_of_actor (const RuleAdapter *adapter, uint32_t actor);

RuleOid *rule_oid_find (const RuleAdapter *adapter, uint32_t id);
/* True for the OIDs by which the host switches the chimney on. */
bool rule_oid_is_parameters (int64_t oid);
