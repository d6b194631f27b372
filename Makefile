# chimsim: a deterministic simulator of the TCP chimney offload stack.
#
#   make              builds ./chimsim
#   make B=build-asan builds elsewhere (see the test-asan target)
#   make test-sim     runs one module's tests: sim tcp ndis im host wire target rules world lab

include layers.mk

MODULES = sim tcp trace traffic ndis im host wire target rules world lab drill cli

CC       ?= cc
B        ?= build
OPT      ?= -O2 -g
PREFIX   ?= /usr/local
V        := $(shell git describe --always --dirty 2>/dev/null || echo unknown)

PACKAGES = glib-2.0 yaml-0.1
WARN     = -Wall -Wextra -Werror -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
           -Wswitch-enum -Wvla
ifneq (,$(findstring clang,$(shell $(CC) --version 2>/dev/null | head -n 1)))
WARN    += -Winitializer-overrides
else
WARN    += -Woverride-init
endif
CFLAGS   = -std=gnu11 $(OPT) $(WARN) $(SANITIZE) -fno-strict-aliasing -MMD -MP
CPPFLAGS = -I. -D_GNU_SOURCE $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PACKAGES)))
LDLIBS   = $(shell pkg-config --libs $(PACKAGES)) -lpthread

# A module's sources, archive, and what it links with, lowest last.
sources   = $(filter-out %/main.c,$(wildcard $(DIR_$(1))/*.c))
archive   = $(B)/lib$(1).a
archives  = $(foreach m,$(1) $(LAYER_$(1)),$(call archive,$(m)))
tests_of  = $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/$(1)/test_*.c))

define module_rules
$(call archive,$(1)): $(patsubst %.c,$(B)/%.o,$(call sources,$(1)))
$(B)/tests/$(1)/%: $(B)/tests/$(1)/%.o $(B)/tests/support.o $(call archives,$(1))
	@echo "  LINK  $$@"
	@$$(CC) $$(CFLAGS) -o $$@ $$(filter %.o,$$^) $(call archives,$(1)) -lcmocka $$(LDLIBS) -lm
.PHONY: test-$(1)
test-$(1): $(call tests_of,$(1)) ## run the tests of one module
	@tests/run.sh $(call tests_of,$(1))
endef

.PHONY: all
all: $(B)/chimsim ## build ./chimsim
	@ln -sf $(B)/chimsim chimsim

$(B)/chimsim: $(B)/lab/cli/main.o $(call archives,cli)
	@echo "  LINK  $@"
	@$(CC) $(CFLAGS) -o $@ $< $(call archives,cli) $(LDLIBS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/lib%.a:
	@mkdir -p $(@D)
	@rm -f $@
	@$(AR) rcs $@ $^

$(foreach m,$(MODULES),$(eval $(call module_rules,$(m))))

include tests/fuzz/fuzz.mk

.PHONY: test
test: $(foreach m,$(MODULES),$(call tests_of,$(m))) $(FUZZED:%=$(B)/tests/fuzz/replay_%) ## build and run all module tests
	@tests/run.sh $(filter-out test-random test-mutation,$^)

include bench/bench.mk
include docs/docs.mk
include tests/random/random.mk

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: layers
layers: ## prove the architecture from the #include lines
	@tests/check_layers.sh

.PHONY: headers
headers: ## each header compiles alone
	@tests/check_headers.sh $(CC) $(CPPFLAGS)

FORMATTED = $(shell git ls-files -co --exclude-standard '*.c' '*.h')

.PHONY: format
format: ## lay the code out
	clang-format -i $(FORMATTED)

.PHONY: format-check
format-check: ## the code is laid out as .clang-format says
	@tests/check_format.sh $(FORMATTED)

.PHONY: lint
lint: ## cppcheck finds nothing
	@tests/check_lint.sh $(B)

.PHONY: test-asan
test-asan: ## all module tests under the address and undefined behaviour sanitizers
	@$(MAKE) --no-print-directory B=$(B)-asan OPT='-O1 -g' \
	  SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all' test

.PHONY: test-line
test-line: all ## the command line as a user meets it
	@tests/cli.sh $(B)/chimsim

.PHONY: test-capture
test-capture: all ## captures as tshark reads them
	@tests/capture.sh $(B)/chimsim

.PHONY: determinism
determinism: all ## the same fingerprints from gcc and clang, -O0 and -O2, sanitized, with 0 and 3 drivers
	@tests/determinism.sh

.PHONY: test-scenarios
test-scenarios: all ## the scenarios against what they say of themselves: verdicts, trips, refusals, goldens
	@$(B)/chimsim test scenarios tests/scenarios

# Tables of the coverage that the scenarios reach whole.
COMPLETE := operations,overlaps,results,calls,power,reasons,indications,oids,transitions,situations,rules

.PHONY: test-coverage
test-coverage: all ## no reachable combination of the interface is missing from the scenarios
	@$(B)/chimsim coverage --complete $(COMPLETE) scenarios tests/scenarios > $(B)/coverage.txt \
	  || { cat $(B)/coverage.txt; exit 1; }
	@$(B)/chimsim coverage --random 1000 --complete choices tests/scenarios/small.yaml \
	  > $(B)/coverage.txt || { cat $(B)/coverage.txt; exit 1; }

.PHONY: demo
demo: all ## offload a thousand connections and say where the report is
	./chimsim run scenarios/bulk_offload.yaml

.PHONY: check
check: layers headers format-check lint docs-check test test-scenarios test-coverage test-line test-capture test-asan determinism ## everything that CI runs

.PHONY: install
install: all ## install the program, presets and man page under PREFIX
	install -D $(B)/chimsim $(DESTDIR)$(PREFIX)/bin/chimsim
	install -d $(DESTDIR)$(PREFIX)/share/chimsim/presets
	install -m 644 scenarios/presets/*.yaml $(DESTDIR)$(PREFIX)/share/chimsim/presets
	install -D -m 644 docs/chimsim.1 $(DESTDIR)$(PREFIX)/share/man/man1/chimsim.1

.PHONY: clean
clean: ## remove what was built
	rm -rf $(B) $(B)-* chimsim

-include $(shell find $(B) -name '*.d' 2>/dev/null)
.SECONDARY:
.DELETE_ON_ERROR:
