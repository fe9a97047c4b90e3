// Says how far something is that goes on in the background, and opens its page anew once it is over.
"use strict";

(() => {
  const mark = document.querySelector("[data-progress]");
  if (!mark) return;
  const EVERY = 1500; // milliseconds between two questions; each refusal in a row doubles them
  const LONGEST = 60000;
  const words = mark.querySelector("[data-progress-words]");
  const bar = mark.querySelector("progress");
  const address = new URL(mark.dataset.progress, document.baseURI);
  let pause = EVERY;
  let waiting;
  let over = false;

  const wait = () => {
    clearTimeout(waiting);
    if (!over && !document.hidden) waiting = setTimeout(ask, pause);
  };

  const heard = async (answer) => {
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) {
      over = true; // logged out, or without rights by now: the page that is opened next says so
    } else if (answer.status === 200) {
      pause = EVERY;
      const said = await answer.json();
      if (said.over) {
        over = true;
        location.reload();
        return;
      }
      words.textContent = said.words;
      bar.value = said.done;
      address.searchParams.set("fait", said.done);
    } else {
      pause = answer.status === 204 ? EVERY : Math.min(2 * pause, LONGEST);
    }
  };

  const ask = async () => {
    try {
      await heard(await fetch(address, { redirect: "manual" }));
    } catch {
      pause = Math.min(2 * pause, LONGEST);
    }
    wait();
  };

  document.addEventListener("visibilitychange", wait);
  window.addEventListener("pagehide", () => clearTimeout(waiting));
  window.addEventListener("pageshow", wait);
  wait();
})();
