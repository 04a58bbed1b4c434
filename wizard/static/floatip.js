"use strict";
// What HTML alone cannot do: parts that follow what happens and stay where they are, and a word when the wizard is gone.
(() => {
  // hx-swap="stay": elements become what the new ones say. What stays the same is never touched, so the keyboard's
  // focus, what is folded out, scrolled or marked, and a screen reader's place all stay.
  // A line of a file is one piece: what stands elsewhere now does not get the focus of another line's word.
  const line = (was, is) => was.matches?.(".line") && was.textContent !== is.textContent;
  const alike = (was, is) => was.nodeName === is.nodeName && was.id === is.id && !line(was, is);

  function become(was, is) {
    if (!alike(was, is)) {
      was.replaceWith(is);
    } else if (was.nodeName === "NOSCRIPT") {
      // is not for whoever runs this
    } else if (was.nodeType !== Node.ELEMENT_NODE) {
      if (was.data !== is.data) was.data = is.data;
    } else {
      for (const { name } of [...was.attributes]) {
        if (name !== "open" && name !== "tabindex" && !is.hasAttribute(name)) was.removeAttribute(name);
      }
      for (const { name, value } of is.attributes) {
        // A button that only a script can offer, and the word of a panel at which Tab stops.
        const kept = (name === "hidden" && was.matches(".copy")) || (name === "tabindex" && was.matches(".why"));
        if (was.getAttribute(name) !== value && !kept) was.setAttribute(name, value);
      }
      const old = [...was.childNodes];
      const next = [...is.childNodes]; // counted before: what replaces another one is moved away from here
      next.forEach((one, at) => (at < old.length ? become(old[at], one) : was.append(one)));
      old.slice(next.length).forEach((one) => one.remove());
    }
  }

  function* upwards(from) {
    for (let one = from; one; one = one.parentElement) yield one;
  }

  function stay(target, fragment) {
    const is = fragment.firstElementChild;
    if (target.getAttribute("hx-trigger") === is.getAttribute("hx-trigger")) {
      const focused = target.contains(document.activeElement) ? [...upwards(document.activeElement)] : [];
      become(target, is);
      if (focused.length && !focused[0].isConnected) {
        // What had the focus is gone, like a button for what cannot be done any more: it goes to what it stood in.
        const left = focused.find((one) => one.isConnected);
        left.tabIndex = -1;
        left.focus({ preventScroll: true });
      }
      return true;
    }
    const inside = target.contains(document.activeElement); // it has ended, and follows nothing any more
    target.replaceWith(is);
    if (inside) {
      is.tabIndex = -1;
      is.focus();
    }
    return [is];
  }

  htmx.defineExtension("stay", {
    isInlineSwap: (style) => style === "stay",
    handleSwap: (style, target, fragment) => style === "stay" && stay(target, fragment),
  });

  // What was sent and takes longer than half a second says that it goes on, where it was pressed too.
  const busy = document.getElementById("busy");
  const rest = () => {
    if (busy) busy.textContent = "";
    document.querySelectorAll("button[aria-busy]").forEach((one) => one.removeAttribute("aria-busy"));
  };
  addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.name === "take") return; // a file comes, no page
    setTimeout(() => {
      if (event.defaultPrevented || !busy) return;
      busy.textContent = busy.dataset.words;
      if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
    }, 500);
  });
  addEventListener("pageshow", (event) => event.persisted && rest());

  // The wizard is asked every two seconds whether it is there; a page that has lost it says so, and goes on by itself.
  const word = document.getElementById("lost");
  if (!word) return;
  let leaving = false;
  let stale = false;
  let state = "";
  const say = (now) => {
    const next = now || (state && state !== "back" ? "back" : "");
    if (next !== state) word.textContent = word.dataset[next] || "";
    state = next;
  };

  async function there() {
    const answer = await fetch("/alive", { cache: "no-store", signal: AbortSignal.timeout(4000) });
    if (!answer.ok) return "closed";
    const { start, token } = await answer.json();
    if (start !== word.dataset.start) {
      // Another start takes other tokens; what was typed meanwhile stays where it is.
      document.querySelectorAll("[name=csrf_token]").forEach((one) => (one.value = token));
      word.dataset.start = start;
    }
    return stale ? "stale" : "";
  }

  async function ask() {
    const now = await there().catch(() => "gone");
    if (!leaving) say(now);
    setTimeout(ask, 2000);
  }

  addEventListener("pagehide", () => (leaving = true));
  addEventListener("pageshow", () => (leaving = false));
  document.addEventListener("htmx:responseError", (event) => (stale = event.detail.xhr.status !== 403));
  document.addEventListener("htmx:afterOnLoad", (event) => event.detail.failed || (stale = false)); // it follows an error too
  setTimeout(ask, 1000);
})();
