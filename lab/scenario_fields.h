/*
 * The field table of the scenario language.
 *
 * One file a section; lab_scenario_fields is the top that holds them together.
 */
#pragma once

#include "lab/field.h"

/* The ranges that several sections share. */
#define LAB_COST_CYCLES_MAX INT64_C (1000000000)
#define LAB_TIME_PS_MAX INT64_C (1000000000000000) /* 1000 s */
#define LAB_TICKS_MAX INT64_C (2000000000)
#define LAB_POWER_OF_SYSTEM 16 /* added to the state that the device is in when the system is so */
#define LAB_EVENTS_MAX INT64_C (1000000000000)

/* The scenario as a section; its fields are the top-level keys. */
extern const LabField lab_scenario_fields;

/* Its sections. */
extern const LabField lab_host_fields[];
extern const LabField lab_ndis_fields[];
extern const LabField lab_im_fields[];
extern const LabField lab_target_fields[];
extern const LabField lab_wire_fields[];
extern const LabField lab_peers_fields[];
extern const LabField lab_connection_fields[];
extern const LabField lab_timeline_fields[];
extern const LabField lab_checks_fields[];
extern const LabField lab_measure_fields[];
extern const LabField lab_output_fields[];
extern const LabField lab_sweep_fields[];
extern const LabField lab_explore_fields[];
extern const LabField lab_test_fields[];

/* A host, a target and the peers each have a TCP engine (TcpConfig), with defaults of their own. */
extern const LabField lab_host_tcp_fields[];
extern const LabField lab_target_tcp_fields[];
extern const LabField lab_peer_tcp_fields[];

/* How applications wait for data: what a group has for itself, without defaults. */
extern const LabField lab_group_receive_fields[];

/* How many connections of an event go at once (size, gap, tree). */
extern const LabField lab_batch_fields[];
