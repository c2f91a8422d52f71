// Keeps the parts marked data-live up to date: it fetches the page again and replaces those parts.
// A hidden page fetches nothing, and a refused one waits as long as it is told.
"use strict";
const EVERY_MS = 5000;

async function refresh() {
  if (document.hidden) return EVERY_MS;
  const answer = await fetch(location.href, { headers: { Accept: "text/html", "tidegate-live": "1" }, cache: "no-store" });
  if (answer.status === 429) return 1000 * Number(answer.headers.get("Retry-After") || 5);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${old.dataset.live}"]`);
    // A part with the focus stays, so that no button moves away from under a hand.
    if (fresh && !old.contains(document.activeElement) && old.innerHTML !== fresh.innerHTML) old.replaceWith(fresh);
  }
  return EVERY_MS;
}

async function keep() {
  let wait = EVERY_MS;
  try {
    wait = await refresh();
    document.body.classList.remove("stale");
  } catch {
    document.body.classList.add("stale");
  }
  setTimeout(keep, wait);
}

setTimeout(keep, EVERY_MS);
