// Everything the pages do in the browser themselves; all of it is an extra, no page needs it.
(() => {
  "use strict";

  document.documentElement.classList.add("has-script");

  // A button with data-copy="id" copies the text of that element, and says so to eyes and ears.
  const COPIED_MS = 2000;

  async function copyText(button) {
    const source = document.getElementById(button.dataset.copy);
    const label = button.querySelector("[data-copy-label]");
    const before = label.textContent;
    try {
      await navigator.clipboard.writeText(source.innerText.trim());
      label.textContent = "Copied";
    } catch {
      // No right to the clipboard, or no TLS: select it, so that one key press copies.
      window.getSelection().selectAllChildren(source);
      label.textContent = "Selected: press Ctrl C";
    }
    setTimeout(() => { label.textContent = before; }, COPIED_MS);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copyText(button);

    // An open menu closes when something else is chosen.
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // Keys. The link to their list, in the foot of a page, is marked where they are wanted; none acts within a field.
  const SECTION_MS = 2500; // between g and the letter
  const keys = document.querySelector("a[data-shortcuts]");
  let sections = null; // letter and address, read from the list at the first g
  let startedAt = 0;

  async function readShortcuts() {
    const answer = await fetch(keys.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const links = page.querySelectorAll("[data-go]");
    sections = new Map([...links].map((link) => [link.dataset.go, link.getAttribute("href")]));
    return page;
  }

  // The page of the list has the dialog, too, closed and empty.
  async function openShortcuts() {
    const page = await readShortcuts();
    const list = page.getElementById("shortcut-list");
    const dialog = document.getElementById("shortcuts") ?? document.body.appendChild(document.adoptNode(page.getElementById("shortcuts")));
    list.removeAttribute("id");
    dialog.querySelector("[data-shortcut-list]").replaceChildren(document.adoptNode(list));
    dialog.showModal();
  }

  async function goTo(letter) {
    if (!sections) await readShortcuts();
    if (sections.has(letter)) window.location.assign(sections.get(letter));
  }

  // The rows of a page: the first link of each is what opens it, so that Enter needs nothing of ours.
  const ROWS = "main tbody > tr, main li";

  function listRowLinks() {
    const rows = [...document.querySelectorAll(ROWS)].filter((row) => !row.closest("nav, form"));
    return [...new Set(rows.map((row) => row.querySelector("a[href]")))].filter((link) => link?.checkVisibility());
  }

  function moveRow(step) {
    const links = listRowLinks();
    const at = links.indexOf(document.activeElement.closest(ROWS)?.querySelector("a[href]"));
    links.at(at < 0 && step < 0 ? -1 : Math.min(Math.max(at + step, 0), links.length - 1))?.focus();
  }

  const KEYS = {
    "?": openShortcuts,
    "/": () => document.querySelector("main input[type=search]")?.focus(),
    j: () => moveRow(1),
    k: () => moveRow(-1),
    g: () => { startedAt = Date.now(); },
  };

  document.addEventListener("keydown", (event) => {
    const isElsewhere = event.target.closest("input, textarea, select, dialog, [contenteditable]");
    if (!keys || isElsewhere || document.querySelector("dialog[open]") || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const isLetter = Date.now() - startedAt < SECTION_MS && event.key !== "Shift";
    if (isLetter) startedAt = 0;
    const act = isLetter ? () => goTo(event.key) : Object.hasOwn(KEYS, event.key) && KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    Promise.resolve(act()).catch(() => window.location.assign(keys.href)); // the list is a page as well
  });

  // Passkeys: the form brings what the authenticator is asked, and sends what it answered.
  if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) document.documentElement.classList.add("has-passkeys");

  async function answerByPasskey(form) {
    const { passkeyCreate, passkeyGet } = form.dataset;
    const credential = passkeyCreate
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(passkeyCreate)) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(passkeyGet)) });
    form.querySelector("[data-passkey-answer]").value = JSON.stringify(credential.toJSON());
    form.submit();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-passkey-create], [data-passkey-get]")) return;
    event.preventDefault();
    answerByPasskey(form).catch((error) => {
      const cancelled = error.name === "NotAllowedError";
      form.querySelector("[data-passkey-problem]").textContent = cancelled ? "Nothing was chosen." : `This did not work: ${error.message}`;
    });
  });

  // Polling rests in a hidden tab, and begins again when it is looked at.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const trigger = event.target.closest("[hx-trigger*='every']");
    if (trigger && document.hidden) event.preventDefault();
  });

  // A part that renews itself says so when it cannot, and as of when it is; tables opened in it stay open.
  const failures = ["htmx:sendError", "htmx:responseError", "htmx:timeout"];
  for (const name of failures) {
    document.addEventListener(name, (event) => event.target.closest("[data-live]")?.setAttribute("data-stale", ""));
  }

  document.addEventListener("htmx:afterRequest", (event) => {
    const live = event.detail.successful && event.target.closest("[data-live]");
    if (!live) return;
    live.removeAttribute("data-stale");
    live.querySelector("[data-as-of]").textContent = new Date().toISOString().slice(11, 19);
  });

  let opened = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    opened = [...event.detail.target.querySelectorAll("details[open][id]")].map((each) => each.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of opened.splice(0)) document.getElementById(id)?.setAttribute("open", "");
  });

  // After a page was swapped in, the focus goes to its heading, as after a full load.
  document.addEventListener("htmx:afterSettle", (event) => {
    const heading = event.target.id === "main" && event.target.querySelector("h1");
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus();
  });
})();
