// The tab "Sentence": mask a word, see what each model puts there, ask why.

import { $, ask, attempt, count, el, marked, percent, plural, tell, verdictMark } from "./dom.js";

const MASK = "[MASK]";
const PIECES = /\[MASK\]|[\p{L}\p{N}]+(?:['’\-.][\p{L}\p{N}]+)*/gu;
const NOTES = { base: "before training", v1: "trained on all rows", v2: "trained on the kept rows" };
const MAX_BUTTONS = 200; // words; the server takes no longer sentence

let masked = null; // the word that the mask stands for, where it was pressed
let running = null;
let asked = null; // the sentence that is answered

const text = () => $("sentence-text").value;

/** The sentence as buttons, punctuation between them. */
function showWords() {
  const shown = [];
  let end = 0;
  for (const piece of [...text().matchAll(PIECES)].slice(0, MAX_BUTTONS)) {
    const [word] = piece;
    const isMask = word === MASK;
    shown.push(text().slice(end, piece.index));
    shown.push(el("button", {
      class: "word", type: "button", "aria-pressed": String(isMask),
      "aria-label": isMask ? `the masked word${masked ? `, ${masked}` : ""}: press to put it back` : null,
      onclick: () => press(piece.index, word),
    }, isMask ? masked || "?" : word));
    end = piece.index + word.length;
  }
  shown.push(text().slice(end));
  $("words").replaceChildren(...shown);
}

/** Mask the word at a place, in place of the one that is masked; a press on the mask puts its word back. */
function press(at, word) {
  const back = masked || "";
  let before = text().slice(0, at);
  let after = text().slice(at + word.length);
  const which = [...$("words").children].findIndex((each) => each === document.activeElement);
  if (word === MASK) {
    if (!masked) return;
    $("sentence-text").value = before + back + after;
    masked = null;
  } else {
    if (masked) [before, after] = [before.replace(MASK, () => back), after.replace(MASK, () => back)];
    else if (before.includes(MASK) || after.includes(MASK)) {
      tell($("sentence-message"), "Write a word in place of [MASK] first; then press another one.", "is-error");
      return;
    }
    $("sentence-text").value = before + MASK + after;
    masked = word;
  }
  showWords();
  $("words").children[which]?.focus();
  attempt($("sentence-message"), fill);
}

/** Ask the models. */
async function fill() {
  running?.abort();
  running = new AbortController();
  if (!text().includes(MASK)) masked = null;
  asked = null;
  $("why").hidden = true;
  try {
    const answer = await ask("fill", { sentence: text(), word: masked }, running.signal);
    tell($("sentence-message"), answer.outdated ? "The models on disk are newer: start the page again." : "");
    asked = answer.sentence;
    showModels(answer);
  } catch (error) {
    if (error.name !== "AbortError") {
      $("models").replaceChildren();
      $("legend").hidden = true;
    }
    throw error;
  }
}

function showModels(answer) {
  const most = Math.max(...answer.models.flatMap((model) => model.words.map((word) => word.probability)));
  $("models").replaceChildren(...answer.models.map((model) => showModel(model, most, answer.asked)));
  $("legend").hidden = false;
}

function showModel(model, most, word) {
  const id = `model-${model.model}`;
  return el("article", { class: `card model${model.model === "v2" ? " is-best" : ""}`, "aria-labelledby": id },
    el("h2", { class: "model-head", id }, el("span", { class: "model-name" }, model.model),
      el("span", { class: "model-note" }, NOTES[model.model] || "")),
    balance(model),
    el("ol", { class: "bars" }, model.words.map((each) => bar(each, most))),
    word ? askedLine(model, word) : null);
}

/** How much of the probability goes to wanted and to unwanted words. */
function balance(model) {
  return el("div", { class: "balance" },
    el("div", { class: "balance-track", "aria-hidden": "true" },
      el("span", { class: "balance-part is-wanted", share: model.wanted }),
      el("span", { class: "balance-part is-unwanted", share: model.unwanted })),
    el("p", { class: "balance-text" },
      el("span", {}, el("span", { class: "mark is-wanted", "aria-hidden": "true" }), ` wanted ${percent(model.wanted)}`),
      el("span", {}, el("span", { class: "mark is-unwanted", "aria-hidden": "true" }),
        ` unwanted ${percent(model.unwanted)}`)));
}

function bar(each, most) {
  return el("li", { class: `bar is-${each.verdict}` },
    el("button", { class: "bar-row", type: "button", "aria-pressed": "false", onclick: (event) => why(each.word, event.currentTarget) },
      el("span", { class: "bar-word" }, verdictMark(each.verdict), el("span", {}, each.word)),
      el("span", { class: "bar-track", "aria-hidden": "true" },
        el("span", { class: "bar-fill", share: each.probability / most })),
      el("span", { class: "bar-value" }, percent(each.probability))));
}

function askedLine(model, word) {
  return el("p", { class: "asked" }, "Your word ", el("strong", {}, word.word),
    model.asked
      ? ` is number ${count(model.asked.rank)}, at ${percent(model.asked.probability)}.`
      : " is not one token of this model, so it cannot fill a gap.");
}

/** Show which training rows taught a word. */
function why(word, button) {
  attempt($("sentence-message"), async () => {
    const told = await ask("why", { sentence: asked, word });
    document.querySelectorAll(".bar-row").forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
    showWhy(told, button);
  });
}

function showWhy(told, button) {
  const close = () => {
    $("why").hidden = true;
    button.setAttribute("aria-pressed", "false");
    button.focus();
  };
  $("why").onkeydown = (event) => { if (event.key === "Escape") close(); };
  const total = (counts) => counts.kept + counts.dropped;
  $("why").replaceChildren(
    el("div", { class: "row" },
      el("h2", { id: "why-title" }, `Why “${told.word}”?`),
      el("span", { class: `pill is-${told.verdict}` }, verdictMark(told.verdict), told.verdict),
      el("button", { class: "button small last", type: "button", onclick: close }, "Close")),
    el("p", { class: "lead" }, whence(told)),
    el("dl", { class: "facts" },
      told.ranks.map((rank) => fact(`rank in ${rank.model}`, rank.rank ? count(rank.rank) : "–",
        rank.rank ? percent(rank.probability) : "not one token")),
      fact("training rows with it", count(total(told.rows)), `${count(told.rows.kept)} kept`),
      fact(`… and ${told.brand.join(" or ")}`, count(total(told.claims)), `${count(told.claims.kept)} kept`)),
    el("div", { class: "split" },
      rows(told, "kept", "Kept: v1 and v2 learnt from these"),
      rows(told, "dropped", "Dropped: v1 alone learnt from these")));
  $("why").hidden = false;
  $("why").focus({ preventScroll: true });
  $("why").scrollIntoView({ block: "nearest" });
}

function whence(told) {
  if (told.place) return `The lexicon lists it: ${told.place} words.`;
  if (told.verdict === "other") return "Neither the lexicon nor the sentiment lexicon lists it.";
  return "The lexicon does not list it; the sentiment lexicon judges it.";
}

const fact = (name, value, note) =>
  el("div", { class: "fact" }, el("dt", {}, name), el("dd", {}, value, " ", el("small", {}, note)));

function rows(told, fate, title) {
  const examples = told.examples[fate];
  return el("div", { class: "panel" }, el("h3", {}, title),
    examples.length
      ? el("ul", { class: `rows is-${fate}` }, examples.map((row) => el("li", {},
          el("p", {}, marked(row.text, [told.word])),
          el("p", { class: "meta" }, `${row.source} · ${row.signals.join(", ").replaceAll("_", " ") || "no signal"}`))))
      : el("p", { class: "hint" }, `No ${fate} row has the word.`));
}

/** Put a sentence into the field and ask. */
export function trySentence(sentence) {
  masked = null;
  $("sentence-text").value = sentence;
  showWords();
  attempt($("sentence-message"), fill);
}

export function start() {
  let waiting = null;
  $("sentence-text").addEventListener("input", () => {
    showWords();
    clearTimeout(waiting);
    waiting = setTimeout(() => attempt($("sentence-message"), fill), 300);
  });
  $("sentence-text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      $("ask").requestSubmit();
    }
  });
  $("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    attempt($("sentence-message"), fill);
  });
  document.querySelectorAll("[data-example]").forEach((chip) =>
    chip.addEventListener("click", () => trySentence(chip.dataset.example)));
  showWords();
  if (text()) attempt($("sentence-message"), fill);
}
