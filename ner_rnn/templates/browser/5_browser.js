/* The page's own controls: theme, filters, keyboard, the address, printing. */

const $ = (id) => document.getElementById(id);
const root = document.documentElement;

/* Theme: of the system unless chosen here; remembered where the browser allows it. */
const THEMES = ["auto", "dark", "light"];
const recall = () => { try { return localStorage.getItem("ner-rnn-theme"); } catch { return null; } };
const setTheme = (theme) => {
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  $("theme").textContent = `Theme: ${theme}`;
  try { localStorage.setItem("ner-rnn-theme", theme); } catch { /* kept for this visit only */ }
};
const nextTheme = () => setTheme(THEMES[(THEMES.indexOf(root.dataset.theme ?? "auto") + 1) % THEMES.length]);
$("theme").hidden = false;
$("theme").addEventListener("click", nextTheme);
setTheme(THEMES.includes(recall()) ? recall() : "auto");

/* A table takes the focus only where it can be scrolled. */
const wide = new ResizeObserver((entries) => {
  for (const { target } of entries) target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
});
for (const table of document.querySelectorAll(".scroll")) wide.observe(table);

/* The view, and the address that leads to it: #errors?model=a&vs=b&kind=missed.boundary&q=text */
const ERRORS = store.kinds.map((_, k) => k).filter((k) => k !== CORRECT);
const fresh = () => ({
  a: 0, b: -1, corpus: -1, seen: -1, kinds: new Set(ERRORS), changes: new Set(CHANGES.keys()),
  q: "", order: "corpus", begin: 0, current: -1,
});
let view = fresh();
let found = { sentences: [] };
const same = (left, right) => left.size === right.size && [...left].every((x) => right.has(x));

const toHash = () => {
  const standard = fresh();
  const query = new URLSearchParams();
  if (view.a !== 0 || view.b >= 0) query.set("model", store.models[view.a]);
  if (view.b >= 0) query.set("vs", store.models[view.b]);
  if (view.corpus >= 0) query.set("corpus", store.corpora[view.corpus]);
  if (view.seen >= 0) query.set("seen", store.seenNames[view.seen]);
  if (!same(view.kinds, standard.kinds)) query.set("kind", [...view.kinds].sort().map((k) => store.kinds[k]).join("."));
  if (view.b >= 0 && !same(view.changes, standard.changes)) query.set("change", [...view.changes].sort().map((c) => CHANGES[c]).join("."));
  if (view.q) query.set("q", view.q);
  if (view.order !== "corpus") query.set("order", view.order);
  if (view.begin) query.set("from", view.begin + 1);
  if (view.current >= 0) query.set("at", view.current);
  return `#errors?${query}`;
};
const fromHash = (hash) => {
  const query = new URLSearchParams(hash.slice("#errors?".length));
  const read = fresh();
  const index = (names, key) => names.indexOf(query.get(key) ?? "");
  const several = (names, key) => new Set(query.get(key).split(".").map((n) => names.indexOf(n)).filter((n) => n >= 0));
  read.a = Math.max(index(store.models, "model"), 0);
  read.b = index(store.models, "vs");
  if (read.b === read.a) read.b = -1;
  read.corpus = index(store.corpora, "corpus");
  read.seen = index(store.seenNames, "seen");
  if (query.has("kind")) read.kinds = several(store.kinds, "kind");
  if (query.has("change")) read.changes = several(CHANGES, "change");
  read.q = query.get("q") ?? "";
  if (query.get("order") === "sure") read.order = "sure";
  read.begin = Math.max(0, (parseInt(query.get("from"), 10) || 1) - 1);
  read.current = parseInt(query.get("at") ?? "-1", 10);
  return read;
};
/* Delayed: it is slow, and browsers limit how many are made in a second. */
let remembering = 0;
const remember = () => {
  clearTimeout(remembering);
  remembering = setTimeout(() => history.replaceState(null, "", toHash()), 150);
};

/* Controls. */
const options = (select, entries) =>
  select.replaceChildren(...entries.map(([value, text]) => element("option", { value, textContent: text })));
const chips = (fieldset, names, ticked) => names.map((name, n) => {
  const box = element("input", { type: "checkbox", value: name });
  const count = element("b");
  fieldset.append(element("label", {}, box, " ", element("span", { textContent: WORDS[name] }), " ", count));
  box.addEventListener("change", () => {
    if (box.checked) ticked().add(n);
    else ticked().delete(n);
    update();
  });
  return { box, count, n };
});
const kindChips = chips($("kinds"), store.kinds, () => view.kinds);
const changeChips = chips($("changes"), CHANGES, () => view.changes);
const indexed = (names, any) => [["-1", any], ...names.map((name, n) => [String(n), name])];

options($("model"), store.models.map((name, n) => [String(n), name]));
options($("corpus"), indexed(store.corpora, "all"));
options($("seen"), indexed(store.seenNames.map((name) => WORDS[name]), "any"));
options($("order"), [["corpus", "as in the corpus"], ["sure", "most confident errors first"]]);
$("vs-field").hidden = store.models.length < 2;

const list = new List($("list"));
const number = (n) => n.toLocaleString("en");
const plural = (n, one) => `${number(n)} ${one}${n === 1 ? "" : "s"}`;

const showControls = () => {
  $("model").value = view.a;
  options($("vs"), [["-1", "nothing"], ...store.models.map((name, n) => [String(n), name]).filter(([n]) => Number(n) !== view.a)]);
  $("vs").value = view.b;
  $("corpus").value = view.corpus;
  $("seen").value = view.seen;
  $("order").value = view.order;
  if ($("q").value !== view.q) $("q").value = view.q;
  for (const { box, n } of kindChips) box.checked = view.kinds.has(n);
  for (const { box, n } of changeChips) box.checked = view.changes.has(n);
  $("changes").hidden = view.b < 0;
  $("heads").hidden = view.b < 0;
  $("heads").replaceChildren(...(view.b < 0 ? [] : [view.a, view.b]).map((m) => element("div", { textContent: store.models[m] })));
};

const showCounts = () => {
  for (const { count, n } of kindChips) count.textContent = number(found.ofKind[n]);
  for (const { count, n } of changeChips) count.textContent = number(found.ofChange[n]);
  const what = view.kinds.has(CORRECT) ? "name" : "error";
  let summary = found.sentences.length
    ? `${plural(found.errors, what)} in ${plural(found.sentences.length, "sentence")}`
    : "No sentence matches";
  if (view.b >= 0) {
    summary += `. ${store.models[view.b]} fixes ${number(found.ofChange[0])}, breaks ${number(found.ofChange[1])}`;
  }
  $("tally").textContent = `${summary}.`;
  const paged = found.sentences.length > PAGE;
  $("pages").hidden = !paged;
  $("pages").querySelector("span").textContent =
    `${number(list.begin + 1)} to ${number(list.end)} of ${number(found.sentences.length)}`;
  $("earlier").disabled = list.begin === 0;
  $("later").disabled = list.end === found.sentences.length;
};

/* Show the view; a first sentence that is out of range belonged to another view. */
const apply = () => {
  found = select(view);
  if (view.begin >= found.sentences.length) view.begin = 0;
  view.changed = found.changed;
  list.show(found.sentences, view, view.begin);
  showControls();
  showCounts();
};
const update = () => {
  view.begin = 0;
  view.current = -1;
  apply();
  remember();
};

for (const [id, key] of [["model", "a"], ["vs", "b"], ["corpus", "corpus"], ["seen", "seen"]]) {
  $(id).addEventListener("change", (event) => {
    view[key] = Number(event.target.value);
    if (view.b === view.a) view.b = -1;
    update();
  });
}
$("order").addEventListener("change", (event) => { view.order = event.target.value; update(); });
$("q").addEventListener("input", (event) => { view.q = event.target.value; update(); });
$("filters").addEventListener("submit", (event) => event.preventDefault());
$("clear").addEventListener("click", () => { const { a, b } = view; view = { ...fresh(), a, b }; update(); });
for (const [id, step] of [["earlier", -PAGE], ["later", PAGE]]) {
  $(id).addEventListener("click", () => {
    view.begin = Math.max(0, view.begin + step);
    view.current = -1;
    apply();
    remember();
    $("heads").scrollIntoView();
    $("list").scrollIntoView();
  });
}
const help = (shown) => { $("help").hidden = !shown; $("keys").setAttribute("aria-expanded", shown); };
$("keys").addEventListener("click", () => help($("help").hidden));

/* Matches of the search are highlighted where the browser can do so without changing the text. */
const highlight = (box) => {
  if (!("highlights" in CSS)) return;
  if (!CSS.highlights.has("sought")) CSS.highlights.set("sought", new Highlight());
  const ranges = CSS.highlights.get("sought");
  for (const range of ranges) if (!range.startContainer.isConnected) ranges.delete(range);
  const sought = view.q.toLowerCase();
  if (!sought) return;
  for (const paragraph of box.querySelectorAll(".text")) {
    const nodes = [];
    const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    for (let at = 0; walker.nextNode(); at += walker.currentNode.length) nodes.push([at, walker.currentNode]);
    const place = (at) => {
      const [begin, node] = nodes.findLast(([from]) => from <= at);
      return [node, Math.min(at - begin, node.length)];
    };
    const text = paragraph.textContent.toLowerCase();
    if (text.length !== paragraph.textContent.length) continue; // a letter that grows: places are off
    for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + sought.length)) {
      const range = new Range();
      range.setStart(...place(at));
      const [node, end] = place(at + sought.length - 1);
      range.setEnd(node, end + 1);
      ranges.add(range);
    }
  }
};
$("list").addEventListener("drawn", (event) => highlight(event.detail));

/* Keyboard. The current sentence is the one that has, or last had, the focus. */
const go = (position) => {
  const article = list.at(position);
  if (!article) return;
  for (const old of $("list").querySelectorAll('article[tabindex="0"]')) old.tabIndex = -1;
  article.tabIndex = 0;
  article.focus({ preventScroll: true });
  article.scrollIntoView({ block: "nearest" });
  view.current = found.sentences[position];
  remember();
};
$("list").addEventListener("focusin", (event) => {
  const article = event.target.closest("article");
  if (article) view.current = Number(article.dataset.sentence);
});
const move = (step) => {
  const at = found.sentences.indexOf(view.current);
  go(at < 0 ? list.begin : Math.min(Math.max(at + step, list.begin), list.end - 1));
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea");
  if (event.key === "Escape" && event.target === $("q")) { move(0); return; }
  if (typing) return;
  const inList = event.target.closest("#list");
  const does = {
    j: () => move(1), k: () => move(-1), "/": () => { $("q").focus(); $("q").select(); },
    t: nextTheme, "?": () => help($("help").hidden),
    s: () => { if (view.b >= 0) { [view.a, view.b] = [view.b, view.a]; update(); } },
    ...(inList && { ArrowDown: () => move(1), ArrowUp: () => move(-1), Home: () => go(list.begin), End: () => go(list.end - 1) }),
  }[event.key];
  if (does) { event.preventDefault(); does(); }
});

/* Printing: everything unfolded, and the first sentences of the view. */
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const one of folded) one.open = true;
  const words = [
    [view.a, view.b].filter((m) => m >= 0).map((m) => store.models[m]).join(" beside "),
    view.corpus < 0 ? "all corpora" : store.corpora[view.corpus],
    [...view.kinds].sort().map((k) => WORDS[store.kinds[k]]).join(", "),
    view.b < 0 ? "" : [...view.changes].sort().map((c) => WORDS[CHANGES[c]]).join(", "),
    view.seen < 0 ? "" : WORDS[store.seenNames[view.seen]],
    view.q && `“${view.q}”`,
    found.sentences.length > PRINTED ? `the first ${PRINTED} of these sentences` : "",
  ];
  $("printed").textContent = `${words.filter(Boolean).join("; ")}.`;
  list.forPrint(true);
});
addEventListener("afterprint", () => {
  for (const one of folded) one.open = false;
  list.forPrint(false);
});

const follow = () => {
  if (!location.hash.startsWith("#errors?")) return;
  clearTimeout(remembering);
  view = fromHash(location.hash);
  apply();
  $("errors").scrollIntoView();
  const at = found.sentences.indexOf(view.current);
  if (at >= 0) go(at);
  else $("errors").focus({ preventScroll: true });
};
addEventListener("hashchange", follow);

$("browser").hidden = false;
apply();
follow();
