/*
 * Orders: which pictures are wanted, by the scenario or as a standard set.
 *
 * Owns        Whoever gets orders frees them with g_ptr_array_unref.
 */
#pragma once

#include "lab/plot_kinds.h"
#include "lab/setting.h"

/* plot_orders_standard is everything there is to draw of any run.  PlotOrder, in the order of the
 * report. */
GPtrArray *plot_orders_standard (const LabView *view);

/* plot_orders_chosen is what output.plots asks for; the scenario was checked.  PlotOrder. */
GPtrArray *plot_orders_chosen (const LabView *view, const LabSetting *chosen);
