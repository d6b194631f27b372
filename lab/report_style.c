#include "lab/report_style.h"

#include "lab/plot_draft.h"

static const char sheet[] =
    ":root{color-scheme:light "
    "dark;--ink:#1f2328;--muted:#5c6570;--line:#dde1e6;--paper:#fff;--soft:#f6f7f9;"
    "--host:#e69f00;--chimney:#0072b2;--moved:#009e73;--good:#1a7f4b;--good-soft:#e5f4ec;--bad:#"
    "b42318;"
    "--bad-soft:#fdecea;--open:#8a5a00;--open-soft:#fdf3dc}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e8eb;--muted:#9aa4b0;--line:#343a42;--paper:#"
    "16191d;"
    "--soft:#1e2227;--host:#f0b43c;--chimney:#4ea8e6;--moved:#35c79a;--good:#5fd39a;--good-soft:#"
    "14301f;"
    "--bad:#ff8a7d;--bad-soft:#3a1a17;--open:#f0c26a;--open-soft:#332812}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 "
    "system-ui,-apple-system,'Segoe UI',"
    "'Helvetica Neue',Arial,sans-serif}\n"
    "main{max-width:1080px;margin:0 auto;padding:32px 24px 64px}\n"
    "h1{font-size:28px;line-height:1.2;margin:0 0 6px}\n"
    "h2{font-size:20px;margin:44px 0 12px}\n"
    "h3{font-size:15px;margin:24px 0 8px}\n"
    "p{margin:0 0 10px;max-width:76ch}\n"
    ".muted,.facts{color:var(--muted)}\n"
    ".facts{font-size:13px;margin-bottom:20px;max-width:none}\n"
    ".facts span{white-space:nowrap;margin-right:18px}\n"
    ".facts b{color:var(--ink);font-weight:600}\n"
    "code,pre,.mono{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}\n"
    "pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:10px "
    "12px;overflow-x:auto;"
    "margin:8px 0}\n"
    ".verdict{border-left:5px solid;border-radius:4px;padding:12px 16px;margin:0 0 24px}\n"
    ".verdict strong{font-size:17px}\n"
    ".verdict p{margin:4px 0 0}\n"
    ".verdict pre{background:var(--paper)}\n"
    ".clean{background:var(--good-soft);border-color:var(--good)}.clean strong{color:var(--good)}\n"
    ".broken{background:var(--bad-soft);border-color:var(--bad)}.broken strong{color:var(--bad)}\n"
    ".none{background:var(--open-soft);border-color:var(--open)}.none strong{color:var(--open)}\n"
    ".answers{display:grid;grid-template-columns:repeat(auto-fit,minmax(180px,1fr));gap:12px;"
    "margin:0 0 12px}\n"
    ".answer{border:1px solid var(--line);border-radius:8px;padding:12px 14px}\n"
    ".answer h3{margin:0 0 8px;font-size:13px;font-weight:600;color:var(--muted)}\n"
    ".answer "
    "div{display:flex;justify-content:space-between;align-items:baseline;gap:8px;font-size:13px}\n"
    ".answer "
    "b{font-size:19px;font-weight:650;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    ".answer p{margin:8px 0 0;font-size:12.5px;color:var(--muted)}\n"
    ".dot{display:inline-block;width:9px;height:9px;border-radius:2px;margin-right:6px}\n"
    ".host{background:var(--host)}.chimney{background:var(--chimney)}.moved{background:var(--moved)"
    "}\n"
    "figure{margin:0 0 28px}\n"
    "figure svg{display:block;width:100%;height:auto;max-width:860px}\n"
    "figure.chart{overflow-x:auto}figure.chart svg{width:auto;max-width:none}\n"
    "figcaption{font-size:13px;color:var(--muted);max-width:76ch;margin-top:4px}\n"
    ".scroll{overflow-x:auto}\n"
    "table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums;margin:0 0 "
    "8px}\n"
    "th,td{padding:4px 12px 4px 0;text-align:left;border-bottom:1px solid "
    "var(--line);vertical-align:top}\n"
    "th{font-weight:600;color:var(--muted);white-space:nowrap}\n"
    "td.n,th.n{text-align:right;padding-left:12px;padding-right:0;white-space:nowrap}\n"
    "td.f,th.f{padding-left:32px}\n"
    "th.g{text-align:right}\n"
    "figcaption .mono{display:block}\n"
    "tr.total td{font-weight:600;border-bottom:2px solid var(--line)}\n"
    "details{margin:8px 0}\n"
    "summary{cursor:pointer;color:var(--chimney)}\n"
    "footer{margin-top:48px;border-top:1px solid "
    "var(--line);padding-top:12px;font-size:12.5px;color:var(--muted)}\n"
    "@media "
    "print{body{font-size:11pt}main{max-width:none;padding:0}figure,.answer,.verdict,tr{break-"
    "inside:avoid}"
    "h2,h3{break-after:avoid}pre{white-space:pre-wrap}}\n";

/* The colours of plots on a dark screen. */
typedef struct DarkColour {
  const char *light, *dark;
} DarkColour;

static const DarkColour dark_colours[] = {
  { PLOT_INK, "#e6e8eb" },       { PLOT_MUTED, "#9aa4b0" },   { PLOT_AXIS, "#6b7480" },
  { PLOT_GRID, "#2b3037" },      { PLOT_SHADE, "#23282e" },   { PLOT_STRIP, "#4a525c" },
  { PLOT_HOST, "#f0b43c" },      { PLOT_CHIMNEY, "#3d95d6" }, { PLOT_MOVED, "#35c79a" },
  { PLOT_HOST_AREA, "#8a6a2a" }, { PLOT_MARK, "#ff8a7d" },
};

static unsigned
part_of (const char *colour, unsigned part)
{
  return (unsigned)g_ascii_xdigit_value (colour[1 + 2 * part]) * 16
         + (unsigned)g_ascii_xdigit_value (colour[2 + 2 * part]);
}

/* gnuplot writes a colour in one way for lines and areas and in another for text; charts have it as
 * it stands. */
static void
put_dark_colour (GString *page, const DarkColour *colour)
{
  unsigned red = part_of (colour->light, 0), green = part_of (colour->light, 1);
  unsigned blue = part_of (colour->light, 2);

  g_string_append_printf (page,
                          "figure [stroke=\"rgb(%3u, %3u, %3u)\"]{stroke:%s}"
                          "figure [color=\"rgb(%3u, %3u, %3u)\"]{color:%s}"
                          "figure [fill=\"rgb(%3u, %3u, %3u)\"],figure [fill=\"rgb(%u,%u,%u)\"],"
                          "figure [fill=\"%s\"]{fill:%s}figure [stroke=\"%s\"]{stroke:%s}\n",
                          red, green, blue, colour->dark, red, green, blue, colour->dark, red,
                          green, blue, red, green, blue, colour->light, colour->dark, colour->light,
                          colour->dark);
}

void
report_style (GString *page)
{
  g_string_append (page, sheet);
  g_string_append (page, "figure svg>g>rect[fill=\"" PLOT_PAPER "\"]{fill:none}\n"
                         "@media(prefers-color-scheme:dark){\n"
                         "figure [stroke=\"rgb(255, 255, 255)\"],"
                         "figure [stroke=\"" PLOT_PAPER "\"]{stroke:var(--paper)}\n"
                         ".chart [fill=\"" PLOT_PAPER "\"]{fill:var(--paper)}\n");
  for (size_t i = 0; i < G_N_ELEMENTS (dark_colours); i++)
    put_dark_colour (page, &dark_colours[i]);
  g_string_append (page, "}\n");
}
