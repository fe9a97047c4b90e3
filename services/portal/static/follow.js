// Says that the application has changed since the page was made. Nothing is replaced: somebody may be typing.
"use strict";

(() => {
  const mark = document.querySelector("[data-follow]");
  if (!mark) return;
  const SHORTEST = 30000; // pause after a refusal, in milliseconds; each one in a row doubles it
  const LONGEST = 450000; // it lasts up to twice as long by chance, so that not all come back at once
  const SENT = 20000; // for so long a form that was sent may take to bring another page
  let source;
  let waiting;
  let heard = 0;
  let pause = 0;
  let until = 0;

  // What is done on this page moves it too.
  const shown = () => Number(document.getElementById("notice").dataset.version);

  const stop = () => {
    clearTimeout(waiting);
    if (source) source.close();
    source = undefined;
  };

  const look = () => {
    clearTimeout(waiting);
    if (document.querySelector("form[data-busy]")) waiting = setTimeout(look, 300);
    else if (heard > shown()) {
      mark.hidden = false;
      stop();
    }
  };

  // A page that nobody looks at takes nobody's place.
  const listen = () => {
    if (source || document.hidden || !mark.hidden || "over" in mark.dataset) return;
    clearTimeout(waiting);
    if (Date.now() < until) {
      waiting = setTimeout(listen, until - Date.now());
      return;
    }
    source = new EventSource(`${mark.dataset.follow}?depuis=${shown()}`);
    source.addEventListener("open", () => { pause = 0; });
    source.addEventListener("change", (event) => {
      heard = Number(event.lastEventId);
      look();
    });
    // Logged out: nothing is asked again before somebody looks at the page anew.
    source.addEventListener("over", () => {
      stop();
      mark.dataset.over = "";
    });
    source.addEventListener("error", () => {
      if (!source || source.readyState !== EventSource.CLOSED) return;
      stop();
      pause = Math.min(2 * pause || SHORTEST, LONGEST);
      until = Date.now() + pause * (1 + Math.random());
      listen();
    });
  };

  // What a form does that takes the page away is no news to who sent it.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !mark.hidden) return;
    stop();
    until = Math.max(until, Date.now() + SENT);
    listen();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return stop();
    delete mark.dataset.over;
    return listen();
  });
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) until = 0;
    listen();
  });
})();
