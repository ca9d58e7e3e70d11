/* Which sentences a view holds, and how many errors of each kind. No DOM here.

   An event is a name of the gold standard, found or not, or a predicted name that is wrong. With one
   model the events that are errors are its false negatives and false positives. With two, each
   event is a change: the second model fixes it, breaks it, or both have it wrong. */

const CORRECT = store.kinds.indexOf("correct");
const CHANGES = ["fix", "break", "both"];
const UNCHANGED = CHANGES.length; // right in both, or there is one model alone

/* All events of one model, or of two: columns of equal length, in order of sentences. */
const events = (() => {
  const kept = new Map();
  const make = (a, b) => {
    const sentence = [], kind = [], seen = [], change = [];
    const add = (i, itsKind, known, itsChange) => {
      sentence.push(i);
      kind.push(itsKind);
      seen.push(known);
      change.push(itsChange);
    };
    const noName = store.seenNames.length;
    const left = store.systems[a], right = b < 0 ? null : store.systems[b];
    const wrong = (system, i) => {
      const found = new Map();
      for (let s = system.begins[i]; s < system.begins[i + 1]; s++) {
        const its = system.spans[4 * s + 3];
        if (its !== CORRECT) found.set(system.spans[4 * s] * 65536 + system.spans[4 * s + 1], its);
      }
      return found;
    };
    for (let i = 0; i < store.count; i++) {
      if (left.counts[i] < 0 || (right && right.counts[i] < 0)) continue;
      const golds = store.goldBegins[i + 1] - store.goldBegins[i];
      for (let g = 0; g < golds; g++) {
        const was = left.golds[left.goldBegins[i] + g];
        if (was < 0) continue;
        const is = right ? right.golds[right.goldBegins[i] + g] : was;
        const known = store.gold[4 * (store.goldBegins[i] + g) + 3];
        if (!right || (was === CORRECT && is === CORRECT)) add(i, was, known, UNCHANGED);
        else if (is === CORRECT) add(i, was, known, 0);
        else if (was === CORRECT) add(i, is, known, 1);
        else add(i, was, known, 2);
      }
      if (left.begins[i + 1] === left.begins[i] && (!right || right.begins[i + 1] === right.begins[i])) continue;
      const before = wrong(left, i);
      if (!right) {
        for (const its of before.values()) add(i, its, noName, UNCHANGED);
        continue;
      }
      const after = wrong(right, i);
      for (const [span, its] of before) add(i, its, noName, after.has(span) ? 2 : 0);
      for (const [span, its] of after) if (!before.has(span)) add(i, its, noName, 1);
    }
    return {
      sentence: Int32Array.from(sentence),
      kind: Uint8Array.from(kind),
      seen: Uint8Array.from(seen),
      change: Uint8Array.from(change),
    };
  };
  return (a, b) => {
    const key = `${a} ${b}`;
    if (!kept.has(key)) kept.set(key, make(a, b));
    return kept.get(key);
  };
})();

/* The highest score of a wrong prediction in each sentence. */
const surest = (a) => {
  const system = store.systems[a];
  const best = new Int32Array(store.count).fill(-2);
  for (let i = 0; i < store.count; i++) {
    for (let s = system.begins[i]; s < system.begins[i + 1]; s++) {
      if (system.spans[4 * s + 3] !== CORRECT) best[i] = Math.max(best[i], system.spans[4 * s + 2]);
    }
  }
  return best;
};

/* view: {a, b, corpus, seen: indices, -1 for any; kinds, changes: sets of indices; q, order}.
   Gives sentences (indices, in order), errors (how many events of them), changed (for each sentence
   the bits of its changes), and for each kind and each change how many there are whatever is ticked
   among its like. */
const select = (view) => {
  const all = events(view.a, view.b);
  const text = view.q ? store.search(view.q) : null;
  const marked = new Uint8Array(store.count);
  const changed = new Uint8Array(store.count);
  const kinds = store.kinds.map((_, k) => view.kinds.has(k));
  const changes = [...CHANGES.map((_, c) => view.changes.has(c)), true];
  const ofKind = store.kinds.map(() => 0), ofChange = CHANGES.map(() => 0);
  let errors = 0;
  for (let e = 0; e < all.sentence.length; e++) {
    const i = all.sentence[e];
    if (view.corpus >= 0 && store.corpus[i] !== view.corpus) continue;
    if (view.seen >= 0 && all.seen[e] !== view.seen) continue;
    if (text && !text[i]) continue;
    const kind = all.kind[e], change = all.change[e];
    if (changes[change]) ofKind[kind]++;
    if (kinds[kind] && change < UNCHANGED) ofChange[change]++;
    if (!kinds[kind] || !changes[change]) continue;
    errors++;
    marked[i] = 1;
    changed[i] |= 1 << change;
  }
  const sentences = [];
  for (let i = 0; i < store.count; i++) if (marked[i]) sentences.push(i);
  if (view.order === "sure") {
    const best = surest(view.a);
    sentences.sort((x, y) => best[y] - best[x] || x - y);
  }
  return { sentences, errors, changed, ofKind, ofChange };
};
