// The request inspector in the browser: rows that wait while somebody reads them, and words found in a body. An extra.
(() => {
  "use strict";

  // New rows wait while the list is pointed at, holds the focus or is scrolled into; a pill says how many there are.
  const QUIET_MS = 15_000; // between two announcements
  const tail = document.querySelector("[data-tail]");
  let wanted = false; // somebody asked for the new rows
  let saidAt = 0;
  let waiting = "";

  const list = () => tail.querySelector("[data-live]");
  const isHeld = () => list().matches(":hover") || list().contains(document.activeElement) || list().getBoundingClientRect().top < 0;

  function say(text) {
    const rest = saidAt + QUIET_MS - Date.now();
    if (rest > 0) {
      if (!waiting) setTimeout(() => { const held = waiting; waiting = ""; if (held) say(held); }, rest);
      waiting = text;
      return;
    }
    saidAt = Date.now();
    tail.querySelector("[data-tail-said]").textContent = text;
  }

  function countNew(answer) {
    const sent = new DOMParser().parseFromString(answer, "text/html");
    const shown = new Set([...list().querySelectorAll("[data-row]")].map((row) => row.dataset.row));
    const rows = [...sent.querySelectorAll("[data-row]")];
    const fresh = rows.filter((row) => !shown.has(row.dataset.row)).length;
    return { fresh, text: fresh && fresh === rows.length && shown.size ? `${fresh} or more new` : `${fresh} new` };
  }

  function watchTail() {
    const pill = tail.querySelector("[data-tail-show]");
    tail.addEventListener("htmx:beforeSwap", (event) => {
      if (!event.detail.shouldSwap) return;
      const { fresh, text } = countNew(event.detail.serverResponse);
      if (fresh) say(`${text} request${fresh === 1 ? "" : "s"}`);
      if (wanted || !isHeld()) return;
      event.detail.shouldSwap = false;
      pill.hidden = !fresh;
      pill.textContent = text;
    });
    tail.addEventListener("htmx:afterSwap", () => { wanted = false; pill.hidden = true; });
    pill.addEventListener("click", () => {
      wanted = true;
      window.htmx.ajax("GET", list().getAttribute("hx-get"), { target: list(), swap: "outerHTML" });
      tail.focus(); // not within the list, which would hold the next ones back
      tail.scrollIntoView();
    });
  }

  // Words in a body are marked without touching it; Enter goes to the next one.
  const marks = window.CSS?.highlights && new Highlight();

  function listRanges(source, wanted) {
    const node = source.firstChild;
    const text = (node?.data ?? "").toLowerCase();
    const ranges = [];
    for (let at = text.indexOf(wanted); wanted && at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      ranges.push(range);
    }
    return ranges;
  }

  function findIn(input, step) {
    const source = document.getElementById(input.dataset.find);
    const ranges = listRanges(source, input.value.toLowerCase());
    const at = ranges.length ? (Number(input.dataset.at ?? 0) + step) % ranges.length : 0;
    input.dataset.at = at;
    marks.clear();
    for (const range of ranges) marks.add(range);
    CSS.highlights.set("found", marks);
    if (ranges.length) {
      const place = ranges[at].getBoundingClientRect();
      source.scrollTop += place.top - source.getBoundingClientRect().top - source.clientHeight / 2;
      window.getSelection().removeAllRanges();
      window.getSelection().addRange(ranges[at]);
    }
    const said = ranges.length ? `${at + 1} of ${ranges.length}` : "nothing";
    input.parentElement.querySelector("[data-found]").textContent = input.value ? said : "";
  }

  function watchFinders() {
    for (const input of document.querySelectorAll("[data-find]")) {
      if (!marks) { input.parentElement.remove(); continue; }
      input.addEventListener("input", () => { input.dataset.at = 0; findIn(input, 0); });
      input.addEventListener("keydown", (event) => { if (event.key === "Enter") findIn(input, 1); });
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    if (tail) watchTail();
    watchFinders();
  });
})();
