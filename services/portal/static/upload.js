// Shows how far an upload is, and lets it be tried again when the line breaks. Without this file the same forms do the same.
"use strict";

(() => {
  const table = document.querySelector(".parvis-slots");
  const part = (page, id) => page.getElementById(id);

  function say(form, text, failed) {
    const said = form.querySelector(".parvis-upload__said");
    said.textContent = text;
    said.classList.toggle("govuk-error-message", failed);
  }

  function end(form) {
    delete form.dataset.busy;
    form.querySelector("progress").hidden = true;
  }

  // The page that answers is the application as it is now: its row takes the place of this one, and other rows stay.
  function answered(form, request) {
    const row = form.closest("tr");
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const fresh = part(page, row.id);
    if (!fresh) {
      const why = page.querySelector("main p");
      if (request.status === 403 || !why) location.reload();
      else say(form, why.textContent.trim(), true);
      return;
    }
    if (request.status >= 400) {
      const why = fresh.querySelector(".govuk-error-message");
      const key = fresh.querySelector("[name=key]");
      if (!why || !key) {
        location.reload();
        return;
      }
      form.elements.key.value = key.value;
      say(form, why.textContent.trim(), true);
      return;
    }
    row.replaceWith(fresh);
    fresh.tabIndex = -1;
    fresh.focus();
    watch(fresh);
    for (const id of ["notice", "foot"]) {
      const [old, now] = [part(document, id), part(page, id)];
      if (old && now) old.replaceWith(now);
    }
  }

  function send(form) {
    const bar = form.querySelector("progress");
    const request = new XMLHttpRequest();
    form.dataset.busy = "yes";
    bar.value = 0;
    bar.hidden = false;
    say(form, table.dataset.sending, false);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
    };
    request.upload.onload = () => say(form, table.dataset.checking, false);
    request.onload = () => {
      end(form);
      answered(form, request);
    };
    request.onerror = () => {
      end(form);
      say(form, table.dataset.cut, true);
    };
    request.open("POST", form.action);
    request.send(new FormData(form));
  }

  // What the site would say of files that are too large, before they are sent. Photos are made smaller there.
  function refused(form, files) {
    const { max, tooLarge, photoTooLarge } = form.dataset;
    const isPhoto = (file) => photoTooLarge && (file.type.startsWith("image/") || /\.hei[cf]$/i.test(file.name));
    for (const file of files) {
      if (isPhoto(file) ? file.size > Number(table.dataset.photoMax) : file.size > Number(max)) {
        return `${file.name} – ${isPhoto(file) ? photoTooLarge : tooLarge}`;
      }
    }
    if (files.length > Number(table.dataset.most)) return table.dataset.tooMany;
    const all = files.reduce((sum, file) => sum + file.size, 0);
    return all > Number(table.dataset.max) ? table.dataset.tooLarge : "";
  }

  function watch(root) {
    for (const form of root.querySelectorAll("form[data-upload]")) {
      form.addEventListener("submit", (event) => {
        const files = [...form.elements.file.files];
        if (!files.length) return;
        event.preventDefault();
        if (form.dataset.busy) return;
        const wrong = refused(form, files);
        if (wrong) say(form, wrong, true);
        else send(form);
      });
    }
  }

  if (table) watch(table);
})();
