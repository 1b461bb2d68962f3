// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// How a report looks, in light and in dark, and the little it does.
enum ReportStyle {
    static let css = """
        :root { color-scheme: light dark;
          --surface: #fcfcfb; --ink: #0b0b0b; --second: #52514e; --muted: #706f6b;
          --grid: #e1e0d9; --axis: #c3c2b7; --budget: #e8f3ec; --tile: #f3f2ee;
          --s1: #2a78d6; --s2: #1baf7a; --s3: #eda100; --s4: #eb6834; --s5: #4a3aa7;
          --good: #006300; --bad: #b3261e; --open: #8a5a00; --over: #d03b3b; }
        @media (prefers-color-scheme: dark) { :root {
          --surface: #1a1a19; --ink: #ffffff; --second: #c3c2b7; --muted: #9a9892;
          --grid: #2c2c2a; --axis: #4b4a46; --budget: #1d2f25; --tile: #242422;
          --s1: #3987e5; --s2: #199e70; --s3: #c98500; --s4: #d95926; --s5: #9085e9;
          --good: #4cc46a; --bad: #ff8a80; --open: #f0b44c; --over: #e66767; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--surface); color: var(--ink);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
        main { max-width: 920px; margin: 0 auto; padding: 28px 20px 60px; }
        h1 { font-size: 26px; margin: 0 0 6px; display: flex; gap: 14px; align-items: center; }
        h2 { font-size: 18px; margin: 36px 0 10px; }
        .badge { font-size: 15px; padding: 3px 12px; border-radius: 14px; border: 1.5px solid;
          font-weight: 600; }
        .good { color: var(--good); } .bad { color: var(--bad); } .open { color: var(--open); }
        .reason { margin: 0; } .facts, .under { color: var(--second); margin: 6px 0 0;
          font-size: 13.5px; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr));
          gap: 10px; margin-top: 22px; }
        .tile { background: var(--tile); border-radius: 8px; padding: 10px 14px; }
        .tile .value { font-size: 22px; font-weight: 600; }
        .tile .label { color: var(--second); font-size: 13px; }
        table { border-collapse: collapse; width: 100%; font-size: 14px; margin: 8px 0; }
        th { text-align: left; color: var(--second); font-weight: 500; }
        th, td { padding: 4px 14px 4px 0; border-bottom: 1px solid var(--grid);
          vertical-align: top; overflow-wrap: anywhere; }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        code { font: 13px ui-monospace, "DejaVu Sans Mono", monospace; }
        figure { margin: 14px 0 0; } figcaption { font-size: 14px; color: var(--second); }
        svg { display: block; width: 100%; height: auto; }
        text { font: 12px system-ui, sans-serif; fill: var(--muted); }
        text.strong { fill: var(--ink); font-weight: 600; }
        text.inside { fill: #ffffff; font-weight: 600; font-size: 13px; }
        rect.series3 + text.inside { fill: #0b0b0b; }
        .series1 { fill: var(--s1); background: var(--s1); }
        .series2 { fill: var(--s2); background: var(--s2); }
        .series3 { fill: var(--s3); background: var(--s3); }
        .series4 { fill: var(--s4); background: var(--s4); }
        .over { fill: var(--over); } .budget { fill: var(--budget); }
        path { fill: none; stroke-width: 2; stroke-linejoin: round; }
        .stroke1 { stroke: var(--s1); } span.stroke1 { background: var(--s1); }
        .stroke2 { stroke: var(--s4); } span.stroke2 { background: var(--s4); }
        .curve1 { stroke: var(--s1); } .curve2 { stroke: var(--s2); }
        .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr));
          gap: 20px; }
        .grid { stroke: var(--grid); } .axis { stroke: var(--axis); }
        .mark { stroke: var(--ink); stroke-width: 1.5; }
        .limit { stroke: var(--over); stroke-dasharray: 5 4; }
        .hover { fill: transparent; } .hover:hover { fill: var(--muted); fill-opacity: 0.15; }
        .key { display: inline-block; width: 11px; height: 11px; border-radius: 3px;
          margin: 0 6px 0 0; } .keys { margin-left: 12px; } .keys .key { margin-left: 10px; }
        summary { cursor: pointer; font-size: 18px; font-weight: 600; margin: 36px 0 10px; }
        #tip { position: fixed; pointer-events: none; background: var(--ink);
          color: var(--surface); padding: 4px 9px; border-radius: 5px; font-size: 13px; }
        """

    /// Shows `data-tip` of what the pointer is on.
    static let script = """
        const tip = document.getElementById("tip");
        document.addEventListener("mousemove", (event) => {
          const text = event.target.dataset ? event.target.dataset.tip : undefined;
          tip.hidden = !text;
          if (!text) return;
          tip.textContent = text;
          const room = window.innerWidth - tip.offsetWidth - 16;
          tip.style.left = Math.max(4, Math.min(event.clientX + 14, room)) + "px";
          tip.style.top = event.clientY + 16 + "px";
        });
        """
}
