// Keeps what is typed at each field, for the account. The page works without it.
const f = document.querySelector("[data-brouillon]"), out = document.getElementById("brouillon-dit");
let kept, busy, timer;
const typed = () => {
  const d = new URLSearchParams();
  for (const [k, v] of new FormData(f)) if (typeof v === "string" && k !== "_cle") d.append(k, v);
  return d;
};
async function keep() {
  const d = typed(), s = String(d);
  clearTimeout(timer);
  if (s === kept) return;
  if (busy) return void (timer = setTimeout(keep, 1000));
  busy = true;
  try {
    const r = await fetch(f.dataset.brouillon, { method: "POST", body: d, redirect: "manual" });
    if (r.status === 409) kept = s, out.textContent = "Vous avez déjà envoyé ce point\u00a0: rechargez la page pour écrire la suite.";
    else if (r.type === "opaqueredirect") out.textContent = "Votre session est terminée\u00a0: envoyez quand même, votre texte sera gardé.";
    else if (!r.ok) throw r;
    else { kept = s; out.textContent = await r.text(); }
  } catch {
    out.textContent = "Brouillon non enregistré\u00a0: nouvel essai dans 10 secondes.";
    timer = setTimeout(keep, 10000);
  }
  busy = false;
}
// A percent lower than the last one is to be explained: the field comes at once.
const fall = f?.querySelector("[data-baisse]");
const falls = () => { if (Number(f.elements.avancement.value || 100) < Number(fall.dataset.baisse)) fall.hidden = false; };
if (f) {
  falls();
  f.addEventListener("change", falls);
  let sent = false;
  kept = String(typed());
  f.addEventListener("change", keep);
  f.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 3000); });
  f.addEventListener("submit", () => { sent = true; clearTimeout(timer); });
  addEventListener("pagehide", () => { if (!sent && String(typed()) !== kept) navigator.sendBeacon(f.dataset.brouillon, typed()); });
}
