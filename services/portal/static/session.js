// Shows, some time before the session ends, that it will, on pages that are left open; nothing else depends on it.
"use strict";

(() => {
  const warning = document.querySelector("[data-session-left]");
  if (!warning) return;
  const shown = Date.now() + 1000 * (Number(warning.dataset.sessionLeft) - Number(warning.dataset.sessionWarning));

  const look = () => {
    const left = shown - Date.now();
    if (left <= 0) warning.hidden = false;
    else setTimeout(look, Math.min(left, 60000));
  };

  look();
})();
