/* The frame of a report: head, style sheet, end. */
#include "report_parts.h"

/* Colours are told apart by lightness and dash too, not by hue alone; text has at least 4.5 : 1 on
 * its ground in both schemes. */
static const char style[] =
    ":root{color-scheme:light dark;--ground:#fff;--soft:#f4f6f8;--ink:#1b1f24;--quiet:#545d68;--rule:#d9dee4;"
    "--s0:#1f5fa8;--s1:#b84a10;--s2:#16744f;--s3:#7d3fa8;--s4:#8a6a00;--s5:#ab2a5d;--s6:#24788a;--s7:#5f6670}\n"
    "@media "
    "(prefers-color-scheme:dark){:root{--ground:#14171b;--soft:#1d2126;--ink:#e8eaed;--quiet:#a3abb5;--rule:#353b43;"
    "--s0:#76aef0;--s1:#f39a66;--s2:#55c79c;--s3:#c59ae6;--s4:#dcc050;--s5:#ee86ad;--s6:#74cbdd;--s7:#b0b6bd}}\n"
    "@media print{:root{color-scheme:light;--ground:#fff;--soft:#fff;--ink:#000;--quiet:#333;--rule:#bbb;"
    "--s0:#1f5fa8;--s1:#b84a10;--s2:#16744f;--s3:#7d3fa8;--s4:#8a6a00;--s5:#ab2a5d;--s6:#24788a;--s7:#5f6670}\n"
    "nav,.toggles{display:none}details::details-content{content-visibility:visible;block-size:auto}"
    "figure,tr,.panel{break-inside:avoid}.scroll{overflow:visible;max-height:none}}\n"
    "*{box-sizing:border-box}body{margin:0 "
    "auto;max-width:76rem;padding:1.5rem;background:var(--ground);color:var(--ink);"
    "font:15px/1.5 system-ui,sans-serif}h1{font-size:1.7rem;margin:0 0 .3rem}h2{margin:2.4rem 0 "
    ".6rem;font-size:1.25rem;"
    "border-bottom:1px solid var(--rule);padding-bottom:.2rem}h3{font-size:1rem;margin:1.2rem 0 "
    ".4rem}p{max-width:46rem}\n"
    "nav a{margin-right:1rem}a{color:var(--s0)}:focus-visible{outline:3px solid var(--s1);outline-offset:2px}\n"
    ".skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--ground);padding:.4rem}\n"
    ".scroll{overflow:auto;max-height:32rem}table{border-collapse:collapse;font-size:.87rem;font-variant-numeric:"
    "tabular-nums}"
    "caption{text-align:left;color:var(--quiet);padding:.3rem 0}th,td{padding:.22rem .7rem;border-bottom:1px solid "
    "var(--rule);"
    "text-align:left;vertical-align:top}thead th{position:sticky;top:0;background:var(--soft)}.n{text-align:right}\n"
    "details{margin:.4rem "
    "0}summary{cursor:pointer;color:var(--quiet)}pre{white-space:pre-wrap;overflow-wrap:anywhere}\n"
    ".panels{display:flex;flex-wrap:wrap;gap:1.2rem}.panel{flex:0 1 22rem;min-width:0}.wide{flex-basis:42rem}\n"
    ".chart{max-width:100%;height:auto;display:block}.chart text{fill:var(--ink);font:12px system-ui,sans-serif}"
    ".grid{stroke:var(--rule);stroke-width:1}.mark{fill:none;stroke-width:2.4}.dot{stroke:var(--ground);stroke-width:1."
    "2}\n"
    ".mark.s0{stroke:var(--s0)}.mark.s1{stroke:var(--s1);stroke-dasharray:7 "
    "3}.mark.s2{stroke:var(--s2);stroke-dasharray:2 3}"
    ".mark.s3{stroke:var(--s3);stroke-dasharray:9 3 2 3}.mark.s4{stroke:var(--s4);stroke-dasharray:4 2}"
    ".mark.s5{stroke:var(--s5);stroke-dasharray:12 4}.mark.s6{stroke:var(--s6);stroke-dasharray:1 2}"
    ".mark.s7{stroke:var(--s7);stroke-dasharray:6 2 1 2}.mark.solid{stroke-dasharray:none}\n"
    ".dot.s0,.area.s0{fill:var(--s0)}.dot.s1,.area.s1{fill:var(--s1)}.dot.s2,.area.s2{fill:var(--s2)}"
    ".dot.s3,.area.s3{fill:var(--s3)}.dot.s4,.area.s4{fill:var(--s4)}.dot.s5,.area.s5{fill:var(--s5)}"
    ".dot.s6,.area.s6{fill:var(--s6)}.dot.s7,.area.s7{fill:var(--s7)}\n"
    ".gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:1rem}figure{margin:0}"
    "figure svg{width:100%;height:auto;display:block;background:var(--soft);border:1px solid var(--rule)}"
    "figcaption{font-size:.85rem}figcaption b{display:block;overflow-wrap:anywhere}\n"
    ".truth,.circle{fill:none;vector-effect:non-scaling-stroke}.halo{stroke:#000;stroke-opacity:.65;stroke-width:4}"
    ".truth{stroke:#fff;stroke-width:1.8}.circle{stroke:#7fe3ff;stroke-width:1.6;stroke-dasharray:5 4}"
    ".cand{fill:#ff5fa2;stroke:#000;stroke-width:1;vector-effect:non-scaling-stroke}"
    ".rank{fill:#fff;stroke:#000;stroke-width:.15em;paint-order:stroke;font-family:system-ui,sans-serif;font-weight:"
    "700}\n"
    ".toggles label{margin-right:1rem}main:has(#show-map:not(:checked)) .layer-map,main:has(#show-truth:not(:checked)) "
    ".layer-truth,main:has(#show-circles:not(:checked)) .layer-circle,main:has(#show-cands:not(:checked)) "
    ".layer-cand{display:none}\n";

void selo_report_begin(selo_text *html, const char *title)
{
    selo_text_add(html, "<!DOCTYPE html>\n"
                        "<html lang=\"en\">\n"
                        "<head>\n"
                        "<meta charset=\"utf-8\">\n"
                        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                        "'unsafe-inline'; img-src data:\">\n"
                        "<link rel=\"icon\" href=\"data:,\">\n"
                        "<title>");
    selo_text_add_html(html, title);
    selo_text_add(html, "</title>\n<style>\n");
    selo_text_add_bytes(html, style, sizeof style - 1);
    selo_text_add(html, "</style>\n"
                        "</head>\n"
                        "<body>\n"
                        "<a class=\"skip\" href=\"#main\">Skip to the results</a>\n"
                        "<header>\n"
                        "<h1>");
    selo_text_add_html(html, title);
    selo_text_add(html, "</h1>\n");
}

void selo_report_end(selo_text *html)
{
    selo_text_add(html, "</main>\n</body>\n</html>\n");
}
