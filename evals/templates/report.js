"use strict";
(() => {
  const SHOWN = 50;
  const key = (row, place) => {
    const cell = row.cells[place];
    return cell.dataset.k ?? cell.textContent.trim();
  };
  const compare = (one, other) => {
    const both = [Number(one), Number(other)];
    if (one !== "" && other !== "" && !both.some(Number.isNaN)) return both[0] - both[1];
    return one.localeCompare(other, "en", { numeric: true });
  };
  const fold = (table) => {
    const rows = [...table.tBodies[0].rows];
    rows.forEach((row, place) => { row.hidden = "folded" in table.dataset && place >= SHOWN; });
  };
  const sort = (table, header) => {
    const down = header.getAttribute("aria-sort") === "ascending";
    const place = header.cellIndex;
    const rows = [...table.tBodies[0].rows].sort((one, other) => {
      const order = compare(key(one, place), key(other, place));
      return down ? -order : order;
    });
    for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    table.tBodies[0].append(...rows);
    fold(table);
  };
  for (const button of document.querySelectorAll("th button")) {
    button.addEventListener("click", () => sort(button.closest("table"), button.closest("th")));
  }
  for (const table of document.querySelectorAll("table")) {
    const many = table.tBodies[0].rows.length;
    if (many <= SHOWN) continue;
    table.dataset.folded = "";
    fold(table);
    const more = document.createElement("button");
    more.type = "button";
    more.className = "more";
    more.textContent = `Show all ${many} rows`;
    more.addEventListener("click", () => { delete table.dataset.folded; fold(table); more.remove(); });
    table.parentElement.after(more);
  }
  const open = () => {
    const name = decodeURIComponent(location.hash.slice(1));
    const folded = name && document.getElementById(name)?.closest("details");
    if (folded) { folded.open = true; folded.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details")) one.open = true;
  });
  open();
})();
