// The tab "Words": the brand's lexicon, what an edit touches, and saving it.

import { $, ask, attempt, count, el, marked, plural, tell, verdictMark } from "./dom.js";

let shown = null; // the lexicon as the page last read it

const chosen = () => document.querySelector('input[name="list"]:checked').value;

export function load() {
  return attempt($("lexicon-message"), async () => showLists(await ask("lexicon")));
}

/** Read the file again where somebody else has changed it meanwhile. */
export function refresh() {
  if (!shown) return;
  attempt($("lexicon-message"), async () => {
    const lexicon = await ask("lexicon");
    if (lexicon.digest === shown.digest) return;
    $("impact").hidden = true;
    showLists(lexicon);
    tell($("lexicon-message"), `${lexicon.file} has changed on disk; these are its words now.`);
  });
}

function showLists(lexicon) {
  shown = lexicon;
  $("lists").replaceChildren(...lexicon.lists.map((list) => {
    const verdict = list.name.split(".")[0];
    const id = `list-${list.name.replace(".", "-")}`;
    return el("section", { class: "card", "aria-labelledby": id },
      el("h2", { id }, verdictMark(verdict)[0], ` ${list.title} `, el("span", { class: "meta" }, `${list.words.length}`)),
      el("div", { class: "word-list" }, list.words.map((word) =>
        el("button", { class: "chip", type: "button", onclick: () => pick(word) }, word))));
  }));
}

function pick(word) {
  $("word").value = word;
  $("impact").hidden = true;
  tell($("lexicon-message"), `Choose where “${word}” goes, then see what that touches.`);
  document.querySelector('input[name="list"]:checked').focus();
  $("word-form").scrollIntoView({ block: "center" });
}

async function preview() {
  $("impact").hidden = true;
  if (!$("word").value.trim()) {
    tell($("lexicon-message"), "Write a word first, or press one of the lists below.", "is-error");
    return;
  }
  const impact = await ask("preview", { word: $("word").value, target: chosen() });
  tell($("lexicon-message"), "");
  showImpact(impact);
}

function showImpact(impact) {
  const { rows, cases, probes } = impact;
  const move = impact.to
    ? `${impact.from ? `Move “${impact.word}” from ${impact.from}` : `Add “${impact.word}”`} to ${impact.to}`
    : `Take “${impact.word}” out of ${impact.from}`;
  $("impact").replaceChildren(
    el("h2", {}, move),
    el("p", { class: "row" }, "Verdict: ", impact.verdicts.flatMap((verdict, index) => [
      index ? "→" : null, el("span", { class: `pill is-${verdict}` }, verdictMark(verdict)[0], verdict)])),
    el("div", { class: "split" },
      part(plural(rows.rows, "training row has it", "training rows have it"),
        rowsNote(impact),
        change("The filter would keep", rows.now_kept, impact.word), change("The filter would drop", rows.now_dropped, impact.word)),
      part(plural(probes.length, "probe says it", "probes say it"), probes.length ? "Among the likeliest ten words:" : "",
        list(probes.map((probe) => `${probe.text} (${probe.models.join(", ")})`))),
      part(plural(cases.cases, "check looks at it", "checks look at it"),
        cases.cases ? "Judged anew by what the models said in the last run:" : "",
        outcome("would pass", cases.now_pass), outcome("would fail", cases.now_fail),
        cases.cases && !cases.now_pass.length && !cases.now_fail.length ? el("p", { class: "hint" }, "None ends otherwise.") : null)),
    el("div", { class: "row" },
      el("button", { class: "button primary", type: "button", onclick: () => save(impact) }, `Save into ${shown.file}`),
      el("button", { class: "button", type: "button", onclick: () => { $("impact").hidden = true; $("word").focus(); } }, "Leave it")));
  $("impact").hidden = false;
  $("impact").scrollIntoView({ block: "nearest" });
}

function rowsNote({ rows, target }) {
  if (rows.rows) {
    return `${count(rows.kept)} of them kept for v2 today. ${count(rows.synthetic)} are synthetic: the next run writes them anew, by the new lists.`;
  }
  return target.endsWith(".used") ? "The next run writes training sentences with it." : "";
}

const part = (title, note, ...content) =>
  el("div", { class: "panel" }, el("h3", {}, title), note ? el("p", { class: "hint" }, note) : null, content);

const SHOWN = 6;

function list(texts, total = texts.length, word = null) {
  if (!texts.length) return null;
  const shown = texts.slice(0, SHOWN);
  const more = total - shown.length;
  return el("ul", { class: "rows" }, shown.map((text) => el("li", {}, word ? marked(text, [word]) : text)),
    more > 0 ? el("li", { class: "meta" }, `and ${count(more)} more`) : null);
}

function change(title, of, word) {
  if (!of.rows) return null;
  return el("div", { class: "panel" }, el("h3", {}, `${title} ${count(of.rows)}`), list(of.examples, of.rows, word));
}

const outcome = (title, cases) => (cases.length
  ? el("div", { class: "panel" }, el("h3", {}, `${cases.length} ${title}`),
      list(cases.map((each) => `${each.model}, ${each.capability}: ${each.text}`)))
  : null);

function save(impact) {
  attempt($("lexicon-message"), async () => {
    showLists(await ask("save", { word: impact.word, target: impact.target, digest: impact.digest }));
    $("impact").hidden = true;
    $("word").value = "";
    saved(impact);
  });
}

function saved(impact) {
  const command = el("code", {}, shown.retrain);
  const copy = el("button", { class: "button small", type: "button" }, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(shown.retrain);
      copy.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(command);
    }
  });
  $("lexicon-message").replaceChildren(el("div", { class: "message is-good panel" },
    el("p", {}, `Saved: “${impact.word}”. The models learn it when they are trained again:`),
    el("div", { class: "command" }, command, copy)));
  copy.focus();
}

export function start() {
  $("word-form").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt($("lexicon-message"), preview);
  });
  document.querySelectorAll('input[name="list"]').forEach((radio) =>
    radio.addEventListener("change", () => { if ($("word").value.trim()) attempt($("lexicon-message"), preview); }));
}
