# Benchmarks: not part of any test, because they measure the machine as well.
# ns-3 (package libns3-dev) is for comparison only: skipped where it is absent.

BENCH_CXX ?= c++
BENCH_NS3 := $(if $(wildcard /usr/include/ns3/scheduler.h),$(B)/bench/ns3_hold)

$(B)/bench/bench_hold: $(B)/bench/bench_hold.o $(call archive,sim)
	$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)

$(B)/bench/ns3_hold: bench/ns3_hold.cc
	@mkdir -p $(@D)
	$(BENCH_CXX) -std=c++17 -O2 -Wall -Wextra -Werror -o $@ $< -lns3-core

.PHONY: bench
bench: $(B)/bench/bench_hold $(BENCH_NS3) ## measure the event loop, and ns-3's beside it
	@$(B)/bench/bench_hold
	$(if $(BENCH_NS3),@$(BENCH_NS3),@echo "ns-3 skipped: package libns3-dev is not installed")

$(B)/bench/bench_tcp: $(B)/bench/bench_tcp.o $(call archives,lab)
	@echo "  LINK  $@"
	@$(CC) $(CFLAGS) -o $@ $< $(call archives,lab) $(LDLIBS) -lm

.PHONY: bench-tcp
bench-tcp: $(B)/bench/bench_tcp ## runs of the TCP engine against closed forms, as a table
	@$(B)/bench/bench_tcp results/bench-tcp

$(B)/bench/bench_segment: $(B)/bench/bench_segment.o $(call archives,tcp)
	@echo "  LINK  $@"
	@$(CC) $(CFLAGS) -o $@ $< $(call archives,tcp) $(LDLIBS)

.PHONY: bench-segment
bench-segment: $(B)/bench/bench_segment ## instructions of the TCP engine for each segment, by callgrind
	@bench/segment.sh $(B)/bench/bench_segment
