// Keeps the parts of a page that are marked `data-live` up to date: the page is fetched again and those parts are put in
// the place of what is shown. Nothing else here needs a script.
"use strict";

const EVERY_MS = 2000;
const live = () => document.querySelectorAll("[data-live][id]");
const stale = document.getElementById("stale");

function focusedWithin(part) {
  const focused = document.activeElement;
  return focused && focused.id && part.contains(focused) ? focused.id : null;
}

function put(part, fresh) {
  const focused = focusedWithin(part);
  // What somebody opened stays open.
  for (const opened of part.querySelectorAll("details[open][id]")) {
    fresh.querySelector(`#${CSS.escape(opened.id)}`)?.setAttribute("open", "");
  }
  if (part.innerHTML === fresh.innerHTML) return;
  part.replaceChildren(...fresh.childNodes);
  // Whoever stands on a button with the keyboard stays there.
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.pathname + location.search, {
      headers: { "tidegate-live": "1" },
      redirect: "manual",
    });
    // Whoever is not logged in any more is sent to log in.
    if (answer.type === "opaqueredirect") return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of live()) {
      const other = fresh.getElementById(part.id);
      if (other) put(part, other);
    }
    stale.hidden = true;
  } catch {
    stale.hidden = false;
  }
}

async function watch() {
  await look();
  setTimeout(watch, EVERY_MS);
}

if (stale && live().length > 0) setTimeout(watch, EVERY_MS);
