/* What evaluation/report/browser_data.py packed, unpacked into typed columns. Knows nothing of the page. */

const store = (() => {
  const raw = JSON.parse(document.getElementById("data").textContent);
  const count = raw.line.length;

  /* [value, length, value, length ...] -> one entry a sentence. */
  const spread = (runs, column) => {
    let at = 0;
    for (let i = 0; i < runs.length; i += 2) {
      column.fill(runs[i], at, at + runs[i + 1]);
      at += runs[i + 1];
    }
    return column;
  };

  /* Where in the flat list each sentence begins; a negative count holds nothing. */
  const offsets = (counts) => {
    const begins = new Int32Array(counts.length + 1);
    counts.forEach((n, i) => { begins[i + 1] = begins[i] + Math.max(n, 0); });
    return begins;
  };

  const goldBegins = offsets(raw.golds);
  const systems = raw.systems.map((system) => {
    const counts = Int32Array.from(system.counts);
    return {
      counts,
      begins: offsets(counts),
      spans: Int32Array.from(system.spans), // first word, length, score, kind
      // A model skipped on a corpus has no kinds there, so its own places are kept.
      goldBegins: offsets(raw.golds.map((n, i) => (counts[i] < 0 ? 0 : n))),
      golds: Int8Array.from(system.golds),
    };
  });

  /* Scripts that put no blanks between words; a corpus of them is cut into characters. */
  const unspaced = /[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff60]|[\ud840-\ud888]/;
  const last = (word) => word[word.length - 1];

  const words = (i) => (typeof raw.text[i] === "string" ? raw.text[i].split(" ") : raw.text[i]);
  const gap = (left, right) =>
    (unspaced.test(right[0]) || /[\udc00-\udfff]/.test(right[0])) &&
    (unspaced.test(last(left)) || /[\udc00-\udfff]/.test(last(left))) ? "" : " ";
  const sentence = (i) => {
    const plain = raw.text[i];
    if (typeof plain === "string" && !unspaced.test(plain)) return plain;
    return words(i).reduce((left, word) => left + gap(left, word) + word);
  };

  /* All text in one lower-cased string, a sentence a line: searching it is one pass of indexOf. */
  let haystack = null;
  let lineBegins = null;
  const search = (query) => {
    if (haystack === null) {
      haystack = raw.text.map((_, i) => sentence(i).replaceAll("\n", " ")).join("\n").toLowerCase();
      lineBegins = new Int32Array(count + 1);
      for (let i = 1, at = -1; i <= count; i++) {
        at = haystack.indexOf("\n", at + 1);
        lineBegins[i] = at < 0 ? haystack.length + 1 : at + 1;
      }
    }
    const found = new Uint8Array(count);
    const sought = query.toLowerCase();
    let line = 0;
    for (let at = haystack.indexOf(sought); at >= 0; at = haystack.indexOf(sought, lineBegins[line])) {
      while (lineBegins[line + 1] <= at) line++;
      found[line] = 1;
      if (++line >= count) break;
    }
    return found;
  };

  return {
    count,
    models: raw.models,
    corpora: raw.corpora,
    types: raw.types,
    kinds: raw.kinds,
    seenNames: raw.seen,
    corpus: spread(raw.corpus, new Uint16Array(count)),
    document: spread(raw.document, new Array(count)),
    line: raw.line,
    goldBegins,
    gold: Int32Array.from(raw.gold), // first word, length, type, seen
    systems,
    words,
    gap,
    sentence,
    length: (i) => (typeof raw.text[i] === "string" ? raw.text[i] : raw.text[i].join(" ")).length,
    search,
  };
})();
