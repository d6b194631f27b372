/*
 * The settings of a drill: what a script's options and commands make of the host.
 *
 * Scripts are written for a system with its defaults: they set sysctls, or run a script that does.
 * No shell is run.  What is known to change the protocol is set in the model; what has no meaning
 * here is passed over; the rest makes the script not applicable, by name.
 *
 * Order       Options first, then commands in the order of the script, up to the first packet or
 *             call.  Later commands are for drill_settings_command, when their time comes; those
 *             behind the last packet and call matter to nobody.
 * Units       As in each name.
 * Owns        |foreign| is the settings' own: drill_settings_clear.
 * Source      Defaults of the two systems that public suites are written for, by documented sysctl.
 */
#pragma once

#include "lab/drill/script.h"
#include "models/tcp/tcb.h"

typedef enum DrillSystem {
  DRILL_SYSTEM_OWN,   /* the model's host as it is */
  DRILL_SYSTEM_LINUX, /* the script asks for that system's defaults */
  DRILL_SYSTEM_BSD,
} DrillSystem;

typedef struct DrillSettings {
  DrillSystem system;
  TcpConfig tcp;
  uint8_t ip_version;
  uint32_t mtu_bytes;
  uint32_t receive_buffer_bytes, receive_buffer_max_bytes, send_buffer_bytes;
  bool timestamps, sack, window_scaling;
  bool ecn_offer, ecn_accept;
  bool ignores_icmp; /* no message of ICMP ends a connection */
  int64_t tolerance_ps;
  uint32_t tolerance_per_mille; /* of the time since the event before, where that is more */
  uint32_t ts_tick_us;   /* timestamps must advance by 1 in so long; 0: they may do as they like */
  bool strict_segments;  /* segments are not put together to match one of the script */
  unsigned host_changes; /* counts what has been set that a running host does not follow */
  uint32_t keepinit_ms;  /* how long a SYN may go unanswered; 0: as for data */
  GPtrArray *foreign;    /* char *: what is not applicable, once each */
} DrillSettings;

/* drill_settings_of reads |script|; false: an option has no meaning at all. */
bool drill_settings_of (const DrillScript *script, DrillSettings *ret_settings, GError **error);
void drill_settings_clear (DrillSettings *settings);

/* drill_settings_command does what a command amid the script says for the sockets to come. */
void drill_settings_command (DrillSettings *settings, unsigned line, const char *text);

/* drill_settings_note adds a name to |foreign|. */
void drill_settings_note (DrillSettings *settings, unsigned line, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* A command that counts connections in a state, which is how scripts of one suite look at them. */
typedef struct DrillCensus {
  TCP_OFFLOAD_CONNECTION_STATE state;
  uint32_t count;
} DrillCensus;
bool drill_command_census (const char *text, DrillCensus *ret_census);

/* The largest window scale that |bytes| of buffer need. */
uint8_t drill_window_scale (uint32_t bytes);
