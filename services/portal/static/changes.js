// Says how many files of a list have changed since its page was made. No row moves: somebody may be about to press one.
"use strict";

(() => {
  const mark = document.querySelector("[data-changes]");
  if (!mark) return;
  const EVERY = 30000; // milliseconds between two questions; each refusal in a row doubles them
  const LONGEST = 480000;
  const words = mark.querySelector("[data-changes-words]");
  let pause = EVERY;
  let asked = Date.now();
  let waiting;
  let over = false;

  const wait = () => {
    clearTimeout(waiting);
    if (over || document.hidden) return;
    const left = asked + pause - Date.now();
    waiting = setTimeout(ask, Math.max(left, 0) + 2000 * Math.random());
  };

  const heard = async (answer) => {
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) {
      over = true; // logged out, or without rights by now: the page that is opened next says so
    } else if (answer.status === 200) {
      pause = EVERY;
      const said = await answer.text();
      if (words.textContent !== said) words.textContent = said;
      mark.hidden = false;
    } else {
      pause = answer.status === 204 ? EVERY : Math.min(2 * pause, LONGEST);
    }
  };

  const ask = async () => {
    asked = Date.now();
    try {
      await heard(await fetch(mark.dataset.changes, { redirect: "manual" }));
    } catch {
      pause = Math.min(2 * pause, LONGEST);
    }
    wait();
  };

  document.addEventListener("visibilitychange", wait);
  window.addEventListener("pagehide", () => clearTimeout(waiting));
  window.addEventListener("pageshow", wait);
})();
