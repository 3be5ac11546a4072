// The page: a sentence, its words to press, and what each model puts into the gap.

import { $, count, el, percent, tell, verdictMark } from "./dom.js";

const MASK = "[MASK]";
const PIECES = /\[MASK\]|[\p{L}\p{N}]+(?:['’\-.][\p{L}\p{N}]+)*/gu;
const MAX_WORDS = 200; // of a sentence; the models take 512 tokens

const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
const shown = new Map(); // by model: { note, bytes, ready, failed, body }
let masked = null; // the word that the mask stands for, where it was pressed
let asked = null; // { id, sentence, word }: what the models are asked
let answers = new Map(); // to it, by model

const text = () => $("sentence-text").value;

/** What is wrong with the sentence, or nothing. */
function fault(sentence) {
  if (!sentence) return "Write a sentence first.";
  const words = sentence.split(" ").length;
  if (words > MAX_WORDS) return `That is ${count(words)} words; write one sentence of at most ${MAX_WORDS}.`;
  const masks = sentence.split(MASK).length - 1;
  if (!masks) return `No word is masked yet: press one in the sentence, or write ${MASK} in its place.`;
  if (masks > 1) return `${masks} words are masked, and the models fill one gap at a time: leave one ${MASK}.`;
  return "";
}

/** The sentence as buttons, punctuation between them. */
function showWords() {
  const parts = [];
  let end = 0;
  for (const piece of [...text().matchAll(PIECES)].slice(0, MAX_WORDS)) {
    const [word] = piece;
    const isMask = word === MASK;
    parts.push(text().slice(end, piece.index));
    parts.push(el("button", {
      class: "word", type: "button", "aria-pressed": String(isMask),
      "aria-label": isMask ? `the masked word${masked ? `, ${masked}` : ""}: press to put it back` : null,
      onclick: () => press(piece.index, word),
    }, isMask ? masked || "?" : word));
    end = piece.index + word.length;
  }
  parts.push(text().slice(end));
  $("words").replaceChildren(...parts);
}

/** Mask the word at a place, in place of the one that is masked; a press on the mask puts its word back. */
function press(at, word) {
  let before = text().slice(0, at);
  let after = text().slice(at + word.length);
  const which = [...$("words").children].indexOf(document.activeElement);
  if (word === MASK) {
    if (!masked) return;
    $("sentence-text").value = before + masked + after;
    masked = null;
  } else {
    if (!masked && text().includes(MASK)) {
      tell($("sentence-message"), `Write a word in place of ${MASK} first; then press another one.`, "is-error");
      return;
    }
    [before, after] = [before, after].map((part) => part.replace(MASK, () => masked));
    $("sentence-text").value = before + MASK + after;
    masked = word;
  }
  showWords();
  $("words").children[which]?.focus();
  fill();
}

function fill() {
  const sentence = text().split(/\s+/u).filter(Boolean).join(" ");
  if (!sentence.includes(MASK)) masked = null;
  const message = fault(sentence);
  tell($("sentence-message"), message, message ? "is-error" : "");
  asked = message ? null : { id: (asked?.id ?? 0) + 1, sentence, word: masked };
  answers = new Map();
  for (const [name, model] of shown) if (asked && model.ready) worker.postMessage({ kind: "fill", name, ...asked });
  if (!asked) show();
}

/** Draw all cards: bars have one scale. */
function show() {
  const most = Math.max(...[...answers.values()].flatMap((answer) => answer.words.map((word) => word.probability)));
  for (const [name, model] of shown) {
    const answer = answers.get(name);
    if (answer) model.body.replaceChildren(balance(answer), bars(answer, most), ...askedLine(answer));
    else if (model.failed) model.body.replaceChildren(el("p", { class: "message is-error" }, model.failed));
    else if (model.ready) model.body.replaceChildren();
  }
}

/** How much of the probability goes to wanted and to unwanted words. */
function balance(answer) {
  const part = (verdict) => el("span", {}, el("span", { class: `mark is-${verdict}`, "aria-hidden": "true" }),
    ` ${verdict} ${percent(answer[verdict])}`);
  return el("div", { class: "balance" },
    el("div", { class: "balance-track", "aria-hidden": "true" },
      el("span", { class: "balance-part is-wanted", share: answer.wanted }),
      el("span", { class: "balance-part is-unwanted", share: answer.unwanted })),
    el("p", { class: "balance-text" }, part("wanted"), part("unwanted")));
}

function bars(answer, most) {
  return el("ol", { class: "bars" }, answer.words.map((each) => el("li", { class: `bar is-${each.verdict}` },
    el("div", { class: "bar-row" },
      el("span", { class: "bar-word" }, verdictMark(each.verdict), el("span", {}, each.word)),
      el("span", { class: "bar-track", "aria-hidden": "true" },
        el("span", { class: "bar-fill", share: each.probability / most })),
      el("span", { class: "bar-value" }, percent(each.probability))))));
}

function askedLine(answer) {
  if (!asked.word) return [];
  return [el("p", { class: "asked" }, "Your word ", el("strong", {}, asked.word), answer.rank
    ? ` is number ${count(answer.rank.place)}, at ${percent(answer.rank.probability)}.`
    : " is not a single token of this model.")];
}

const hear = {
  progress({ name, share }) {
    const model = shown.get(name);
    model.body.replaceChildren(el("p", { class: "hint" }, `Loading ${(model.bytes / 1e6).toFixed(0)} MB: ${percent(share)}`));
  },
  loaded({ name }) {
    const model = shown.get(name);
    model.ready = true;
    model.body.replaceChildren();
    if (asked) worker.postMessage({ kind: "fill", name, ...asked });
  },
  failed({ name, message }) {
    shown.get(name).failed = `This model could not be loaded: ${message}`;
    show();
  },
  broken({ message }) {
    tell($("sentence-message"), `The models cannot run in this browser: ${message}`, "is-error");
  },
  answer({ id, name, answer, seconds }) {
    if (id !== asked?.id) return;
    if (answer.tooLong) {
      tell($("sentence-message"), "The mask is beyond the 512 tokens that the models take: write a shorter sentence.", "is-error");
      return;
    }
    answers.set(name, answer);
    shown.get(name).card.dataset.seconds = seconds.toFixed(3); // for tests and measurements
    show();
  },
};

async function start() {
  showWords();
  const settings = await (await fetch("demo.json")).json();
  $("models").replaceChildren(...settings.models.map(({ name, note, bytes }, index) => {
    const id = `model-${name}`;
    const body = el("div", { class: "panel", "aria-live": index ? null : "polite" }, el("p", { class: "hint" }, "Waiting …"));
    const card = el("article", { class: `card model${index ? "" : " is-best"}`, "aria-labelledby": id },
      el("h2", { class: "model-head", id }, el("span", { class: "model-name" }, name),
        el("span", { class: "model-note" }, note)), body);
    shown.set(name, { bytes, ready: false, failed: "", body, card });
    return card;
  }));
  worker.onmessage = ({ data }) => hear[data.kind](data);
  worker.onerror = (event) => hear.broken({ message: event.message || "its worker did not start" });
  worker.postMessage({ kind: "start", settings });
  fill();
}

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  fill();
});
$("sentence-text").addEventListener("input", () => {
  if (!text().includes(MASK)) masked = null;
  showWords();
});
$("sentence-text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  fill();
});
for (const chip of document.querySelectorAll("[data-example]")) {
  chip.addEventListener("click", () => {
    $("sentence-text").value = chip.dataset.example;
    masked = null;
    showWords();
    fill();
  });
}
start().catch((error) => tell($("sentence-message"), `The page could not start: ${error.message}`, "is-error"));
