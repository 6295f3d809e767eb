// Keeps what is typed at each pause, for the account. The page works without it.
const f = document.querySelector("[data-brouillon]"), out = document.getElementById("brouillon-dit");
let timer, kept, busy;
const typed = () => {
  const d = new URLSearchParams(new FormData(f));
  d.delete("_cle");
  return d;
};
const later = (ms) => { clearTimeout(timer); timer = setTimeout(keep, ms); };
async function keep() {
  const d = typed(), s = String(d);
  if (s === kept) return;
  if (busy) return later(2000);
  busy = true;
  try {
    const r = await fetch(f.dataset.brouillon, { method: "POST", body: d, redirect: "manual" });
    if (r.type === "opaqueredirect") out.textContent = "Votre session est terminée\u00a0: le brouillon n’est plus enregistré. Enregistrez le compte rendu, votre texte sera gardé.";
    else if (!r.ok) throw r;
    else { kept = s; out.textContent = await r.text(); }
  } catch {
    out.textContent = "Brouillon non enregistré\u00a0: nouvel essai dans 10 secondes.";
    later(10000);
  }
  busy = false;
}
if (f) {
  kept = String(typed());
  f.addEventListener("input", () => later(2000));
  f.addEventListener("submit", () => clearTimeout(timer));
}
