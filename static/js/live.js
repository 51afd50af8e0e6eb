// Live regions ([data-live], polled by htmx): change in place, tell what changed by a short tint, and hold still
// while somebody is busy in them.

const digests = new WeakMap();
const texts = new WeakMap();

// Ages change by themselves and are no news.
function textOf(row) {
  const copy = row.cloneNode(true);
  copy.querySelectorAll("time[data-ago], time[data-until]").forEach((time) => time.remove());
  return copy.textContent.replace(/\s+/g, " ").trim();
}

function rowsOf(region) {
  return region.querySelectorAll("tr[id], li[id], [data-row][id]");
}

function isBusy(region) {
  const focused = document.activeElement;
  const typing = region.contains(focused) && focused.matches("input:not([type=checkbox]), textarea, select");
  const chosen = region.querySelector("details[open], dialog[open], input[type=checkbox]:checked");
  const selection = document.getSelection();
  const marking = selection && !selection.isCollapsed && region.contains(selection.anchorNode);
  return document.hidden || typing || Boolean(chosen) || marking;
}

const regionOf = (event) => (event.target.matches?.("[data-live]") ? event.target : null);

document.addEventListener("htmx:configRequest", (event) => {
  const region = regionOf(event);
  if (region && digests.has(region)) {
    event.detail.headers["X-Live"] = digests.get(region);
  }
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const region = regionOf(event);
  if (region && isBusy(region)) {
    event.preventDefault();
  }
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const region = regionOf(event);
  if (!region || !event.detail.shouldSwap) {
    return; // 204: nothing changed, and the digest that we sent still holds
  }
  digests.set(region, event.detail.xhr.getResponseHeader("X-Live") ?? "");
  if (isBusy(region)) {
    event.detail.shouldSwap = false;
    digests.delete(region);
    return;
  }
  texts.set(region, new Map([...rowsOf(region)].map((row) => [row.id, textOf(row)])));
  region.dataset.focused = region.contains(document.activeElement) ? focusPath(region) : "";
});

// After settling, not after swapping: in between htmx gives rows with an id their old classes back.
document.addEventListener("htmx:afterSettle", (event) => {
  const region = regionOf(event);
  const before = region && texts.get(region);
  if (!before) {
    return;
  }
  texts.delete(region);
  restoreFocus(region);
  for (const row of rowsOf(region)) {
    if (before.size && before.get(row.id) !== textOf(row)) {
      row.classList.add("is-changed");
      row.addEventListener("animationend", () => row.classList.remove("is-changed"), { once: true });
    }
  }
});

// htmx keeps the focus of elements with an id; a link in a row has none, but its address is as good.
function focusPath(region) {
  const focused = document.activeElement;
  return focused.id || !region.contains(focused) ? "" : (focused.getAttribute("href") ?? "");
}

function restoreFocus(region) {
  const address = region.dataset.focused;
  delete region.dataset.focused;
  if (address && !region.contains(document.activeElement)) {
    region.querySelector(`a[href="${CSS.escape(address)}"]`)?.focus({ preventScroll: true });
  }
}
