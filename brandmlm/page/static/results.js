// The tab "Results": the behaviour suite of the last run.

import { $, ask, attempt, el, percent, plural, verdictMark } from "./dom.js";

const PARTS = { test: "Test: reported", dev: "Development: to tune on" };

export function load(trySentence) {
  return attempt($("results-message"), async () => {
    const suite = await ask("suite");
    $("results-message").replaceChildren();
    $("results-body").replaceChildren(...Object.entries(PARTS).map(([part, title]) =>
      showPart(title, suite.parts[part], suite.models, trySentence)));
  });
}

function showPart(title, capabilities, models, trySentence) {
  if (!capabilities.length) return el("p", { class: "hint" }, `${title}: no cases.`);
  const failing = capabilities.filter((each) => each.failed.length);
  return el("section", { class: "card" }, el("h2", {}, title),
    el("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": `${title}, pass rates` },
      el("table", {},
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "capability"),
          models.map((model) => el("th", { scope: "col" }, model)), el("th", { scope: "col" }, "passes if"))),
        el("tbody", {}, capabilities.map((each) => el("tr", {},
          el("th", { scope: "row" }, each.capability, el("br"), el("span", { class: "meta" }, plural(each.cases, "case"))),
          each.rates.map(rate),
          el("td", { class: "meta" }, each.expectation)))))),
    failing.length
      ? el("div", {}, el("h3", {}, "What failed in v1 or v2"), failing.map((each) => failures(each, trySentence)))
      : el("p", { class: "hint" }, "Nothing failed in v1 or v2."));
}

function rate(share) {
  if (share === null) return el("td", { class: "number" }, "–");
  return el("td", { class: "number" }, el("div", { class: "rate" }, percent(share),
    el("span", { class: "rate-track", "aria-hidden": "true" }, el("span", { class: "rate-fill", share }))));
}

/** Shown when it is opened: there may be hundreds of cases. */
function failures(each, trySentence) {
  const cases = el("ul", { class: "cases" });
  const fill = () => { if (!cases.children.length) cases.append(...each.failed.map((failed) => showCase(failed, trySentence))); };
  return el("details", { ontoggle: fill },
    el("summary", {}, el("span", {}, `${each.capability}: ${plural(each.failed.length, "sentence")}`)), cases);
}

function showCase(failed, trySentence) {
  return el("li", { class: "case" },
    failed.text.includes("[MASK]")
      ? el("button", { class: "link", type: "button", onclick: () => trySentence(failed.text) }, failed.text)
      : el("span", {}, failed.text),
    failed.said.map((said) => el("div", { class: "said" }, el("span", { class: "said-model" }, said.model),
      said.words.map((word) => el("span", { class: `is-${word.verdict}` }, verdictMark(word.verdict), word.word)))));
}
