// Asks now and then what has come of what a page shows, and says it. The page's attributes tell the rest:
// data-asks       where; 204 is nothing new, 401, 403, 404 and a way to the log-in page end it, JSON is what is said:
//                 words for [data-asks-words], `done` for a <progress>, `over` has the page opened anew
// data-every      milliseconds between two questions; each refusal in a row doubles them, up to data-longest
// data-spread     milliseconds of chance on top, so that pages that were opened together do not ask together
// data-seen       the member of the address that says which `done` was seen last
// No row of the page moves: somebody may be about to press one.
"use strict";

(() => {
  const mark = document.querySelector("[data-asks]");
  if (!mark) return;
  const [every, longest, spread] = ["every", "longest", "spread"].map((name) => Number(mark.dataset[name] ?? 0));
  const address = new URL(mark.dataset.asks, document.baseURI);
  const words = mark.querySelector("[data-asks-words]");
  const bar = mark.querySelector("progress");
  let pause = every;
  let asked = Date.now();
  let waiting;
  let asking = false; // one question at a time, however often somebody looks away and back
  let over = false;

  const wait = () => {
    clearTimeout(waiting);
    if (over || asking || document.hidden) return;
    waiting = setTimeout(ask, Math.max(asked + pause - Date.now(), 0) + spread * Math.random());
  };

  const say = (said) => {
    if (said.over) {
      over = true;
      location.reload();
      return;
    }
    if (words.textContent !== said.words) words.textContent = said.words;
    if (bar) bar.value = said.done;
    if (mark.dataset.seen) address.searchParams.set(mark.dataset.seen, said.done);
    mark.hidden = false;
  };

  const heard = async (answer) => {
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) {
      over = true; // logged out, or without rights by now: the page that is opened next says so
      return;
    }
    if (![200, 204].includes(answer.status)) throw new Error(answer.status);
    if (answer.status === 200) say(await answer.json());
    pause = every; // not before it was read: a page in the place of an answer is none
  };

  const ask = async () => {
    asking = true;
    try {
      const headers = { Accept: "application/json" };
      await heard(await fetch(address, { redirect: "manual", headers, signal: AbortSignal.timeout(longest) }));
    } catch {
      pause = Math.min(2 * pause, longest);
    }
    asking = false;
    asked = Date.now();
    wait();
  };

  document.addEventListener("visibilitychange", wait);
  window.addEventListener("pagehide", () => clearTimeout(waiting));
  window.addEventListener("pageshow", wait);
})();
