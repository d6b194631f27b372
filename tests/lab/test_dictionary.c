#include "tests/support.h"

#include "lab/dictionary.h"

#include <string.h>

#include "lab/tree.h"

static void
each_topic_lists_its_entries (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *topic_name;
    LabTopic topic;
    const char *name;
    const char *rest;
  } table[] = {
    { "events", LAB_TOPIC_EVENTS, "offload", "offload connections to the target" },
    { "events", LAB_TOPIC_EVENTS, "set_power",
      "change the device power state of the target (not yet there)" },
    { "calls", LAB_TOPIC_CALLS, "NdisInitiateOffload", "down" },
    { "defects", LAB_TOPIC_DEFECTS, "loses-a-send",
      "target  forgets to complete every 16th send (SEND-01)" },
    { "metrics", LAB_TOPIC_METRICS, "offloaded", "connections the target owns" },
    { "choices", LAB_TOPIC_CHOICES, "loss", "whether the wire loses a frame" },
    { "strategies", LAB_TOPIC_STRATEGIES, "portfolio", "all of these in turn" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    assert_int_equal (lab_topic_find (table[i].topic_name), table[i].topic);
    g_autofree char *text = lab_dictionary_text (table[i].topic);
    g_autofree char *line = g_strdup_printf ("%-34s  %s\n", table[i].name, table[i].rest);
    assert_non_null (strstr (text, line));
  }
  assert_int_equal (lab_topic_find ("nothing"), LAB_N_TOPICS);
}

static void
each_topic_is_an_array_with_names_and_states (G_GNUC_UNUSED void **state)
{
  for (int topic = 0; topic < LAB_N_TOPICS; topic++) {
    LabJson *json = lab_json_new ();
    lab_dictionary_json ((LabTopic)topic, json);
    g_autofree char *text = lab_json_free_to_text (json);
    g_autoptr (LabMistakes) mistakes = lab_mistakes_new ();
    g_autoptr (LabTree) tree = lab_tree_parse (text, strlen (text), "list", mistakes);
    assert_int_equal (lab_mistakes_count (mistakes), 0);
    LabNode *list = lab_tree_root (tree);
    assert_true (list->n_children >= 3);
    for (LabNode *entry = list->first; entry != NULL; entry = entry->next) {
      assert_true (strlen (lab_node_get (entry, "name")->text) > 0);
      assert_non_null (lab_node_get (entry, "state"));
    }
  }
}

static void
presets_are_listed_with_what_they_are_for (G_GNUC_UNUSED void **state)
{
  static const char *const folders[] = { "scenarios/presets", NULL };
  g_autoptr (LabPresets) presets = lab_presets_new (folders);
  g_autofree char *text = lab_dictionary_presets_text (presets);
  LabJson *json = lab_json_new ();
  lab_dictionary_presets_json (presets, json);
  g_autofree char *list = lab_json_free_to_text (json);

  assert_non_null (strstr (text, "server-2008       host    A four-processor server"));
  assert_non_null (strstr (list, "\"name\": \"toe-1g\",\n    \"for\": \"target\""));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (each_topic_lists_its_entries),
    cmocka_unit_test (each_topic_is_an_array_with_names_and_states),
    cmocka_unit_test (presets_are_listed_with_what_they_are_for),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
