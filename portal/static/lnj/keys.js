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

  // The first link of each row that is shown.
  const rows = () => [...document.querySelectorAll("#main tbody tr, #main ul > li, #main ol > li")]
    .map((row) => row.querySelector("a[href]"))
    .filter((link, index, all) => link && link.offsetParent !== null && all.indexOf(link) === index);

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

  let wentAt = -GO_MS; // when g was pressed
  function go(key) {
    const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (link) link.click();
    return Boolean(link);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open || readOff()) return;
    if (event.target.closest(TYPING)) return;
    const follows = performance.now() - wentAt < GO_MS;
    wentAt = -GO_MS;
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
  document.documentElement.classList.add("has-keys");
})();
