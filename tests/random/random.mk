# Random runs: as many as you like, on all processors.   make random N=10000 FROM=0

N    ?= 1000
FROM ?= 0

$(B)/tests/random/random_runs: $(B)/tests/random/random_runs.o $(call archives,lab)
	@echo "  LINK  $@"
	@$(CC) $(CFLAGS) -o $@ $< $(call archives,lab) $(LDLIBS)

.PHONY: random
random: $(B)/tests/random/random_runs ## hand-overs at random instants, N runs from number FROM on, all monitors on
	@$(B)/tests/random/random_runs --from $(FROM) --count $(N)

$(B)/tests/random/mutants: $(B)/tests/random/mutants.o $(call archives,lab)
	@echo "  LINK  $@"
	@$(CC) $(CFLAGS) -o $@ $< $(call archives,lab) $(LDLIBS)

BATCH = 200

.PHONY: test-random
test-random: $(B)/tests/random/random_runs ## a fixed batch of random runs, and the scenarios that earlier ones were kept as
	@{ $(B)/tests/random/random_runs --count $(BATCH) && $(B)/tests/random/random_runs tests/scenarios/found/*.yaml; } \
	  >$(B)/random.log || { grep -v '^ ' $(B)/random.log; exit 1; }
	@echo "$(BATCH) random runs and $$(ls tests/scenarios/found/*.yaml | wc -l) scenarios that they found: clean"

.PHONY: test-mutation
test-mutation: $(B)/tests/random/mutants ## each defect in the run that docs/mutation.md says finds it
	@$(B)/tests/random/mutants --check docs/mutation.md

test: test-random test-mutation

.PHONY: random-capture
random-capture: $(B)/tests/random/random_runs all ## what tshark makes of captures of N random runs from number FROM on
	@tests/random/tshark_view.sh $(B)/chimsim $(B)/tests/random/random_runs $(FROM) $(N)

SAMPLE ?= 40
MOST   ?= 2000

.PHONY: mutation
mutation: $(B)/tests/random/mutants ## each defect alone in random runs until its rule sees it: docs/mutation.md
	@$(B)/tests/random/mutants --sample $(SAMPLE) --most $(MOST) >$(B)/mutation.md && cp $(B)/mutation.md docs/mutation.md
	@grep '^Found' docs/mutation.md
