/*
 * What every test program has: CMocka, and broken contracts as results.
 *
 * Tests link the sim_assert_fail of support.c, which hands the failure to CMocka: inside
 * expect_assert_failure it is the expected result, elsewhere it fails the test.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glib.h>
