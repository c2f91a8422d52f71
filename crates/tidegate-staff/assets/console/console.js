// Keeps the parts of a page that are marked `data-live` up to date: the page is fetched again and those parts are put in
// the place of what is shown. Nothing else here needs a script.
"use strict";

const EVERY_MS = 2000;
const live = () => document.querySelectorAll("[data-live][id]");
const stale = document.getElementById("stale");
const said = document.getElementById("said");

// What somebody is at stays as it is until they leave it: a field they write in, a button they press, text they mark,
// something they stand on that has no name to be found again by.
function isInUse(part) {
  const focused = document.activeElement;
  const holdsFocus = focused && focused !== part && part.contains(focused);
  if (holdsFocus && (!focused.id || focused.matches("input, select, textarea"))) return true;
  if (part.querySelector(":active")) return true;
  const marked = getSelection();
  return Boolean(marked && !marked.isCollapsed && marked.rangeCount && marked.getRangeAt(0).intersectsNode(part));
}

function put(part, fresh) {
  // What somebody opened stays open.
  for (const opened of part.querySelectorAll("details[open][id]")) {
    fresh.querySelector(`#${CSS.escape(opened.id)}`)?.setAttribute("open", "");
  }
  if (part.innerHTML === fresh.innerHTML || isInUse(part)) return;
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const scrolled = [...part.querySelectorAll(".sheet")].map(sheet => sheet.scrollLeft);
  part.replaceChildren(...fresh.childNodes);
  part.querySelectorAll(".sheet").forEach((sheet, at) => { sheet.scrollLeft = scrolled[at] ?? 0; });
  if (!focused || focused === part) return;
  // Whoever stands on a button with the keyboard stays there; where it is gone, they stay in its part.
  const same = focused.id ? document.getElementById(focused.id) : null;
  if (!same) part.tabIndex = -1;
  (same ?? part).focus({ preventScroll: true });
}

// What matters is also told to whoever hears the page: once when it changes, and not every two seconds.
const telling = () => [...document.querySelectorAll("[data-say]")].map(one => one.textContent.trim()).join(". ");
let told = telling();

function tell() {
  const now = telling();
  if (now === told) return;
  told = now;
  said.textContent = now;
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
    tell();
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
