// Keeps what is typed into a form of the profile, some seconds after each change and when the page is left.
"use strict";

(() => {
  const mark = document.querySelector("[data-draft]");
  const form = mark && mark.closest("form");
  if (!form) return;

  const typed = () => new URLSearchParams(new FormData(form)).toString();
  let kept = typed();
  let waiting;

  const keep = () => {
    clearTimeout(waiting);
    const now = typed();
    if (now === kept) return;
    kept = now;
    fetch(mark.dataset.draft, { method: "POST", body: new URLSearchParams(now), keepalive: true, redirect: "manual" })
      .then((answer) => { if (answer.status !== 204) kept = ""; })
      .catch(() => { kept = ""; });
  };

  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, 1500);
  };

  form.addEventListener("input", soon);
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    kept = typed();
  });
  window.addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); });
  window.addEventListener("online", keep);
})();
