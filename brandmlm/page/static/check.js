// The tab "Text": what the checker finds in a text, and words to put in its place.

import { $, ask, attempt, el, plural, tell } from "./dom.js";

let running = null;

async function check(focusAt = null) {
  running?.abort();
  running = new AbortController();
  const text = $("check-text").value;
  if (!text.trim()) {
    $("checked").hidden = true;
    tell($("check-message"), "Paste or write a text first.", "is-error");
    return;
  }
  try {
    const answer = await ask("check", { text, kind: $("check-kind").value }, running.signal);
    show(answer, focusAt);
  } catch (error) {
    if (error.name !== "AbortError") $("checked").hidden = true;
    throw error;
  }
}

function show({ text, findings, note }, focusAt) {
  const found = findings.length;
  tell($("check-message"), found ? `${plural(found, "phrase")} to look at.` : "Nothing off-brand found.", found ? "" : "is-good");
  const shown = [];
  const buttons = [];
  let end = 0;
  for (const finding of findings) {
    shown.push(text.slice(end, finding.start));
    const button = el("button", {
      class: "finding", type: "button", "aria-expanded": "false", "aria-controls": "proposals",
      onclick: () => propose(text, finding, note, buttons, button),
    }, text.slice(finding.start, finding.end));
    buttons.push(button);
    shown.push(button);
    end = finding.end;
  }
  shown.push(text.slice(end));
  $("checked").replaceChildren(
    el("h2", {}, "Your text with marks"),
    el("p", { class: "copy" }, shown),
    el("div", { id: "proposals", "aria-live": "polite" },
      found ? el("p", { class: "hint" }, "Press a marked phrase to see what could stand in its place.") : null));
  $("checked").hidden = false;
  if (focusAt !== null) (buttons.find((_, index) => findings[index].start >= focusAt) ?? $("check-text")).focus();
}

/** Show why a phrase was found, and the words that could take its place. */
function propose(text, finding, note, buttons, pressed) {
  const open = pressed.getAttribute("aria-expanded") === "true";
  buttons.forEach((button) => button.setAttribute("aria-expanded", String(!open && button === pressed)));
  if (open) {
    $("proposals").replaceChildren();
    return;
  }
  $("proposals").replaceChildren(el("div", { class: "proposals" },
    el("h3", {}, `“${finding.phrase}”`),
    el("p", { class: "hint" }, `${finding.reason}.`),
    finding.proposals.length
      ? el("div", { class: "chips", role: "group", "aria-label": `Words in place of ${finding.phrase}` },
          finding.proposals.map((word) =>
            el("button", { class: "chip", type: "button", onclick: () => replace(text, finding, word) }, word)))
      : el("p", {}, "The model proposes nothing here: rewrite the sentence."),
    el("p", { class: "hint" }, `${note[0].toUpperCase()}${note.slice(1)}.`)));
}

function replace(text, finding, word) {
  $("check-text").value = text.slice(0, finding.start) + word + text.slice(finding.end);
  attempt($("check-message"), () => check(finding.start));
}

export function start() {
  $("check-form").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt($("check-message"), check);
  });
}
