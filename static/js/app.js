// Small enhancements only: every action below is also a link or a form that works without script.
const $ = (s, r = document) => r.querySelector(s), $$ = (s, r = document) => [...r.querySelectorAll(s)];
const typing = (e) => e.target.closest("input, textarea, select, [contenteditable]");

/* roving focus on the day grid: up/down in a column, left/right across providers */
const grid = $("[data-roving]");
if (grid) {
  const cols = () => $$("[data-col]", grid).map((c) => $$("a", c));
  const set = (a) => { $$("[data-col] a", grid).forEach((x) => (x.tabIndex = x === a ? 0 : -1)); };
  const first = $("[aria-current]", grid) || $("[data-next]", grid) || $("[data-col] a", grid);
  if (first) set(first);
  grid.addEventListener("focusin", (e) => e.target.matches("[data-col] a") && set(e.target));
  grid.addEventListener("keydown", (e) => {
    const a = e.target.closest("[data-col] a"); if (!a) return;
    const all = cols(), c = all.findIndex((x) => x.includes(a)), i = all[c].indexOf(a), y = a.getBoundingClientRect().top;
    const near = (list) => list?.reduce((m, x) => (Math.abs(x.getBoundingClientRect().top - y) < Math.abs(m.getBoundingClientRect().top - y) ? x : m), list[0]);
    const to = { ArrowDown: all[c][i + 1], ArrowUp: all[c][i - 1], ArrowRight: near(all[c + 1]), ArrowLeft: near(all[c - 1]), Home: all[c][0], End: all[c].at(-1) }[e.key];
    if (to) { e.preventDefault(); to.focus({ preventScroll: false }); to.scrollIntoView({ block: "nearest", inline: "nearest" }); }
  });
  const nowRow = $(".nowline", grid);
  if (nowRow && !$("[aria-current]", grid)) grid.scrollTop = Math.max(0, nowRow.getBoundingClientRect().top - grid.getBoundingClientRect().top - grid.clientHeight * 0.4);
}

/* panel opened by htmx: mark the source, move focus in, Esc gives it back */
let opener = null;
document.addEventListener("click", (e) => { const a = e.target.closest(".ap a, .todo a"); if (a) opener = a; });
document.addEventListener("htmx:afterSwap", panelIn); document.addEventListener("htmx:after:swap", panelIn);
function panelIn(e) {
  const side = $("#panel"); if (!side || !side.contains(e.target) && e.target !== side && e.detail?.target !== side) return;
  side.classList.toggle("empty", !$(".panel", side));
  $$("[data-col] a[aria-current]").forEach((a) => a.removeAttribute("aria-current"));
  const id = $(".panel", side)?.dataset.pk; if (id) $(`[data-col] a[data-pk="${id}"]`)?.setAttribute("aria-current", "true");
  $(".panel h2", side)?.focus();
}

/* shortcuts: on unless the user turned single keys off (WCAG 2.1.4) */
const off = () => document.documentElement.dataset.keys === "off";
let g = 0;
document.addEventListener("keydown", (e) => {
  if ((e.metaKey || e.ctrlKey) && e.key.toLowerCase() === "k") { e.preventDefault(); return palette(); }
  if (e.key === "Escape" && opener && $(".panel")) { e.preventDefault(); opener.focus(); return; }
  if (typing(e) || e.metaKey || e.ctrlKey || e.altKey || off()) return;
  if (e.key === "/") { e.preventDefault(); return palette(); }
  if (e.key === "?") return $("#keys")?.showModal();
  if (g && Date.now() - g < 1200) { const a = $(`[data-go="${e.key}"]`); g = 0; if (a) { e.preventDefault(); a.click(); } return; }
  if (e.key === "g") { g = Date.now(); return; }
  const t = $(`[data-key="${CSS.escape(e.key)}"]`); if (t) { e.preventDefault(); t.click(); }
  if ("jk".includes(e.key) && $("[data-rows]")) {
    const r = $$("[data-rows] tbody .go"), i = r.indexOf(document.activeElement), n = r[e.key === "j" ? i + 1 : i - 1] || r[0]; n.focus(); n.scrollIntoView({ block: "nearest" });
  }
});
const pal = $("#palette");
function palette() { if (!pal) return; pal.showModal(); $("input", pal).select(); }
document.addEventListener("click", (e) => { const b = e.target.closest("[data-open]"); if (b) { e.preventDefault(); b.dataset.open === "palette" ? palette() : $("#" + b.dataset.open)?.showModal(); } const c = e.target.closest("[data-close]"); if (c) c.closest("dialog")?.close(); });
pal?.addEventListener("keydown", (e) => {
  const items = $$("a", pal), i = items.indexOf(document.activeElement);
  if (e.key === "ArrowDown") { e.preventDefault(); (items[i + 1] || items[0])?.focus(); }
  if (e.key === "ArrowUp") { e.preventDefault(); i > 0 ? items[i - 1].focus() : $("input", pal).focus(); }
  // the hits must be those of what is typed now; otherwise the form is sent and the server answers with a page
  if (e.key === "Enter" && e.target.matches("input") && $("[data-for]", pal)?.dataset.for === e.target.value.trim() && items[0]) { e.preventDefault(); items[0].click(); }
});

/* Ctrl+Enter sends the form one is in (or the page's own) */
document.addEventListener("keydown", (e) => {
  if (e.key !== "Enter" || !(e.ctrlKey || e.metaKey)) return;
  const form = e.target.closest("form") || $("form[data-main]"); if (form) { e.preventDefault(); form.requestSubmit($(".primary", form) || undefined); }
});
document.addEventListener("click", (e) => { if (e.target.closest("[data-print]")) print(); });

/* toasts go by themselves after a while; a failed request says so where notices stand */
const fade = (t) => setTimeout(() => t.remove(), 8000);
const toasts = $("#toasts");
if (toasts) { $$("div", toasts).forEach(fade); new MutationObserver((m) => m.forEach((x) => x.addedNodes.forEach((n) => n.nodeType === 1 && fade(n)))).observe(toasts, { childList: true }); }
const sorry = (text) => { const n = $("#notice"); if (!n) return; const p = document.createElement("p"); p.className = "banner bad"; p.textContent = text; n.replaceChildren(p); };
document.addEventListener("htmx:sendError", () => sorry("The server cannot be reached. What you typed is still here; try again."));
document.addEventListener("htmx:responseError", () => sorry("That did not work, and nothing was saved. Try again; if it stays so, tell your administrator."));
document.addEventListener("htmx:beforeRequest", () => $("#notice")?.replaceChildren());

/* now-line and wait timers tick in the page; the server stays the source of truth */
const born = new WeakMap();
setInterval(() => $$("[data-wait]").forEach((x) => {
  if (!born.has(x)) return born.set(x, Date.now() - +x.dataset.wait * 60000); // a swapped-in card brings its own count
  const v = Math.floor((Date.now() - born.get(x)) / 60000); $("b", x).textContent = v;
  if (!x.closest(".provider")) { x.classList.toggle("late", v >= 15 && v < 30); x.classList.toggle("over", v >= 30); }
}), 15000);

/* check-in: the button always says what will be charged; who types an amount has chosen another one */
const pay = $("[data-pay]");
const sayPay = () => {
  const typed = $("#amount").value.trim(), v = /^\$?[\d,]*\.?\d{0,2}$/.test(typed) ? Number(typed.replace(/[$,]/g, "")) : NaN, m = $("input[name=method]:checked", pay).value;
  const how = { card: "Charge", cash: "Record cash", check: "Record check", file: "Charge card on file" }[m];
  $("[data-charge]", pay).textContent = !typed ? "Check in" : v > 0 ? `${how} $${v.toLocaleString("en-US", { minimumFractionDigits: 2 })}` : how;
};
pay?.addEventListener("input", (e) => {
  const f = $("#amount"), other = $("input[name=pick][value=other]", pay);
  if (e.target === f) other.checked = true;
  if (e.target.name === "pick") { if (e.target === other) { f.focus(); f.select(); } else f.value = e.target.value; }
  sayPay();
});
if (pay) addEventListener("pageshow", sayPay); // the browser puts back what was typed when somebody comes back or loads again

/* work queue selection */
document.addEventListener("change", (e) => {
  const root = e.target.closest("[data-rows]"); if (!root) return;
  if (e.target.matches("[data-all]")) $$("tbody input[type=checkbox]", root).forEach((c) => (c.checked = e.target.checked));
  const on = $$("tbody input:checked", root), sum = on.reduce((s, c) => s + Number(c.dataset.exp), 0), out = $("[data-picked]");
  if (out) out.textContent = on.length ? `${on.length} selected, ${sum.toLocaleString("en-US", { style: "currency", currency: "USD" })} expected` : "None selected";
  $$("[data-bulk]").forEach((b) => (b.disabled = !on.length));
});

/* signature: pointer strokes on a canvas, posted as SVG path data (a typed name is the keyboard path) */
const sig = $("canvas[data-sign]");
if (sig) {
  const c = sig.getContext("2d"), out = $("#sigpath"); let d = [], last;
  const fit = () => { const r = devicePixelRatio, b = sig.getBoundingClientRect(); sig.width = b.width * r; sig.height = b.height * r; c.scale(r, r); c.lineWidth = 2.4; c.lineCap = c.lineJoin = "round"; c.strokeStyle = getComputedStyle(sig).color; };
  fit(); addEventListener("resize", () => { fit(); d = []; out.value = ""; });
  const at = (e) => { const b = sig.getBoundingClientRect(); return [e.clientX - b.left, e.clientY - b.top]; };
  sig.addEventListener("pointerdown", (e) => { sig.setPointerCapture(e.pointerId); last = at(e); d.push("M" + last.map((n) => n.toFixed(1))); });
  sig.addEventListener("pointermove", (e) => { if (!last) return; for (const p of e.getCoalescedEvents?.() ?? [e]) { const n = at(p), mid = [(last[0] + n[0]) / 2, (last[1] + n[1]) / 2]; c.beginPath(); c.moveTo(...last); c.quadraticCurveTo(...last, ...mid); c.lineTo(...n); c.stroke(); d.push("L" + n.map((x) => x.toFixed(1))); last = n; } });
  const up = () => { last = null; out.value = d.join(""); }; sig.addEventListener("pointerup", up); sig.addEventListener("pointercancel", up);
  $("[data-clear]").addEventListener("click", () => { c.clearRect(0, 0, sig.width, sig.height); d = []; out.value = ""; });
}

/* a kiosk left alone goes back to its first page */
const idle = +document.body.dataset.idle;
if (idle) { let left; const again = () => { clearTimeout(left); left = setTimeout(() => location.assign(document.body.dataset.home), idle * 1000); }; ["pointerdown", "keydown", "input"].forEach((e) => addEventListener(e, again)); again(); }
