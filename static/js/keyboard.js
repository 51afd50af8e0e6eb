// The keyboard map: / and Ctrl-K search, g then a letter to go, j and k in lists, a acknowledges, ? helps.

const GO_MS = 1200;
let goingUntil = 0;

const places = new Map();
nameThePlaces();

// A place's letter is the one that its link names, else the first free letter of its words.
function nameThePlaces() {
  const links = [...document.querySelectorAll("[data-go]")];
  for (const link of links.filter((each) => each.dataset.go)) {
    places.set(link.dataset.go, link);
  }
  for (const link of links.filter((each) => !each.dataset.go)) {
    const letter = [...link.textContent.trim().toLowerCase()].find((each) => /[a-z]/.test(each) && !places.has(each));
    if (letter) {
      places.set(letter, link);
    }
  }
  const list = document.querySelector("[data-go-list]");
  for (const [letter, link] of places) {
    const term = document.createElement("dt");
    for (const key of ["g", letter]) {
      const mark = document.createElement("kbd");
      mark.className = "key";
      mark.textContent = key;
      term.append(mark, " ");
    }
    const name = document.createElement("dd");
    name.textContent = link.querySelector(".one-line")?.textContent ?? link.textContent.trim();
    list?.append(term, name);
  }
}

function search() {
  const field = document.querySelector("[data-search]");
  if (field && field.offsetParent) {
    field.focus();
    field.select();
  }
}

function step(direction) {
  const rows = [...document.querySelectorAll(".rows tbody tr")].filter((row) => row.querySelector("a.name"));
  if (!rows.length) {
    return;
  }
  const here = rows.findIndex((row) => row.classList.contains("is-current") || row.contains(document.activeElement));
  const next = rows[Math.min(Math.max(here + direction, 0), rows.length - 1)];
  rows.forEach((row) => row.classList.toggle("is-current", row === next));
  const link = next.querySelector("a.name");
  link.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function press(letter) {
  const button = [...document.querySelectorAll(`[data-shortcut="${CSS.escape(letter)}"]`)].find((each) => each.offsetParent);
  button?.click();
  return Boolean(button);
}

function act(event) {
  const { key } = event;
  if (Date.now() < goingUntil) {
    goingUntil = 0;
    places.get(key)?.click();
    return places.has(key);
  }
  switch (key) {
    case "/": search(); return true;
    case "?": document.getElementById("keyboard")?.showModal(); return true;
    case "g": goingUntil = Date.now() + GO_MS; return true;
    case "j": step(1); return true;
    case "k": step(-1); return true;
    default: return /^[a-z]$/.test(key) && press(key);
  }
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    search();
    event.preventDefault();
    return;
  }
  const typing = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog:modal")) {
    return;
  }
  if (act(event)) {
    event.preventDefault();
  }
});
