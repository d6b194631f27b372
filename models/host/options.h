/*
 * Socket options: cached TCP state that an application or an administrator changes.
 *
 * Source      TCP_OFFLOAD_STATE_CACHED; UPD-08 to UPD-14.
 */
#pragma once

#include "models/host/host.h"

typedef struct Connection Connection;

/* options_apply changes |c|'s cached state in the host. */
void options_apply (Host *host, Connection *c, const HostOptions *options);

/* options_init gives a new connection what the configuration says; options_init_socket leaves alone
 * what a socket's setup has said. */
void options_init (Host *host, Connection *c);
void options_init_socket (Host *host, Connection *c);

/* The flags by which an update of these options commands the target. */
uint16_t options_commands (const HostOptions *options);
