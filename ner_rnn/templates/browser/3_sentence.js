/* A sentence as an element. Text of a corpus goes in by textContent alone. */

const WORDS = {
  missed: "missed", invented: "invented", boundary: "boundary", wrong_type: "other type", correct: "right",
  seen: "seen in training", unseen: "unseen, a word known", unseen_words: "no word known",
  fix: "fixed", break: "broken", both: "wrong in both",
};
/* Short forms, shown beside a name. */
const BRIEFLY = ["seen", "unseen", "unseen", ""];

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

/* Score with two digits, as .93; 1 stays 1.0. */
const shortly = (score) => (score < 0 ? "" : score >= 9950 ? "1.0" : (score / 10000).toFixed(2).slice(1));

/* Results of one model: {text: element, errors: ["missed Angela Merkel", ...]}. */
const marked = (i, model) => {
  const words = store.words(i);
  const system = store.systems[model];
  const none = new Array(words.length).fill(null);
  const gold = none.slice(), predicted = none.slice(), other = none.slice();
  const span = (start, length, rest) => ({ start, end: start + length, ...rest });
  const put = (layer, it) => layer.fill(it, it.start, it.end);

  for (let s = system.begins[i]; s < system.begins[i + 1]; s++) {
    const [start, length, score, kind] = system.spans.subarray(4 * s, 4 * s + 4);
    put(predicted, span(start, length, { kind, score }));
  }
  for (let g = store.goldBegins[i], at = system.goldBegins[i]; g < store.goldBegins[i + 1]; g++, at++) {
    const [start, length, type, seen] = store.gold.subarray(4 * g, 4 * g + 4);
    const it = span(start, length, { kind: system.golds[at], type, seen });
    if (type === 0) put(gold, it);
    // Names of other types matter where they were taken for a person.
    else if (predicted.slice(it.start, it.end).some((p) => p && p.kind !== CORRECT)) put(other, it);
  }

  const errors = [];
  const paragraph = element("p", { dir: "auto", className: "text" });
  let run = null; // notes on adjacent names
  const close = () => {
    if (run && run.size) {
      // Shown by style, so that the text of the paragraph is the text of the corpus.
      const said = element("span", { className: "said" });
      said.dataset.note = [...run].join(", ");
      paragraph.append(said);
    }
    run = null;
  };
  const note = (it, extra) => {
    if (it && it.kind >= 0 && it.kind !== CORRECT && !it.noted) {
      it.noted = true;
      run.add([WORDS[store.kinds[it.kind]], extra].filter(Boolean).join(" "));
      errors.push(`${WORDS[store.kinds[it.kind]]} ${words.slice(it.start, it.end).join(" ")}`);
    }
  };
  /* One element for words that belong to the same names, blanks between them included. */
  let piece = { text: "", g: null, p: null, o: null, first: 0, last: 0 };
  const flush = () => {
    if (!piece.text) return;
    const { g, p, o } = piece;
    if (!g && !p && !o) {
      close();
      paragraph.append(piece.text);
      return;
    }
    const made = element("span", { textContent: piece.text });
    if (g) made.classList.add("g");
    if (o) made.classList.add("o");
    if (p) {
      made.classList.add("p", p.kind === CORRECT ? "ok" : "bad");
      if (piece.first === p.start) made.classList.add("ps");
      if (piece.last === p.end - 1) made.classList.add("pe");
    }
    run ??= new Set();
    if (p && p.kind !== CORRECT) {
      const type = store.kinds[p.kind] === "wrong_type" && other.slice(p.start, p.end).find(Boolean);
      note(p, [type ? store.types[type.type] : "", shortly(p.score)].filter(Boolean).join(" "));
    }
    // For a boundary error the note stands at the predicted name.
    if (g && store.kinds[g.kind] !== "boundary") note(g, BRIEFLY[g.seen] && `· ${BRIEFLY[g.seen]}`);
    paragraph.append(made);
  };
  words.forEach((word, w) => {
    const [g, p, o] = [gold[w], predicted[w], other[w]];
    const blank = w ? store.gap(words[w - 1], word) : "";
    if (w && g === piece.g && p === piece.p && o === piece.o) {
      piece.text += blank + word;
      piece.last = w;
      return;
    }
    // The blank between two pieces belongs to what goes on across it, and only to that.
    const across = { g: g === piece.g ? g : null, p: p === piece.p ? p : null, o: o === piece.o ? o : null };
    flush();
    if (blank) {
      piece = { text: blank, ...across, first: -1, last: -1 };
      flush();
    }
    piece = { text: word, g, p, o, first: w, last: w };
  });
  flush();
  close();
  return { text: paragraph, errors };
};

/* One entry of the list. */
const row = (i, view, position, size) => {
  const sides = view.b < 0 ? [view.a] : [view.a, view.b];
  const article = element("article", { tabIndex: -1 });
  article.dataset.sentence = i;
  article.setAttribute("aria-posinset", position + 1);
  article.setAttribute("aria-setsize", size);
  const where = element("p", { className: "where" },
    element("bdi", { textContent: store.corpora[store.corpus[i]] }),
    ...(store.document[i] ? [" · document ", element("bdi", { textContent: store.document[i] })] : []),
    store.line[i] ? ` · line ${store.line[i].toLocaleString("en")}` : "");
  const changed = CHANGES.filter((_, c) => view.changed[i] & (1 << c)).map((name) => WORDS[name]);
  if (changed.length) where.append(element("b", { textContent: changed.join(", ") }));
  const drawn = sides.map((model) => marked(i, model));
  const pair = element("div", { className: sides.length > 1 ? "pair" : "single" });
  drawn.forEach(({ text }, s) => {
    const side = element("div");
    if (sides.length > 1) side.append(element("p", { className: "side", textContent: store.models[sides[s]] }));
    side.append(text);
    pair.append(side);
  });
  article.append(where, pair);
  const described = drawn.map(({ errors }, s) =>
    (sides.length > 1 ? `${store.models[sides[s]]}: ` : "") + (errors.join(", ") || "no error"));
  article.setAttribute("aria-label", `Sentence ${position + 1} of ${size}. ${[changed.join(", "), ...described].filter(Boolean).join(". ")}`);
  return article;
};
