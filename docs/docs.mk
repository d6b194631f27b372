# Pages that the program writes from its own tables, and the checks on all pages.

GALLERY = results/gallery/bulk_offload
DOCS_MADE = scenario.md scenario-v1.schema.json rules.md
MAKE_scenario.md             = list params --manual
MAKE_scenario-v1.schema.json = list params --schema
MAKE_rules.md                = list rules --manual

.PHONY: docs
docs: all ## write the pages of docs/ that are made from the program's tables
	@mkdir -p $(B)/docs
	@$(foreach page,$(DOCS_MADE),$(B)/chimsim $(MAKE_$(page)) >$(B)/docs/$(page) && \
	  cp $(B)/docs/$(page) docs/$(page) &&) echo "docs: $(DOCS_MADE)"

.PHONY: docs-check
docs-check: all ## the pages are fresh, their links lead somewhere, and every citation of a number resolves
	@mkdir -p $(B)/docs
	@$(foreach page,$(DOCS_MADE),$(B)/chimsim $(MAKE_$(page)) >$(B)/docs/$(page) && \
	  { cmp -s $(B)/docs/$(page) docs/$(page) || { echo "docs/$(page) is stale: make docs"; exit 1; }; } &&) :
	@$(B)/chimsim run scenarios/bulk_offload.yaml --no-plots --progress none -o $(B)/demo | sed '/^report /d' | \
	  cmp -s - $(GALLERY)/summary.txt || { echo "results/gallery and README.md show another run: make gallery"; exit 1; }
	@tests/check_docs.sh
	@tests/check_citations.sh

PICTURES = breakdown_request cdf_request throughput
SWEEP = chimney_against_stateless
SWEEP_PICTURES = cycles_per_byte latency_request throughput

.PHONY: gallery
gallery: demo sweep-gallery window-gallery ## keep the summary and pictures of the demo in results/gallery, and the summary in README.md
	@mkdir -p $(GALLERY)
	@sed '/^report /d' results/bulk_offload/summary.txt >$(GALLERY)/summary.txt
	@cp $(PICTURES:%=results/bulk_offload/plots/%.svg) $(GALLERY)
	@awk 'FNR == NR { text = text $$0 "\n"; next } \
	  /^<!-- summary:/ { print; getline; print; printf "%s", text; do getline; while (!/^```/) } { print }' \
	  $(GALLERY)/summary.txt README.md >$(B)/README.new && cp $(B)/README.new README.md

.PHONY: sweep-gallery
sweep-gallery: all ## keep the pictures of the sweep that docs/sweep.md shows
	@mkdir -p results/gallery/$(SWEEP)
	@$(B)/chimsim sweep --progress none scenarios/sweeps/$(SWEEP).yaml >/dev/null
	@cp $(SWEEP_PICTURES:%=results/$(SWEEP).sweep/report/plots/%.svg) results/gallery/$(SWEEP)

RACE = a_reset_arrives_between_initiate_and_completion

.PHONY: window-gallery
window-gallery: all ## keep the outcome map that docs/sweep.md shows
	@mkdir -p results/gallery/$(RACE)
	@$(B)/chimsim sweep --progress none scenarios/races/$(RACE).yaml --window late --window early --step 10us >/dev/null
	@cp results/$(RACE).late.early.window/report/plots/outcome_map.svg results/gallery/$(RACE)
