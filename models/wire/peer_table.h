/*
 * From a segment's addresses and ports to the connection: a hash table with open addressing.
 *
 * Units       Connections are known by index; tuples are stored as the peer sends.
 * Owns        The table owns its places; it is made for a number of connections and does not grow.
 * Errors      A tuple that is there already, or one more than the table was made for, asserts.
 * Invariants  For lookup only: nothing visits the table in its order.  At most half of the places
 *             are taken.
 */
#pragma once

#include <glib.h>

#include "models/tcp/segment.h"

typedef struct PeerTable PeerTable;

PeerTable *peer_table_new (uint32_t n_connections);
void peer_table_free (PeerTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PeerTable, peer_table_free)

void peer_table_add (PeerTable *table, TcpTuple tuple, uint32_t index);

/* peer_table_find gives the index of |tuple|; false: there is none. */
bool peer_table_find (const PeerTable *table, TcpTuple tuple, uint32_t *ret_index);
