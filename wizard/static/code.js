"use strict";
// The code panel: a button that copies, one stop of Tab for all words that are explained, and a log that is followed.
(() => {
  // What can be copied without a script is marked by hand; with one there is a button.
  async function copy(button) {
    const text = button.closest(".code").querySelector("pre");
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch {
      getSelection().selectAllChildren(text); // not allowed: marked, to be copied by hand
      return;
    }
    const word = button.querySelector("span");
    const before = word.textContent;
    word.textContent = button.dataset.done;
    setTimeout(() => (word.textContent = before), 2000);
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".copy");
    if (button) copy(button);
  });

  // The words of a panel are like the buttons of a toolbar: Tab stops at one, arrow keys go on from there.
  const words = (text) => [...text.querySelectorAll(".why")];
  const shown = () => document.querySelectorAll(".why:is(:hover, :focus)");
  const stops = new WeakMap(); // pre -> the word that was reached last

  function arrange(text) {
    const all = words(text);
    if (!all.length) return;
    const stop = all.includes(stops.get(text)) ? stops.get(text) : all[0];
    all.forEach((word) => (word.tabIndex = word === stop ? 0 : -1));
    text.tabIndex = -1; // what is in it can be reached, and brings it into view
  }

  const GOES = { ArrowDown: (at) => at + 1, ArrowUp: (at) => at - 1, Home: () => 0, End: (at, last) => last };
  document.addEventListener("keydown", (event) => {
    const word = event.target.closest(".why");
    if (event.key === "Escape") shown().forEach((other) => other.classList.add("dismissed"));
    if (!word || !GOES[event.key] || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return; // left and right scroll
    event.preventDefault();
    const all = words(word.closest("pre"));
    const next = GOES[event.key](all.indexOf(word), all.length - 1);
    all[Math.max(0, Math.min(next, all.length - 1))].focus();
  });
  document.addEventListener("focusin", (event) => {
    const word = event.target.closest(".why");
    if (!word) return;
    stops.set(word.closest("pre"), word);
    arrange(word.closest("pre"));
  });
  for (const gone of ["focusout", "mouseout"]) {
    document.addEventListener(gone, (event) => event.target.classList?.remove("dismissed"));
  }

  // A panel whose text is replaced keeps the keyboard's focus at the same word, or where that was.
  const same = (text, word) => words(text).filter((other) => other.textContent === word.textContent);
  let left = null;
  document.addEventListener("htmx:beforeSwap", () => {
    const word = document.activeElement.closest(".why");
    const text = word && word.closest("pre");
    left = word && { text, word, nth: same(text, word).indexOf(word), at: words(text).indexOf(word) };
  });
  document.addEventListener("htmx:afterSwap", () => {
    settle();
    if (!left || left.word.isConnected || !left.text.isConnected) return;
    const [all, alike] = [words(left.text), same(left.text, left.word)];
    const next = alike[Math.min(left.nth, alike.length - 1)] || all[Math.min(left.at, all.length - 1)];
    if (next) next.focus({ preventScroll: true });
  });

  // Whoever reads the end of a log goes on to read its end.
  let follows = false;
  const ends = (log) => log.scrollHeight - log.scrollTop - log.clientHeight < 8;
  document.addEventListener("htmx:oobBeforeSwap", (event) => (follows = event.detail.target.id === "log" && ends(event.detail.target)));
  document.addEventListener("htmx:oobAfterSwap", (event) => follows && (event.detail.target.scrollTop = event.detail.target.scrollHeight));

  function settle() {
    document.querySelectorAll(".copy[hidden]").forEach((button) => (button.hidden = !navigator.clipboard));
    document.querySelectorAll(".code pre").forEach(arrange);
  }
  document.addEventListener("htmx:afterSettle", settle);
  settle();
})();
