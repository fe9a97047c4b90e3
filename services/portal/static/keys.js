// Examines files by keyboard: a single letter does what a link or a choice of the page does, while no field has the focus.
"use strict";

(() => {
  const help = document.querySelector("[data-keys]");
  if (!help) return;
  const KEPT = "parvis-keys";
  const chosen = help.querySelector("[data-keys-on]");
  const keys = new Map();
  let sent = false;

  for (const key of help.querySelectorAll("[data-key]")) {
    const target = document.querySelector(key.dataset.for);
    if (target) keys.set(key.dataset.key, { target, then: key.dataset.then });
  }

  // A browser that keeps nothing has the keys on each page anew.
  const kept = () => {
    try { return localStorage.getItem(KEPT) !== "off"; } catch { return true; }
  };
  const keep = (on) => {
    try { localStorage.setItem(KEPT, on ? "on" : "off"); } catch { /* for this page alone */ }
  };

  const say = () => {
    for (const [key, { target }] of keys) {
      if (chosen.checked) target.setAttribute("aria-keyshortcuts", key);
      else target.removeAttribute("aria-keyshortcuts");
    }
  };

  const isTyped = (element) => element.matches("input, textarea, select") || element.isContentEditable;

  // A list of choices is opened too, where the browser lets a key do that.
  const open = (field) => {
    field.focus();
    if (field.matches("select")) try { field.showPicker?.(); } catch { /* it has the focus */ }
  };

  const press = ({ target, then }) => {
    if (target.type !== "radio") return target.click();
    target.checked = true;
    if (then) return open(document.querySelector(then));
    sent = true;
    return target.form.requestSubmit();
  };

  document.addEventListener("keydown", (event) => {
    const does = keys.get(event.key.toLowerCase());
    if (!does || !chosen.checked || sent || event.repeat || event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey || isTyped(event.target)) return;
    event.preventDefault();
    press(does);
  });
  chosen.addEventListener("change", () => {
    keep(chosen.checked);
    say();
  });
  window.addEventListener("pageshow", () => { sent = false; });

  chosen.checked = kept();
  help.hidden = false;
  say();
})();
