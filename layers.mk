# Who may include whom.  Read a line as "this module knows these, and nothing else".
# Linking uses the table (Makefile) and `make layers` proves it from the #include lines.

LAYER_sim    =
LAYER_tcp    = sim
LAYER_trace  = sim
LAYER_traffic = sim
LAYER_ndis   = trace tcp sim
LAYER_im     = ndis trace tcp sim
LAYER_host   = ndis traffic trace tcp sim
LAYER_wire   = traffic trace tcp sim
LAYER_target = wire ndis traffic trace tcp sim
LAYER_rules  = ndis trace tcp sim
LAYER_world  = rules host im target wire ndis traffic trace tcp sim
LAYER_lab    = world rules host im target wire ndis traffic trace tcp sim
LAYER_drill  = lab world rules host im target wire ndis traffic trace tcp sim
LAYER_cli    = drill lab world rules host im target wire ndis traffic trace tcp sim

# Where each module lives.
DIR_sim    = sim
DIR_tcp    = models/tcp
DIR_trace  = models/trace
DIR_traffic = models/traffic
DIR_ndis   = models/ndis
DIR_im     = models/im
DIR_host   = models/host
DIR_wire   = models/wire
DIR_target = models/target
DIR_rules  = models/rules
DIR_world  = models/world
DIR_lab    = lab
DIR_drill  = lab/drill
DIR_cli    = lab/cli
