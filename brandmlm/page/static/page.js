// The page of `brand-mlm try`: tabs, and what each needs when it is opened.

import { $ } from "./dom.js";
import * as check from "./check.js";
import * as results from "./results.js";
import * as sentence from "./sentence.js";
import * as words from "./words.js";

const tabs = [...document.querySelectorAll('[role="tab"]')];
const names = tabs.map((tab) => tab.id.replace("tab-", ""));

function trySentence(text) {
  open("sentence", true);
  sentence.trySentence(text);
  scrollTo({ top: 0 });
}

const onOpen = { results: () => results.load(trySentence), lexicon: words.load };

function open(name, focus = false) {
  tabs.forEach((tab, index) => {
    const chosen = names[index] === name;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    $(`panel-${names[index]}`).hidden = !chosen;
    if (chosen && focus) tab.focus();
  });
  history.replaceState(null, "", `#${name}`);
  onOpen[name]?.();
}

const MOVES = { ArrowRight: 1, ArrowLeft: -1 };

tabs.forEach((tab, index) => {
  tab.addEventListener("click", () => open(names[index]));
  tab.addEventListener("keydown", (event) => {
    const last = tabs.length - 1;
    const to = event.key === "Home" ? 0 : event.key === "End" ? last
      : event.key in MOVES ? (index + MOVES[event.key] + tabs.length) % tabs.length : null;
    if (to === null) return;
    event.preventDefault();
    open(names[to], true);
  });
});

sentence.start();
check.start();
words.start();
addEventListener("focus", words.refresh);
const wanted = location.hash.slice(1);
open(names.includes(wanted) ? wanted : names[0]);
