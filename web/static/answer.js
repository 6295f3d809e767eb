// Tells that the personal page was opened, once somebody has had it before their
// eyes: mail scanners that follow links hardly ever show a page. See MarkOpened.
const page = document.querySelector("[data-opening]");
let timer;
const watch = () => {
  clearTimeout(timer);
  if (document.visibilityState === "visible") timer = setTimeout(() => {
    document.removeEventListener("visibilitychange", watch);
    fetch(page.dataset.opening, { method: "POST", keepalive: true }).catch(() => {});
  }, 2000);
};
if (page) {
  document.addEventListener("visibilitychange", watch);
  watch();
}
