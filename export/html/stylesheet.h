// How pages look: light or dark as the reader's system asks, and black on white on paper. Colours of marks are those of
// Okabe and Ito, which all readers tell apart, lighter ones on a dark page; kinds also differ in their dashes.
#pragma once

#include <string_view>

namespace noggin::html {

// CSS without <, > as selectors, & or quotes: the escaping rule leaves it as it is.
inline constexpr std::string_view kStylesheet = R"css(
:root{--page:#fff;--ink:#1c1e21;--soft:#5b6168;--rule:#d9dce0;--panel:#f5f6f8;--good:#00724f;--bad:#b3261e;
--one:0 114 178;--two:213 94 0;--three:0 140 102;--four:170 80 140;--five:90 96 104}
@media (prefers-color-scheme:dark){:root{--page:#15171a;--ink:#e6e8ea;--soft:#a0a7af;--rule:#363b41;--panel:#1e2125;
--good:#4cc79b;--bad:#ff8a80;--one:86 180 233;--two:255 158 74;--three:64 205 160;--four:226 150 196;
--five:160 167 175}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:1440px;margin:0 auto;padding:16px}
h1{font-size:1.6rem;line-height:1.2;margin:8px 0;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:36px 0 10px;padding-top:10px;border-top:1px solid var(--rule)}
h3{font-size:1rem;margin:20px 0 6px}
p{max-width:75ch;margin:8px 0;overflow-wrap:anywhere}
nav{margin:14px 0;line-height:1.9}
nav a{margin-right:14px;white-space:nowrap}
a{color:rgb(var(--one))}
.soft,figcaption,.legend{color:var(--soft);font-size:.88rem}
.notice{border-left:4px solid var(--soft);background:var(--panel);padding:8px 12px;max-width:none}
.notice.good{border-color:var(--good)}
.notice.bad{border-color:var(--bad)}
.good b,td.good{color:var(--good)}
.bad b,td.bad{color:var(--bad)}
.wide{overflow-x:auto;margin:10px 0}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:4px 10px;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
thead th{border-bottom:2px solid var(--rule);color:var(--soft);font-weight:600;vertical-align:bottom}
tbody th{font-weight:500}
td,th{overflow-wrap:break-word;max-width:32em}
.number{text-align:right}
td.number{white-space:nowrap}
.chosen td{font-weight:600;background:var(--panel)}
.facts th{color:var(--soft);max-width:14em}
.facts td{overflow-wrap:anywhere;max-width:60em}
.long{min-width:16em}
table.heat{font-size:.8rem}
.heat td{border:1px solid var(--rule);padding:3px 6px;min-width:0}
.heat tbody th{white-space:nowrap}
td.heat{background:rgb(var(--two)/calc(.12*min(1,1000*var(--share)) + .75*var(--share)))}
td.heat.right{background:rgb(var(--three)/calc(.5*var(--share)))}
.bar{display:block;width:90px;height:11px;margin-top:6px}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:16px}
figure{margin:0}
.chart{display:block;width:100%;max-width:520px;height:auto}
.chart text{font:11px system-ui,sans-serif;fill:var(--ink)}
.chart .tick,.chart .note{fill:var(--soft)}
.middle{text-anchor:middle}
.end{text-anchor:end}
.axis{stroke:var(--soft);fill:none}
.grid{stroke:var(--rule);fill:none}
.guide{stroke:var(--soft);fill:none;stroke-dasharray:4 3}
.line{fill:none;stroke-width:1.8;stroke-linejoin:round}
.line1{stroke:rgb(var(--one))}
.line2{stroke:rgb(var(--two));stroke-dasharray:7 3}
.line3{stroke:rgb(var(--three));stroke-dasharray:2 2}
.line4{stroke:rgb(var(--four));stroke-dasharray:9 3 2 3}
.line5{stroke:rgb(var(--five));stroke-dasharray:1 3}
.fill1{fill:rgb(var(--one))}
.fill2{fill:rgb(var(--two))}
.fill3{fill:rgb(var(--three))}
.fill4{fill:rgb(var(--four))}
.fill5{fill:rgb(var(--five))}
.faint{opacity:.22}
.swatch{width:24px;height:10px;vertical-align:middle}
.legend span{margin-right:16px;white-space:nowrap}
code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}
pre{background:var(--panel);padding:10px;overflow-x:auto;font:.85rem/1.45 ui-monospace,monospace}
@media (max-width:600px){main{padding:10px}.bar{width:64px}th,td{padding:4px 7px}}
@media print{:root{--page:#fff;--ink:#000;--soft:#444;--rule:#bbb;--panel:#f2f2f2;--good:#00573c;--bad:#8c1d18;
--one:0 114 178;--two:213 94 0;--three:0 140 102;--four:170 80 140;--five:90 96 104}
body{font-size:11pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
main{max-width:none;padding:0}
nav{display:none}
.wide{overflow:visible}
figure,tr,.notice{break-inside:avoid}
h2,h3{break-after:avoid}
.charts{grid-template-columns:1fr 1fr}}
)css";

}  // namespace noggin::html
