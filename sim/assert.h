/*
 * Assertions: a bug in this program stops it where it is.
 *
 * Invariants  On in every build; an assertion has no side effect.
 * Errors      A failed assertion calls sim_assert_fail, which prints and aborts.  Tests link a
 *             sim_assert_fail of their own, so that a broken contract becomes a result.
 */
#pragma once

_Noreturn void sim_assert_fail (const char *expression, const char *file, int line,
                                const char *function);

#define SIM_ASSERT(condition)          \
  (__builtin_expect (!!(condition), 1) \
       ? (void)0                       \
       : sim_assert_fail (#condition, __FILE__, __LINE__, __func__))

/* After a switch over an enum that lists every value. */
#define SIM_UNREACHABLE() sim_assert_fail ("unreachable", __FILE__, __LINE__, __func__)
