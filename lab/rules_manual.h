/*
 * docs/rules.md: the rule book as a page, made from the rule table.
 *
 * Owns        The text is the caller's to free.
 * Invariants  No file or time goes in: the same program gives the same page.
 */
#pragma once

char *lab_rules_manual (void);
