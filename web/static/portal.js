// Comfort only: every page works without this file.
const $ = (s, root = document) => [...root.querySelectorAll(s)];

// The focus goes to the summary of errors, as a reader must hear it first.
$("[data-focus]")[0]?.focus();

// Count what remains to be typed, politely: once a second, never a wall.
for (const t of $("textarea[data-max]")) {
  const out = document.getElementById(t.id + "-compte"), max = +t.dataset.max;
  const live = document.createElement("p");
  live.className = "sr";
  live.setAttribute("aria-live", "polite");
  out.after(live);
  let timer;
  const show = () => {
    const left = max - [...t.value.trim()].length, n = Math.abs(left);
    out.textContent = `${n.toLocaleString("fr-FR")} caractère${n > 1 ? "s" : ""} ${left < 0 ? "de trop" : n > 1 ? "restants" : "restant"}.`;
    out.toggleAttribute("data-over", left < 0);
    clearTimeout(timer);
    timer = setTimeout(() => { if (document.activeElement === t) live.textContent = out.textContent; }, 1000);
  };
  t.addEventListener("input", show);
  show();
}

// Warn before a filled form is left; let a second click pass unseen.
let dirty = false;
for (const f of $("form[data-form]")) {
  if (f.dataset.form === "dirty") dirty = true;
  f.addEventListener("input", () => { dirty = true; });
  f.addEventListener("submit", (e) => {
    if (f.dataset.sent) return e.preventDefault();
    f.dataset.sent = "1";
    dirty = false;
    e.submitter?.setAttribute("aria-disabled", "true");
    // A download or a lost network leaves us here: the button must work again.
    setTimeout(() => { delete f.dataset.sent; e.submitter?.removeAttribute("aria-disabled"); }, 5000);
  });
}
addEventListener("beforeunload", (e) => { if (dirty) e.preventDefault(); });
addEventListener("pageshow", (e) => { if (e.persisted) for (const f of $("form[data-sent]")) delete f.dataset.sent; });

// The account menu closes on Escape and when one goes elsewhere.
for (const d of $("details.account")) {
  d.addEventListener("keydown", (e) => { if (e.key === "Escape" && d.open) { d.open = false; d.firstElementChild.focus(); } });
  addEventListener("click", (e) => { if (!d.contains(e.target)) d.open = false; });
  d.addEventListener("focusout", (e) => { if (e.relatedTarget && !d.contains(e.relatedTarget)) d.open = false; });
}

// Five minutes before the session ends, say so; one button asks the server for
// more time and believes its answer.
const s = document.getElementById("session");
if (s) {
  let end = +s.dataset.end;
  const button = document.createElement("button");
  button.className = "as-link";
  button.textContent = "Rester connecté";
  button.onclick = async () => {
    try {
      const page = await (await fetch(location.href)).text();
      end = +(page.match(/data-end="(\d+)"/)?.[1] ?? end);
      tick();
    } catch { /* no network: the message stays */ }
  };
  const tick = () => {
    const left = Math.ceil((end - Date.now() / 1000) / 60), was = s.hidden;
    s.hidden = left > 5;
    if (s.hidden || (!was && s.dataset.left === String(left))) return;
    s.dataset.left = left;
    s.replaceChildren(left > 0 ? `Votre session se termine dans ${left} minute${left > 1 ? "s" : ""}. ` : "Votre session est terminée. Envoyez quand même : vos réponses seront gardées. ", left > 0 ? button : "");
  };
  tick();
  setInterval(tick, 15000);
}
