// Says that the application has changed since the page was made. Nothing is replaced: somebody may be typing.
"use strict";

(() => {
  const mark = document.querySelector("[data-follow]");
  if (!mark) return;
  const MOST = 5; // refusals in a row, after which the page stays as it is
  let source;
  let waiting;
  let heard = 0;
  let refused = 0;

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
    if (source || document.hidden || !mark.hidden || refused >= MOST) return;
    source = new EventSource(`${mark.dataset.follow}?depuis=${shown()}`);
    source.addEventListener("open", () => { refused = 0; });
    source.addEventListener("change", (event) => {
      heard = Number(event.lastEventId);
      look();
    });
    source.addEventListener("error", () => {
      if (!source || source.readyState !== EventSource.CLOSED) return;
      stop();
      refused += 1;
      waiting = setTimeout(listen, 60000 * (1 + Math.random()));
    });
  };

  document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); else listen(); });
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", listen);
})();
