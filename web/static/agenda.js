// Moves the points of an agenda by pointer or by the arrow keys of a handle. Comfort
// only: the buttons of each line do the same without this file.
const said = document.getElementById("agenda-dit");
let timer, busy = false;

const place = (li) => li.parentElement.closest("[data-item]")?.dataset.item ?? 0;

// The server orders, and its page is believed: numbers and hours are its own.
async function send(root, li) {
  busy = true;
  const order = [...root.querySelectorAll("[data-item]")].map((x) => x.dataset.item + ":" + place(x)).join(" ");
  try {
    const answer = await fetch(root.dataset.url, { method: "POST", body: new URLSearchParams({ acte: "ordre", vu: root.dataset.mark, point: li.dataset.item, ordre: order }) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.getElementById("agenda").replaceWith(document.adoptNode(page.getElementById("agenda")));
    said.textContent = (page.querySelector(".summary-err li") ?? page.querySelector(".notice-title")).textContent.trim();
    dress();
    document.querySelector(`[data-item="${li.dataset.item}"] [data-handle]`)?.focus();
  } catch { location.reload(); }
  busy = false;
}

function handle(root, li) {
  const b = document.createElement("button"), name = document.createElement("span");
  b.type = "button";
  b.className = "as-link";
  b.dataset.handle = "";
  name.className = "sr";
  name.textContent = "\u00a0: " + li.dataset.name + ", ou flèches haut et bas";
  b.append("⠿ Glisser", name);
  b.style.cursor = "grab";
  b.style.touchAction = "none";
  b.onkeydown = (e) => {
    const up = e.key === "ArrowUp", to = up ? li.previousElementSibling : e.key === "ArrowDown" && li.nextElementSibling;
    if (!to || busy) return;
    e.preventDefault();
    to[up ? "before" : "after"](li);
    b.focus();
    said.textContent = `Place ${[...li.parentElement.children].indexOf(li) + 1} sur ${li.parentElement.children.length}`;
    clearTimeout(timer);
    timer = setTimeout(send, 700, root, li);
  };
  b.onpointerdown = (e) => {
    if (busy || e.button) return;
    e.preventDefault();
    b.focus();
    let moved = false;
    const move = (m) => {
      const over = document.elementFromPoint(m.clientX, m.clientY)?.closest("[data-item]");
      const to = [...li.parentElement.children].find((x) => x !== li && x.contains(over));
      if (!to) return;
      const box = to.getBoundingClientRect(), before = m.clientY < box.top + box.height / 2;
      if ((before ? to.previousElementSibling : to.nextElementSibling) === li) return;
      to[before ? "before" : "after"](li);
      moved = true;
    };
    const end = () => {
      removeEventListener("pointermove", move);
      if (moved) send(root, li);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end, { once: true });
  };
  return b;
}

function dress() {
  const root = document.querySelector("#agenda [data-open]");
  for (const li of root?.querySelectorAll("[data-item]") ?? []) {
    if (li.parentElement.children.length > 1) li.querySelector("form").prepend(handle(root, li));
  }
}
dress();
