// Enhances the roll call, which works without it: each mark saves itself, the marks
// of others appear, and nothing is lost when the network is.
const form = document.querySelector("form[data-roll]");
const say = document.querySelector("[data-roll-status]");
const rows = new Map([...form.querySelectorAll("[data-row]")].map((el) => [el.dataset.row, el]));
const late = new Map();      // row → timer of a mark about to leave
const lost = new Set();      // rows whose mark did not arrive yet
let sending = Promise.resolve(), waiting = 0, leaving = false, etag = "", retry;

const marked = (el) => el.querySelector("input[type=radio]:checked")?.value ?? "";
const seen = (el) => el.querySelector("input[name^=vu_]")?.value ?? "";
const words = (el, selector, text) => { const x = el.querySelector(selector); if (x && x.textContent !== text) x.textContent = text; };

function keep(el, value) {
  let h = el.querySelector("input[name^=vu_]");
  if (!h) {
    h = document.createElement("input");
    h.type = "hidden";
    h.name = "vu_" + el.dataset.row;
    el.append(h);
  }
  h.value = value;
}

function warn(el, text) {
  let m = el.querySelector(".msg");
  if (!text) return m?.remove();
  if (!m) {
    m = document.createElement("p");
    m.className = "msg";
    m.setAttribute("role", "alert");
    el.append(m);
  }
  m.textContent = text;
}

// What the server says of the whole roll. A row in hand is left alone.
function show(state) {
  words(document, "[data-roll-count]", state.count);
  words(document, "[data-roll-quorum]", state.quorum);
  for (const [id, el] of rows) {
    const r = state.rows[id];
    if (!r || late.has(id) || lost.has(id)) continue;
    words(el, "[data-note]", r.n);
    if (el.contains(document.activeElement) && marked(el) !== seen(el)) continue;
    if (r.s !== seen(el)) {
      for (const i of el.querySelectorAll("input[type=radio]")) i.checked = i.value === r.s;
      keep(el, r.s);
    }
  }
}

function tell() {
  if (lost.size) say.textContent = `Pas de réseau\u00a0: ${lost.size} saisie${lost.size > 1 ? "s" : ""} à envoyer. Gardez cette page ouverte\u202f; nouvel essai dans quelques secondes.`;
}

async function send(id) {
  const el = rows.get(id), value = marked(el);
  if (value === seen(el)) return;
  const body = new URLSearchParams({ ["p_" + id]: value });
  if (seen(el)) body.set("vu_" + id, seen(el));
  const holder = el.querySelector(`[name=pouvoir_${id}]`);
  if (holder) body.set(holder.name, holder.value);
  let state;
  try {
    const r = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, keepalive: true, signal: AbortSignal.timeout(10000) });
    if (!r.ok || !r.headers.get("Content-Type")?.startsWith("application/json")) throw r.status;
    state = await r.json();
  } catch (e) {
    lost.add(id);
    el.dataset.lost = "";
    warn(el, e === 409 || e === 422 || e === 404 || e === 200 ? "Cette saisie n’est pas acceptée\u00a0: rechargez la page." : "Pas encore enregistré.");
    tell();
    clearTimeout(retry);
    retry = setTimeout(again, 4000);
    return;
  }
  lost.delete(id);
  delete el.dataset.lost;
  const refused = state.refused?.[id], now = state.rows[id]?.s ?? "";
  keep(el, now);
  const advice = refused && value === "proxy" ? refused + " Passez par «\u00a0Préciser\u00a0»." : refused;
  warn(el, advice);
  // What is on screen is what is written, unless a newer mark is on its way.
  if (marked(el) === value) for (const i of el.querySelectorAll("input[type=radio]")) i.checked = i.value === now;
  show(state);
  say.textContent = refused ? `Non enregistré\u00a0: ${advice}` : "Enregistré";
  tell();
}

// One at a time and in order: the last mark of a row is the one that stays.
const queue = (id) => { waiting++; sending = sending.then(() => send(id)).finally(() => { waiting--; }); };
const again = () => { for (const id of lost) queue(id); };
const flush = (id) => {
  if (!late.has(id)) return;
  clearTimeout(late.get(id));
  late.delete(id);
  queue(id);
};

for (const [id, el] of rows) {
  el.addEventListener("input", (e) => e.stopPropagation()); // nothing typed waits for the button
  el.addEventListener("change", () => {
    warn(el, "");
    clearTimeout(late.get(id));
    late.set(id, setTimeout(() => flush(id), 350)); // arrows pass over marks
  });
  el.addEventListener("focusout", (e) => { if (!el.contains(e.relatedTarget)) flush(id); });
  el.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.target.type !== "radio") return;
    e.preventDefault();
    if (!e.target.checked) {
      e.target.checked = true;
      e.target.dispatchEvent(new Event("change", { bubbles: true }));
    }
    flush(id);
    const all = [...rows.values()], next = all[all.indexOf(el) + 1];
    (next?.querySelector("input:checked") ?? next?.querySelector("input[type=radio]"))?.focus(); // the last row keeps it
  });
}
form.addEventListener("keypress", (e) => { if (e.key === "Enter" && e.target.type === "radio") e.preventDefault(); });
addEventListener("online", again);
addEventListener("visibilitychange", () => { for (const id of [...late.keys()]) flush(id); });
addEventListener("beforeunload", (e) => { for (const id of [...late.keys()]) flush(id); if (!leaving && (lost.size || waiting > 1)) e.preventDefault(); });
form.addEventListener("submit", () => { leaving = true; }); // which sends every row

setInterval(async () => {
  if (document.hidden || lost.size) return;
  try {
    const r = await fetch(form.dataset.roll, { headers: etag ? { "If-None-Match": etag } : {}, cache: "no-store", signal: AbortSignal.timeout(8000) });
    if (!r.ok) return;
    etag = r.headers.get("ETag") ?? "";
    show(await r.json());
  } catch { /* the next mark will tell */ }
}, 10000);
