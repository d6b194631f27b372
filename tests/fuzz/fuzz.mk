# Fuzzing with libFuzzer, which takes clang.   make fuzz-segment SECONDS=600
#
# New inputs gather in the build folder; the corpus under tests/fuzz/corpus is the small one that `make test` replays.
# make fuzz-merge adds to it what reaches code that it does not.

FUZZED   = segment drill scenario
SECONDS ?= 60
FUZZ_B   = $(B)-fuzz
FUZZ_segment_BYTES  = 600
FUZZ_drill_BYTES    = 4000
FUZZ_scenario_BYTES = 4000
# Seeds beside the corpus: scripts and scenarios that people wrote.
FUZZ_drill_SEEDS    = tests/drill
FUZZ_scenario_SEEDS = tests/lab/refused scenarios

FUZZ_MAKE = $(MAKE) --no-print-directory B=$(FUZZ_B) CC='ccache clang' OPT='-O1 -g' \
  SANITIZE='-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all'

$(B)/tests/fuzz/fuzz_%.libfuzzer: $(B)/tests/fuzz/fuzz_%.o $(call archives,drill)
	@echo "  LINK  $@"
	@$(CC) $(CFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

$(B)/tests/fuzz/replay_%: $(B)/tests/fuzz/replay.o $(B)/tests/fuzz/fuzz_%.o $(B)/tests/support.o \
                          $(call archives,drill)
	@echo "  LINK  $@"
	@$(CC) $(CFLAGS) -o $@ $(filter %.o,$^) $(call archives,drill) -lcmocka $(LDLIBS)

.PHONY: $(FUZZED:%=fuzz-%)
fuzz-segment: ## fuzz the TCP engine for SECONDS
fuzz-drill: ## fuzz the parser of drills for SECONDS
fuzz-scenario: ## fuzz the scenario loader for SECONDS
$(FUZZED:%=fuzz-%): fuzz-%:
	+@$(FUZZ_MAKE) $(FUZZ_B)/tests/fuzz/fuzz_$*.libfuzzer
	@mkdir -p $(FUZZ_B)/corpus/$* $(FUZZ_B)/findings
	@$(FUZZ_B)/tests/fuzz/fuzz_$*.libfuzzer -max_total_time=$(SECONDS) -max_len=$(FUZZ_$*_BYTES) -timeout=10 \
	  -artifact_prefix=$(FUZZ_B)/findings/$*- -print_final_stats=1 $(FUZZ_B)/corpus/$* tests/fuzz/corpus/$* $(FUZZ_$*_SEEDS)

.PHONY: fuzz-merge
fuzz-merge: ## take over into tests/fuzz/corpus what fuzzing found besides
	@for target in $(FUZZED); do [ ! -d $(FUZZ_B)/corpus/$$target ] || $(FUZZ_B)/tests/fuzz/fuzz_$$target.libfuzzer -merge=1 \
	  tests/fuzz/corpus/$$target $(FUZZ_B)/corpus/$$target || exit 1; done
