// Shortcuts of the pages behind a sign-in. What they do stands in the list that "?" opens; all of it is an extra.
(() => {
  "use strict";

  const OFF = "lnj-keys-off";  // of this browser: keys may be in the way of dictation, or of a screen reader
  const GO_MS = 1500;
  const TYPING = "input, textarea, select, [contenteditable]";
  const dialog = document.getElementById("shortcuts");
  if (!dialog) return;

  const readOff = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
  const keepOff = (off) => { try { localStorage.setItem(OFF, off ? "1" : "0"); } catch { /* not kept: asked again next time */ } };

  function openList() {
    dialog.querySelector("[data-keys-on]").checked = !readOff();
    dialog.showModal();
  }

  dialog.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys-on]")) keepOff(!event.target.checked);
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-shortcuts]")) return;
    event.preventDefault();
    openList();
  });

  // Rows of a list are its main links, one after the other.
  const rows = () => [...document.querySelectorAll("#main [data-row], #main tbody tr a:first-of-type, #main li > a.row-link")]
    .filter((link, index, all) => link.offsetParent !== null && all.indexOf(link) === index);

  function step(by) {
    const links = rows();
    if (!links.length) return;
    const at = links.indexOf(document.activeElement);
    const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function search() {
    const field = document.querySelector("#main input[type=search], #main [role=search] input");
    if (!field) return false;
    field.focus();
    field.select();
    return true;
  }

  let wentAt = 0;
  function go(key) {
    const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (link) link.click();
    return Boolean(link);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open || readOff()) return;
    if (event.target.closest(TYPING)) return;
    const follows = performance.now() - wentAt < GO_MS;
    wentAt = 0;
    let done = true;
    if (follows) done = go(event.key);
    else if (event.key === "g") wentAt = performance.now();
    else if (event.key === "?") openList();
    else if (event.key === "/") done = search();
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else done = false;
    if (done) event.preventDefault();
  });
})();
