// Keeps the parts of a page that are marked `data-live` up to date: it fetches the page again and replaces those parts.
// Nothing else here needs a script.
"use strict";

const EVERY_MS = 2000;
const live = () => document.querySelectorAll("[data-live][id]");
const stale = document.getElementById("stale");
const said = document.getElementById("said");

// A part in use is not replaced: a field with the focus, a button that is pressed, selected text, or a focused element
// without an id to find it again by.
function isInUse(part) {
  const focused = document.activeElement;
  const holdsFocus = focused && focused !== part && part.contains(focused);
  if (holdsFocus && (!focused.id || focused.matches("input, select, textarea"))) return true;
  if (part.querySelector(":active")) return true;
  const marked = getSelection();
  return Boolean(marked && !marked.isCollapsed && marked.rangeCount && marked.getRangeAt(0).intersectsNode(part));
}

function put(part, fresh) {
  // Opened details stay open.
  for (const opened of part.querySelectorAll("details[open][id]")) {
    fresh.querySelector(`#${CSS.escape(opened.id)}`)?.setAttribute("open", "");
  }
  if (part.innerHTML === fresh.innerHTML || isInUse(part)) return;
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const scrolled = [...part.querySelectorAll(".sheet")].map(sheet => sheet.scrollLeft);
  part.replaceChildren(...fresh.childNodes);
  part.querySelectorAll(".sheet").forEach((sheet, at) => { sheet.scrollLeft = scrolled[at] ?? 0; });
  if (!focused || focused === part) return;
  // The focus stays on its button; where the button is gone, it stays in its part.
  const same = focused.id ? document.getElementById(focused.id) : null;
  if (!same) part.tabIndex = -1;
  (same ?? part).focus({ preventScroll: true });
}

// Screen readers are told what matters once when it changes, and not every two seconds.
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
    // A session that has ended leads to the login page.
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
