#include "lab/estimate.h"

#include "sim/assert.h"

#define STEPS 400
#define BISECTIONS 60
#define ROOT_STEPS 80
#define T_MAX 1e4

/* Newton's way to a square root, without a library whose last digit may differ. */
static double
root (double x)
{
  double r = x > 1 ? x : 1;

  for (int i = 0; i < ROOT_STEPS; i++)
    r = (r + x / r) / 2;
  return r;
}

/* The density of Student's t with |df| degrees, up to a factor: (1 + t^2/df) to -(df + 1)/2. */
static double
density (double t, guint df)
{
  double base = 1 / root (1 + t * t / df), value = 1;

  for (guint i = 0; i <= df && value > 0; i++)
    value *= base;
  return value;
}

/* The integral of the density from 0 to |t|, by Simpson's rule over u = t / (1 + t), which is
 * finite. */
static double
integral (double t, guint df)
{
  double end = t / (1 + t), h = end / STEPS, sum = 0;

  for (int i = 0; i <= STEPS; i++) {
    double u = i * h, rest = 1 - u;
    double value = rest > 0 ? density (u / rest, df) / (rest * rest) : 0;
    sum += value * (i == 0 || i == STEPS ? 1 : i % 2 == 1 ? 4 : 2);
  }
  return sum * h / 3;
}

/* Below how much |t| lies with probability |confidence|. */
static double
t_quantile (double confidence, guint df)
{
  double low = 0, high = T_MAX, whole = integral (T_MAX * T_MAX, df);

  for (int i = 0; i < BISECTIONS; i++) {
    double middle = (low + high) / 2;
    if (integral (middle, df) < confidence * whole)
      low = middle;
    else
      high = middle;
  }
  return (low + high) / 2;
}

LabEstimate
lab_estimate_of (const double *values, guint n, double confidence)
{
  LabEstimate estimate = { .count = n };
  double squares = 0;

  SIM_ASSERT (confidence > 0 && confidence < 1);
  for (guint i = 0; i < n; i++)
    estimate.mean += values[i];
  if (n == 0)
    return estimate;
  estimate.mean /= n;
  for (guint i = 0; i < n; i++)
    squares += (values[i] - estimate.mean) * (values[i] - estimate.mean);
  if (n > 1 && squares > 0)
    estimate.half_width = t_quantile (confidence, n - 1) * root (squares / (n - 1) / n);
  return estimate;
}

bool
lab_estimate_differs (const LabEstimate *estimate)
{
  double size = estimate->mean < 0 ? -estimate->mean : estimate->mean;
  return estimate->count > 1 && size > estimate->half_width;
}
