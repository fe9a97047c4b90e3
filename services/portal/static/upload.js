// Shows how far an upload is, and has a large one go on where the line broke. Without this file the same forms do the same.
"use strict";

(() => {
  let table = document.querySelector(".parvis-slots");
  const part = (page, id) => page.getElementById(id);
  const SLICE = 512 * 1024; // what is lost at most when the line breaks; smaller files come by the form at once
  const TRIES = 20; // without a byte more: some minutes
  const LATER = [0, 408, 409, 425, 429, 500, 502, 503, 504];

  function say(form, text, failed) {
    const said = form.querySelector(".parvis-upload__said");
    said.textContent = text;
    said.classList.toggle("govuk-error-message", failed);
  }

  function end(form) {
    delete form.dataset.busy;
    form.querySelector("progress").hidden = true;
  }

  // The piece takes no file any more: that page is shown whole, for why is to be read, and other rows may take none either.
  // Rows that are still sending go over to it, or what comes of them would be said where nobody sees it.
  function instead(page) {
    const [old, now] = [document, page].map((each) => each.querySelector("main"));
    const mark = old.querySelector("[data-follow]");
    if (mark) {
      mark.hidden = true;
      now.querySelector("[data-follow]")?.replaceWith(mark);
    }
    const sending = [...old.querySelectorAll("form[data-busy]")].map((form) => form.closest("tr"));
    old.replaceWith(now);
    document.title = page.title;
    table = now.querySelector(".parvis-slots") ?? table;
    watch(now);
    for (const row of sending) part(document, row.id)?.replaceWith(row);
    const summary = now.querySelector(".govuk-error-summary");
    if (!summary) return;
    summary.tabIndex = -1;
    summary.focus();
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
      if (!why) {
        location.reload();
        return;
      }
      // What is refused for good has not been cut off: a page that is loaded again asks nobody to send it once more.
      if (request.status === 409 || !LATER.includes(request.status)) remember(form, null);
      if (!key) {
        instead(page);
        return;
      }
      form.elements.key.value = key.value;
      say(form, why.textContent.trim(), true);
      return;
    }
    remember(form, null);
    row.replaceWith(fresh);
    fresh.tabIndex = -1;
    fresh.focus();
    watch(fresh);
    // Sending moved the application by one: what moved it further stands in rows that stay as they are.
    const moved = part(page, "notice")?.dataset.version - part(document, "notice")?.dataset.version;
    const mark = document.querySelector("[data-follow]");
    if (moved > 1 && mark) mark.hidden = false;
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

  function asked(method, address, body, headers = {}, moved = () => {}) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      request.upload.onprogress = (event) => moved(event.loaded);
      request.onloadend = () => done(request);
      request.open(method, address);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.send(body);
    });
  }

  const said = (request) => {
    try {
      return JSON.parse(request.responseText);
    } catch {
      return {};
    }
  };

  const mayCome = (request) => LATER.includes(request.status) && !(request.status === 409 && said(request).why);

  // Until the line is there again, or for a while that grows: it may be the site that is away.
  const later = (tries) =>
    new Promise((done) => {
      const again = () => {
        clearTimeout(waiting);
        removeEventListener("online", again);
        done();
      };
      const waiting = setTimeout(again, Math.min(15000, 500 * 2 ** tries));
      addEventListener("online", again);
    });

  // What this tab keeps of files that have begun to arrive, so that a page that is loaded again goes on with them: no names.
  const slot = (form) => `parvis-upload:${new URL(form.action).pathname}`;
  const marks = (files) => JSON.stringify(files.map((file) => [file.size, file.lastModified]));

  function begun(form) {
    try {
      return JSON.parse(sessionStorage.getItem(slot(form)));
    } catch {
      return null;
    }
  }

  function remember(form, files) {
    try {
      const kept = files && JSON.stringify({ marks: marks(files), key: form.elements.key.value });
      if (kept) sessionStorage.setItem(slot(form), kept);
      else sessionStorage.removeItem(slot(form));
    } catch {
      // Where nothing may be kept, a page that is loaded again begins anew.
    }
  }

  // One file, slice by slice; answers the id of its upload, or the request that was refused. `arrived` hears of what is
  // safe, and says what to tell people.
  async function sent(form, file, place, moved, arrived) {
    const token = form.elements.form_token.value;
    const about = new URLSearchParams({
      form_token: token,
      key: form.elements.key.value,
      name: file.name,
      type: file.type || "application/octet-stream",
      size: file.size,
      modified: file.lastModified,
      ...place,
    });
    let [tries, safe] = [0, -1];
    while (tries < TRIES) {
      let request = await asked("POST", `${form.action}/envois`, about);
      let { id, offset } = said(request);
      while (request.status === 200 && id) {
        if (offset > safe) [tries, safe] = [0, offset];
        const words = arrived(offset);
        if (offset >= file.size) return { id };
        say(form, words, false);
        const headers = { "Content-Type": "application/partial-upload", "Upload-Offset": offset, "X-Form-Token": token };
        const slice = file.slice(offset, offset + SLICE);
        request = await asked("PATCH", `${form.action}/envois/${id}`, slice, headers, (bytes) => moved(safe + bytes));
        ({ id, offset } = said(request));
      }
      if (!mayCome(request)) return { request };
      say(form, table.dataset.waiting, false);
      await later(tries);
      tries += 1;
    }
    return {};
  }

  // Files that are worth it are sent first, and then put into their piece by the same form without them.
  async function resume(form, files) {
    const before = begun(form);
    const own = form.elements.key.value;
    const goesOn = before?.marks === marks(files);
    if (goesOn) form.elements.key.value = before.key;
    const bar = form.querySelector("progress");
    const all = files.reduce((sum, file) => sum + file.size, 0);
    const body = new URLSearchParams({ form_token: form.elements.form_token.value, key: form.elements.key.value });
    form.dataset.busy = "yes";
    bar.value = 0;
    bar.hidden = false;
    let done = 0;
    let [first, words] = [true, table.dataset.sending];
    const arrived = (offset) => {
      if (first && goesOn && offset > 0) words = table.dataset.resumed;
      if (done + offset > 0) remember(form, files);
      first = false;
      return words;
    };
    for (const [number, file] of files.entries()) {
      const place = { all, number, count: files.length };
      const { id, request } = await sent(form, file, place, (bytes) => {
        bar.value = (100 * (done + bytes)) / all;
      }, arrived);
      if (!id && goesOn && request && first) {
        // What had arrived is not there any more, or has become a document already.
        remember(form, null);
        form.elements.key.value = own;
        resume(form, files);
        return;
      }
      if (!id) {
        end(form);
        const why = request && said(request).why;
        if (request && !why) location.reload();
        else say(form, why || table.dataset.cut, true);
        return;
      }
      body.append("upload", id);
      body.append("name", file.name);
      body.append("size", file.size);
      done += file.size;
    }
    bar.value = 100;
    for (let tries = 0; tries < TRIES; tries += 1) {
      say(form, table.dataset.checking, false);
      const request = await asked("POST", `${form.action}/envois/depot`, body);
      if (request.status) {
        end(form);
        answered(form, request);
        return;
      }
      say(form, table.dataset.waiting, false);
      await later(tries);
    }
    end(form);
    say(form, table.dataset.cut, true);
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
      if (begun(form)) say(form, table.dataset.begun, false);
      form.addEventListener("submit", (event) => {
        const files = [...form.elements.file.files];
        if (!files.length) return;
        event.preventDefault();
        if (form.dataset.busy) return;
        const wrong = refused(form, files);
        if (wrong) say(form, wrong, true);
        else if (files.some((file) => file.size > SLICE)) resume(form, files);
        else send(form);
      });
    }
  }

  if (table) watch(table);
})();
