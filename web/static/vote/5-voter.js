/*
 * The voting page: choices, recap, code, encryption, sending. Choices and code are
 * emptied before the form leaves, and leave in clear only if the browser cannot
 * encrypt and the person asks the server to do it.
 */
const words = {
  aucun: "Choisissez au moins une structure, ou le vote blanc.",
  trop: "Vous avez choisi {n} structures. Gardez-en {max} au plus.",
  codeVide: "Saisissez le code de vote de votre structure.",
  code: "Ce code est mal recopié\u00a0: vérifiez-le signe par signe. Les majuscules et les minuscules comptent.",
};

const votingPage = (form) => {
  const part = (name) => form.querySelector(`[data-vote-${name}]`);
  const say = (key, values = {}) => (form.dataset["dit" + key[0].toUpperCase() + key.slice(1)] ?? words[key]).replace(/\{(\w+)\}/g, (_, k) => values[k]);
  const fieldsets = [...form.querySelectorAll("fieldset[data-question]")].sort((a, b) => a.dataset.question - b.dataset.question);
  const boxes = (fieldset) => [...fieldset.querySelectorAll("input[type=checkbox]")];
  const picked = (fieldset) => boxes(fieldset).filter((b) => b.checked).map((b) => Number(b.value));
  const code = form.elements.code, state = part("etat"), trouble = part("panne"), consent = part("serveur");
  const some = (n) => `${n} ${n > 1 ? form.dataset.unites ?? "choix" : form.dataset.unite ?? "choix"}`;
  let election, reading = false, busy = false, sealed = false;

  /** The election, fetched once, with its questions for the recap; again after a failure. */
  const load = () => election ??= read(form.dataset.vote).then((raw) => ({ raw, questions: JSON.parse(raw).questions }))
    .catch((e) => { election = undefined; throw e; });

  const show = (step) => {
    reading = step === 2;
    part("choix").hidden = reading;
    part("confirmer").hidden = !reading;
  };

  /** « 3 structures sur 5 ». Boxes are never disabled: one may choose, then remove. */
  const count = (fieldset, max) => {
    const out = part(`compte="${fieldset.dataset.question}"`), cells = picked(fieldset);
    if (!out) return;
    const over = cells.length - max;
    out.textContent = cells.includes(0) ? "Vote blanc"
      : `${some(cells.length)} sur ${max}` + (over > 0 ? `\u00a0: retirez-en ${over}` : "");
    out.toggleAttribute("data-over", over > 0);
  };

  form.addEventListener("change", async ({ target }) => {
    const fieldset = target.closest("fieldset[data-question]");
    if (!fieldset || target.type !== "checkbox") return;
    // The blank vote clears the others, and they clear it.
    if (target.checked) for (const b of boxes(fieldset)) if ((b.value === "0") !== (target.value === "0")) b.checked = false;
    try { count(fieldset, (await load()).questions[fieldset.dataset.question].max); } catch { /* no count without the network */ }
  });

  const wrongChoices = (questions) => fieldsets.flatMap((fieldset) => {
    const q = questions[fieldset.dataset.question], cells = picked(fieldset), field = boxes(fieldset)[0];
    if (cells.includes(0) && cells.length === 1) return [];
    if (cells.length > q.max) return [{ field, place: fieldset, text: say("trop", { n: cells.length, max: q.max }) }];
    return cells.length < q.min ? [{ field, place: fieldset, text: say("aucun") }] : [];
  });

  const recap = (questions) => part("recap").replaceChildren(...fieldsets.flatMap((fieldset) => {
    const q = questions[fieldset.dataset.question];
    const items = picked(fieldset).map((cell) => make("li", {}, cell === 0 ? "Vote blanc" : q.answers[cell - 1]));
    const list = make("ul", {}, ...items);
    return questions.length > 1 ? [make("h3", {}, q.question), list] : [list];
  }));

  /** Step 1 → 2, if the choices are right. */
  const review = async () => {
    try {
      const { questions } = await load();
      const wrong = wrongChoices(questions);
      if (wrong.length) return complain(form, wrong);
      forgive(form);
      recap(questions);
      show(2);
      part("confirmer").querySelector("h2").focus();
      if (!able()) fail("Ce navigateur ne sait pas chiffrer votre bulletin ici.");
    } catch {
      complain(form, [{ text: "Le bulletin de ce scrutin n’a pas pu être chargé\u00a0: vérifiez votre connexion, puis recommencez." }]);
    }
  };

  /** Says that nothing was sent, and offers to try again or to let the server encrypt. */
  const fail = (why) => {
    state.textContent = `${why} Rien n’a été envoyé.`;
    part("panne-motif").textContent = why;
    trouble.hidden = consent.disabled = false;
    part("reessayer").hidden = !able();
  };

  const wrongCode = () => {
    const text = !code.value.trim() ? say("codeVide") : cleanCode(code.value) ? "" : say("code");
    if (text) complain(form, [{ field: code, text }]);
    return text !== "";
  };

  /** Empties everything but hidden fields: neither choices nor code can leave. */
  const empty = () => {
    for (const e of form.elements) {
      if (e.type === "hidden" || e.tagName === "BUTTON" || e.tagName === "FIELDSET") continue;
      if (e.type === "checkbox" || e.type === "radio") e.checked = false;
      else e.value = "";
      e.disabled = true;
    }
  };

  const vote = async () => {
    if (busy) return;
    if (wrongCode()) return release(form);
    busy = true;
    forgive(form);
    trouble.hidden = consent.disabled = true;
    consent.checked = false;
    const tell = teller(state);
    const sentence = "Chiffrement de votre bulletin\u00a0: ", stay = " Ne fermez pas cette page.";
    tell("Chiffrement de votre bulletin…" + stay);
    try {
      if (!able()) throw new Error("no WebCrypto");
      const { raw, questions } = await load();
      const choices = fieldsets.map((fieldset) => {
        const q = questions[fieldset.dataset.question], cells = new Array(cellsOf(q)).fill(0);
        for (const cell of picked(fieldset)) cells[q.blank ? cell : cell - 1] = 1;
        return cells;
      });
      const given = { raw, print: form.dataset.empreinte, code: cleanCode(code.value), choices };
      const ballot = await work("ballot", given, (done, all) => tell(`${sentence}${done} sur ${all}…${stay}`));
      form.elements.bulletin.value = ballot;
      empty();
      sealed = true;
      state.textContent = "Votre bulletin est chiffré. Envoi en cours… Ne fermez pas cette page.";
      HTMLFormElement.prototype.submit.call(form);
    } catch {
      fail("Votre navigateur n’a pas réussi à chiffrer votre bulletin.");
      release(form);
    }
    busy = false;
  };

  form.addEventListener("submit", (e) => {
    if (e.defaultPrevented || sealed) return; // a second click, or what is left is encrypted
    if (reading && !busy && consent.checked && !trouble.hidden) { // the person asked the server to encrypt
      if (!wrongCode()) return;
      e.preventDefault();
      return release(form);
    }
    e.preventDefault();
    if (reading) return vote();
    release(form);
    review();
  });

  part("relire").addEventListener("click", review);
  part("reessayer").addEventListener("click", () => {
    consent.checked = false;
    form.requestSubmit(part("envoyer"));
  });
  part("modifier").addEventListener("click", () => {
    if (sealed) return location.assign(form.action);
    show(1);
    boxes(fieldsets[0])[0].focus();
  });
  // A page that comes back from the browser's memory has lost its choices.
  addEventListener("pageshow", (e) => { if (e.persisted && sealed) location.reload(); });

  for (const b of ["relire", "modifier", "recap", "envoyer"]) part(b).hidden = false;
  part("envoyer").disabled = false;
  part("attente").hidden = true;
  consent.disabled = true;
  load().then(({ questions }) => fieldsets.forEach((f) => count(f, questions[f.dataset.question].max))).catch(() => {});
  show(1);
  if (form.elements.bulletin.value) { // the session had ended: the ballot came back, encrypted
    sealed = true;
    empty();
    show(2);
    part("recap").hidden = true;
    code.closest(".field").hidden = true;
    state.textContent = "Votre bulletin est déjà chiffré\u00a0: il ne reste qu’à l’envoyer.";
  }
};
