/* The list draws what is near the window and nothing else.

   Sentences come in chunks. A chunk out of sight is an empty box, as high as it was when last seen
   or is thought to be; the browser keeps the reader's place when it turns out otherwise. */

const CHUNK = 40;
const PAGE = 10000; // browsers give up on elements of tens of millions of pixels
const PRINTED = 200;

class List {
  constructor(host) {
    this.host = host;
    this.watcher = new IntersectionObserver((entries) => this.#see(entries), { rootMargin: "1200px 0px" });
    this.measured = "";
    this.show([], null, 0);
  }

  /* Sentences by index; begin: the first of them on this page. */
  show(sentences, view, begin) {
    this.watcher.disconnect();
    this.sentences = sentences;
    this.view = view;
    this.begin = begin;
    this.end = Math.min(sentences.length, begin + PAGE);
    this.chunks = [];
    for (let at = begin; at < this.end; at += CHUNK) {
      const box = document.createElement("div");
      box.className = "chunk";
      box.setAttribute("role", "presentation");
      this.chunks.push({ box, at, drawn: false });
      box.chunk = this.chunks[this.chunks.length - 1];
    }
    this.#measure();
    for (const chunk of this.chunks) chunk.box.style.height = `${this.#guess(chunk)}px`;
    this.host.replaceChildren(...this.chunks.map((chunk) => chunk.box));
    for (const chunk of this.chunks) this.watcher.observe(chunk.box);
  }

  /* The element of the sentence at this place of the list, drawn now if it was not. */
  at(position) {
    if (position < this.begin || position >= this.end) return null;
    const chunk = this.chunks[Math.floor((position - this.begin) / CHUNK)];
    this.#draw(chunk);
    return chunk.box.children[(position - this.begin) % CHUNK];
  }

  /* Draw what is printed: paper does not scroll. */
  forPrint(printing) {
    this.printing = printing;
    const many = Math.ceil(PRINTED / CHUNK);
    this.chunks.forEach((chunk, c) => {
      if (printing && c < many) this.#draw(chunk);
      chunk.box.hidden = printing && c >= many;
    });
  }

  #see(entries) {
    if (this.printing) return;
    for (const entry of entries) {
      const chunk = entry.target.chunk;
      if (entry.isIntersecting) this.#draw(chunk);
      else if (chunk.drawn && !chunk.box.contains(document.activeElement)) {
        chunk.box.style.height = `${entry.boundingClientRect.height}px`;
        chunk.box.replaceChildren();
        chunk.drawn = false;
      }
    }
  }

  #draw(chunk) {
    if (chunk.drawn) return;
    const shown = this.sentences.slice(chunk.at, Math.min(chunk.at + CHUNK, this.end));
    chunk.box.replaceChildren(
      ...shown.map((i, k) => row(i, this.view, chunk.at + k, this.sentences.length)));
    chunk.box.style.height = "";
    chunk.drawn = true;
    this.host.dispatchEvent(new CustomEvent("drawn", { detail: chunk.box }));
  }

  /* How high a sentence is, from how long it is: one hidden sentence is laid out to learn it. */
  #measure() {
    const width = `${this.host.clientWidth} ${this.view?.b < 0}`;
    if (!this.sentences.length || this.measured === width) return;
    this.measured = width;
    const box = element("div", { className: "chunk" });
    box.style.visibility = "hidden";
    const sample = row(this.sentences[this.begin] ?? this.sentences[0], this.view, 0, 1);
    for (const p of sample.querySelectorAll(".text")) p.textContent = "The measure of it. ".repeat(40);
    box.append(sample);
    this.host.append(box);
    const text = sample.querySelector(".text");
    const line = parseFloat(getComputedStyle(text).lineHeight);
    const lines = Math.max(1, Math.round(text.offsetHeight / line));
    this.line = line;
    this.perLine = 760 / lines;
    this.stacked = sample.querySelectorAll(".text").length > 1 && sample.offsetHeight > 1.6 * text.offsetHeight ? 2 : 1;
    this.fixed = sample.offsetHeight - this.stacked * text.offsetHeight;
    box.remove();
  }

  #guess(chunk) {
    let height = 0;
    for (let at = chunk.at; at < Math.min(chunk.at + CHUNK, this.end); at++) {
      const lines = Math.ceil(store.length(this.sentences[at]) / this.perLine);
      height += this.fixed + this.stacked * this.line * lines;
    }
    return Math.round(height);
  }
}
