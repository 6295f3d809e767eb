if (typeof document === "undefined") serve();
else {
  document.querySelectorAll("form[data-vote]").forEach(votingPage);
  document.querySelectorAll("form[data-cle-creer]").forEach(keyPage);
  document.querySelectorAll("form[data-cle-ouvrir]").forEach(openingPage);
}
