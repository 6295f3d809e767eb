/* The pages of key holders. A private key is in a file and in this page while it works: never in a field that is sent, never kept. */

/** Why a task failed, in words. */
const reason = (e) => {
  if (e.message === "key: not a private key") return "Ce fichier n’est pas une clé privée.";
  if (e.message === "key: another holder's") return "Cette clé n’est pas celle qui est attendue ici\u00a0: c’est celle d’une autre personne, ou d’un autre scrutin.";
  if (e.message.startsWith("election:") || e.message.startsWith("tally:")) return "Ce que le portail a donné à ouvrir n’est pas ce qui était annoncé. N’envoyez rien et prévenez le bureau de vote.";
  return "Le calcul n’a pas abouti\u00a0: vérifiez votre connexion, puis recommencez.";
};

const unable = "Ce navigateur ne sait pas faire ce calcul ici. Utilisez belenios-tool, puis collez le résultat.";

/** The text of the file that was chosen; the field is emptied at once. */
const chosenFile = async (input) => {
  const file = input.files[0];
  if (!file) return "";
  const text = file.size < 4096 ? await file.text() : "too long";
  input.value = "";
  return text;
};

/** Writes in a text area as if it were typed, so that portal.js guards it. */
const write = (area, text) => {
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
};

const keyPage = (form) => {
  const part = (name) => form.querySelector(`[data-cle-${name}]`);
  const area = form.elements.cle_publique, state = part("etat"), link = part("fichier"), again = part("relire");
  const button = part("nouvelle");
  let busy = false;
  part("navigateur").hidden = false;
  button.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    state.textContent = "Création de votre clé…";
    try {
      if (!able()) throw new Error("no WebCrypto");
      const { secret, publicKey, print } = await work("key", {});
      if (link.href) URL.revokeObjectURL(link.href);
      link.href = URL.createObjectURL(new Blob([secret], { type: "application/json" }));
      link.download = `cle-privee-${print.replaceAll(" ", "-")}.json`;
      write(area, publicKey);
      if (part("empreinte")) part("empreinte").textContent = print;
      part("enregistrer").hidden = false;
      if (again) part("controle").hidden = false;
      link.click();
      state.textContent = `Votre clé est créée\u00a0: son empreinte est ${print}. Gardez le fichier ${link.download}\u00a0: sans lui, l’urne ne pourra pas être ouverte. Si vous créez une autre clé, ce fichier ne servira plus.`;
      button.textContent = "Créer une autre clé";
    } catch {
      state.textContent = able() ? "La clé n’a pas pu être créée\u00a0: recommencez." : unable;
    }
    busy = false;
  });
  again?.addEventListener("change", async () => {
    const secret = await chosenFile(again);
    if (!secret) return;
    try {
      const mine = await work("public", secret) === JSON.parse(area.value).public_key;
      state.textContent = mine ? "Ce fichier est bien celui de cette clé." : "Ce fichier est celui d’une autre clé\u00a0: enregistrez de nouveau le bon.";
    } catch (e) {
      state.textContent = reason(e);
    }
  });
};

const openingPage = (form) => {
  const state = form.querySelector("[data-cle-etat]"), input = form.querySelector("[data-cle-privee]");
  const boxes = [...form.querySelectorAll("[data-boite]")];
  form.querySelector("[data-cle-navigateur]").hidden = false;

  /** The sum of a box, if it is the one that was announced, with its fingerprint. */
  const sumOf = async (box) => {
    const sum = await read(box.dataset.somme), print = hex(await sha256(sum));
    if (box.dataset.sommeEmpreinte && box.dataset.sommeEmpreinte !== print) throw new Error("tally: another fingerprint");
    const out = box.querySelector("[data-somme-lue]");
    if (out) out.textContent = print.match(/.{4}/g).join(" ");
    return sum;
  };

  let busy = false;
  input.addEventListener("change", async () => {
    if (busy) return;
    busy = true;
    try {
      const secret = await chosenFile(input);
      if (!secret) return;
      if (!able()) return void (state.textContent = unable);
      const tell = teller(state);
      const done = [];
      for (const box of boxes) { // all or nothing: the text areas are filled at the end
        const { boite, bulletins, election, empreinte, clePublique } = box.dataset;
        const sum = await sumOf(box), raw = await read(election);
        const given = { secret, raw, print: empreinte, sum, expected: clePublique };
        const text = await work("open", given, (n, all) => tell(`${boite}\u00a0: ${n} sur ${all}. Ne fermez pas cette page.`));
        done.push([box, text, `${boite}, somme de ${bulletins} bulletins`]);
      }
      for (const [box, text] of done) write(box.querySelector("[data-ouverture]"), text);
      state.textContent = `Votre part de l’ouverture est prête (${done.map(([, , what]) => what).join("\u202f; ")}). Comparez les empreintes, puis envoyez.`;
    } catch (e) {
      state.textContent = reason(e);
    } finally {
      busy = false;
    }
  });
};
