// What the catalog's pages do beyond the theme: filters, folded methods, search for names.
"use strict";

const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

// A filter box hides those rows of the next table, or methods, that lack a word of it.
function listen(box) {
  const lists = [...document.querySelectorAll("article table, article .methods")];
  const list = lists.find((l) => box.compareDocumentPosition(l) & Node.DOCUMENT_POSITION_FOLLOWING);
  if (!list) return;
  const rows = [...list.querySelectorAll(":scope > tbody > tr, :scope > details")];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  box.addEventListener("input", () => {
    const wanted = words(box.value);
    rows.forEach((row, i) => { row.hidden = !wanted.every((word) => texts[i].includes(word)); });
  });
}

// A link to a method opens it.
function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = target && target.closest("details");
  if (folded && !folded.open) {
    folded.open = true;
    target.scrollIntoView();
  }
}

// The search box also finds tables, columns and operations, from the files in find/.
const shards = new Map();
const MOST_FOUND = 12;

function shard(base, first) {
  if (!shards.has(first)) {
    const loaded = fetch(new URL(`find/${first}.json`, base)).then((r) => (r.ok ? r.json() : {}));
    shards.set(first, loaded.catch(() => ({})));
  }
  return shards.get(first);
}

async function names(base, typed) {
  const key = typed.toLowerCase().replace(/[^a-z0-9]/g, "");
  if (key.length < 2) return [];
  const found = Object.entries(await shard(base, key.slice(0, 2)))
    .filter(([name]) => name.startsWith(key))
    .sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1))
    .flatMap(([, places]) => places);
  return [...new Map(found.map((place) => [place[0], place])).values()].slice(0, MOST_FOUND);
}

function search(box, results) {
  const base = new URL(`${JSON.parse(document.getElementById("__config").textContent).base}/`,
    location.href);
  const list = document.createElement("ol");
  list.className = "found";
  results.prepend(list);
  let typed = "";
  const show = async () => {
    if (box.value === typed) return;
    typed = box.value;
    const asked = typed;
    const last = asked.trim().split(/[\s.:]+/).pop();
    const found = await names(base, last);
    if (asked !== typed) return;
    list.replaceChildren(...found.map(([text, kind, place]) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      const what = document.createElement("small");
      link.href = new URL(place, base);
      what.textContent = kind;
      link.append(what, text);
      item.append(link);
      return item;
    }));
  };
  box.addEventListener("input", show);
  box.addEventListener("keyup", show);
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".filter").forEach(listen);
  unfold();
  const box = document.querySelector("[data-md-component=search-query]");
  const results = document.querySelector("[data-md-component=search-result]");
  if (box && results) search(box, results);
});
addEventListener("hashchange", unfold);
