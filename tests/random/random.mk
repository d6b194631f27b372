# Random runs: as many as you like, on all processors.   make random N=10000 FROM=0

N    ?= 1000
FROM ?= 0

$(B)/tests/random/random_runs: $(B)/tests/random/random_runs.o $(call archives,lab)
	@echo "  LINK  $@"
	@$(CC) $(CFLAGS) -o $@ $< $(call archives,lab) $(LDLIBS)

.PHONY: random
random: $(B)/tests/random/random_runs ## hand-overs at random instants, N runs from number FROM on, all monitors on
	@$(B)/tests/random/random_runs --from $(FROM) --count $(N)
