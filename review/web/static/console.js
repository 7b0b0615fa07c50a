// The console's keys, and where the focus goes once htmx has put something into the page.
// All of it can be done without: every key here presses a link or opens a form that is there.
(() => {
  "use strict";

  const OFF = "casewright-keys-off";
  const FORMS = { a: "approve", e: "edit", r: "reject", s: "escalate", x: "escalate" };
  const SEQUENCE_MS = 1000;
  const find = (selector, within = document) => within.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  let wentAt = 0; // when g was pressed
  let listed = []; // the list of citations, while a record stands in its place

  const typing = (target) =>
    target.isContentEditable ||
    (target.matches("input, select, textarea") && !target.matches("[type=checkbox], [type=radio]"));

  const open = (details) => {
    details.open = true;
    const first = find("input:not([type=hidden]), select, textarea", details);
    (first || find("summary", details)).focus({ preventScroll: true });
    details.scrollIntoView({ block: "start", behavior: "instant" });
  };

  const step = (by) => {
    const links = all("a.case");
    const row = document.activeElement.closest("tr");
    const at = links.findIndex((link) => row && row.contains(link));
    const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by];
    if (next) next.focus();
  };

  const cite = (by) => {
    const link = find(`#evidence a[rel=${by > 0 ? "next" : "prev"}]`);
    if (link) link.click();
    else if (by > 0 && !find("#evidence [data-number]")) find('[data-citation="1"]')?.click();
  };

  // The list of citations is kept while a record stands in its place.
  const keep = () => {
    const panel = find("#evidence");
    if (!panel || find("[data-number]", panel)) return;
    listed = [...panel.childNodes];
  };

  const list = () => {
    const panel = find("#evidence");
    const number = panel && find("[data-number]", panel)?.dataset.number;
    if (!number || !listed.length) return false;
    panel.replaceChildren(...listed);
    panel.scrollTop = 0;
    opened(number);
    find(`[data-citation="${number}"]`)?.focus();
    return true;
  };

  const press = (form) => {
    if (form) form.requestSubmit();
  };

  const claim = () => {
    const row = document.activeElement.closest("tr");
    press(find('form[data-key="c"]', row || find(".turn") || document.createElement("p")));
  };

  const close = () => {
    const details = document.activeElement.closest("details.act[open], .turn details[open]");
    if (!details) return list();
    details.open = false;
    find("summary", details).focus();
  };

  const acts = {
    "?": () => find("#keys")?.showModal(),
    j: () => step(1),
    k: () => step(-1),
    c: claim,
    n: () => press(find('form[data-key="n"]')),
    "[": () => cite(-1),
    "]": () => cite(1),
  };

  const go = (key) => {
    const within = Date.now() - wentAt < SEQUENCE_MS;
    wentAt = key === "g" ? Date.now() : 0;
    if (within && key === "q") location.assign("/queue");
    return within && key === "q";
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (find("dialog[open]")) return;
    if (event.key === "Escape") return close();
    if (typing(event.target) || localStorage.getItem(OFF)) return;
    if (go(event.key)) return;
    const form = FORMS[event.key] && find(`#act-${FORMS[event.key]}`);
    const link = /^[1-9]$/.test(event.key) && find(`[data-citation="${event.key}"]`);
    const act = form ? () => open(form) : link ? () => link.click() : acts[event.key];
    if (!act) return;
    event.preventDefault(); // the key shall not be typed into the field that it leads to
    act();
  });

  function opened(number) {
    for (const link of all(`[data-citation="${number}"]`)) {
      const told = find(".opened", link);
      if (told) told.hidden = false;
    }
  }

  const reach = (place) => {
    const panel = place.closest(".panel");
    place.focus({ preventScroll: true });
    if (panel && panel.scrollHeight > panel.clientHeight) {
      const above = place.getBoundingClientRect().top - panel.getBoundingClientRect().top;
      panel.scrollTop += above - panel.clientHeight / 4;
    } else place.scrollIntoView({ block: "start", behavior: "instant" });
  };

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "evidence") keep();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-list]") && list()) event.preventDefault();
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.target;
    if (target.id === "evidence") {
      opened(find("[data-number]", target)?.dataset.number);
      reach(find(".cited", target) || target);
    } else if (target.id === "main" || event.detail.elt.id === "main") {
      const main = find("#main");
      (find("#error, #changed, [autofocus]", main) || main).focus();
    }
  });

  document.addEventListener("htmx:sendError", () => {
    find("#status").textContent = "The server did not answer. Nothing was sent.";
  });

  const named = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target && target.matches("details")) open(target);
    else if (target && target.matches(".cited")) reach(target);
    else if (target && target.matches("#changed")) target.focus();
  };

  const button = find("#keys-open");
  const on = find("#keys-on");
  if (button && on) {
    button.hidden = false;
    button.addEventListener("click", () => find("#keys").showModal());
    on.checked = !localStorage.getItem(OFF);
    on.addEventListener("change", () =>
      on.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1"),
    );
  }
  if (matchMedia("(max-width: 60rem)").matches) {
    for (const details of all(".filters > details")) details.open = false;
  }
  addEventListener("hashchange", named);
  named();
})();
