/** What the Worker does; each task gets what was given and a way to say where it is. */
const tasks = { ballot: makeBallot, key: makeKey, public: publicOf, open: openSum };

/** In the Worker: one task, its result or why it failed. Nothing is kept. */
const serve = () => {
  self.onmessage = async ({ data: { task, given } }) => {
    try {
      postMessage({ result: await tasks[task](given, (done, all) => postMessage({ done, all })) });
    } catch (e) {
      postMessage({ error: String(e?.message ?? e) });
    }
  };
};

/**
 * In the page: does a task in a Worker that runs this same file and ends with it.
 * @returns {Promise<any>} rejected with the words of the task's error
 */
const work = (task, given, progress) => new Promise((resolve, reject) => {
  const worker = new Worker(document.querySelector('script[src*="/static/vote."]').src);
  const end = (how, value) => { worker.terminate(); how(value); };
  worker.onmessage = ({ data }) => {
    if ("result" in data) end(resolve, data.result);
    else if ("error" in data) end(reject, new Error(data.error));
    else progress?.(data.done, data.all);
  };
  worker.onerror = (e) => { e.preventDefault(); end(reject, new Error("worker: " + e.message)); };
  worker.postMessage({ task, given });
});

/** Whether this browser, here, has what encryption needs (WebCrypto asks for HTTPS). */
const able = () => typeof Worker === "function" && typeof BigInt === "function" && !!globalThis.crypto?.subtle;

/** The text of one of our own files. */
const read = async (address) => {
  const r = await fetch(address);
  if (!r.ok) throw new Error(`${address}: ${r.status}`);
  return r.text();
};

/** Writes in a live region, at once the first time, then once in 1.5 s at most: it is read aloud. */
const teller = (out) => {
  let last = -Infinity;
  return (text) => {
    if (performance.now() - last < 1500) return;
    last = performance.now();
    out.textContent = text;
  };
};

/** portal.js holds a form that was sent for five seconds: not one that was not. */
const release = (form) => {
  delete form.dataset.sent;
  form.querySelectorAll("button[aria-disabled]").forEach((b) => b.removeAttribute("aria-disabled"));
};

const make = (tag, properties, ...children) => {
  const e = Object.assign(document.createElement(tag), properties);
  e.append(...children);
  return e;
};

/** Takes away the errors of the page, those of the server too. */
const forgive = (form) => {
  document.querySelectorAll(".summary-err").forEach((e) => e.remove());
  form.querySelectorAll(".msg").forEach((e) => {
    const field = form.querySelector(`[aria-describedby~="${e.id}"]`);
    const others = (field?.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== e.id);
    if (others.length) field.setAttribute("aria-describedby", others.join(" "));
    else field?.removeAttribute("aria-describedby");
    field?.removeAttribute("aria-invalid");
    e.remove();
  });
};

/** Shows errors as the server does: a summary that takes the focus, a message on each field. */
const complain = (form, errors) => {
  forgive(form);
  const list = make("ul", {});
  for (const { field, place = field, text } of errors) {
    if (!field) {
      list.append(make("li", {}, text));
      continue;
    }
    list.append(make("li", {}, make("a", { href: "#" + field.id }, text)));
    const message = make("p", { className: "msg", id: place.id ? place.id + "-erreur" : field.id + "-erreur" },
      make("span", {}, make("span", { className: "sr" }, "Erreur\u00a0: "), text));
    if (place.tagName === "FIELDSET") place.querySelector("legend").after(message);
    else place.before(message);
    place.setAttribute("aria-describedby", [place.getAttribute("aria-describedby"), message.id].filter(Boolean).join(" "));
    if (place === field) field.setAttribute("aria-invalid", "true");
  }
  const title = make("h2", { id: "erreurs-titre" }, errors.length > 1 ? `Il y a ${errors.length} points à corriger` : "Il y a un point à corriger");
  const summary = make("div", { className: "summary-err", tabIndex: -1 }, title, list);
  summary.setAttribute("role", "alert");
  summary.setAttribute("aria-labelledby", title.id);
  form.prepend(summary);
  if (!document.title.startsWith("Erreur")) document.title = "Erreur\u00a0: " + document.title;
  summary.focus();
};
